"""A file of changes that were made for persons (address, account, ...), whose columns are found by their labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.countries import changes as country
from sekisho.countries import headers, known
from sekisho.countries.headers import Whose
from sekisho.errors import InputError
from sekisho.frames import from_arrow, to_arrow
from sekisho.model import Item
from sekisho.register import columns
from sekisho.register.columns import Column
from sekisho.register.moments import spans
from sekisho.register.sheets import MOST_NAMED, ROW, Sheet, sheets
from sekisho.register.states import DIGITS
from sekisho.wording import Text

WHO = (str(Item.BASIC_PENSION_NUMBER), str(Item.NAME), str(Item.NAME_KANA), str(Item.BIRTH_DATE))
NEW = {"address": "new_address", "account": "new_account"}
"""Kinds of change that show by their new value."""
PROCESSED, RECEIVED = "processed", "received"
DONE, PENDING, REFUSED = "done", "pending", "refused"
_SAID = ("kind", "result", "reference", "office", "new_address", "old_address", "new_account")
CHANGES = pa.schema(
    [
        (ROW, pa.int64()),  # of the file, as a spreadsheet counts them
        ("number", pa.string()),  # in its normal form; null where there is none, or none that can be
        ("name", pa.string()),
        ("name_kana", pa.string()),
        ("birth_date", pa.string()),
        ("begin", pa.timestamp("us", "UTC")),  # the time of which it was carried out lies in begin <= t < end
        ("end", pa.timestamp("us", "UTC")),  # null: no end is known
        ("when_written", pa.string()),
        ("kinds", pa.string()),  # +-joined: address, account, ..., other; empty where nothing says it
        ("done", pa.string()),  # done, pending or refused
        ("number_written", pa.string()),
        *((name, pa.string()) for name in _SAID),
    ]
)


@dataclass(frozen=True, slots=True)
class Changes:
    """``table``: `CHANGES`. ``columns``: label -> what it was taken for; ``unused``: the other labels.

    ``strays``: which rows have another width than the header, so that nobody can read them; ``empty``: rows in which
    nothing stands.
    """

    table: pa.Table
    columns: dict[str, str]
    unused: tuple[str, ...]
    strays: tuple[int, ...]
    empty: int

    def account(self) -> dict[str, Any]:
        """What is kept beside the rows, JSON-able."""
        strays = {"strays": len(self.strays), "stray_rows": list(self.strays[: MOST_NAMED + 1])}
        counts = {"rows": self.table.num_rows, **strays, "empty": self.empty}
        return {"columns": self.columns, "unused": list(self.unused), **counts}


@dataclass(frozen=True, slots=True)
class _Taken:
    """Which place holds what: ``who`` as a register's columns, ``others`` by name."""

    who: tuple[Column, ...]
    others: dict[str, int]


def read(path: Path, zone: str, when: str = "") -> Changes:
    """The changes in a csv, xlsx or parquet file.

    ``zone``: of times that name none. ``when``: the label of the column that says when a
    change was carried out, where ours is the wrong one. Raises InputError: unreadable, nobody named, no time at all.
    """
    found: list[pl.DataFrame] = []
    labelled: dict[str, str] = {}
    unused: list[str] = []
    strays: list[int] = []
    empty = 0
    for sheet in sheets(path, partial(_is_header, when)):
        taken = _taken(sheet.labels, when)
        if not _names_somebody(taken):
            continue
        if (when and when not in sheet.labels) or not {PROCESSED, RECEIVED} & taken.others.keys():
            raise _no_time(path, when)
        for batch in _batches(sheet, taken):
            said = batch.filter(~pl.all_horizontal(pl.all().exclude(ROW).is_null()))
            empty += batch.height - said.height
            found.append(_normal(said, zone))
        strays += sheet.strays
        labelled |= _labelled(sheet, taken)
        unused += [label for label in sheet.labels if label and label not in labelled]
    if not labelled:
        raise _nobody(path)
    table = pl.concat([from_arrow(CHANGES.empty_table()), *found], how="vertical_relaxed")
    made = to_arrow(table, CHANGES)
    return Changes(made, labelled, tuple(dict.fromkeys(unused)), tuple(strays), empty)


