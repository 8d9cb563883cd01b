"""`sekisho letters make | status`: letters to look at, and where all of them stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pyarrow.compute as pc

from sekisho.actions.control import Face, read
from sekisho.errors import InputError, UsageError, machine_failed
from sekisho.flow.telling import letter_words
from sekisho.flow.telling.letters_send import content_of, letter_of, no_letters
from sekisho.frames import from_arrow
from sekisho.register import lookup
from sekisho.report import letter as page
from sekisho.vault import Vault, looks
from sekisho.vault.files import write_new
from sekisho.vault.letters import Batch, Letters, State
from sekisho.vault.tellings import Way
from sekisho.wording import Text, printable

MAKE, STATUS = "letters.make", "letters.status"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where letters stand: how many in each state, of those held by reason, and batch by batch.

    ``unplaced``: created, and in no batch yet. ``demanded``: batches whose match list is due and not there.
    """

    letters: dict[str, int]
    held: dict[str, int]
    unplaced: int
    batches: tuple[Batch, ...]
    demanded: tuple[int, ...]


def posted(vault: Vault, incident: int) -> int:
    """Persons told by letter of whom a letter was posted and did not come back."""
    letters, tellings = vault.letters(incident).standing(), vault.tellings(incident).all()
    out = letters.filter(pc.equal(letters["state"], State.SENT))["person"].combine_chunks()
    by_letter = tellings.filter(pc.equal(tellings["way"], Way.LETTER))["person"]
    return int(pc.sum(pc.is_in(by_letter, value_set=out)).as_py() or 0)


def make(vault: Vault, incident: int, numbers: Sequence[str], to: Path) -> int:
    """Write letters to a PDF, to be looked at, by their numbers; gives how many. The look is in the ledger first.

    Raises InputError, UsageError, RightsError, MissingPartError, VaultError.
    """
    if to.exists() or to.suffix.lower() != ".pdf":
        raise UsageError(
            Text("{file} is there already, or is no .pdf.", "{file} は既にあるか .pdf ではありません。").fill(file=to),
            Text("Name a new file.", "新しいファイル名を指定してください。"),
        )
    vault.demand(MAKE)
    letters = vault.letters(incident)
    if not numbers or letters.words() is None:
        raise no_letters()
    rows = _rows(letters, [_number(incident, text) for text in numbers])
    _demand_one_kind(incident, rows)
    held = [lookup.by_number(vault.register(), number) for number in rows["holder"].drop_nulls()]
    marks = [looks.holder(one) for one in sorted({one for one in held if one is not None})]
    vault.looks().see(MAKE, marks, {"letters": rows.height}, incident=incident)
    pdf = _as_printed(letters, rows)
    try:
        write_new(to, pdf)
    except OSError as error:
        raise machine_failed(error) from error
    return rows.height


def _as_printed(letters: Letters, rows: pl.DataFrame) -> bytes:
    """The letters with the date and the words of their batch; of those in none yet with those of today."""
    batch = next((one for one in letters.runs() if one.number == rows["batch"][0]), None)
    day = date.fromisoformat(batch.day) if batch else datetime.now(UTC).date()
    said = letters.words(batch.words if batch else None)
    assert said is not None
    made = [letter_of(row, Face(letters.incident, row["letter"]), day) for row in rows.iter_rows(named=True)]
    return page.pdf(made, letter_words.of(said[1]), rows["language"][0], day, datetime.now(UTC))


def status(vault: Vault, incident: int, today: date | None = None) -> Standing:
    """Where letters stand; raises InputError, RightsError, VaultError."""
    vault.demand(STATUS)
    letters = vault.letters(incident)
    standing = from_arrow(letters.standing())
    created = standing.filter(pl.col("state") == State.CREATED)
    held = standing.filter(pl.col("state") == State.HELD)
    day = (today or datetime.now(UTC).date()).isoformat()
    batches = letters.runs()
    return Standing(
        letters={str(state): count for state, count in letters.counts().items()},
        held=dict(held.group_by("reason").len().sort("reason").iter_rows()),
        unplaced=created["batch"].null_count(),
        batches=tuple(batches),
        demanded=tuple(one.number for one in batches if not one.matched and one.day < day),
    )


def _rows(letters: Letters, numbers: Sequence[int]) -> pl.DataFrame:
    """What stands in letters that can be printed, in the order of their numbers."""
    content = content_of(letters, pl.Series(numbers, dtype=pl.Int64))
    placed = from_arrow(letters.standing()).select("letter", "version", "batch")
    found = content.join(placed, on="letter", how="left", maintain_order="left")
    if missing := sorted(set(numbers) - set(found["letter"])):
        raise _no_letter(str(missing[0]))
    whole = found.filter(pl.all_horizontal(pl.col("name", "address", "size", "family").is_not_null()))
    if whole.height < found.height:
        raise _not_printable(found.height - whole.height)
    return whole


def _demand_one_kind(incident: int, rows: pl.DataFrame) -> None:
    """Raises UsageError for letters of several batches or languages, which have other dates and words."""
    first = rows.head(1)
    others = rows.join(first, on=["batch", "language"], how="anti", nulls_equal=True)["letter"]
    if len(others):
        named = ", ".join(Face(incident, letter).written for letter in others)
        raise UsageError(
            Text(
                "One PDF takes letters of one batch and language. Of another: {some}.",
                "1つのPDFにできるのは同じバッチ・同じ言語の通知書だけです。それ以外: {some}。",
            ).fill(some=named),
            Text("Write those to a PDF of their own.", "別のPDFに分けてください。"),
        )


def _number(incident: int, text: str) -> int:
    face = read(text)
    if face is None or face.incident != incident:
        raise _no_letter(text)
    return face.letter


def _no_letter(text: str) -> InputError:
    return InputError(
        Text("There is no letter {n}.", "通知書 {n} はありません。").fill(n=printable(text)),
        Text("As it stands on the sheet: 0001-00000001-06.", "紙面のとおり 0001-00000001-06 の形で指定してください。"),
    )


def _not_printable(count: int) -> InputError:
    return InputError(
        Text("{n} of them are held and cannot be printed.", "保留中で印刷できない通知書: {n}通").fill(n=count),
        Text("`sekisho letters held` says why.", "`sekisho letters held` で理由を確かめてください。"),
    )
