"""Where holders were to be written to before a given moment, and what has changed since: for letters to many of them.

Whoever broke in may have changed an address with what they took. So what files said that came before the moment counts
before any later one, whatever dates a later one gives; and an address for which nothing says that it is from before is
not taken to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

import numpy as np
import polars as pl

from sekisho.countries import known
from sekisho.countries.words import of_register
from sekisho.model import Item
from sekisho.register.current import current, numbers, total
from sekisho.register.ever import ever
from sekisho.register.roots import Roots
from sekisho.register.rows import CLEAR, PENSION
from sekisho.register.states import as_number, compact
from sekisho.vault import Register

_NOW = (Item.NAME, Item.NAME_KANA, "name_latin", Item.BIRTH_DATE, "deceased", "abroad", PENSION)
_HERE = (Item.POSTAL_CODE, Item.ADDRESS)
_FORMER = ("former_postal_code", "former_address")
CONTACTS = {
    "number": pl.String,
    "holder": pl.Int64,
    **{str(name): pl.String for name in (*_NOW[:4], *_HERE)},
    **dict.fromkeys(("certain", "changed_since", "deceased", "protected", "abroad", "lost"), pl.Boolean),
    PENSION: pl.String,
    "new_postal_code": pl.String,
    "new_address": pl.String,
}
"""A row for each number that was asked for, in that order; all but it null where it leads to nobody.

``postal_code``, ``address``: where they lived before the moment, null where that is not known; ``certain``: whether
something says that it is from before; ``changed_since``: whether the register has said another one since, null where
nothing tells. ``new_*``: what it says now. ``lost``: it says that nobody knows where they are. ``pension``: one of
`rows.PENSIONS`, null where that is not known.
"""


def contacts(register: Register, asked: Sequence[str], before: datetime, as_of: date | None = None) -> pl.DataFrame:
    """`CONTACTS` of the holders whom the numbers ``asked`` lead to, ``before`` a moment (with its time zone).

    ``as_of``: the day on which the first file stood as it is, where it came later than that. Raises VaultError.
    """
    wanted = pl.DataFrame({"number": pl.Series(asked, dtype=pl.String)})
    wanted = wanted.with_columns(holder=_led(register, wanted["number"]))
    some = np.zeros(total(register) + 1, bool)  # one more for who is nobody
    some[wanted["holder"].fill_null(-1).to_numpy()] = True
    some[-1] = False
    said, now = _said(register, some), _now(register, some)
    lived = _lived(said, _came_before(register, before, as_of), before.date())
    return (
        wanted.join(now, on="holder", how="left", maintain_order="left")
        .join(lived, on="holder", how="left", maintain_order="left")
        .with_columns(lost=_is_lost(pl.col("new_address")).fill_null(value=False))
        .with_columns(pl.when(~_is_lost(pl.col(name)).fill_null(value=False)).then(pl.col(name)) for name in _PLACES)
        .select(pl.col(name).cast(kind) for name, kind in CONTACTS.items())
    )


_PLACES = (Item.ADDRESS, "new_address")


def _led(register: Register, asked: pl.Series) -> pl.Series:
    """The holder whom each number leads to now; null where nobody is."""
    number = pl.select(as_number(pl.lit(known.normalise(Item.BASIC_PENSION_NUMBER, asked)))).to_series()
    wanted = number.drop_nulls().unique()
    told = [some.filter(pl.col("number").is_in(wanted.implode())) for some in numbers(register)]
    found = pl.concat([pl.DataFrame(schema={"number": pl.Int64, "holder": pl.Int64}), *told])
    roots = Roots(register).now(found["holder"].to_numpy())
    found = found.with_columns(holder=pl.Series(roots, dtype=pl.Int64)).unique("number", keep="last")
    return number.to_frame("number").join(found, on="number", how="left", maintain_order="left")["holder"]


def _now(register: Register, some: np.ndarray) -> pl.DataFrame:
    """``holder`` and what the row that counts says of them now; ``protected`` where any row of theirs says it."""
    found = []
    columns = ["holder", "place", *_NOW, "protected_address"]
    for rows, root in _rooted(register, current(register, columns), some):
        mine = rows.with_columns(root=root, main=(pl.col("place") == 0) & (pl.col("holder") == root))
        found.append(compact(mine))
    if not found:
        return pl.DataFrame(schema={"holder": pl.Int64, **dict.fromkeys((*_NOW, "protected"), pl.String)})
    every = pl.concat(found)
    own = every.filter(pl.col("holder") == pl.col("root"))
    flags = own.group_by(holder="root").agg(_is_set(name).any().alias(name) for name in ("deceased", "abroad"))
    hidden = every.group_by(holder="root").agg(protected=_is_set("protected_address").any())
    main = every.filter("main").select("holder", *(name for name in _NOW if name not in ("deceased", "abroad")))
    return main.join(flags, on="holder").join(hidden, on="holder")


def _is_set(flag: str) -> pl.Expr:
    return pl.col(flag).is_not_null() & (pl.col(flag) != CLEAR)


def _said(register: Register, some: np.ndarray) -> pl.DataFrame:
    """Every address that files which count ever said of the holders: the row that counted, by ``root`` and ``act``."""
    found = [pl.DataFrame(schema=_SAID)]
    for act, rows in ever(register, [*_HERE, *_FORMER, "address_from"]):
        mine = rows.filter(pl.Series(some[rows["root"].to_numpy()]))
        told = mine.with_columns(own=pl.col("holder") == pl.col("root"), act=pl.lit(act, pl.Int64))
        told = told.filter(place=0).filter(pl.any_horizontal(pl.col(*_HERE, *_FORMER).is_not_null()))
        found.append(compact(told.select(list(_SAID))))
    return pl.concat(found)


_SAID: dict[str, type[pl.DataType]] = {
    "root": pl.Int64,
    "act": pl.Int64,
    "own": pl.Boolean,
    **{str(name): pl.String for name in (*_HERE, *_FORMER, "address_from")},
}


def _rooted(
    register: Register, frames: Iterator[pl.DataFrame], some: np.ndarray
) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """The rows of ``some`` holders (Boolean by who they are now), and who each row's holder is now."""
    roots = Roots(register)
    for rows in frames:
        root = pl.Series("root", roots.now(rows["holder"].to_numpy()), pl.Int64)
        mine = pl.Series(some[root.to_numpy()])
        yield rows.filter(mine), root.filter(mine)


