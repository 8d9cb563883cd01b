"""The named SQL steps from two tables of whole numbers to pairs worth a look and what they agree in."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow, to_arrow
from sekisho.persons.linkage.design import GROUPS, Block, Comparison, Design
from sekisho.persons.linkage.values import Dictionary
from sekisho.vault.analytics import Analytics, Step

_INT = 1 << 31


def pairs(design: Design, within: bool = False) -> Step:
    """``pairs``: each pair of a record and a holder's row that some block brings together, once.

    ``records`` say by ``asks_<block>`` whether a block may look at them (`Census.asks`), ``holders`` by ``may_<block>``
    whether it may bring them to one of the records.
    ``within``: both sides are one table; no row is paired with itself or twice with another.
    """
    names = [one.name for one in design.comparisons]
    keys = [one.looked_up_by for one in design.comparisons if one.counts_rarity]
    cohorts = dict.fromkeys(extra for one in design.comparisons for extra in one.cohort)
    columns = [f"r.{n} AS {n}, h.{n} AS {n}_right" for n in names] + [f"h.{k} AS rare_{k}" for k in keys]
    columns += [f"h.{extra} AS cohort_{extra}" for extra in cohorts] + [f"{_group(design)} AS apart"]
    once = " AND r.record < h.holder" if within else ""
    blocks = (_block(design.blocks, at, ", ".join(columns)) + once for at in range(len(design.blocks)))
    return Step("pairs", " UNION ALL ".join(blocks))


def _group(design: Design) -> str:
    return f"coalesce(r.{design.apart_by}, 0)::INT" if design.apart_by else "0"


def _block(blocks: tuple[Block, ...], at: int, columns: str) -> str:
    on = " AND ".join(f"r.{c} = h.{c}" for c in blocks[at].on)
    earlier = [" AND ".join(f"r.{c} = h.{c}" for c in block.on) for block in blocks[:at]]
    fresh = "".join(f" AND NOT coalesce(asks_{place} AND {brought}, false)" for place, brought in enumerate(earlier))
    return f"""SELECT r.record, h.holder, (r.alias + h.alias > 0)::TINYINT AS alias, {columns} FROM
               (SELECT * FROM records WHERE asks_{at}) r
               JOIN (SELECT * FROM holders WHERE may_{at}) h ON {on}{fresh}"""


def rarest(comparisons: Sequence[Comparison], most: int) -> str:
    """The records whose values are the rarest that some holder bears."""
    joins, shares = [], []
    for at, one in enumerate(comparisons):
        extras = "".join(f" AND {_cohort_of_record(extra)} = f{at}.{extra}" for extra in one.cohort)
        joins.append(f"JOIN rare_{one.name} f{at} ON r.{one.looked_up_by} = f{at}.{one.looked_up_by}{extras}")
        shares.append(f"f{at}.log_share")
    order = " + ".join(shares)
    return f"SELECT record FROM records r {' '.join(joins)} WHERE r.alias = 0 ORDER BY {order}, record LIMIT {most}"


def _cohort_of_record(extra: str) -> str:
    return "0" if extra == "alias" else f"r.{extra}"


def asked(design: Design) -> str:
    """Group -> records that say enough to be looked up at all; the others tell nothing of how many have a holder."""
    enough = " OR ".join("(" + " AND ".join(f"{c} IS NOT NULL" for c in block.on) + ")" for block in design.blocks)
    return f"SELECT {_group(design)} AS apart, count(DISTINCT record) FROM records r WHERE {enough} GROUP BY apart"


def compare(db: Analytics, dictionary: Dictionary, design: Design) -> None:
    """``same_<name>`` and ``level_<name>`` for each comparison: every distinct pair of values among ``pairs``, compared
    once; those of a value with itself, which are most pairs and few values, apart from the others.
    """
    for name, one in ((one.name, one) for one in design.comparisons):
        for table, how in ((f"same_{name}", "="), (f"level_{name}", "<>")):
            found = db.table(f"SELECT DISTINCT {name}, {name}_right FROM pairs WHERE {name} {how} {name}_right")
            db.feed(table, levels(one, dictionary, from_arrow(found)))


def levels(one: Comparison, dictionary: Dictionary, ids: pl.DataFrame) -> pa.Table:
    """Pairs of ids (``<name>``, ``<name>_right``) and their ``level``."""
    table = dictionary.values[one.name].table
    texts = [*one.columns, "key"]
    left = table[ids[one.name]].select(texts)
    right = table[ids[f"{one.name}_right"]].select(pl.col(c).alias(f"{c}_right") for c in texts)
    level = one.compare(pl.concat([left, right], how="horizontal"))
    return to_arrow(ids.with_columns(level=level))


def _levels_join(name: str, at: int) -> str:
    """A value that is the same on both sides is looked up by itself alone, which is quick."""
    both = f"p.{name} = p.{name}_right"
    return f"""LEFT JOIN same_{name} s{at} ON s{at}.{name} = CASE WHEN {both} THEN p.{name} END
               LEFT JOIN level_{name} l{at} ON l{at}.{name} = CASE WHEN NOT ({both}) THEN p.{name} END
                    AND l{at}.{name}_right = p.{name}_right"""


IN_ORDER = "ORDER BY record, holder, pattern"


def patterns(design: Design) -> str:
    """Pairs of a record and a holder's row: ``pattern`` (see `model.told_apart`), ``rarity`` of what they share.

    What nobody bore when it was counted is as rare as the rarest.
    """
    terms, rarities, radix, kept = [], {}, 1, "true"
    whole = "INT" if prod(len(one.levels) for one in design.comparisons) * GROUPS * 2 < _INT else "BIGINT"
    for at, one in enumerate(design.comparisons):
        terms.append(f"level_{at}::{whole} * {radix}")
        radix *= len(one.levels)
        if one.name == design.renamed:
            kept = f"alias = 0 OR level_{at} NOT IN ({_places(one, 'differs')})"
        if one.counts_rarity:
            rarities[one.name] = f"CASE WHEN level_{at} IN ({_places(one, 'rare')}) THEN rarity_{at} END"
    terms += [f"apart::{whole} * {radix}", f"alias::{whole} * {radix * GROUPS}"]
    apart, together = [f"coalesce({r}, 0)" for name, r in rarities.items() if name not in design.together], "0"
    if design.together:
        both = " + ".join(rarities[name] for name in design.together)
        each = " + ".join(f"coalesce({rarities[name]}, 0)" for name in design.together)
        together = f"CASE WHEN {both} > together THEN together ELSE {each} END"
    pattern, rarity = " + ".join(terms), " + ".join([*apart, together])
    return f"""SELECT record, holder, {pattern} AS pattern, ({rarity})::FLOAT AS rarity
               FROM ({_looked_up(design)}) WHERE {kept}"""


def _places(one: Comparison, what: str) -> str:
    return ", ".join(str(place) for place, level in enumerate(one.levels) if getattr(level, what))


def _looked_up(design: Design) -> str:
    """``pairs`` with ``level_<at>`` of each comparison, ``rarity_<at>`` where that counts, and ``together``."""
    told, joins = ["p.record", "p.holder", "p.apart", "p.alias"], []
    for at, one in enumerate(design.comparisons):
        joins.append(_levels_join(one.name, at))
        told.append(f"coalesce(s{at}.level, l{at}.level, 0) AS level_{at}")
        if one.counts_rarity:
            key = one.looked_up_by
            cohort = "".join(f" AND p.cohort_{extra} = f{at}.{extra}" for extra in one.cohort)
            joins.append(f"LEFT JOIN rare_{one.name} f{at} ON p.rare_{key} = f{at}.{key}{cohort}")
            rarest = f"(SELECT min(log_share) FROM rare_{one.name})"
            told.append(f"-coalesce(f{at}.log_share, {rarest}) AS rarity_{at}")
    if design.together:
        keys = [one.looked_up_by for one in design.comparisons if one.name in design.together]
        joins.append("LEFT JOIN rare_together t ON " + " AND ".join(f"p.rare_{key} = t.{key}" for key in keys))
        told.append("-t.log_share AS together")
    return f"SELECT {', '.join(told)} FROM pairs p {' '.join(joins)}"
