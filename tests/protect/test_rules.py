from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import InputError
from sekisho.figures import VIOLATIONS, Check
from sekisho.model import DOCUMENTS
from sekisho.protect.check import COLUMNS, check
from sekisho.protect.rights import readers_of, wider
from sekisho.protect.rules import Restricted, Rules, read_rules

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KIROKU = Rules(restricted=(Restricted("東京/限定", frozenset({"owner", "group:kiroku"})),))


def document(**more: object) -> Mapping[str, Any]:
    standard: dict[str, Any] = {"document": "a.csv", "file": "a.csv", "sha256": "00", "protection": "NONE"}
    standard |= {"password_beside": False, "records": 5, "modified": NOW, "owner": "taro", "group": "kiroku", "acl": ""}
    return standard | {"mode": 0o640} | more


def checked(rules: Rules, *documents: Mapping[str, Any]) -> Check:
    schema = pa.schema([DOCUMENTS.field(name) for name in COLUMNS])
    rows = [{**row, "document_id": at} for at, row in enumerate(documents)]
    return check(pa.Table.from_pylist(rows, schema), rules, NOW)


def broken(rules: Rules, **more: object) -> list[str]:
    return list(checked(rules, document(**more)).table["rule"].to_pylist())


def test_personal_data_without_a_lock_breaks_the_rules() -> None:
    found = checked(Rules(), document(), document(protection="STRONG"), document(records=0))
    assert (found.documents, found.breaking) == (2, 1)
    assert found.table.schema == VIOLATIONS
    assert found.sums["unprotected"].records == 5


@pytest.mark.parametrize("protection", ["NONE", "OPEN_TO_ANYONE", "EDIT_ONLY", "UNDETERMINED"])
def test_a_lock_that_keeps_nobody_out_does_not_count(protection: str) -> None:
    assert broken(Rules(), protection=protection) == ["unprotected"]


def test_a_lock_whose_password_lies_beside_it_does_not_count_unless_the_rules_say_so() -> None:
    assert broken(Rules(), protection="STRONG", password_beside=True) == ["password_beside"]
    assert broken(Rules(password_beside_counts=True), protection="STRONG", password_beside=True) == []


def test_only_the_locks_that_the_rules_name_count() -> None:
    assert broken(Rules(counts=frozenset({"STRONG"})), protection="WEAK") == ["unprotected"]


def test_a_restricted_folder_counts_if_its_rights_are_what_is_claimed() -> None:
    assert broken(KIROKU, file="東京/限定/a.csv") == []


def test_a_restricted_folder_that_everybody_reads_is_a_false_claim() -> None:
    found = checked(KIROKU, document(file="東京/限定/a.csv", mode=0o644))
    rows = found.table.to_pylist()
    assert [row["rule"] for row in rows] == ["too_wide", "unprotected"]
    assert (rows[0]["demanded"], rows[0]["found"]) == ("group:kiroku, owner", "everyone")
    (claim,) = found.claims
    assert (claim.documents, claim.true, claim.wider, claim.unknown) == (1, 0, 1, 0)


def test_a_false_claim_is_told_even_of_a_locked_document() -> None:
    assert broken(KIROKU, file="東京/限定/a.csv", mode=0o644, protection="STRONG") == ["too_wide"]


def test_rights_that_nobody_knows_prove_nothing() -> None:
    assert broken(KIROKU, file="東京/限定/a.csv", mode=None) == ["rights_unknown", "unprotected"]


def test_what_should_be_gone_is_overdue() -> None:
    old = datetime(2025, 1, 1, tzinfo=UTC)
    assert broken(Rules(days=365), protection="STRONG", modified=old) == ["overdue"]
    assert broken(Rules(days=365), protection="STRONG") == []


def test_a_folder_may_hold_a_star() -> None:
    rules = Rules(restricted=(Restricted("*/限定", frozenset({"everyone"})),))
    assert broken(rules, file="那覇/限定/深い/a.csv", mode=0o644, owner="root", group="root") != []
    assert (
        broken(Rules(restricted=(Restricted("*/限定", frozenset({"owner", "group:kiroku"})),)), file="那覇/限定/a")
        == []
    )


@pytest.mark.parametrize(
    ("mode", "acl", "others"),
    [
        (0o640, "", []),
        (0o644, "", ["everyone"]),
        (0o600, "", []),
        (0o640, "user::rw-\nuser:hanako:r--\ngroup::r--\nmask::r--\nother::---", ["user:hanako"]),
        (0o640, "user::rw-\nuser:hanako:r--\ngroup::r--\nmask::---\nother::---", []),
        (0o640, "user::rw-\ngroup::r--\ngroup:soumu:r-x\nmask::r-x\nother::r--", ["everyone", "group:soumu"]),
        (None, "BUILTIN\\Administrators:(I)(F)\nNT AUTHORITY\\SYSTEM:(I)(F)", []),
        (None, "BUILTIN\\Users:(I)(RX)", ["everyone"]),
        (None, "Everyone:(DENY)(R)", []),
        (None, "JPS\\soumu:(OI)(CI)(IO)(R)\nJPS\\Jinji:(RX,W)", ["jps\\jinji"]),
        (None, "JPS\\soumu:(W)", []),
    ],
)
def test_real_rights_are_held_against_the_claim(mode: int | None, acl: str, others: list[str]) -> None:
    readers = readers_of(mode, "taro", "kiroku", acl)
    assert readers is not None
    assert wider(readers, {"owner", "group:kiroku"}) == others


def test_an_owner_who_is_not_claimed_is_named() -> None:
    readers = readers_of(0o640, "taro", "kiroku", "")
    assert readers is not None
    assert wider(readers, {"kiroku"}) == ["user:taro"]
    assert wider(readers, {"kiroku", "user:taro"}) == []


def test_root_may_read_everything_anyway() -> None:
    readers = readers_of(0o600, "root", "root", "")
    assert readers is not None
    assert wider(readers, {"group:kiroku"}) == []


def test_the_rules_that_come_with_the_program_are_valid() -> None:
    assert read_rules() == Rules()


def test_a_file_of_rules_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        '[protection]\ncounts = ["STRONG"]\n[deletion]\ndays = 90\n'
        '[[restricted]]\nfolder = "東京/限定/"\nreaders = ["Group:Kiroku"]\n'
    )
    assert read_rules(path) == Rules(
        counts=frozenset({"STRONG"}),
        days=90,
        restricted=(Restricted("東京/限定", frozenset({"group:kiroku"})),),
    )


@pytest.mark.parametrize(
    "text",
    [
        "[protection\n",
        "[protections]\n",
        "[protection]\ncount = []\n",
        '[protection]\ncounts = ["AES"]\n',
        "[protection]\ncounts = 5\n",
        "[deletion]\ndays = -1\n",
        '[deletion]\ndays = "soon"\n',
        "[deletion]\ndays = true\n",
        '[[restricted]]\nfolder = "a"\n',
        '[[restricted]]\nfolder = "/"\nreaders = []\n',
        "restricted = 3\n",
        "\xff",
    ],
)
def test_bad_rules_are_an_error_that_says_where_to_look(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as raised:
        read_rules(path)
    assert "docs/rules.md" in raised.value.hint.en