def _came_before(register: Register, before: datetime, as_of: date | None) -> list[int]:
    """The acts whose files came before the moment."""
    acts = register.imports()
    came = {act.number: datetime.fromisoformat(act.when) for act in acts}
    if as_of and acts:
        came[acts[0].number] = datetime.combine(as_of, time.min, before.tzinfo)
    return [number for number, when in came.items() if when < before]


def _lived(said: pl.DataFrame, early: Sequence[int], day: date) -> pl.DataFrame:
    """By ``holder``: the address from before ``day``, `certain`, `changed_since`, and the one now."""
    own = pl.col("own").any().over("root")
    rows = said.filter(pl.col("own") | ~own).with_columns(early=pl.col("act").is_in(list(early)))
    whole = pl.concat_str([pl.col(name).fill_null("") for name in _HERE], separator="\n")
    rows = rows.sort("root", "act").with_columns(whole=whole)
    stood = pl.concat(  # what the last early file said, else the first of all
        [rows.filter("early").unique("root", keep="last"), rows.unique("root", keep="first")]
    ).unique("root", keep="first", maintain_order=True)
    later = rows.join(stood.select("root", then="act", was="whole"), on="root").filter(pl.col("act") > pl.col("then"))
    differ = later.filter(pl.col("whole") != pl.col("was")).select("root", later=pl.lit(value=True)).unique()
    now = rows.unique("root", keep="last").select("root", **{f"new_{name}": pl.col(name) for name in _HERE})
    told = stood.join(differ, on="root", how="left").join(now, on="root", how="left")
    since = pl.col("address_from")
    moved = (since.str.pad_end(10, "~") >= day.isoformat()).fill_null(value=False)  # 2015-05 may be after 2015-05-08
    here = [pl.when(moved).then(pl.col(f"former_{name}")).otherwise(pl.col(name)).alias(name) for name in _HERE]
    dated = pl.col("early") | since.is_not_null()
    changed = pl.when(moved | pl.col("later")).then(pl.lit(value=True)).when(dated).then(pl.lit(value=False))
    certain = dated & pl.coalesce(*here).is_not_null()
    return told.select(pl.col("root").alias("holder"), "^new_.*$", *here, certain=certain, changed_since=changed)


def _is_lost(address: pl.Expr) -> pl.Expr:
    """Whether it says, in the place of an address, that nobody knows it."""
    words = [word for country in known.names() for word in of_register(country).get("lost", ())]
    return address.str.to_lowercase().str.replace_all(r"\s", "").is_in(words)
