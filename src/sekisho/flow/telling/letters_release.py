"""`sekisho letters held | release`: what waits for somebody to look into, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.actions.control import Face, read
from sekisho.actions.letters import Reason, fitted
from sekisho.clock import utc_now
from sekisho.errors import InputError, UsageError
from sekisho.flow.assessing.case import known
from sekisho.flow.telling.letters_plan import day_of, now_of, printable_contacts, renamed, rules, with_family
from sekisho.flow.telling.letters_send import content_of
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.master import MASTER, version_of
from sekisho.register.contacts import contacts
from sekisho.report import tabular
from sekisho.vault import Vault, looks
from sekisho.vault.acts import canonical
from sekisho.vault.letters import CONTENT, TABLE, Letters, State
from sekisho.vault.tellings import Way
from sekisho.wording import Text, printable

HELD, RELEASE = "letters.held", "letters.release"


class As(StrEnum):
    """What somebody found of a letter that was held, or came back."""

    BEFORE = "before"
    NOW = "now"
    KANA = "kana"
    UNREACHABLE = "unreachable"
    DECEASED = "deceased"
    PUBLICATION = "publication"


WAYS = {As.UNREACHABLE: Way.UNREACHABLE, As.DECEASED: Way.DECEASED, As.PUBLICATION: Way.PUBLICATION}
LIST = pa.schema(
    [
        (name, pa.string())
        for name in (
            *("letter", "reason", "number", "name", "name_kana", "address_before", "address_now", "protected", "as"),
        )
    ]
)
"""The list of held letters; ``as`` is to be filled in."""


@dataclass(frozen=True, slots=True)
class Released:
    """Letters that go out, ``told`` persons who are told otherwise, and letters that still cannot be printed."""

    letters: int
    told: int
    left: tuple[str, ...]


def export(vault: Vault, incident: int, to: Path, *, protected_too: bool = False, force: bool = False) -> int:
    """Write what is held, or came back, to a file to be filled in; gives its rows. The looks are in the ledger first.

    Raises UsageError, InputError, RightsError, VaultError.
    """
    tabular.look_at_target(to, force=force)
    vault.demand(HELD)
    letters = vault.letters(incident)
    waiting = _waiting(vault, letters)
    found = _contacts(vault, incident, waiting["holder"])
    marks = [looks.holder(one) for one in found["holder"].drop_nulls().unique().sort()]
    vault.looks().see(HELD, marks, {"letters": waiting.height}, incident=incident)
    told = waiting.select("letter", "reason").hstack(found)
    shown = pl.lit(protected_too) | ~pl.col("protected").fill_null(value=False)
    rows = told.select(
        pl.Series("letter", [Face(incident, letter).written for letter in waiting["letter"]], dtype=pl.String),
        "reason",
        "number",
        "name",
        "name_kana",
        pl.when(shown)
        .then(pl.concat_str("postal_code", "address", separator=" ", ignore_nulls=True))
        .alias("address_before"),
        pl.when(shown)
        .then(pl.concat_str("new_postal_code", "new_address", separator=" ", ignore_nulls=True))
        .alias("address_now"),
        pl.when(pl.col("protected")).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("protected"),
        pl.lit("").alias("as"),
    )
    return tabular.write(to, LIST, [to_arrow(rows, LIST)], force=force)


def release(
    vault: Vault,
    incident: int,
    found: Sequence[tuple[str, As]],
    why: str,
    every: tuple[str, As] | None = None,
) -> Released:
    """Say what was found of letters that are held or came back: by their numbers, or of ``every`` one for a reason.

    Who is to be written to gets a letter with the next batches; a letter that still cannot be printed stays held.
    Raises InputError, RightsError, MissingPartError, VaultError.
    """
    vault.demand(RELEASE)
    if every and every[0] not in set(Reason):
        raise _no_reason(every[0])
    letters = vault.letters(incident)
    waiting = _waiting(vault, letters)
    chosen = _as_of_now(vault, incident, _chosen(incident, waiting, found, every))
    written, left = _rewritten(vault, incident, chosen.filter(~pl.col("as").is_in(list(WAYS))))
    told = chosen.filter(pl.col("as").is_in(list(WAYS)))
    said = f"{Reason.REVIEWED}: {printable(why)}"
    letters.begin()
    numbered = _numbered(letters, written)
    parts = [letters.write(TABLE, some) for some in content_tables(numbered)]
    counts = {"letters": written.height, "told": told.height, "left": left.height}
    about = canonical([why, sorted(chosen.select("letter", "as").iter_rows())])
    with vault.act(RELEASE, incident=incident, counts=counts, about=about):
        letters.keep(parts)
        letters.become(numbered.filter("again")["letter"], State.CREATED, said)
        anew = numbered.filter(~pl.col("again")).with_columns(state=pl.lit(State.CREATED), reason=pl.lit(said))
        letters.add(anew.select("letter", "person", "version", "state", "reason").iter_rows())
        letters.become(told.filter(pl.col("state") == State.HELD)["letter"], State.SUPERSEDED, said)
        outgrown = numbered.filter(~pl.col("again"), pl.col("state") == State.HELD)["was_letter"]
        letters.become(outgrown, State.SUPERSEDED, str(Reason.GROWN))
        tellings = vault.tellings(incident)
        tellings.put(((p, Way.LETTER, said, v) for p, v in numbered.select("person", "version").iter_rows()), utc_now())
        others = told.select("person", "as", "version").iter_rows()
        tellings.put(((person, WAYS[As(way)], said, version) for person, way, version in others), utc_now())
    return Released(written.height, told.height, tuple(Face(incident, one).written for one in left["letter"]))


def filled_in(path: Path) -> list[tuple[str, As]]:
    """What stands in a list that was filled in; rows without an answer are left out. Raises InputError."""
    rows = (row for _, row in tabular.read(path, ("letter", "as")))
    said = [(tabular.as_it_was(row["letter"]), row["as"].strip().lower()) for row in rows]
    if strange := [way for _, way in said if way and way not in set(As)]:
        raise InputError(
            Text("That is no answer: {text}.", "使えない回答です: {text}。").fill(text=printable(strange[0])),
            Text("One of: {some}.", "次のいずれかです: {some}。").fill(some=", ".join(As)),
        )
    return [(letter, As(way)) for letter, way in said if way]


def _waiting(vault: Vault, letters: Letters) -> pl.DataFrame:
    """The letters that are held, and those that came back from persons who have no other; with what stands in them.

    ``person``: as they are numbered now.
    """
    standing = renamed(from_arrow(letters.standing()), now_of(vault, letters.incident))
    standing = standing.filter(pl.col("state") != State.SUPERSEDED).sort("letter")
    last = standing.unique("person", keep="last", maintain_order=True)
    mine = last.filter(pl.col("state").is_in([State.HELD, State.RETURNED])).sort("letter")
    content = content_of(letters, mine["letter"])
    return mine.join(content, on="letter", how="left", maintain_order="left")


def _chosen(
    incident: int, waiting: pl.DataFrame, found: Sequence[tuple[str, As]], every: tuple[str, As] | None
) -> pl.DataFrame:
    """The letters that are meant, with ``as``."""
    said = {_letter(incident, text): str(way) for text, way in found}
    if strangers := said.keys() - set(waiting["letter"]):
        raise _not_held(Face(incident, sorted(strangers)[0]).written)
    answers = pl.DataFrame(
        {"letter": list(said), "as": list(said.values())}, schema={"letter": pl.Int64, "as": pl.String}
    )
    named = waiting.join(answers, on="letter", maintain_order="left")
    if every is None:
        return named
    of_reason = waiting.filter(reason=every[0]).with_columns(pl.lit(str(every[1])).alias("as"))
    return pl.concat([named, of_reason.join(named, on="letter", how="anti")])


def _as_of_now(vault: Vault, incident: int, chosen: pl.DataFrame) -> pl.DataFrame:
    """The letters with the items that leaked as of the last version, and whether these are others (``grown``).

    Another letter is one of that version; who is no longer exposed is told what their letter said.
    """
    leak = vault.leak(incident)
    version = version_of(leak).number
    said = ("items", "other_items")
    master = from_arrow(leak.of(version).read("master", MASTER, ["person", *said])).select(
        "person", *(pl.col(name).alias(f"{name}_now") for name in said)
    )
    found = chosen.join(master, on="person", how="left", maintain_order="left")
    differs = (pl.col(f"{name}_now").fill_null("") != pl.col(name).fill_null("") for name in said)
    exposed = pl.col("items_now").is_not_null()
    found = found.with_columns(grown=exposed & pl.any_horizontal(differs))
    another = exposed & (pl.col("grown") | (pl.col("state") == State.RETURNED))
    return found.with_columns(
        *(pl.when("grown").then(f"{name}_now").otherwise(name).alias(name) for name in said),
        version=pl.when(another).then(pl.lit(version, pl.Int64)).otherwise("version"),
    )


def _rewritten(vault: Vault, incident: int, chosen: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The letters as they are to be printed now, and those that cannot be."""
    found = printable_contacts(_contacts(vault, incident, chosen["holder"]))
    is_now, is_kana = pl.col("as") == As.NOW, pl.col("as") == As.KANA
    names = ("postal_code", "address")
    fresh = chosen.drop("name", *names, "size", "family").hstack(
        found.select("name", "name_kana", *names, "new_postal_code", "new_address")
    )
    fresh = fresh.with_columns(
        pl.when(is_kana).then("name_kana").otherwise(pl.coalesce("name", "name_kana")).alias("name"),
        *(pl.when(is_now).then(f"new_{name}").otherwise(name).alias(name) for name in names),
    )
    made = fitted(with_family(fresh), rules())
    fits = pl.all_horizontal(pl.col("name", "address", "size", "family").is_not_null())
    return made.filter(fits), made.filter(~fits)


