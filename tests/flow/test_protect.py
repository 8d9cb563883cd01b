"""What breaks the rules is put right: planned, approved by another actor, done, and undone to the last byte."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from tests.actors.conftest import CHEAP, House
from tests.flow.conftest import table
from tests.protect.documents import a_pdf, a_workbook

from sekisho import actors
from sekisho.errors import ApprovalError, InputError, RightsError, UsageError, VaultError
from sekisho.flow.protecting import mending, protect
from sekisho.flow.scanning.examine import Wants
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.model import DOCUMENTS, DOUBTS, RECORDS, Findings, SourceFile
from sekisho.protect import office_lock, pdf_lock
from sekisho.protect.mend import Work
from sekisho.protect.rules import Mending, Rules
from sekisho.vault import Scan, Secret, Vault
from sekisho.vault.plans import _ITEM, PlanItem, _item, _sha256

KINDS = {".xlsx": "xlsx", ".pdf": "pdf", ".csv": "csv", ".zip": "zip"}


def reader(files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
    """One record in each file; what begins like an encrypted Office or PDF document is STRONG."""
    for file in files:
        data = Path(os.fsdecode(file.path)).read_bytes()
        strong = data.startswith(b"\xd0\xcf\x11\xe0") or b"/Encrypt" in data
        kind = KINDS.get(Path(file.document).suffix, "")
        row = {
            "document_id": 0,
            "document": file.document,
            "file": file.document,
            "kind": kind,
            "named_kind": kind,
            "outcome": "READ",
            "reason": "",
            "protection": "STRONG" if strong else "NONE",
            "password_beside": False,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "records": 1,
        }
        record = table(RECORDS, [{"document_id": 0, "locator": "L1", "name": "関所太郎"}])
        yield file, Findings(table(DOCUMENTS, [row]), record, DOUBTS.empty_table())


class Office:
    """A share with documents, a house of actors, and a place to move to."""

    def __init__(self, tmp_path: Path, house: House) -> None:
        self.house, self.vault = house, house.vault
        self.root, self.restricted = tmp_path / "share", tmp_path / "restricted"
        self.rules = Rules(mending=Mending(move_to=str(self.restricted)))
        self.put("東京/名簿.xlsx", a_workbook([["氏名"], ["関所太郎"]]))
        self.put("東京/通知.pdf", a_pdf("関所太郎"))
        self.put("一覧.csv", b"name\n\xe9\x96\xa2\xe6\x89\x80\n")

    def put(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, ns=(1_600_000_000_000_000_001, 1_500_000_000_123_456_789))
        return path

    def scan(self) -> Scan:
        self.house.enter("Olga")
        return scan(self.vault, Wishes(self.root, shown=False), reader)

    def plan(self, rules: Rules | None = None) -> tuple[int, actors.Proposal | None]:
        made, proposal = protect.make_plan(self.vault, self.scan(), rules or self.rules)
        return made.number, proposal

    def approved(self, rules: Rules | None = None) -> int:
        number, proposal = self.plan(rules)
        assert proposal is not None
        self.house.enter("Bob")
        actors.approve(self.vault, proposal.hash)
        self.house.enter("Olga")
        return number

    def state(self) -> dict[str, tuple[Any, ...]]:
        """Of every file: content, rights and times."""
        found = {}
        for path in sorted(p for p in self.root.rglob("*") if p.is_file()):
            had = path.stat()
            said = (had.st_uid, had.st_gid, had.st_mode, had.st_mtime_ns, had.st_atime_ns)
            found[path.relative_to(self.root).as_posix()] = (path.read_bytes(), *said)
            os.utime(path, ns=(had.st_atime_ns, had.st_mtime_ns))
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("the vault's own"), CHEAP) as made:
        yield Office(tmp_path, House(made))


def test_a_plan_is_proposed_approved_done_and_undone_to_the_last_byte(office: Office) -> None:
    number = office.approved()
    before = office.state()
    done = mending.carry_out(office.vault, number)
    assert (done.states, done.left) == ({"done": 3}, {})
    files = {one.document: one for one in office.vault.plans().items(number)}
    workbook, pdf = files["東京/名簿.xlsx"], files["東京/通知.pdf"]
    now = office.state()
    assert office_lock.opens_as(
        now["東京/名簿.xlsx"][0], before["東京/名簿.xlsx"][0], office.vault.plans().password(workbook)
    )
    assert pdf_lock.opens_as(now["東京/通知.pdf"][0], before["東京/通知.pdf"][0], office.vault.plans().password(pdf))
    assert {name: one[1:] for name, one in now.items()} == {n: before[n][1:] for n in now}
    assert set(now) == {"東京/名簿.xlsx", "東京/通知.pdf"}
    assert (office.restricted / "一覧.csv").read_bytes() == before["一覧.csv"][0]

    undone = mending.undo(office.vault, number)
    assert (undone.states, undone.left) == ({"undone": 3}, {})
    assert office.state() == before
    assert not list(office.restricted.rglob("*.csv"))


def test_every_file_is_an_entry_that_names_nobody(office: Office) -> None:
    mending.carry_out(office.vault, office.approved())
    entries = office.house.entries("protect.file")
    assert [one["more"]["state"] for one in entries] == ["done"] * 3
    said = json.dumps([json.loads(made) for _, made in office.vault.outbox.pending(0)], ensure_ascii=False)
    assert "名簿" not in said
    assert "通知" not in said


def test_nothing_is_done_that_nobody_approved(office: Office) -> None:
    number, _ = office.plan()
    before = office.state()
    with pytest.raises(ApprovalError):
        mending.carry_out(office.vault, number)
    assert office.state() == before


def test_who_planned_does_not_approve(office: Office) -> None:
    office.house.enter("Alice")
    made, proposal = protect.make_plan(office.vault, _scanned_by(office, "Alice"), office.rules)
    assert proposal is not None
    with pytest.raises(ApprovalError):
        actors.approve(office.vault, proposal.hash)
    with pytest.raises(ApprovalError):
        mending.carry_out(office.vault, made.number)


def _scanned_by(office: Office, name: str) -> Scan:
    made = office.scan()
    office.house.enter(name)
    return made


def test_the_approval_of_one_plan_is_none_for_another(office: Office) -> None:
    office.approved()
    other, _ = office.plan()
    with pytest.raises(ApprovalError):
        mending.carry_out(office.vault, other)


def test_clerks_and_auditors_neither_plan_nor_undo_nor_release(office: Office) -> None:
    number = office.approved()
    mending.carry_out(office.vault, number)
    made = office.vault.scan()
    for name in ("Carl", "Kay", "Aude"):
        office.house.enter(name, "inspection")
        with pytest.raises(RightsError):
            protect.make_plan(office.vault, made, office.rules)
        with pytest.raises(RightsError):
            mending.undo(office.vault, number)
        with pytest.raises(RightsError):
            protect.release(office.vault, "東京/名簿.xlsx")


def test_a_file_that_changed_since_the_scan_is_not_touched(office: Office) -> None:
    number = office.approved()
    changed = office.put("東京/名簿.xlsx", a_workbook([["氏名"], ["関所花子"]]))
    kept = changed.read_bytes()
    done = mending.carry_out(office.vault, number)
    assert (done.states, done.left) == ({"done": 2, "left": 1}, {"changed": 1})
    assert changed.read_bytes() == kept


def test_what_was_edited_since_is_not_undone(office: Office) -> None:
    number = office.approved()
    mending.carry_out(office.vault, number)
    edited = office.put("東京/通知.pdf", b"%PDF edited")
    undone = mending.undo(office.vault, number)
    assert (undone.states, undone.left) == ({"undone": 2, "done": 1}, {"changed": 1})
    assert edited.read_bytes() == b"%PDF edited"


def test_a_signed_pdf_is_moved_instead(office: Office) -> None:
    data = a_pdf("x").replace(b"/Type /Catalog", b"/Type /Catalog /Perms << >>")
    office.put("署名.pdf", _rebuilt(data))
    done = mending.carry_out(office.vault, office.approved())
    assert done.states == {"done": 4}
    assert (office.restricted / "署名.pdf").exists()


def _rebuilt(data: bytes) -> bytes:
    """With a table of places that fits."""
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(data)).save(out)
    return out.getvalue()


def _scan_for_an_incident(office: Office) -> None:
    """What the incident found is what lies on the share now."""
    office.house.enter("Alice")
    incident = office.vault.incidents().open("漏えい")
    scan(office.vault, Wishes(office.root, shown=False, incident=incident.number), reader)
    office.house.enter("Olga")


def test_a_document_of_an_open_incident_stays(office: Office) -> None:
    _scan_for_an_incident(office)
    number, _ = office.plan()
    assert {(one.state, one.reason) for one in office.vault.plans().items(number)} == {("left", "incident")}


def test_an_incident_that_opens_after_the_approval_keeps_the_documents_too(office: Office) -> None:
    number = office.approved()
    _scan_for_an_incident(office)
    before = office.state()
    done = mending.carry_out(office.vault, number)
    assert (done.states, done.left) == ({"left": 3}, {"incident": 3})
    assert office.state() == before


def test_a_document_under_legal_hold_stays_after_the_incident_is_over(office: Office) -> None:
    _scan_for_an_incident(office)
    office.house.enter("Alice")
    office.vault.holds().place("incident", "1", "court order")
    office.vault.incidents().close(1)
    number, _ = office.plan()
    assert {one.reason for one in office.vault.plans().items(number)} == {"legal_hold"}


def test_a_note_is_left_only_where_that_is_switched_on(office: Office) -> None:
    allowed = replace(office.rules.mending, note="移動しました。")
    number = office.approved(replace(office.rules, mending=allowed))
    mending.carry_out(office.vault, number)
    assert (office.root / "一覧.csv.moved.txt").read_text() == "移動しました。\n"
    mending.undo(office.vault, number)
    assert not (office.root / "一覧.csv.moved.txt").exists()
    assert (office.root / "一覧.csv").exists()


def test_what_is_overdue_is_deleted_only_where_that_is_switched_on_and_comes_back(office: Office) -> None:
    overdue = replace(office.rules, days=1, counts=frozenset({"NONE", "STRONG"}))
    number, proposal = office.plan(overdue)
    assert proposal is not None
    assert {one.reason for one in office.vault.plans().items(number)} == {"not_switched_on"}
    deleting = replace(overdue, mending=replace(overdue.mending, delete_overdue=True))
    number = office.approved(deleting)
    before = office.state()
    mending.carry_out(office.vault, number)
    assert office.state() == {}
    mending.undo(office.vault, number)
    assert office.state() == before


def test_files_do_not_move_where_others_may_enter(office: Office) -> None:
    office.restricted.mkdir(mode=0o755)
    with pytest.raises(InputError):
        office.plan()


def test_a_plan_makes_no_folder_yet_and_one_that_was_opened_to_others_since_is_refused(office: Office) -> None:
    number = office.approved()
    assert not office.restricted.exists()
    office.restricted.mkdir(mode=0o755)
    with pytest.raises(InputError):
        mending.carry_out(office.vault, number)
    assert (office.root / "一覧.csv").exists()
    office.restricted.chmod(0o700)
    assert mending.carry_out(office.vault, number).states == {"done": 3}


def test_without_a_folder_to_move_to_the_rest_is_left_and_said(office: Office) -> None:
    number = office.approved(Rules(mending=Mending(move_to="")))
    done = mending.carry_out(office.vault, number)
    assert done.left == {"nowhere_to_move": 1}
    assert (office.root / "一覧.csv").exists()


def test_a_password_is_released_to_a_named_actor_with_a_purpose(office: Office) -> None:
    number = office.approved()
    mending.carry_out(office.vault, number)
    office.house.enter("Alice")
    with pytest.raises(RightsError):
        protect.release(office.vault, "東京/名簿.xlsx", "Carl")
    office.house.enter("Alice", "inspection")
    password = protect.release(office.vault, "東京/名簿.xlsx", "Carl")
    sealed = (office.root / "東京/名簿.xlsx").read_bytes()
    assert office_lock.opens_as(sealed, a_workbook_of(office, number), password)
    entry = office.house.entries("protect.release")[-1]
    assert entry["more"]["to"] == office.house.id("Carl")
    assert entry["purpose"] == "inspection"
    assert password not in json.dumps(entry)


def a_workbook_of(office: Office, number: int) -> bytes:
    item = next(one for one in office.vault.plans().items(number) if one.document.endswith(".xlsx"))
    assert item.original is not None
    return b"".join(office.vault.plans().original(number, item.original, item.planned["sha256"]))


def test_when_its_time_is_over_nothing_is_undone_and_no_original_is_left(office: Office) -> None:
    allowed = replace(office.rules.mending, undo_days=0)
    number = office.approved(replace(office.rules, mending=allowed))
    mending.carry_out(office.vault, number)
    with pytest.raises(UsageError):
        mending.undo(office.vault, number)
    assert not list((office.vault.folder / "protect").rglob("*"))
    assert not office.vault.plans().has_originals(number)
    office.house.enter("Alice", "inspection")
    assert protect.release(office.vault, "東京/名簿.xlsx")


def test_no_original_lies_in_clear_in_the_vault(office: Office) -> None:
    office.put("canary.pdf", a_pdf("CANARY-7421"))
    mending.carry_out(office.vault, office.approved())
    for path in office.vault.folder.rglob("*"):
        assert not path.is_file() or b"CANARY-7421" not in path.read_bytes()


def test_an_original_that_was_changed_is_not_put_back(office: Office) -> None:
    number = office.approved()
    mending.carry_out(office.vault, number)
    kept = [path for path in (office.vault.folder / "protect").rglob("*") if path.is_file()]
    for path in kept:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    assert mending.undo(office.vault, number).left == {"original_damaged": len(kept)}


def test_the_next_scan_shows_the_effect(office: Office) -> None:
    number = office.approved()
    mending.carry_out(office.vault, number)
    assert protect.standing(office.vault, number, office.rules).after is None
    made = office.scan()
    found = protect.standing(office.vault, number, office.rules)
    assert found.after_scan == made.about.scan
    assert found.before is not None
    assert found.after is not None
    assert (found.before.breaking, found.after.breaking) == (3, 0)


def test_what_was_encrypted_is_read_by_scans_of_folders_in_it_and_around_it(office: Office) -> None:
    mending.carry_out(office.vault, office.approved())
    plans, root = office.vault.plans(), str(office.root.resolve())
    ours = plans.passwords(root)
    assert set(ours) == {"東京/名簿.xlsx", "東京/通知.pdf"}
    assert plans.passwords(f"{root}/東京") == {name.removeprefix("東京/"): one for name, one in ours.items()}
    assert plans.passwords(str(office.root.parent)) == {f"{office.root.name}/{name}": one for name, one in ours.items()}
    assert plans.passwords(f"{root}/東") == {}


def test_a_vault_without_actors_carries_nothing_out(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "vault", Secret.passphrase("x"), CHEAP) as vault:
        actors.sign_in(vault, None)
        (tmp_path / "share").mkdir()
        (tmp_path / "share" / "a.xlsx").write_bytes(a_workbook([["a"]]))
        made, proposal = protect.make_plan(vault, scan(vault, Wishes(tmp_path / "share", shown=False), reader), Rules())
        assert proposal is None
        with pytest.raises(RightsError):
            mending.carry_out(vault, made.number)


def test_days_of_undoing_are_counted_from_when_it_was_begun(office: Office) -> None:
    number = office.approved()
    mending.carry_out(office.vault, number)
    lapses = datetime.fromisoformat(office.vault.plans().plan(number).lapses or "")
    assert timedelta(days=29) < lapses - datetime.now(UTC) <= timedelta(days=30)
    shutil.rmtree(office.root)


# --- where the share does not let it


def test_a_share_that_is_not_there_is_an_error_and_the_plan_stays(office: Office) -> None:
    number = office.approved()
    office.root.rename(office.root.with_name("elsewhere"))
    with pytest.raises(InputError):
        mending.carry_out(office.vault, number)
    office.root.with_name("elsewhere").rename(office.root)
    assert mending.carry_out(office.vault, number).states == {"done": 3}


def test_a_file_with_a_second_name_is_left(office: Office) -> None:
    number = office.approved()
    os.link(office.root / "一覧.csv", office.root / "second.csv")
    assert mending.carry_out(office.vault, number).left == {"linked": 1}


def test_a_file_that_somebody_has_open_is_left_and_the_next_plan_takes_it(office: Office) -> None:
    number = office.approved()
    with (office.root / "東京/名簿.xlsx").open("rb"):
        assert mending.carry_out(office.vault, number).left == {"in_use": 1}
    again = office.approved()
    assert mending.carry_out(office.vault, again).states == {"done": 1}


def test_a_link_that_was_put_in_the_place_of_a_file_is_not_followed(office: Office, tmp_path: Path) -> None:
    number = office.approved()
    moved = office.root / "一覧.csv"
    kept = tmp_path / "outside.csv"
    moved.rename(kept)
    moved.symlink_to(kept)
    assert mending.carry_out(office.vault, number).left == {"not_a_file": 1}
    assert moved.is_symlink()
    assert kept.exists()


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("chattr") is None, reason="needs root and chattr")
def test_a_file_that_nobody_may_change_is_left(office: Office) -> None:
    number = office.approved()
    file = office.root / "東京/名簿.xlsx"
    if subprocess.run(["chattr", "+i", str(file)], capture_output=True, check=False).returncode:
        pytest.skip("the file system knows no immutable files")
    try:
        assert mending.carry_out(office.vault, number).left == {"no_rights": 1}
        assert not list(office.root.rglob(".sekisho-*"))
    finally:
        subprocess.run(["chattr", "-i", str(file)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB."""
    folder = tmp_path / "share"
    folder.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(call, capture_output=True, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_ends_the_run_and_it_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    with Vault.create(tmp_path / "vault", Secret.passphrase("the vault's own"), CHEAP) as made:
        office = Office(tmp_path, House(made))
        assert office.root == small_disk
        number = office.approved()
        before = office.state()
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        with pytest.raises(InputError):
            mending.carry_out(office.vault, number)
        filler.unlink()
        assert office.state() == {name: one for name, one in before.items() if name != "一覧.csv"}  # that one moved
        assert mending.carry_out(office.vault, number).states == {"done": 3}
        mending.undo(office.vault, number)
        assert office.state() == before


# --- what was begun goes on as it was approved


def _stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> int:
    """A plan that a full disk stopped after its first file."""
    number = office.approved()
    finish, calls = Work.finish, iter([False, True])

    def until_full(work: Work, desk: Any) -> Any:
        if next(calls):
            raise OSError(28, "No space left on device")
        return finish(work, desk)

    monkeypatch.setattr(Work, "finish", until_full)
    with pytest.raises(InputError):
        mending.carry_out(office.vault, number)
    monkeypatch.setattr(Work, "finish", finish)
    return number


def test_what_was_begun_goes_on_without_a_second_approval(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = _stopped(office, monkeypatch)
    assert mending.carry_out(office.vault, number).states == {"done": 3}
    assert len(office.house.entries("protect.go_on")) == 1


def test_a_plan_that_was_doctored_in_the_store_does_not_go_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = _stopped(office, monkeypatch)
    item = office.vault.plans().items(number, "planned")[0]
    doctored = json.dumps({**item.planned, "measure": "delete"}, ensure_ascii=False)
    with office.vault.act("protect.file"):
        run = office.vault._store.run
        run("UPDATE plan_items SET planned = ? WHERE plan = ? AND item = ?", (doctored, number, item.item))
    with pytest.raises(VaultError):
        mending.carry_out(office.vault, number)
    said = [one.planned for one in map(replace_planned(item, json.loads(doctored)), _rows(office, number))]
    with office.vault.act("protect.file"):
        run("UPDATE plans SET sha256 = ? WHERE plan = ?", (_sha256(said), number))
    before = office.state()
    with pytest.raises(ApprovalError):
        mending.carry_out(office.vault, number)
    assert office.state() == before
    assert office.house.entries("refused")


def replace_planned(item: PlanItem, planned: dict[str, Any]) -> Any:
    return lambda one: replace(one, planned=planned) if one.item == item.item else one


def _rows(office: Office, number: int) -> list[PlanItem]:
    rows = office.vault._store.rows(f"SELECT {_ITEM} FROM plan_items WHERE plan = ? ORDER BY item", (number,))
    return [_item(row) for row in rows]
