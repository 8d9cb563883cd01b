"""Persons that take two or three rows each: kana above kanji, an address below the name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from sekisho.countries.headers import meaning
from sekisho.records import evidence
from sekisho.records.bodies import END, ROW
from sekisho.records.columns import STACK
from sekisho.records.heads import Head

_FITS = 0.7
_BETTER = 0.1  # so much better must two rows a person fit than one

Labels = Mapping[int, tuple[str, ...]]


def stack(rows: pl.DataFrame, head: Head) -> tuple[pl.DataFrame, Labels]:
    """The rows with one row a person, and the labels that then stand over the columns."""
    depth = _depth(rows, head)
    if depth > 1:
        return _by_header(rows, head, depth)
    return _with_continuations(rows, head)


def _depth(rows: pl.DataFrame, head: Head) -> int:
    """How many rows a person takes by the header: as many as it has, where a column says two items."""
    if len(head.rows) < 2 or rows.height < 2:
        return 1
    own = head.own
    twice = [c for c in head.labels if len({meaning(row[c]).key for row in own if c in row and _is_whole(row[c])}) > 1]
    if not twice:
        return 1
    depth = len(head.rows)
    lowest = {column: texts[-1] for column, texts in head.labels.items()}
    flat = _fit(rows, [lowest], 1)
    return depth if _fit(rows, own, depth) >= max(_FITS, flat + _BETTER) else 1


def _is_whole(label: str) -> bool:
    what = meaning(label)
    return what.is_item and what.sure and not what.part


def _fit(rows: pl.DataFrame, own: Sequence[Mapping[int, str]], depth: int) -> float:
    shares = []
    for offset, labels in enumerate(own):
        part = rows.slice(offset).gather_every(depth)
        for column, label in labels.items():
            if _is_whole(label) and str(column) in part.columns:
                values = evidence.sample(part[str(column)])
                if values:
                    shares.append(evidence.share(meaning(label).key, values))
    return sum(shares) / len(shares) if shares else 0.0


def _by_header(rows: pl.DataFrame, head: Head, depth: int) -> tuple[pl.DataFrame, Labels]:
    own = head.own
    labels = {c + STACK * i: (text,) for i, row in enumerate(own) for c, text in row.items()}
    anchors = [str(c) for c in own[0] if not any(c in row for row in own[1:]) and str(c) in rows.columns]
    anchored = [c for c in anchors if rows[c].is_not_null().sum() * depth >= rows.height * 0.9]
    starts = rows[anchored[0]].is_not_null() if anchored else None
    if starts is None or int(starts.sum()) * depth > rows.height + depth:
        starts = pl.Series([i % depth == 0 for i in range(rows.height)], dtype=pl.Boolean)
    return _together(rows, starts, depth), labels


def _together(rows: pl.DataFrame, starts: pl.Series, depth: int) -> pl.DataFrame:
    """One row for each start, with the next rows' cells in columns of their own."""
    numbered = rows.with_columns(starts.cum_sum().alias("@person")).filter(pl.col("@person") > 0)
    numbered = numbered.with_columns(pl.int_range(pl.len()).over("@person").alias("@line"))
    names = [name for name in rows.columns if name != ROW]
    whole = numbered.filter(pl.col("@line") == 0)
    ends = numbered.group_by("@person").agg(pl.col(ROW).max().alias(END))
    whole = whole.join(ends, on="@person", how="left", maintain_order="left")
    for line in range(1, depth):
        part = numbered.filter(pl.col("@line") == line).select(
            "@person", *(pl.col(name).alias(str(int(name) + STACK * line)) for name in names)
        )
        whole = whole.join(part, on="@person", how="left", maintain_order="left")
    return whole.drop("@person", "@line")


def _with_continuations(rows: pl.DataFrame, head: Head) -> tuple[pl.DataFrame, Labels]:
    """Rows that only go on with the person above: the header's telling columns are empty in them."""
    telling = [str(c) for c in head.labels if _is_anchor(head.labels[c][-1]) and str(c) in rows.columns]
    if not telling or rows.height < 4:
        return rows, head.labels
    starts = rows.select(pl.any_horizontal(pl.col(telling).is_not_null())).to_series()
    count = int(starts.sum())
    if not 0.25 <= count / rows.height <= 0.55 or not starts[0]:
        return rows, head.labels
    following = rows.filter(~starts)
    if _filled(following) > _filled(rows.filter(starts)) / 2:
        return rows, head.labels
    depth = min(4, round(rows.height / count))
    tells = any(_tells(following[name]) for name in following.columns if name != ROW)
    return (_together(rows, starts, depth), head.labels) if tells else (rows, head.labels)


def _filled(rows: pl.DataFrame) -> float:
    """How many cells of a row are filled, on the average."""
    cells = rows.drop(ROW)
    empty = sum(cells[name].null_count() for name in cells.columns)
    return cells.width - empty / max(1, rows.height)


def _is_anchor(label: str) -> bool:
    what = meaning(label)
    return what.key in ("basic_pension_number", "certificate_number", "my_number", "birth_date", "sex")


def _tells(column: pl.Series) -> bool:
    values = evidence.sample(column)
    items = ("address", "name", "name_kana", "postal_code", "phone")
    return any(evidence.looks(item, values) >= 0.6 for item in items)
