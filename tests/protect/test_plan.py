"""What is planned for a file follows from how it breaks the rules, what it is, and what may be done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import InputError
from sekisho.figures import VIOLATIONS
from sekisho.model import Protection
from sekisho.protect.plan import Measure, Planned, planned
from sekisho.protect.reasons import Left
from sekisho.protect.rules import Mending, Rules, read_rules

MOVING = Rules(mending=Mending(move_to="限定"))


def plan_for(
    *rules_broken: str,
    rules: Rules = MOVING,
    file: str = "a.xlsx",
    document: str | None = None,
    kept: Left | None = None,
    **top: Any,
) -> Planned:
    """The plan for one file of which one document breaks the rules."""
    broken = [
        {
            "document_id": 1, "document": document or file, "file": file, "sha256": "", "rule": rule,
            "demanded": "", "found": "", "records": 7,
        }
        for rule in rules_broken
    ]  # fmt: skip
    about = {"document": file, "file": file, "kind": "xlsx", "named_kind": "xlsx", "protection": "NONE"} | top
    nested = {**about, "document": f"{file}!inner", "kind": "csv"}
    state = pa.Table.from_pylist([{"document": file, "size": 5, "sha256": "ab"}])
    table = pa.Table.from_pylist(broken, VIOLATIONS)
    [found] = planned(table, pa.Table.from_pylist([about, nested]), state, rules, lambda _: kept)
    return found


def test_an_unlocked_workbook_is_encrypted_and_moved_where_that_fails() -> None:
    found = plan_for("unprotected")
    assert (found.measure, found.otherwise, found.why) == (Measure.ENCRYPT, Measure.MOVE, "")
    assert (found.sha256, found.size, found.records, found.breaches) == ("ab", 5, 7, ("unprotected",))


def test_a_document_within_a_workbook_is_protected_with_it() -> None:
    assert plan_for("unprotected", document="a.xlsx!inner").measure is Measure.ENCRYPT


@pytest.mark.parametrize(
    "top",
    [
        {"kind": "csv", "named_kind": "csv"},
        {"kind": "xls", "named_kind": "xls"},
        {"kind": "zip", "named_kind": "zip"},
        {"named_kind": "pdf"},
        {"named_kind": ""},
        {"protection": Protection.OPEN_TO_ANYONE.name},
        {"protection": Protection.WEAK.name},
    ],
    ids=["no lock of its own", "old Excel", "archive", "called otherwise", "no ending", "open to anyone", "weak"],
)
def test_what_its_format_cannot_lock_is_moved(top: dict[str, Any]) -> None:
    assert plan_for("unprotected", **top).measure is Measure.MOVE


def test_a_document_within_an_archive_moves_the_archive() -> None:
    found = plan_for("unprotected", document="a.zip!inner", file="a.zip", kind="zip", named_kind="zip")
    assert (found.document, found.measure) == ("a.zip", Measure.MOVE)


def test_what_is_only_protected_against_changes_is_encrypted() -> None:
    assert plan_for("unprotected", protection=Protection.EDIT_ONLY.name).measure is Measure.ENCRYPT


def test_what_others_can_read_in_a_restricted_folder_is_moved() -> None:
    assert plan_for("too_wide", "unprotected").measure is Measure.MOVE


@pytest.mark.parametrize(
    ("rules", "broken", "why"),
    [
        (Rules(mending=Mending(move_to="")), ("unprotected",), Left.NOWHERE_TO_MOVE),
        (MOVING, ("overdue",), Left.NOT_SWITCHED_ON),
        (MOVING, ("rights_unknown",), Left.RIGHTS_UNKNOWN),
    ],
)
def test_what_nothing_can_be_done_about_is_left_with_the_reason(
    rules: Rules, broken: tuple[str, ...], why: Left
) -> None:
    found = plan_for(*broken, rules=rules, kind="csv", named_kind="csv")
    assert (found.measure, found.why) == (Measure.LEAVE, why)


def test_what_lies_in_the_folder_for_moved_files_does_not_move_again() -> None:
    found = plan_for("too_wide", file="限定/a.csv", kind="csv", named_kind="csv")
    assert (found.measure, found.why) == (Measure.LEAVE, Left.THERE_ALREADY)


def test_what_is_overdue_is_deleted_only_where_that_is_switched_on() -> None:
    deleting = Rules(mending=Mending(move_to="限定", delete_overdue=True))
    assert plan_for("unprotected", "overdue").measure is Measure.ENCRYPT
    assert plan_for("unprotected", "overdue", rules=deleting).measure is Measure.DELETE


def test_nothing_is_encrypted_where_that_is_switched_off_or_does_not_count() -> None:
    off = Rules(mending=Mending(encrypt=False, move_to="限定"))
    other = Rules(counts=frozenset({"WEAK"}), mending=Mending(move_to="限定"))
    assert [plan_for("unprotected", rules=rules).measure for rules in (off, other)] == [Measure.MOVE] * 2


@pytest.mark.parametrize("why", [Left.INCIDENT, Left.LEGAL_HOLD])
def test_what_must_be_kept_is_left_whatever_the_rules_say(why: Left) -> None:
    found = plan_for("unprotected", "overdue", rules=Rules(mending=Mending(delete_overdue=True)), kept=why)
    assert (found.measure, found.otherwise, found.why) == (Measure.LEAVE, Measure.LEAVE, why)


def test_what_may_be_done_is_read_from_the_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(
        '[mending]\nmove_to = "限定"\nundo_days = 7\nencrypt = false\n', encoding="utf-8"
    )
    assert read_rules(tmp_path / "rules.toml").mending == Mending(encrypt=False, move_to="限定", undo_days=7)
    assert read_rules().mending == Mending()


@pytest.mark.parametrize(
    "line", ["undo_days = -1", 'encrypt = "yes"', "unknown = 1", "move_to = 3", "undo_days = true"]
)
def test_a_rule_that_makes_no_sense_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(f"[mending]\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_rules(tmp_path / "rules.toml")
