"""`sekisho letters matched | sample | sent | returned`: what became of letters after they left the house."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from sekisho.actions.control import Face, read
from sekisho.actions.letters import OUT, Reason
from sekisho.actions.match_list import CONTROL, Matched, matched
from sekisho.clock import utc_now
from sekisho.errors import AccountError, InputError, UsageError
from sekisho.flow.telling.letters_plan import now_of, renamed
from sekisho.frames import from_arrow
from sekisho.report import tabular
from sekisho.vault import Vault
from sekisho.vault.letters import Batch, Letters, Sampled, State
from sekisho.vault.tellings import Way
from sekisho.wording import Text, printable

MATCH, SAMPLE, CHECK, POST, RETURN = (
    *("letters.match", "letters.sample", "letters.check", "letters.sent", "letters.returned"),
)
RIGHT, WRONG = "right", "wrong"


@dataclass(frozen=True, slots=True)
class Held:
    """A match list against its batch: ``printed`` letters are known to be from now on."""

    batch: int
    printed: int
    found: Matched


def match(vault: Vault, incident: int, number: int, path: Path) -> Held:
    """Hold a print shop's list against a batch. Where anything differs, all that fits is noted and the batch waits.

    Raises InputError, UsageError, RightsError, VaultError.
    """
    vault.demand(MATCH)
    letters = vault.letters(incident)
    batch = batch_of(letters, number)
    printed = _controls(path)
    standing = from_arrow(letters.standing(batch.number)).filter(pl.col("state") != State.SUPERSEDED)
    if (standing["state"] == State.CREATED).any():
        raise _not_queued(batch)
    queued = pl.col("state") == State.QUEUED
    found = matched(incident, standing["letter"], standing.filter(~queued)["letter"], printed)
    fresh = standing.filter(queued, pl.col("letter").is_in(found.right.implode()))["letter"]
    counts = {"batch": number, "right": len(found.right), "missing": len(found.missing), "twice": len(found.twice)}
    counts |= {"strangers": len(found.strangers), "unread": found.unread}
    with vault.act(MATCH, incident=incident, counts=counts):
        letters.become(fresh, State.PRINTED)
        if not found.differs and not batch.matched:
            letters.matched(number)
    return Held(number, len(fresh), found)


def draw(vault: Vault, incident: int, number: int, count: int) -> list[Sampled]:
    """Draw sheets of the production run, so that nobody can know which; those that were drawn before stay drawn.

    Raises InputError, AccountError where the match list is missing or differs, RightsError.
    """
    vault.demand(SAMPLE)
    letters = vault.letters(incident)
    batch = batch_of(letters, number)
    _demand_matched(batch)
    there = {one.letter for one in letters.sample(number)}
    standing = from_arrow(letters.standing(number)).filter(pl.col("state") == State.PRINTED)["letter"].to_list()
    wanted = min(count, len(standing)) - len(there)
    if wanted > 0:
        left = [one for one in standing if one not in there]
        chosen = secrets.SystemRandom().sample(left, min(wanted, len(left)))
        with vault.act(SAMPLE, incident=incident, counts={"batch": number, "sheets": len(chosen)}):
            letters.draw(number, sorted(chosen))
    return letters.sample(number)


def sample(vault: Vault, incident: int, number: int) -> list[Sampled]:
    """The sheets that were drawn; raises InputError, RightsError."""
    vault.demand(SAMPLE)
    letters = vault.letters(incident)
    return letters.sample(batch_of(letters, number).number)


def check(vault: Vault, incident: int, number: int, outcomes: Mapping[str, str]) -> list[Sampled]:
    """Say what sheets of the sample were found to be, by their numbers: right or wrong.

    Raises InputError for one that was not drawn, RightsError.
    """
    vault.demand(CHECK)
    letters = vault.letters(incident)
    batch_of(letters, number)
    drawn = {one.letter for one in letters.sample(number)}
    said = {_letter(incident, text): outcome for text, outcome in outcomes.items()}
    if strangers := said.keys() - drawn:
        raise _not_drawn(incident, sorted(strangers)[0])
    with vault.act(CHECK, incident=incident, counts={"batch": number, "sheets": len(said), "wrong": _wrong(said)}):
        letters.looked_at(said)
        now_known = letters.sample(number)
        letters.checked(number, right=all(one.outcome == RIGHT for one in now_known))
    return now_known


def sent(vault: Vault, incident: int, number: int, day: date) -> int:
    """Say that a batch was posted; gives how many letters. They are sent: that post arrives nobody says.

    Raises AccountError where its match list or its sample is not there or not right, InputError, RightsError.
    """
    vault.demand(POST)
    letters = vault.letters(incident)
    batch = batch_of(letters, number)
    _demand_matched(batch)
    if not batch.checked:
        raise _not_checked(batch)
    printed = from_arrow(letters.standing(number)).filter(pl.col("state") == State.PRINTED)["letter"]
    if batch.sent and not len(printed):
        return 0
    with vault.act(POST, incident=incident, counts={"batch": number, "letters": len(printed)}):
        letters.become(printed, State.SENT)
        letters.posted(number, day.isoformat())
    return len(printed)


def returned(vault: Vault, incident: int, texts: Sequence[str]) -> int:
    """Say that letters came back, by the numbers on them; gives how many had not before. Their persons are not told.

    Raises InputError for a number that is none, or of a letter that was not sent, RightsError.
    """
    vault.demand(RETURN)
    letters = vault.letters(incident)
    standing = from_arrow(letters.standing())
    wanted = {_letter(incident, text): text for text in texts}
    mine = standing.filter(pl.col("letter").is_in(list(wanted)))
    known = set(mine.filter(pl.col("state").is_in([State.SENT, State.RETURNED]))["letter"])
    if strangers := [text for letter, text in wanted.items() if letter not in known]:
        raise _not_sent(strangers[0])
    fresh = mine.filter(pl.col("state") == State.SENT)
    persons = renamed(standing, now_of(vault, incident)).filter(pl.col("state").is_in(OUT))
    last = persons.sort("letter").unique("person", keep="last")
    untold = last.filter(pl.col("letter").is_in(fresh["letter"].implode()))
    with vault.act(RETURN, incident=incident, counts={"letters": fresh.height}):
        letters.become(fresh["letter"], State.RETURNED, str(Reason.RETURNED))
        rows = untold.select("person", "version").iter_rows()
        vault.tellings(incident).put(
            ((person, Way.UNREACHABLE, str(Reason.RETURNED), version) for person, version in rows), utc_now()
        )
    return fresh.height


def batch_of(letters: Letters, number: int) -> Batch:
    """A batch by its number; raises InputError."""
    for one in letters.runs(number):
        return one
    raise InputError(
        Text("There is no batch {n}.", "バッチ{n}はありません。").fill(n=number),
        Text("`sekisho letters status` lists them.", "`sekisho letters status` で確かめてください。"),
    )


def _controls(path: Path) -> pl.Series:
    """The numbers in a match list: the column that is called so."""
    rows = [row for _, row in tabular.read(path, ())]
    named = [name for name in (rows[0] if rows else {}) if name.strip().lower() in CONTROL]
    if not named:
        raise _no_controls(path)
    return pl.Series("control", [row[named[0]] for row in rows], dtype=pl.String)


def _letter(incident: int, text: str) -> int:
    face = read(text)
    if face is None or face.incident != incident:
        raise InputError(
            Text("That is no number of a letter: {text}.", "通知番号ではありません: {text}。").fill(
                text=printable(text)
            ),
            Text("As it stands on the sheet, with all digits.", "紙面のとおり全桁を指定してください。"),
        )
    return face.letter


def _no_controls(path: Path) -> InputError:
    return InputError(
        Text("{file} names no control numbers.", "{file} に管理番号の列がありません。").fill(file=path),
        Text("A column `control`, a line for each printed face.", "`control` 列に、印刷した面ごとに1行ずつ必要です。"),
    )


def _wrong(said: Mapping[int, str]) -> int:
    return sum(outcome != RIGHT for outcome in said.values())


def _demand_matched(batch: Batch) -> None:
    if not batch.matched:
        raise AccountError(
            Text(
                "No match list of batch {n} is there that fits it.", "バッチ{n}と一致する照合リストがありません。"
            ).fill(n=batch.number),
            Text(
                "Demand it from the print shop: `sekisho letters matched`.",
                "印刷会社に請求し、`sekisho letters matched` で照合してください。",
            ),
        )


def _not_checked(batch: Batch) -> AccountError:
    return AccountError(
        Text(
            "The sample of batch {n} is not drawn, or not all of it was found right.",
            "バッチ{n}の抜き取り検査が完了していないか、不合格があります。",
        ).fill(n=batch.number),
        Text(
            "`sekisho letters sample`, before it is posted.", "発送の前に `sekisho letters sample` を行ってください。"
        ),
    )


def _not_queued(batch: Batch) -> UsageError:
    return UsageError(
        Text("Batch {n} is not queued to its end.", "バッチ{n}はまだ送付待ちになっていません。").fill(n=batch.number),
        Text("`sekisho letters send` goes on with it.", "`sekisho letters send` で続行します。"),
    )


def _not_drawn(incident: int, letter: int) -> InputError:
    return InputError(
        Text("{number} is not in the sample.", "{number} は抜き取りの対象ではありません。").fill(
            number=Face(incident, letter).written
        ),
        Text("`sekisho letters sample` lists it.", "`sekisho letters sample` で確かめてください。"),
    )


def _not_sent(text: str) -> InputError:
    return InputError(
        Text("{number} was not sent.", "{number} は発送されていません。").fill(number=printable(text)),
        Text("Is the number right?", "番号を確かめてください。"),
    )
