"""`sekisho reissue notices`: whoever has a new number in force is told by recorded mail, which is not forwarded.

To the address to which the letter went; who cannot be reached there by now waits. Which notices there are is one act,
which another actor approves; then each bundle is typeset and queued by an act of its own, so that a killed call goes
on.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from sekisho.actions.control import Face
from sekisho.actions.letters import OUT, is_large
from sekisho.actors import Proposal
from sekisho.countries.letters import LANGUAGES
from sekisho.errors import UsageError
from sekisho.flow.assessing.gate import opened
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.flow.telling import letter_words
from sekisho.flow.telling.letters_send import content_of, demand_sealed, letter_of
from sekisho.frames import from_arrow
from sekisho.register.states import as_text
from sekisho.report import notice as page
from sekisho.report.letter import Words
from sekisho.report.progress import Progress
from sekisho.vault import Vault, looks
from sekisho.vault.acts import canonical
from sekisho.vault.letters import Letters, State
from sekisho.vault.reissues import REPLACED, Bundle, Reissues
from sekisho.vault.tellings import Way
from sekisho.wording import Text

NOTICES, NOTICE = "reissue.notices", "reissue.notice"
KIND = "notices"
A_FILE, A_BUNDLE = 200, 2000
"""Notices in one PDF, and in what is handed over at once."""
FIRST_NUMBER = 90_000_000
"""Control numbers of notices begin here, those of letters at 1."""
TYPESETTING, COUNTED = Text("Typesetting", "組版"), Text("notices", "通")
INDEX = ("control", "face", "faces", "file", "page", "language", "large_print", "post", "forward")


@dataclass(frozen=True, slots=True)
class Noticed:
    """``notices`` that were approved and ``bundles`` that were queued by this call; ``waiting``: who has a new number
    and no letter that may have reached them.
    """

    notices: int
    bundles: int
    waiting: int


def make(vault: Vault, incident: int, sink: str, *, shown: bool = True) -> Noticed | Proposal:
    """Queue the notices of all numbers in force that nobody was told of yet, once another actor approved that.

    Raises ReconciliationError, UsageError, RightsError, ApprovalError, MissingPartError.
    """
    vault.demand(NOTICES)
    demand_sealed(vault, sink)
    stamp = opened(vault, incident, NOTICES)
    reissues = vault.reissues(incident)
    fresh = from_arrow(reissues.all(*REPLACED)).filter(pl.col("notice").is_null())
    due = fresh.join(_letters(vault, incident), on="person", how="semi").sort("person")
    if due.height:
        said = vault.letters(incident).words()
        assert said is not None
        words = said[0]
        whom = hashlib.sha256(canonical(due.select("person", "number").rows())).hexdigest()
        how = {"whom": whom, "words": words, "sink": sink}
        payload = {"incident": incident, "version": stamp.version, "notices": due.height, **how}

        def do() -> None:
            counts = {"notices": due.height, "version": stamp.version}
            with vault.act(NOTICES, incident=incident, counts=counts, about=whom.encode()):
                reissues.announce(due["number"].to_list(), A_BUNDLE, sink, words)

        if isinstance(proposal := approved_or_proposed(vault, NOTICES, payload, do), Proposal):
            return proposal
    bundles = _queue_all(vault, reissues, shown=shown)
    if not due.height and not bundles:
        raise _nobody(fresh.height)
    return Noticed(due.height, bundles, fresh.height - due.height)


def _letters(vault: Vault, incident: int) -> pl.DataFrame:
    """``person`` and ``letter`` of who is told by letter: the last that left the house, unless it came back."""
    tellings = from_arrow(vault.tellings(incident).all()).filter(way=str(Way.LETTER)).select("person")
    last = _last_letters(vault.letters(incident)).filter(pl.col("state") != State.RETURNED)
    return last.select("person", "letter").join(tellings, on="person", how="semi")


def _queue_all(vault: Vault, reissues: Reissues, *, shown: bool) -> int:
    """Typeset and queue every bundle that is no parcel yet, as it was approved; gives how many."""
    there = {one.name for one in vault.parcels(reissues.incident).all()}
    told = from_arrow(reissues.all(*REPLACED)).drop_nulls("bundle").partition_by("bundle", as_dict=True)
    left = [
        (one, told[one.number,])
        for one in reissues.bundles()
        if (one.number,) in told and _name(reissues, one) not in there
    ]
    with Progress(TYPESETTING, COUNTED, sum(some.height for _, some in left), shown=shown) as progress:
        for one, some in left:
            _queue(vault, reissues, one, some)
            progress.advance(some.height)
    return len(left)


def _name(reissues: Reissues, bundle: Bundle) -> str:
    return f"notices-{reissues.incident:04}-{bundle.number:03}"


def _queue(vault: Vault, reissues: Reissues, bundle: Bundle, some: pl.DataFrame) -> None:
    incident = reissues.incident
    letters, parcels = vault.letters(incident), vault.parcels(incident)
    whole = some.join(_last_letters(letters).drop("state"), on="person", how="left").sort("notice")
    kept = parcels.keep(_bundled(letters, bundle, whole))
    seen = vault.looks().at(looks.number(str(number)) for number in some["number"])
    with vault.act(NOTICE, incident=incident, counts={"notices": some.height}, about=kept.content.encode(), seen=seen):
        parcels.put(bundle.sink, _name(reissues, bundle), KIND, kept)


def _last_letters(letters: Letters) -> pl.DataFrame:
    """``person``, ``letter``, ``version``, ``state`` of the last that left the house."""
    standing = from_arrow(letters.standing()).filter(pl.col("state").is_in([*OUT, State.RETURNED]))
    return standing.sort("letter").unique("person", keep="last").select("person", "letter", "version", "state")


def _bundled(letters: Letters, bundle: Bundle, whole: pl.DataFrame) -> dict[str, bytes]:
    """The files of a bundle; made again of the same notices they are the same, byte for byte."""
    said = letters.words(bundle.words)
    assert said is not None
    content = content_of(letters, whole["letter"])
    told = whole.select("letter", "version", "notice", "at", new=as_text(pl.col("number")), old=as_text(pl.col("old")))
    rows = content.join(told, on="letter").sort("notice")
    files: dict[str, bytes] = {}
    index: list[Mapping[str, Any]] = []
    for language in LANGUAGES:
        for number, some in enumerate(rows.filter(language=language).iter_slices(A_FILE), 1):
            name = f"{language}-{number:03}.pdf"
            faces = [Face(letters.incident, FIRST_NUMBER + one) for one in some["notice"]]
            files[name] = _pdf(some, faces, letter_words.of(said[1]), language)
            index += _indexed(some, faces, name, language)
    return {**files, "index.csv": _csv(index)}


def _pdf(some: pl.DataFrame, faces: list[Face], words: Words, language: str) -> bytes:
    at, day = datetime.fromisoformat(max(some["at"])), _day_of(some)
    notices = [
        page.Notice(letter_of(row, face, day), row["new"], row["old"])
        for row, face in zip(some.iter_rows(named=True), faces, strict=True)
    ]
    return page.pdf(notices, words, language, day, at)


def _day_of(some: pl.DataFrame) -> date:
    """The date on the notices of one file."""
    return date.fromisoformat(max(some["at"])[:10])


def _indexed(some: pl.DataFrame, faces: list[Face], name: str, language: str) -> Iterator[Mapping[str, Any]]:
    day = _day_of(some)
    for place, (since, face) in enumerate(zip(some["large_from"], faces, strict=True), 1):
        about = (face.digits, face.face, face.faces, name, place, language, "yes" if is_large(since, day) else "no")
        yield dict(zip(INDEX, (*about, "recorded", "no"), strict=True))


def _csv(rows: list[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, INDEX, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _nobody(waiting: int) -> UsageError:
    return UsageError(
        Text(
            "Of every new number in force somebody was told; {n:,} {n|waits|wait} for a letter that reaches them.",
            "未通知の有効な新番号はありません（通知書が届いていない人{n:,}人）。",
        ).fill(n=waiting),
        Text(
            "Numbers are in force once the core system took them: `sekisho reissue acknowledge`.",
            "新番号は基幹システムの反映後に有効になります: `sekisho reissue acknowledge`。",
        ),
    )
