"""`sekisho letters send`: letters that were approved go to the print shop, bundle by bundle, each letter once.

A batch is a day's work of the print shop, a bundle what is handed over at once. To release batches is one act, which
another actor approves; then each bundle is typeset and queued by an act of its own, so that a killed call goes on.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from sekisho.actions.control import Face
from sekisho.actions.days import Day, days
from sekisho.actions.letters import is_large
from sekisho.actors import Proposal
from sekisho.countries.letters import LANGUAGES, wording
from sekisho.errors import UsageError
from sekisho.flow.assessing.gate import opened
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.flow.telling import letter_words
from sekisho.frames import from_arrow
from sekisho.incidents.master import version_of
from sekisho.report import letter as page
from sekisho.report.progress import Progress
from sekisho.sinks import kinds
from sekisho.vault import Vault
from sekisho.vault.letters import Batch, Letters, State
from sekisho.wording import Text, printable

SEND, QUEUE = "letters.send", "letters.queue"
KIND = "letters"
A_FILE, A_BUNDLE = 200, 2000
"""Letters in one PDF, and in what is handed over at once."""
TYPESETTING, LETTERS = Text("Typesetting", "組版"), Text("letters", "通")
INDEX = ("control", "face", "faces", "file", "page", "language", "large_print")
COUNT = "index.json"


@dataclass(frozen=True, slots=True)
class Release:
    """What a call would send: so many letters of a version, day by day, to a sink."""

    version: int
    letters: int
    sink: str
    days: tuple[Day, ...]

    @property
    def done_by(self) -> date | None:
        """The day on which the last is printed."""
        return self.days[-1].day if self.days else None


@dataclass(frozen=True, slots=True)
class Sent:
    """What a call did: ``released`` batches and ``queued`` letters, of which some wait from an earlier call."""

    released: int
    queued: int
    done_by: str | None


def release(vault: Vault, incident: int, sink: str, capacity: int, start: date | None = None) -> Release:
    """What would be sent now; changes nothing. Raises InputError, UsageError, RightsError, VaultError."""
    vault.demand(SEND)
    demand_sealed(vault, sink)
    version = version_of(vault.leak(incident)).number
    waiting = _waiting(vault.letters(incident)).height
    begin = start or datetime.now(UTC).date() + timedelta(days=1)
    return Release(version, waiting, sink, tuple(days(waiting, capacity, begin, weekends=wording().weekends)))


def send(
    vault: Vault, incident: int, sink: str, capacity: int, start: date | None = None, *, shown: bool = True
) -> Sent | Proposal:
    """Release all letters that wait, and queue those that were released; the first call proposes it where it must.

    Raises InputError, UsageError, AccountError, RightsError, ApprovalError, MissingPartError, VaultError.
    """
    wanted = release(vault, incident, sink, capacity, start)
    letters = vault.letters(incident)
    released = 0
    if wanted.letters:
        waiting = _waiting(letters)
        said = letters.words()
        assert said is not None
        payload = {
            "incident": incident,
            "version": wanted.version,
            "letters": wanted.letters,
            "which": _digest(waiting),
            "words": said[0],
            "sink": sink,
            "capacity": capacity,
            "start": start.isoformat() if start else "",
        }
        done = approved_or_proposed(vault, SEND, payload, lambda: _release(vault, letters, wanted, waiting, said[0]))
        if isinstance(done, Proposal):
            return done
        released = done
    queued = _queue_all(vault, letters, shown=shown)
    return Sent(released, queued, max((one.day for one in letters.runs()), default=None))


def go_on(vault: Vault, incident: int, *, shown: bool = True) -> int:
    """Queue what was released and is not queued yet, as a call was killed; gives how many letters."""
    vault.demand(QUEUE)
    return _queue_all(vault, vault.letters(incident), shown=shown)


def demand_sealed(vault: Vault, sink: str) -> None:
    """Raises UsageError where there is no such sink, or others than the receiver could read what it hands over."""
    if not kinds()[vault.sinks().sink(sink).kind].seals:
        raise UsageError(
            Text("{sink} does not seal what it hands over.", "送付先 {sink} は暗号化しません。").fill(
                sink=printable(sink)
            ),
            Text("Letters go to a sink of the kind print_shop.", "print_shop の送付先を指定してください。"),
        )


def _waiting(letters: Letters) -> pl.DataFrame:
    """``letter`` and ``mark`` of those in no batch yet, in the order of their numbers: that of printing."""
    standing = from_arrow(letters.standing()).filter(pl.col("state") == State.CREATED, pl.col("batch").is_null())
    marks = from_arrow(letters.content(["letter", "mark"])).unique("letter", keep="last")
    return standing.select("letter").join(marks, on="letter", how="left", maintain_order="left")


def _digest(waiting: pl.DataFrame) -> str:
    said = io.BytesIO()
    waiting.write_csv(said)
    return hashlib.sha256(said.getvalue()).hexdigest()


def _release(vault: Vault, letters: Letters, wanted: Release, waiting: pl.DataFrame, words: int) -> int:
    """One act: the batches, and which letter is in which bundle."""
    first = max((one.number for one in letters.runs()), default=0) + 1
    numbers = waiting["letter"]
    rows = [
        (letter, first + at, (place // A_BUNDLE) + 1)
        for at, day in enumerate(wanted.days)
        for place, letter in enumerate(numbers[day.first : day.after])
    ]
    batches = [
        (first + at, day.day.isoformat(), wanted.sink, wanted.version, words) for at, day in enumerate(wanted.days)
    ]
    stamp = opened(vault, letters.incident, SEND, wanted.version)
    counts = {"letters": len(rows), "batches": len(batches), "version": wanted.version}
    about = _digest(waiting).encode()
    with vault.act(SEND, incident=letters.incident, counts=counts, about=about, more={"made_of": stamp.made_of}):
        letters.release(batches)
        letters.place(rows)
    return len(batches)


def _queue_all(vault: Vault, letters: Letters, *, shown: bool) -> int:
    """Typeset and queue every bundle of released letters that is not queued yet."""
    standing = from_arrow(letters.standing()).filter(pl.col("state") == State.CREATED, pl.col("batch").is_not_null())
    if not standing.height:
        return 0
    content = content_of(letters, standing["letter"])
    batches = {one.number: one for one in letters.runs()}
    with Progress(TYPESETTING, LETTERS, standing.height, shown=shown) as progress:
        for (number, bundle), some in content.join(standing, on="letter", maintain_order="left").group_by(
            "batch", "bundle", maintain_order=True
        ):
            _queue(vault, letters, batches[int(str(number))], int(str(bundle)), some)
            progress.advance(some.height)
    return standing.height


def content_of(letters: Letters, numbers: pl.Series) -> pl.DataFrame:
    """What stands in some letters, in the order of their numbers."""
    rows = from_arrow(letters.content()).filter(pl.col("letter").is_in(numbers.implode()))
    return rows.unique("letter", keep="last").sort("letter")


def _queue(vault: Vault, letters: Letters, batch: Batch, bundle: int, some: pl.DataFrame) -> None:
    said = letters.words(batch.words)
    assert said is not None
    content = bundled(letters.incident, some, letter_words.of(said[1]), batch)
    parcels = vault.parcels(letters.incident)
    kept = parcels.keep(content)
    name = f"letters-{letters.incident:04}-{batch.number:04}-{bundle:03}"
    counts = {"letters": some.height, "batch": batch.number, "bundle": bundle}
    with vault.act(QUEUE, incident=letters.incident, counts=counts, about=kept.content.encode()):
        parcels.put(batch.sink, name, KIND, kept)
        letters.become(some["letter"], State.QUEUED)


def bundled(incident: int, letters: pl.DataFrame, words: page.Words, batch: Batch) -> dict[str, bytes]:
    """The files of a bundle: PDFs, and which face stands on which page of which. Nothing in it but the PDFs is about
    anybody. Made again of the same letters it is the same, byte for byte.
    """
    files: dict[str, bytes] = {}
    index: list[Mapping[str, Any]] = []
    day, at = date.fromisoformat(batch.day), datetime.fromisoformat(batch.released)
    for language in LANGUAGES:
        mine = letters.filter(language=language)
        for number, some in enumerate(mine.iter_slices(A_FILE), 1):
            name = f"{language}-{number:03}.pdf"
            faces = [Face(incident, letter) for letter in some["letter"]]
            made = [letter_of(row, face, day) for row, face in zip(some.iter_rows(named=True), faces, strict=True)]
            files[name] = page.pdf(made, words, language, day, at)
            index += _indexed(made, faces, name, language)
    files["index.csv"] = _csv(index)
    files[COUNT] = _account(batch, files, index)
    return files


def letter_of(row: Mapping[str, Any], face: Face, day: date) -> page.Letter:
    """A letter as it is typeset, from a row of `CONTENT`; ``day``: the date on it."""
    items = [item for item in f"{row['items'] or ''}+{row['other_items'] or ''}".split("+") if item]
    return page.Letter(
        control=face.written,
        face=face.digits,
        name=row["name"],
        postal_code=row["postal_code"] or "",
        address=row["address"],
        size=row["size"],
        family=row["family"],
        items=tuple(items),
        large=is_large(row["large_from"], day),
        more=row["more"],
        paid=row["paid"],
        version=row["version"],
    )


def _indexed(letters: list[page.Letter], faces: list[Face], name: str, language: str) -> Iterator[Mapping[str, Any]]:
    for place, (one, face) in enumerate(zip(letters, faces, strict=True), 1):
        values = (face.digits, face.face, face.faces, name, place, language, "yes" if one.large else "no")
        yield dict(zip(INDEX, values, strict=True))


def _csv(rows: list[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, INDEX, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _account(batch: Batch, files: Mapping[str, bytes], index: list[Mapping[str, Any]]) -> bytes:
    said = {
        "batch": batch.number,
        "print_on": batch.day,
        "released_as_of_version": batch.version,
        "letters": len(index),
        "faces": sum(row["faces"] for row in index),
        "paper": "A4, one side",
        "match_list": "a line for each face that was printed: control, in the order of printing",
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return f"{json.dumps(said, indent=2, sort_keys=True)}\n".encode()


def no_letters() -> UsageError:
    """The error for a call that needs letters where there are none."""
    return UsageError(
        Text("There are no letters yet.", "通知書がまだありません。"),
        Text("`sekisho letters plan` makes them.", "`sekisho letters plan` で作成します。"),
    )
