"""`sekisho letters make | status`: letters to look at, and where all of them stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from sekisho.actions.control import Face, read
from sekisho.errors import InputError, UsageError, machine_failed
from sekisho.flow import letter_words
from sekisho.flow.letters_send import content_of, letter_of, no_letters
from sekisho.frames import from_arrow
from sekisho.register import lookup
from sekisho.report import letter as page
from sekisho.vault import Vault, looks
from sekisho.vault.files import write_new
from sekisho.vault.letters import Batch, Letters, State
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
    said = letters.words()
    rows = _rows(letters, [_number(incident, text) for text in numbers])
    if said is None or not rows.height:
        raise no_letters()
    held = [lookup.by_number(vault.register(), number) for number in rows["holder"].drop_nulls()]
    marks = [looks.holder(one) for one in sorted({one for one in held if one is not None})]
    vault.looks().see(MAKE, marks, {"letters": rows.height}, incident=incident)
    days = {batch.number: batch.day for batch in letters.runs()}
    day = date.fromisoformat(days.get(rows["batch"][0], datetime.now(UTC).date().isoformat()))
    made = [letter_of(row, Face(incident, row["letter"])) for row in rows.iter_rows(named=True)]
    language = rows["language"][0]
    pdf = page.pdf(made, letter_words.of(said[1]), language, day, datetime.now(UTC))
    try:
        write_new(to, pdf)
    except OSError as error:
        raise machine_failed(error) from error
    return rows.height


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
    """What stands in letters that can be printed, in the order of their numbers, those in one language."""
    content = content_of(letters, pl.Series(numbers, dtype=pl.Int64))
    placed = from_arrow(letters.standing()).select("letter", "version", "batch")
    found = content.join(placed, on="letter", how="left", maintain_order="left")
    if missing := sorted(set(numbers) - set(found["letter"])):
        raise _no_letter(str(missing[0]))
    whole = found.filter(pl.all_horizontal(pl.col("name", "address", "size", "family").is_not_null()))
    if whole.height < found.height:
        raise _not_printable(found.height - whole.height)
    return whole.filter(pl.col("language") == whole["language"].first())


def _number(incident: int, text: str) -> int:
    face = read(text)
    if face is None or face.incident != incident:
        raise _no_letter(text)
    return face.letter


def _no_letter(text: str) -> InputError:
    return InputError(
        Text("There is no letter {n}.", "通知書 {n} はありません。").fill(n=printable(text)),
        Text("As it stands on the sheet: 0001-00000001-23.", "紙面のとおり 0001-00000001-23 の形で指定してください。"),
    )


def _not_printable(count: int) -> InputError:
    return InputError(
        Text("{n} of them are held and cannot be printed.", "保留中で印刷できない通知書: {n}通").fill(n=count),
        Text("`sekisho letters held` says why.", "`sekisho letters held` で理由を確かめてください。"),
    )
