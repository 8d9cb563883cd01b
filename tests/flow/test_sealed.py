"""The register is sealed: whatever an insider with the vault's secret does to it past the program is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.flow.enter import create, enter
from sekisho.flow.proving.sealed import check
from sekisho.flow.registering.register import import_file, undo
from sekisho.register.requested import Compared
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault import tables as parquet
from sekisho.vault.acts import OWNER, Draft
from sekisho.vault.schema import GUARD
from sekisho.vault.seal import Broken, Finding

SECRET = Secret.passphrase("a long enough passphrase")
FIRST = """\
基礎年金番号,氏名,生年月日,住所
4701-000001,架空太郎,1948-04-06,那覇市1
4701-000002,架空花子,1950-01-02,那覇市2
"""
SECOND = FIRST.replace("那覇市1", "名護市9")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as vault:
        for name, text in (("first.csv", FIRST), ("second.csv", SECOND)):
            (tmp_path / name).write_text(text, "utf-8")
            import_file(vault, tmp_path / name, shown=False)
    return tmp_path / "vault"


@contextmanager
def insider(folder: Path) -> Iterator[Vault]:
    """Somebody who has the secret and changes what lies there past the program."""
    with Vault.open(folder, SECRET, write=True) as vault:
        for (trigger,) in vault._store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            if trigger.startswith("keep_"):
                vault._store._connection.execute(f"DROP TRIGGER {trigger}")
        yield vault


def findings(folder: Path) -> list[Finding]:
    with enter(folder, SECRET) as vault:
        return [one for one in check(vault, shown=False).findings if one.broken is not Broken.GUARD_GONE]


def run(vault: Vault, sql: str, *values: object) -> None:
    with vault._store.transaction():
        vault._store._draft = Draft("")  # the guards are lifted
        vault._store.run(sql, values)
    vault._store._draft = None


def test_a_register_that_nobody_touched_is_explained(folder: Path) -> None:
    with enter(folder, SECRET, write=True) as vault:
        undo(vault, 2, "the wrong month")
        found = check(vault, shown=False)
    assert (found.acts, found.unsealed, found.findings) == (3, (), ())
    assert found.parts > 4


def test_rows_rewritten_together_with_their_hash_name_the_part(folder: Path) -> None:
    with insider(folder) as vault:
        register = vault.register()
        span = register.spans("states")[-1]
        rows = register.rows_of(span.part)
        place = rows.schema.get_field_index("address")
        forged = rows.set_column(place, "address", pa.array(["大阪市9"] * rows.num_rows, rows.schema.field(place).type))
        sha256 = parquet.write(register.folder / span.part.name, forged, register._key)
        run(vault, "UPDATE register_parts SET sha256 = ? WHERE name = ?", sha256, span.part.name)
    assert findings(folder) == [Finding(Broken.PART_CHANGED, 2, span.part.name, "states")]


def test_a_file_changed_without_its_hash_is_named_too(folder: Path) -> None:
    path = next((folder / "register").glob("states-*"))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    (one,) = findings(folder)
    assert (one.broken, one.part, one.table) == (Broken.FILE_CHANGED, path.name, "states")
    path.unlink()
    assert [one.broken for one in findings(folder)] == [Broken.FILE_GONE]


def test_a_part_that_was_put_in_and_one_that_was_taken_out_are_named(folder: Path) -> None:
    with insider(folder) as vault:
        register = vault.register()
        span = register.spans("states")[0]
        part = register.write("states", register.rows_of(span.part))
        row = (part.name, 1, "states", part.rows, part.sha256, span.first, span.last)
        columns = "name, import, table_name, row_count, sha256, first_number, last_number"
        run(vault, f"INSERT INTO register_parts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", *row)
    assert findings(folder) == [Finding(Broken.PART_ADDED, 1, part.name, "states")]
    with insider(folder) as vault:
        run(vault, "DELETE FROM register_parts WHERE name = ?", part.name)
        run(vault, "DELETE FROM register_parts WHERE name = ?", span.part.name)
    assert findings(folder) == [Finding(Broken.PART_GONE, 1)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE imports SET sha256 = 'f' WHERE import = 1", Finding(Broken.ACT_CHANGED, 1)),
        ("UPDATE imports SET at = '2015-05-08T00:00:00+00:00' WHERE import = 2", Finding(Broken.ACT_CHANGED, 2)),
        ("UPDATE imports SET kind = 'undo', target = 1 WHERE import = 2", Finding(Broken.ACT_CHANGED, 2)),
        (
            "INSERT INTO imports (import, file, sha256, at, program, account, kind, target, reason) "
            "VALUES (3, '', '', '2026', '', '{}', 'undo', 2, 'none')",
            Finding(Broken.ACT_ADDED, 3),
        ),
    ],
)
def test_acts_that_were_changed_or_put_in_are_named(folder: Path, sql: str, expected: Finding) -> None:
    with insider(folder) as vault:
        run(vault, sql)
    assert findings(folder) == [expected]


def test_an_act_that_was_removed_with_its_parts_is_named(folder: Path) -> None:
    with insider(folder) as vault:
        run(vault, "DELETE FROM register_parts WHERE import = 2")
        run(vault, "DELETE FROM imports WHERE import = 2")
    assert findings(folder) == [Finding(Broken.ACT_GONE, 2)]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM people WHERE person = 0",
        "DELETE FROM people_numbers WHERE person = 0",
        "UPDATE people_numbers SET person = 0 WHERE person = 1",
        "UPDATE people SET address = (SELECT address FROM people WHERE person = 1) WHERE person = 0",
        "UPDATE people SET named = (SELECT named FROM people WHERE person = 1) WHERE person = 0",
    ],
)
def test_what_leads_to_a_person_is_held_against_the_register(folder: Path, sql: str) -> None:
    with insider(folder) as vault:
        run(vault, sql)
    assert Finding(Broken.PERSON_CHANGED, part="0") in findings(folder)


def test_guards_that_were_lifted_are_named(folder: Path) -> None:
    with Vault.open(folder, SECRET, write=True) as vault:
        vault._store._connection.execute("DROP TRIGGER guard_register_parts_update")
        vault._store._connection.execute("DROP TRIGGER keep_imports_update")
        body = f"CREATE TRIGGER keep_imports_update BEFORE UPDATE ON imports BEGIN SELECT {GUARD}(); END"
        vault._store._connection.execute(body)
    with enter(folder, SECRET) as vault:
        found = [(one.broken, one.part) for one in check(vault, shown=False).findings]
    assert found == [(Broken.GUARD_GONE, one) for one in ("guard_register_parts_update", "keep_imports_update")]


def test_an_act_in_the_name_of_somebody_who_never_signed_in_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "third.csv").write_text(FIRST, "utf-8")
    with enter(folder, SECRET, write=True) as vault:
        vault._store.sign_in(lambda: replace(OWNER, actor="ab" * 16, session="cd" * 16))
        import_file(vault, tmp_path / "third.csv", shown=False)
    assert findings(folder) == [Finding(Broken.NOBODY, 3)]


def test_an_entry_that_speaks_of_an_act_again_is_named(folder: Path) -> None:
    with enter(folder, SECRET, write=True) as vault:
        again = Draft("register.import", more={"sealed": vault.register().seal().now(1)})
        vault._store.log(again.action, more=again.more)
    assert Finding(Broken.ACT_TWICE, 1) in findings(folder)


class TestRequests:
    """What two snapshots of the register have otherwise must have been asked for."""

    REQUESTS = "基礎年金番号,住所\n4701-000001,名護市9\n"

    def compared(self, folder: Path, requests: str, since: int = 0) -> Compared:
        path = folder.parent / "requests.csv"
        path.write_text(requests, "utf-8")
        with enter(folder, SECRET) as vault:
            found = check(vault, path, since, shown=False).compared
        assert found is not None
        assert found.changes == found.explained + found.unexplained.height
        return found

    def test_a_change_that_was_asked_for_is_explained(self, folder: Path) -> None:
        found = self.compared(folder, self.REQUESTS)
        assert (found.acts, found.changes, found.explained, found.entered, found.unasked) == ((1, 2), 1, 1, 2, 1)

    @pytest.mark.parametrize(
        "requests",
        [
            REQUESTS.replace("名護市9", "名護市8"),  # another address
            REQUESTS.replace("000001", "000002"),  # another holder
            REQUESTS.replace("4701-000001,名護市9", "4701-000001,"),  # nothing asked for
        ],
    )
    def test_one_that_nobody_asked_for_names_holder_item_and_act(self, folder: Path, requests: str) -> None:
        (one,) = self.compared(folder, requests, since=1).unexplained.to_dicts()
        assert (one["act"], one["number"], one["item"]) == (2, "4701-000001", "address")

    def test_what_requests_cannot_ask_for_is_said(self, folder: Path) -> None:
        found = self.compared(folder, "基礎年金番号,氏名\n4701-000001,架空太郎\n")
        assert (found.changes, found.unchecked) == (0, {"address": 1})

    def test_a_rows_doctored_part_shows_as_a_change_that_nobody_asked_for(self, folder: Path) -> None:
        with insider(folder) as vault:
            register = vault.register()
            span = register.spans("states")[-1]
            rows = register.rows_of(span.part)
            place = rows.schema.get_field_index("birth_date")
            born = pa.array(["1950-01-01"] * rows.num_rows, rows.schema.field(place).type)
            forged = rows.set_column(place, "birth_date", born)
            sha256 = parquet.write(register.folder / span.part.name, forged, register._key)
            run(vault, "UPDATE register_parts SET sha256 = ? WHERE name = ?", sha256, span.part.name)
        found = self.compared(
            folder, self.REQUESTS.replace("住所\n", "住所,生年月日\n").replace("市9", "市9,"), since=1
        )
        assert found.unexplained["item"].to_list() == ["birth_date"]