def _is_header(when: str, labels: Sequence[str]) -> bool:
    taken = _taken(labels, when)
    return _names_somebody(taken) and len(taken.others) > 0


def _names_somebody(taken: _Taken) -> bool:
    items = {column.item for column in taken.who}
    return bool({"number", "certificate"} & taken.others.keys()) or WHO[0] in items or {*WHO[1:2], WHO[3]} <= items


def _taken(labels: Sequence[str], when: str) -> _Taken:
    """Our words first, then what a register's or a record's label would mean; a label is taken once."""
    known_well = {column.place for column in columns.mapping(labels, WHO[:1])}
    others: dict[str, int] = {}
    normal = ["" if place in known_well else headers.normal(label) for place, label in enumerate(labels)]
    for name, words in country.words().headers.items():
        place = next((normal.index(word) for word in words if word in normal), None)
        if place is not None and place not in others.values():
            others[name] = place
    if when and when in labels:
        others = {name: at for name, at in others.items() if at != labels.index(when)} | {PROCESSED: labels.index(when)}
    for place, label in enumerate(labels):
        if place not in others.values() and (name := _by_meaning(label)):
            others.setdefault(name, place)
    free = [label if place not in others.values() else "" for place, label in enumerate(labels)]
    return _Taken(columns.mapping(free, WHO), others)


def _by_meaning(label: str) -> str:
    meant = headers.meaning(label)
    whose = {Whose.SUBJECT: "new_", Whose.FORMER: "old_"}.get(meant.whose)
    if meant.key == Item.CERTIFICATE_NUMBER and whose:
        return "certificate"
    if meant.key == Item.ADDRESS and whose and not meant.part:
        return f"{whose}address"
    return "new_account" if meant.key == "bank_account" and whose == "new_" else ""


def _labelled(sheet: Sheet, taken: _Taken) -> dict[str, str]:
    who = {column.label: f"{column.item} {column.part}".strip() for column in taken.who}
    return who | {sheet.labels[place]: name for name, place in taken.others.items()}


def _batches(sheet: Sheet, taken: _Taken) -> Iterator[pl.DataFrame]:
    """The rows as written: `WHO`, and each of the others by its name; null where the file has no such column."""
    names = (*country.words().headers, "certificate")
    places = sorted({*(column.place for column in taken.who), *taken.others.values()})
    for batch in sheet.numbered(places):
        cells = batch.drop(ROW)
        clean = cells.select(pl.all().str.strip_chars().replace("", None))
        others = [
            (pl.col(str(taken.others[name])) if name in taken.others else pl.lit(None, pl.String)).alias(name)
            for name in names
        ]
        nobody = clean.with_columns(pl.lit(None, pl.String).alias(item) for item in WHO).select(WHO)
        who = columns.as_written(cells, taken.who, WHO) if taken.who else nobody
        yield clean.with_columns(others).select(batch[ROW], *names).hstack(who)


