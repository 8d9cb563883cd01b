"""Who is told by letter, and who cannot be: each exposed person has one way, and each letter follows from one version.

What is not known is not guessed: a person of whom nothing says that the address is from before the first infection is
held, as whoever has their number may have changed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from sekisho.actions.recipient import breakable, size
from sekisho.vault.letters import State
from sekisho.vault.tellings import Way
from sekisho.wording import Text


class Reason(StrEnum):
    """Why somebody is not told by letter, or not yet. The first that is so counts."""

    FORGOTTEN = "forgotten"
    NOT_IN_REGISTER = "not_in_register"
    DECEASED = "deceased"
    LOST = "lost"
    ADDRESS_CHANGED = "address_changed"
    PROTECTED = "protected_address"
    ABROAD = "abroad_without_address"
    NO_ADDRESS = "no_address"
    UNDATED = "address_undated"
    NO_NAME = "no_name"
    GLYPH = "glyph_missing"
    TOO_LONG = "too_long"
    RETURNED = "returned"
    REVIEWED = "reviewed"
    GROWN = "more_items"
    REWRITTEN = "rewritten"
    NOT_EXPOSED = "not_exposed"


REASONS = {
    Reason.FORGOTTEN: Text("forgotten at their request", "本人の請求により消去済み"),
    Reason.NOT_IN_REGISTER: Text("in no register", "台帳に該当なし"),
    Reason.DECEASED: Text("deceased", "死亡"),
    Reason.LOST: Text("nobody knows where they are", "居所不明"),
    Reason.ADDRESS_CHANGED: Text("address changed since the first infection", "感染後に住所変更あり"),
    Reason.PROTECTED: Text("protected address", "支援措置等により住所秘匿"),
    Reason.ABROAD: Text("abroad, without an address there", "国外（国外の住所なし）"),
    Reason.NO_ADDRESS: Text("no address", "住所なし"),
    Reason.UNDATED: Text(
        "nothing says that the address is from before the first infection", "感染前の住所と確認できない"
    ),
    Reason.NO_NAME: Text("no name", "氏名なし"),
    Reason.GLYPH: Text("no font has a character of the name or address", "氏名・住所に印字できない文字あり"),
    Reason.TOO_LONG: Text("too long for the window of the envelope", "窓に収まらない長さ"),
    Reason.RETURNED: Text("the letter came back", "返戻"),
    Reason.REVIEWED: Text("as somebody found", "確認済み"),
    Reason.GROWN: Text("more items leaked than it said", "流出項目の追加"),
    Reason.REWRITTEN: Text("written anew", "書き直し"),
    Reason.NOT_EXPOSED: Text("not exposed as of a later version", "後の版では対象外"),
}
_WAYS = {
    Reason.FORGOTTEN: Way.PUBLICATION,
    Reason.NOT_IN_REGISTER: Way.PUBLICATION,
    Reason.DECEASED: Way.DECEASED,
    Reason.LOST: Way.UNREACHABLE,
}
OUT = (State.QUEUED, State.PRINTED, State.SENT)
"""Where a letter cannot be taken back."""
WAITING = (State.CREATED, State.HELD)
_LATIN = r"^[\x20-\x7e\u00c0-\u024f\u2019\u200b]+$"


@dataclass(frozen=True, slots=True)
class Rules:
    """``large_from``: years of age; ``width``, ``height``: of the window, in millimetres."""

    large_from: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done so that everybody is told once.

    ``tellings``: person, way, reason, of those who are told otherwise than was said. ``letters``: new ones in the order
    in which they are to be printed: person, version, state, reason, and columns of `vault.letters.CONTENT` but its
    number. ``superseded``: letter, reason. ``gone``: persons who are exposed no more, and to whom
    no letter went.
    """

    tellings: pl.DataFrame
    letters: pl.DataFrame
    superseded: pl.DataFrame
    gone: pl.Series