def _numbered(letters: Letters, written: pl.DataFrame) -> pl.DataFrame:
    """Held letters keep their number; who is written to once more, or of more than it said, gets another letter."""
    is_again = (pl.col("state") == State.HELD) & ~pl.col("grown")
    again = written.with_columns(again=is_again, was_letter="letter")
    after = pl.col("again").not_().cum_sum() - 1 + letters.next_number()
    return again.with_columns(letter=pl.when("again").then("letter").otherwise(after))


def content_tables(letters: pl.DataFrame) -> list[pa.Table]:
    """The rows of `CONTENT`."""
    rows = letters.select(CONTENT.names)
    return [to_arrow(rows, CONTENT)] if rows.height else []


def _line(*columns: str) -> pl.Expr:
    return pl.concat_str(columns, separator=" ", ignore_nulls=True)


def _contacts(vault: Vault, incident: int, numbers: pl.Series) -> pl.DataFrame:
    case = known(vault, incident)
    said = vault.letters(incident).words()
    assert case.first_infection is not None
    assert said is not None
    before = case.first_infection.astimezone(case.place)
    return contacts(vault.register(), numbers.to_list(), before, day_of(said[1]))


def _letter(incident: int, text: str) -> int:
    face = read(text)
    if face is None or face.incident != incident:
        raise _not_held(printable(text))
    return face.letter


def _not_held(text: str) -> InputError:
    return InputError(
        Text("{text} is no letter that is held or came back.", "{text} は保留中・返戻の通知書ではありません。").fill(
            text=text
        ),
        Text("`sekisho letters held` lists them.", "`sekisho letters held` で確かめてください。"),
    )


def _no_reason(text: str) -> UsageError:
    return UsageError(
        Text("There is no such reason: {text}.", "その理由はありません: {text}。").fill(text=printable(text)),
        Text("One of: {some}.", "次のいずれかです: {some}。").fill(some=", ".join(Reason)),
    )