def _normal(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    written = rows.select(pl.coalesce(WHO[0], "number", "certificate")).to_series()
    numbers = [_number(rows[name]) for name in (WHO[0], "number", "certificate")]
    people = [known.normalise(item, rows[item]).alias(item) for item in WHO[1:]]
    done = spans(_joined(rows, PROCESSED, "time"), zone)
    asked = spans(
        _joined(rows, RECEIVED, "time") if rows[PROCESSED].null_count() == rows.height else rows[RECEIVED], zone
    )
    when = pl.DataFrame({"begin": done["begin"], "end": done["end"], "asked": asked["begin"]})
    return rows.select(
        ROW,
        pl.select(pl.coalesce(*numbers)).to_series().alias("number"),
        *people,
        *when.select(_begin(), _end()),
        pl.concat_str(PROCESSED, "time", RECEIVED, separator=" ", ignore_nulls=True).alias("when_written"),
        _kinds().alias("kinds"),
        _result().alias("done"),
        written.alias("number_written"),
        *_SAID,
    )


def _number(column: pl.Series) -> pl.Series:
    """The number of a holder, also without the zeros a spreadsheet took, or within the longer one of a certificate."""
    bare = column.str.strip_suffix(".0")
    own = known.normalise(Item.BASIC_PENSION_NUMBER, pl.select(_with_zeros(bare)).to_series())
    longer = known.normalise(Item.CERTIFICATE_NUMBER, column)
    short = known.normalise(Item.BASIC_PENSION_NUMBER, longer.str.replace(r"-[^-]*$", ""))
    return pl.select(pl.coalesce(own, short)).to_series()


def _with_zeros(column: pl.Series) -> pl.Expr:
    return pl.when(column.str.contains(r"^\d{7,9}$")).then(column.str.zfill(DIGITS)).otherwise(column)


def _joined(rows: pl.DataFrame, day: str, time: str) -> pl.Series:
    """A day with the clock that stands in a column of its own; the day alone where it has a clock already."""
    has_clock = pl.col(day).str.contains(r"\d\s*[:時]\s*\d")
    return rows.select(
        pl.when(has_clock | pl.col(time).is_null()).then(pl.col(day)).otherwise(pl.concat_str(day, pl.lit(" "), time))
    ).to_series()


def _begin() -> pl.Expr:
    """What was asked for on a later day than it was carried out was read wrongly: the earlier counts, with no end."""
    return pl.coalesce("begin", "asked")


def _end() -> pl.Expr:
    contradicts = pl.col("asked").is_not_null() & (pl.col("asked") >= pl.col("end"))
    return pl.when(pl.col("begin").is_not_null() & ~contradicts).then(pl.col("end")).alias("end")


def _kinds() -> pl.Expr:
    """By what the kind says, and by the new values that stand there."""
    told = known_text("kind")
    found = [
        pl.when(told.str.contains(_any_of(words)).fill_null(value=False) | _stands(NEW.get(kind))).then(pl.lit(kind))
        for kind, words in country.words().kinds.items()
    ]
    joined = pl.concat_str(*found, separator="+", ignore_nulls=True)
    other = pl.when(pl.col("kind").is_not_null()).then(pl.lit("other")).otherwise(pl.lit(""))
    return pl.when(joined == "").then(other).otherwise(joined)


def _stands(column: str | None) -> pl.Expr:
    return pl.col(column).is_not_null() if column else pl.lit(value=False)


def _result() -> pl.Expr:
    said, words = known_text("result"), country.words().results
    return (
        pl.when(said.str.contains(_any_of(words[REFUSED]))).then(pl.lit(REFUSED))
        .when(said.str.contains(_any_of(words[PENDING]))).then(pl.lit(PENDING))
        .otherwise(pl.lit(DONE))
    )  # fmt: skip


def known_text(column: str) -> pl.Expr:
    """A column in NFKC and lower case."""
    return pl.col(column).str.normalize("NFKC").str.to_lowercase()


def _any_of(words: Sequence[str]) -> str:
    """A pattern for any of some words; those in Latin letters as whole words."""
    return "|".join(rf"\b{re.escape(word)}" if word.isascii() else re.escape(word) for word in words) or "$^"


def _nobody(path: Path) -> InputError:
    return InputError(
        Text(
            "No row of {file} says whose changes these are.", "{file} に、誰の変更かを示す列見出しがありません。"
        ).fill(file=path),
        Text(
            "Name the columns in the first rows, as 基礎年金番号, 処理日時, 変更種別 (or number, processed_at, kind).",
            "先頭付近の行に、基礎年金番号・処理日時・変更種別などの見出しを置いてください。",
        ),
    )


def _no_time(path: Path, when: str) -> InputError:
    said = Text("No column of {file} says when a change was carried out.", "{file} に、処理日時の列が見つかりません。")
    if when:
        said = Text("{file} has no column {label!r}.", "{file} に {label!r} という列がありません。")
    return InputError(
        said.fill(file=path, label=when),
        Text(
            "Name it: --when LABEL, as --when 処理日時.", "列を指定してください: --when 見出し（例: --when 処理日時）。"
        ),
    )