def judged(exposed: pl.DataFrame, found: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Each exposed person (`MASTER`) with ``way``, ``reason`` and what would stand in the letter.

    ``found``: in the same order, `register.contacts.CONTACTS` with ``family`` (of the fonts; null: none has all of it)
    and ``reviewed`` (whether somebody looked into a change of the address).
    """
    both = pl.concat([exposed.rename({"holder": "asked"}), found.drop("number")], how="horizontal")
    told = fitted(both.with_columns(name=pl.coalesce("name", "name_kana")), rules).with_columns(
        language=pl.when(pl.col("name").str.contains(_LATIN)).then(pl.lit("en")).otherwise(pl.lit("ja")),
        large_from=_large_from(rules),
        paid=(pl.col("pension") == "paid").fill_null(value=False),
    )
    told = told.with_columns(reason=_reason()).drop("state")
    ways = {str(reason): str(way) for reason, way in _WAYS.items()}
    way = (
        pl.when(pl.col("reason") == "")
        .then(pl.lit(str(Way.LETTER)))
        .otherwise(pl.col("reason").replace_strict(ways, default=str(Way.HELD), return_dtype=pl.String))
    )
    return told.with_columns(way=way)


def fitted(rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """``name`` and ``address`` as they are printed, and the ``size`` in which they fit into the window; null: none."""
    name, address = pl.col("name"), pl.col("address")
    broken = rows.with_columns(breakable(name), breakable(address))
    return broken.with_columns(size=size(name, address, rules.width, rules.height))


def planned(told: pl.DataFrame, letters: pl.DataFrame, tellings: pl.DataFrame, version: int) -> Plan:
    """What changes, as of a version of the leak master.

    ``told``: what `judged` gives. ``letters``: `vault.letters.LETTERS` with ``mark`` and the persons' numbers of this
    version; ``tellings``: `vault.tellings.TELLINGS`, likewise.
    """
    content = _held_where_post_came_back(told, letters).with_columns(mark=_mark())
    living = letters.filter(pl.col("state") != State.SUPERSEDED)
    last = living.sort("version", pl.col("state").is_in(OUT), "letter").unique("person", keep="last")
    was = last.select("person", "letter", state="state", told="version", why="reason", old="mark")
    said = tellings.select("person", old_way="way", old_reason="reason")
    found = content.join(was, on="person", how="left").join(said, on="person", how="left")
    out = letters.filter(pl.col("state").is_in(OUT)).select("person", went=pl.lit(value=True)).unique()
    found = found.join(out, on="person", how="left").with_columns(pl.col("went").fill_null(value=False))
    found = found.with_columns(due=_due(), kept=_kept())
    new = found.filter("due").with_columns(more=pl.col("went"), version=pl.lit(version, pl.Int64))
    new = new.with_columns(
        state=pl.when(pl.col("way") == Way.LETTER).then(pl.lit(State.CREATED)).otherwise(pl.lit(State.HELD))
    )
    waits = pl.col("state").is_in(WAITING)
    dropped = found.filter(waits & ~pl.col("kept")).select("letter", reason=_why_dropped())
    waiting = letters.filter(waits, ~pl.col("letter").is_in(dropped["letter"].implode()))
    lost = waiting.join(told, on="person", how="anti").select("letter", reason=pl.lit(str(Reason.NOT_EXPOSED)))
    twice = waiting.join(told, on="person", how="semi").join(last, on="letter", how="anti")
    doubles = twice.select("letter", reason=pl.lit(str(Reason.REWRITTEN)))
    gone = tellings.join(told, on="person", how="anti").join(out, on="person", how="anti")["person"]
    return Plan(
        tellings=_changed(found),
        letters=new.sort(_ORDER, descending=[True, False, False]),
        superseded=pl.concat([dropped, lost, doubles]),
        gone=gone,
    )


def _held_where_post_came_back(told: pl.DataFrame, letters: pl.DataFrame) -> pl.DataFrame:
    """No further letter goes where an earlier one came back from, before somebody looked into it."""
    back = pl.col("person").is_in(letters.filter(state=str(State.RETURNED))["person"].implode())
    held = back & (pl.col("way") == Way.LETTER)
    instead = {"way": Way.HELD, "reason": Reason.RETURNED}
    return told.with_columns(
        pl.when(held).then(pl.lit(str(said))).otherwise(name).alias(name) for name, said in instead.items()
    )


_ORDER = ["number_of_items", "language", "person"]
"""Most items first; within that by language, then in an order that says nothing."""


def _due() -> pl.Expr:
    """Whether they are due a letter, to be sent or held."""
    is_letter = pl.col("way").is_in([Way.LETTER, Way.HELD])
    standing = pl.col("state")
    anew = standing.is_in(WAITING) & ~_kept()
    second = standing.is_in(OUT) & (pl.col("grown") > pl.col("told"))
    none = standing.is_null() & ~_is_reviewed()
    return is_letter & (none | anew | second).fill_null(value=False)


def _kept() -> pl.Expr:
    """Whether a letter that waits stays as it is: it would be the same again, or somebody looked at it."""
    grown = pl.col("grown") > pl.col("told")
    same = (pl.col("mark") == pl.col("old")) & (pl.col("reason") == pl.col("why"))
    looked_at = pl.col("why").str.starts_with(str(Reason.REVIEWED))
    return (~grown & (same | looked_at)).fill_null(value=False)


def _why_dropped() -> pl.Expr:
    grown = pl.col("grown") > pl.col("told")
    return pl.when(grown).then(pl.lit(str(Reason.GROWN))).otherwise(pl.lit(str(Reason.REWRITTEN)))


def _is_reviewed() -> pl.Expr:
    """Whether somebody said how they are told, or their letter came back."""
    said = pl.col("old_reason").fill_null("")
    return said.str.starts_with(str(Reason.REVIEWED)) | (said == Reason.RETURNED)


def _changed(found: pl.DataFrame) -> pl.DataFrame:
    """The tellings that are others than before; who is told, or was looked at, stays so."""
    told = pl.col("state").is_in(OUT)
    stays = (pl.col("kept") | _is_reviewed()) & ~pl.col("due")
    way = pl.when(told & ~pl.col("due")).then(pl.lit(str(Way.LETTER))).when(stays).then("old_way").otherwise("way")
    reason = pl.when(told & ~pl.col("due")).then(pl.lit("")).when(stays).then("old_reason").otherwise("reason")
    said = found.select("person", "old_way", "old_reason", way=way, reason=reason)
    differs = pl.col("way").ne_missing(pl.col("old_way")) | pl.col("reason").ne_missing(pl.col("old_reason"))
    return said.filter(differs).select("person", "way", "reason")


def _reason() -> pl.Expr:
    """Why not, the first that is so; empty for a letter."""
    nobody = pl.col("holder").is_null()
    address = pl.col("address").is_null()
    tests = {
        Reason.FORGOTTEN: pl.col("state") == "forgotten",
        Reason.NOT_IN_REGISTER: nobody,
        Reason.DECEASED: pl.col("deceased"),
        Reason.ADDRESS_CHANGED: pl.col("changed_since") | pl.col("reviewed"),
        Reason.LOST: pl.col("lost"),
        Reason.PROTECTED: pl.col("protected"),
        Reason.ABROAD: pl.col("abroad") & (address | _is_here()),
        Reason.NO_ADDRESS: address,
        Reason.UNDATED: ~pl.col("certain"),
        Reason.NO_NAME: pl.col("name").is_null(),
        Reason.GLYPH: pl.col("family").is_null(),
        Reason.TOO_LONG: pl.col("size").is_null(),
    }
    ways = [pl.when(test.fill_null(value=False)).then(pl.lit(str(reason))) for reason, test in tests.items()]
    return pl.coalesce(*ways, pl.lit(""))


def _is_here() -> pl.Expr:
    """Whether an address lies in the country: of who is abroad, the one that they left."""
    return pl.col("postal_code").is_not_null()


def is_large(large_from: str | None, day: date) -> bool:
    """Whether what is printed on a day is in large print for whom it is ``large_from`` another on."""
    return large_from is None or large_from <= day.isoformat()


def _large_from(rules: Rules) -> pl.Expr:
    """The day (ISO 8601) from which on they are old enough for large print, the first that it can be.

    Null where nothing is known: nobody is too young for it then.
    """
    born = pl.col("birth_date").str.replace_all("?", "0", literal=True)
    year = born.str.slice(0, 4).cast(pl.Int64, strict=False) + rules.large_from
    return pl.concat_str(year.cast(pl.String).str.zfill(4), born.str.slice(4))


_MARKED = (
    *("way", "reason", "items", "other_items", "name", "postal_code", "address", "size", "family"),
    *("language", "large_from", "paid"),
)


def _mark() -> pl.Expr:
    return pl.struct(_MARKED).hash(7)
