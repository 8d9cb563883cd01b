"""Documents in documents: names, kinds, outcomes, locks on the way, equal content."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from email.message import EmailMessage

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.documents import kinds
from sekisho.documents.account import Examined
from sekisho.documents.passwords import Found, Gathered, Keyring
from sekisho.documents.reading import Batch, Reading
from sekisho.documents.walk import walk
from sekisho.documents.watch import Past, Watch
from sekisho.errors import UnreadableError
from sekisho.estate.writers import archives, locks
from sekisho.model import (
    DOUBTS,
    RECORDS,
    Blob,
    Content,
    Format,
    Frame,
    Gap,
    Grid,
    Limits,
    Member,
    Outcome,
    Piece,
    Place,
    Prose,
    Protection,
    Reason,
)
from sekisho.records.find import Finds
from sekisho.wording import Text

LIST = "氏名,生年月日\r\n山田太郎,1948-04-06\r\n鈴木花子,1951-12-24\r\n".encode("cp932")
OTHER = "氏名,生年月日\r\n髙橋一郎,1939-01-30\r\n".encode("cp932")
NOTE = "会議は15時からです。\r\n".encode("cp932")
WORD = "himitsu-27"
SALT = b"of this run"


def visit(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
    """Takes every row of a table for a record, and a line that says so for a reason to fail."""
    for content in contents:
        if isinstance(content, Grid):
            rows = content.cells.height - 1
            yield Finds(RECORDS.empty_table().select([]) if rows < 0 else records(rows), DOUBTS.empty_table())
        elif isinstance(content, Prose) and any("fail here" in line for line in content.lines):
            raise KeyError("a line of the document: 山田太郎")


def records(count: int) -> pa.Table:
    return pa.table([pa.nulls(count, field.type) for field in RECORDS], schema=RECORDS)


class Walked:
    """What a walk gave."""

    def __init__(self, name: str, data: bytes, reading: Reading | None = None) -> None:
        self.reading = reading or Reading(Limits())
        steps = list(walk(Blob(name, data), name, self.reading, visit))
        self.examined = [step for step in steps if isinstance(step, Examined)]
        self.batches = [step for step in steps if isinstance(step, Batch)]
        self.by_name = {each.document: each for each in self.examined}

    def __getitem__(self, name: str) -> Examined:
        return self.by_name[name]

    def outcomes(self) -> dict[str, tuple[str, str]]:
        return {each.document: (str(each.outcome), str(each.reason)) for each in self.examined}


def zipped(*members: tuple[str, bytes]) -> bytes:
    return archives.plain_zip(members)


def mail(body: str, name: str, attached: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "送付", "a@example.jp", "b@example.jp"
    message.set_content(body)
    message.add_attachment(attached, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def ring(*bank: str, found: Iterable[str] = ()) -> Reading:
    return Reading(Limits(), Keyring(bank, [Found(word, "memo.txt") for word in found], SALT))


# --- names, kinds, outcomes


def test_documents_nest_and_each_has_one_outcome_after_its_batches() -> None:
    walked = Walked("share/backup.zip", zipped(("inner.zip", zipped(("list.csv", LIST))), ("memo.txt", NOTE)))
    assert walked.outcomes() == {
        "share/backup.zip!inner.zip!list.csv": ("READ", ""),
        "share/backup.zip!inner.zip": ("READ", ""),
        "share/backup.zip!memo.txt": ("READ", ""),
        "share/backup.zip": ("READ", ""),
    }
    assert [each.document for each in walked.examined][-1] == "share/backup.zip"
    assert sorted(each.document_id for each in walked.examined) == [0, 1, 2, 3]
    assert walked["share/backup.zip!inner.zip!list.csv"].records == 2
    assert walked["share/backup.zip"].records == 0


def test_kind_is_told_by_content_and_the_name_is_kept_beside() -> None:
    walked = Walked("photo.jpg", LIST)
    assert (walked["photo.jpg"].kind, walked["photo.jpg"].outcome) == ("csv", Outcome.READ)
    assert walked["photo.jpg"].named_kind == "picture"
    assert Walked("a.tar.gz", archives.tar_gz([("list.csv", LIST)]))["a.tar.gz"].named_kind == "tar"


def test_nothing_is_read_and_empty_and_what_nobody_knows_is_unsupported() -> None:
    assert Walked("a.csv", b"").outcomes() == {"a.csv": ("READ", "empty")}
    unknown = Walked("a.dat", bytes(range(256)) * 40)["a.dat"]
    assert (unknown.kind, unknown.outcome, unknown.reason) == ("unknown", Outcome.UNSUPPORTED, Reason.UNKNOWN_KIND)
    program = Walked("a.csv", b"MZ\x90\0" + bytes(400))["a.csv"]
    assert (program.kind, program.outcome, program.reason) == ("exe", Outcome.UNSUPPORTED, Reason.NO_READER)
    assert program.named_kind == "csv"


def test_two_members_of_one_name_are_two_documents() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("list.csv", LIST)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("list.csv", OTHER)
    assert set(Walked("a.zip", out.getvalue()).by_name) == {"a.zip", "a.zip!list.csv", "a.zip!list.csv#2"}


def test_a_finder_that_fails_costs_that_document_only_and_no_word_of_it_is_repeated() -> None:
    data = zipped(("a.csv", LIST), ("bad.txt", b"fail here\r\n"), ("b.csv", OTHER))
    walked = Walked("a.zip", data)
    assert walked.outcomes() == {
        "a.zip!a.csv": ("READ", ""),
        "a.zip!bad.txt": ("PARTLY_READ", "parser_failed"),
        "a.zip!b.csv": ("READ", ""),
        "a.zip": ("READ", ""),
    }
    assert walked["a.zip!bad.txt"].detail.startswith("KeyError at test_walk.py:")


def test_members_beside_what_fails_are_examined_all_the_same() -> None:
    walked = Walked("a.eml", mail("fail here", "list.csv", LIST))
    assert walked.outcomes() == {"a.eml!list.csv": ("READ", ""), "a.eml": ("PARTLY_READ", "parser_failed")}


# --- formats of our own, to see what a reader may do

TEST_ONLY = b"TEST-ONLY"


@pytest.fixture
def a_format(monkeypatch: pytest.MonkeyPatch) -> list[Piece | Exception]:
    """A format that gives what the test puts into the list; an exception in it is raised."""
    pieces: list[Piece | Exception] = []

    def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    fmt = Format("test_only", Text("t", "t"), (), lambda head: bytes(head.data[:9]) == TEST_ONLY, read, order=1)
    known = kinds.formats()
    monkeypatch.setattr(kinds, "formats", lambda: (fmt, *known))
    return pieces


PAGE = Prose(["a line"], Place(Frame.LINE))


@pytest.mark.parametrize(
    ("pieces", "outcome", "reason"),
    [
        ([PAGE], "READ", ""),
        ([], "READ", ""),
        ([PAGE, Gap(Reason.UNREAD_PART)], "PARTLY_READ", "unread_part"),
        ([Gap(Reason.NO_TEXT)], "PARTLY_READ", "no_text"),
        ([UnreadableError(Reason.DAMAGED)], "UNREADABLE", "damaged"),
        ([PAGE, UnreadableError(Reason.TRUNCATED)], "PARTLY_READ", "truncated"),
        ([ValueError("x")], "UNREADABLE", "parser_failed"),
        ([PAGE, ValueError("x")], "PARTLY_READ", "parser_failed"),
        ([RecursionError()], "UNREADABLE", "parser_failed"),
        ([PAGE, MemoryError()], "OVER_LIMIT", "memory"),
        ([ModuleNotFoundError(name="rapidocr")], "UNSUPPORTED", "helper_missing"),
    ],
)
def test_what_a_reader_does_becomes_an_outcome(
    a_format: list[Piece | Exception], pieces: list[Piece | Exception], outcome: str, reason: str
) -> None:
    a_format += pieces
    assert Walked("a", TEST_ONLY).outcomes() == {"a": (outcome, reason)}


def test_a_document_that_holds_itself_ends_at_the_depth_limit(a_format: list[Piece | Exception]) -> None:
    a_format.append(Member("self", lambda _: Blob("", TEST_ONLY)))
    walked = Walked("a", TEST_ONLY, Reading(Limits(depth=5)))
    assert len(walked.examined) == 7
    assert walked["a" + "!self" * 6].reason is Reason.TOO_DEEP
    assert walked["a" + "!self" * 5].same_as == "a"


def test_too_many_members_are_cut_off_and_said(a_format: list[Piece | Exception]) -> None:
    a_format += [Member(f"{n}.txt", lambda _, n=n: Blob("", b"note %d\r\n" % n)) for n in range(30)]  # type: ignore[misc]
    walked = Walked("a", TEST_ONLY, Reading(Limits(members=10)))
    assert walked["a"].outcome is Outcome.OVER_LIMIT
    assert walked["a"].reason is Reason.TOO_MANY_MEMBERS
    assert len(walked.examined) == 11


def test_bytes_that_are_not_all_there_make_a_document_partly_read(a_format: list[Piece | Exception]) -> None:
    a_format.append(Member("list.csv", lambda _: Blob("", LIST, cut=Reason.TRUNCATED)))
    assert Walked("a", TEST_ONLY).outcomes()["a!list.csv"] == ("PARTLY_READ", "truncated")


# --- locks on the way


def test_a_documents_protection_is_that_of_the_strongest_lock_on_its_way() -> None:
    book = locks.office(sheet(), WORD)
    weak_around = archives.zipcrypto([("book.xlsx", book), ("list.csv", LIST)], WORD)
    walked = Walked("a.zip", weak_around, ring(WORD))
    assert walked["a.zip!list.csv"].lock.protection is Protection.WEAK
    assert walked["a.zip!book.xlsx"].lock.protection is Protection.STRONG
    assert walked["a.zip!book.xlsx"].lock.algorithm == "AES-256 agile SHA-512"
    assert walked["a.zip"].lock.protection is Protection.WEAK


def sheet() -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_row(0, 0, ("氏名", "山田太郎"))
    return out.getvalue()


def test_an_archive_is_as_weak_as_its_weakest_member_with_personal_data() -> None:
    only_the_note_locked = archives.zipcrypto([("memo.txt", NOTE)], WORD, [("list.csv", LIST)])
    only_the_note_open = archives.zipcrypto([("list.csv", LIST)], WORD, [("memo.txt", NOTE)])
    for bank in ((), (WORD,)):
        assert Walked("a.zip", only_the_note_locked, ring(*bank))["a.zip"].lock.protection is Protection.NONE
        assert Walked("a.zip", only_the_note_open, ring(*bank))["a.zip"].lock.protection is Protection.WEAK


def test_an_archive_is_locked_where_all_its_members_stay_locked() -> None:
    shut = archives.zipcrypto([("a.csv", LIST), ("b.csv", OTHER)], WORD)
    half = archives.zipcrypto([("a.csv", LIST)], WORD, [("b.csv", OTHER)])
    assert Walked("a.zip", shut).outcomes() == dict.fromkeys(
        ("a.zip", "a.zip!a.csv", "a.zip!b.csv"), ("LOCKED", "password_unknown")
    )
    assert Walked("a.zip", half).outcomes()["a.zip"] == ("READ", "")
    assert Walked("a.zip", shut)["a.zip!a.csv"].kind == "csv"


def test_a_password_from_the_bank_opens_and_one_that_was_found_makes_the_lock_worthless() -> None:
    data = archives.aes_zip([("list.csv", LIST)], WORD)
    for name in ("a.zip", "a.zip!list.csv"):
        assert not Walked("a.zip", data, ring(WORD))[name].password_beside
        assert Walked("a.zip", data, ring(found=[WORD]))[name].password_beside
        assert Walked("a.zip", data, ring(WORD, found=[WORD]))[name].password_beside
        assert not Walked("a.zip", data)[name].password_beside


def test_one_lock_whose_password_is_not_about_keeps_the_way_shut() -> None:
    inner = archives.aes_zip([("list.csv", LIST)], "other-3")
    data = archives.aes_zip([("inner.zip", inner)], WORD)
    walked = Walked("a.zip", data, ring("other-3", found=[WORD]))
    assert walked["a.zip!inner.zip!list.csv"].outcome is Outcome.READ
    assert not walked["a.zip!inner.zip!list.csv"].password_beside
    assert not Walked("a.zip", data, ring(found=[WORD]))["a.zip!inner.zip!list.csv"].password_beside


def test_a_mail_opens_its_own_attachment() -> None:
    data = archives.zipcrypto([("list.csv", LIST)], WORD)
    walked = Walked("a.eml", mail(f"添付のパスワードは次のとおりです。\n\n  {WORD}\n", "a.zip", data))
    assert walked["a.eml!a.zip!list.csv"].outcome is Outcome.READ
    assert walked["a.eml!a.zip!list.csv"].password_beside
    assert walked["a.eml"].lock.protection is Protection.NONE


def test_the_second_pass_knows_what_the_first_one_found() -> None:
    gathered = Gathered(SALT)
    locked = archives.aes_zip([("list.csv", LIST)], WORD)
    opened_by_bank = Walked("a.zip", locked, ring(WORD))["a.zip!list.csv"]
    assert not gathered.lies_beside(opened_by_bank.opened_by)

    memo = Walked("memo.txt", f"名簿のPW:{WORD}\r\n".encode("cp932"))
    gathered.add("memo.txt", memo.reading.keyring.here)

    assert gathered.lies_beside(opened_by_bank.opened_by)
    again = Walked("a.zip", locked, Reading(Limits(), Keyring((), gathered.found(), SALT)))
    assert again["a.zip!list.csv"].password_beside


def test_no_password_stands_in_what_the_objects_say_of_themselves() -> None:
    reading = ring(WORD, found=[WORD])
    walked = Walked("a.zip", archives.aes_zip([("list.csv", LIST)], WORD), reading)
    said = f"{reading} {walked.examined} {Found(WORD, 'x')} {Blob('x', b'', key=WORD)}"
    assert WORD not in said


def test_trying_ends_when_its_time_is_used_up() -> None:
    data = archives.aes_zip([("list.csv", LIST)], WORD)
    reading = Reading(Limits(tries_seconds=0), Keyring(["a", "b"], (), SALT))
    assert Walked("a.zip", data, reading).outcomes()["a.zip!list.csv"] == ("LOCKED", "tries_used_up")


# --- equal content


def test_equal_content_in_one_file_is_read_once_and_counted_at_both_places() -> None:
    read = []

    def counting(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
        read.append(document)
        return visit(document, contents)

    data = zipped(("a.csv", LIST), ("sub/b.csv", LIST), ("c.csv", OTHER))
    steps = list(walk(Blob("a.zip", data), "a.zip", Reading(Limits()), counting))
    found = {step.document: step for step in steps if isinstance(step, Examined)}
    assert read == ["a.zip!a.csv", "a.zip!c.csv"]
    assert found["a.zip!sub/b.csv"].same_as == "a.zip!a.csv"
    assert found["a.zip!sub/b.csv"].records == found["a.zip!a.csv"].records == 2
    assert sum(step.records.num_rows for step in steps if isinstance(step, Batch)) == 5


# --- going on after a death


def test_a_reading_that_is_taken_up_again_gives_only_what_was_missing() -> None:
    data = zipped(("a.csv", LIST), ("b.csv", OTHER), ("c.csv", LIST + b"x,y\r\n"))
    whole = Walked("a.zip", data)
    past = {1: Past(records=2, next_id=2), 2: Past(next_id=3), 3: Past(records=1)}
    rest = Walked("a.zip", data, Reading(Limits(), watch=Watch(past=past)))
    assert [each.document for each in rest.examined] == ["a.zip!c.csv", "a.zip"]
    assert sum(batch.records.num_rows for batch in rest.batches) == whole["a.zip!c.csv"].records - 1
    assert rest["a.zip!c.csv"] == whole["a.zip!c.csv"]
    assert rest["a.zip"] == whole["a.zip"]


def test_a_container_that_must_not_be_asked_again_is_partly_read() -> None:
    data = zipped(("a.csv", LIST), ("b.csv", OTHER))
    past = {0: Past(stop=(1, Reason.PARSER_FAILED))}
    assert Walked("a.zip", data, Reading(Limits(), watch=Watch(past=past))).outcomes() == {
        "a.zip!a.csv": ("READ", ""),
        "a.zip": ("PARTLY_READ", "parser_failed"),
    }


# --- a law

LEAVES = st.binary(min_size=1, max_size=20).map(lambda raw: b"note " + raw.hex().encode() + b"\r\n")
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=12)
PACKERS = (zipped, lambda *members: archives.tar(members), lambda *members: archives.tar_gz(members))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES, st.randoms(use_true_random=False))
def test_every_leaf_of_nested_archives_comes_out_once_and_the_account_closes(tree: object, choose: object) -> None:
    leaves: dict[str, bytes] = {}

    def packed(node: object, path: str, depth: int) -> bytes:
        if isinstance(node, bytes):
            leaves[path] = node
            return node
        assert isinstance(node, list)
        members = [(f"m{i}", packed(child, f"{path}!m{i}", depth + 1)) for i, child in enumerate(node)]
        return choose.choice(PACKERS)(*members)  # type: ignore[attr-defined, no-any-return]

    data = packed(tree, "a", 0)
    walked = Walked("a", data, Reading(replace(Limits(), depth=50)))
    texts_read = {each.document for each in walked.examined if each.kind == "text"}
    assert texts_read == set(leaves)
    assert len(walked.examined) == len(walked.by_name) == walked.reading.next_id
    assert all(each.outcome is Outcome.READ for each in walked.examined)
