"""Rows to be matched or kept, records or holders, as texts: tidied, the blanks of names kept, columns by labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, Self

import polars as pl

from sekisho.countries import known, words
from sekisho.errors import InputError
from sekisho.model import Item
from sekisho.register import columns
from sekisho.register.columns import MANY, Column
from sekisho.register.sheets import IsHeader, Sheet, about, counted, sheets
from sekisho.wording import Text

NORMALISED: Mapping[str, Item] = {  # column -> the item whose normal form it has
    **{item: item for item in (Item.BASIC_PENSION_NUMBER, Item.BIRTH_DATE, Item.SEX, Item.POSTAL_CODE, Item.ADDRESS)},
    "former_postal_code": Item.POSTAL_CODE,
    "former_address": Item.ADDRESS,
}
NAMES = (Item.NAME, Item.NAME_KANA, "former_name", "former_name_kana", "alias", "alias_kana", "name_latin")
DATES = ("former_name_until", "address_from")
FLAGS = ("deceased", "protected_address", "abroad")
SET, CLEAR = "yes", "no"
PENSION = "pension"
PENSIONS = ("paid", "suspended", "insured")
"""What `PENSION` says, where a word for it is known."""
FROM, TO, PERIODS = "period_from", "period_to", "periods"
PLAIN = ("record", "office", FROM, TO, PERIODS)
COLUMNS = (*map(str, NORMALISED), *map(str, NAMES), *DATES, *FLAGS, MANY, *PLAIN, PENSION)
"""A new one goes behind the others, which keep their places in `states.marks`."""


@dataclass(slots=True)
class Rows:
    """The rows of a file, as the ``columns`` of its first sheet say what they are.

    ``unused``: the labels of the others. ``unreadable``: by column, how many values are none that can be; ``strays``:
    rows of another width than the header; ``taken``: the others. All are complete once the batches are through.
    """

    path: Path
    columns: tuple[Column, ...]
    unused: tuple[str, ...]
    sheets: Iterable[Sheet] = field(repr=False)
    unreadable: Counter[str] = field(default_factory=Counter)
    strays: int = 0
    taken: int = 0

    @classmethod
    def of(cls, name: str, labels: Sequence[str], table: pl.DataFrame) -> Self:
        """The rows of a table that no file holds, called by a ``name``: its columns (String) under labels."""
        named = table.rename(dict(zip(table.columns, map(str, range(table.width)), strict=True)))

        def batches(places: Sequence[int]) -> Iterator[pl.DataFrame]:
            yield named.select(map(str, places))

        sheet = Sheet(list(labels), batches, partial(counted, batches, 1))
        return cls(Path("/", name), columns.mapping(labels, COLUMNS), (), [sheet])

    @property
    def mapping(self) -> dict[str, str]:
        """Label -> column."""
        return {column.label: column.item for column in self.columns}

    @property
    def about(self) -> int:
        """How many rows there are, nearly; 0 where that is not known."""
        return about(self.path)

    def account(self) -> dict[str, Any]:
        """What was read, for programs; whole once the batches are through."""
        unreadable = {name: count for name, count in self.unreadable.items() if count}
        return {
            "columns": self.mapping, "unused": list(self.unused), "strays": self.strays, "unreadable": unreadable
        }  # fmt: skip

    def said(self) -> list[Text]:
        """The same for the user to check."""
        lines = mapped(self.columns)
        if self.unused:
            lines.append(Text("  not used: {labels}", "  使わない列: {labels}").fill(labels=", ".join(self.unused)))
        if self.strays:
            lines.append(_STRAYS.fill(n=self.strays))
        return lines + [_UNREADABLE.fill(n=n, column=name) for name, n in self.unreadable.items() if n]

    def batches(self, wanted: Collection[str] = COLUMNS, skipped: int = 0) -> Iterator[pl.DataFrame]:
        """Frames of all `COLUMNS`, those that are not ``wanted`` or absent null; once.

        A period of which begin and end stand apart is one of the `PERIODS`. ``skipped``: so many frames that are not
        given. Raises InputError where there is not one row.
        """
        left = skipped
        with ThreadPoolExecutor() as pool:
            for sheet in self.sheets:
                taken = [column for column in columns.mapping(sheet.labels, COLUMNS) if column.item in wanted]
                for batch in sheet.batches(sorted({column.place for column in taken})):
                    self.taken += batch.height
                    left -= 1
                    if left >= 0:
                        continue
                    written = columns.as_written(batch, taken, COLUMNS)
                    tidy = pl.DataFrame(list(pool.map(partial(_tidy, written, taken, self.unreadable), COLUMNS)))
                    yield tidy.with_columns(pl.coalesce(PERIODS, pl.concat_str(FROM, pl.lit("/"), TO)))
                self.strays += len(sheet.strays)
        if not self.taken:
            raise InputError(
                Text("{file} has no rows below its header.", "{file} の見出しの下に行がありません。").fill(
                    file=self.path
                ),
                Text("Check that it is the right file.", "ファイルを確かめてください。"),
            )


_STRAYS = Text("  {n:,} {n|row|rows} left out: another number of columns", "  列数が合わず除外した行 {n:,}")
_UNREADABLE = Text("  {column}: {n:,} {n|value|values} that cannot be read", "  {column}: 読み取れない値 {n:,}")


def mapped(taken: Iterable[Column]) -> list[Text]:
    """What each column was taken for."""
    line = Text("  {label} -> {item}", "  {label} → {item}")
    return [line.fill(label=one.label, item=f"{one.item} {one.part}".strip()) for one in taken]


def read(path: Path) -> Rows:
    """The rows of a csv, parquet or xlsx file; raises InputError where it cannot be read or names nobody."""
    return read_under(path, _is_header, _no_header)


def read_under(path: Path, is_header: IsHeader, missing: Callable[[Path], InputError]) -> Rows:
    """`read`, where the first row with labels must be such a header; else what is ``missing`` is raised."""
    found = (sheet for sheet in sheets(path, is_header) if is_header(sheet.labels))
    first = next(found, None)
    if first is None:
        raise missing(path)
    taken = columns.mapping(first.labels, COLUMNS)
    places = {column.place for column in taken}
    unused = tuple(label for at, label in enumerate(first.labels) if at not in places and label)
    return Rows(path, taken, unused, chain([first], found))


def _no_header(path: Path) -> InputError:
    return InputError(
        Text("No row of {file} names its columns.", "{file} に列見出しの行が見つかりません。").fill(file=path),
        Text(
            "Name the columns in the first rows, as name_kana, birth_date, sex (or 氏名カナ, 生年月日, 性別).",
            "先頭付近の行に、氏名カナ・生年月日・性別（name_kana, birth_date, sex）などの見出しを置いてください。",
        ),
    )


def _is_header(labels: Sequence[str]) -> bool:
    found = {column.item for column in columns.mapping(labels, COLUMNS)}
    return bool({Item.BASIC_PENSION_NUMBER, Item.NAME, Item.NAME_KANA} & found)


def _tidy(written: pl.DataFrame, taken: Sequence[Column], unreadable: Counter[str], name: str) -> pl.Series:
    column = written[name]
    if all(one.item != name for one in taken):
        return column
    tidy = _WAYS.get(name, known.tidy)(column).alias(name)
    unreadable[name] += tidy.null_count() - column.null_count()
    return tidy


def _name(column: pl.Series) -> pl.Series:
    return known.said(column).str.replace_all(r"\s+", " ")


def _date(column: pl.Series) -> pl.Series:
    """ISO 8601, a month without its day too."""
    day = known.normalise(Item.BIRTH_DATE, column)
    month = known.tidy(column).str.extract(r"^(\d{4})[-/.](\d{1,2})$", 0).str.replace_all("[/.]", "-")
    return pl.select(pl.coalesce(month, day.str.strip_suffix("-??"))).to_series()


def _month(column: pl.Series) -> pl.Series:
    """ISO 8601, without the day."""
    return _date(column).str.slice(0, 7)


def _last_month(column: pl.Series) -> pl.Series:
    """The month of the day before: what ends on the first ran until the month before."""
    end = _date(column)
    before = end.str.to_date("%Y-%m-%d", strict=False).dt.offset_by("-1d").dt.strftime("%Y-%m")
    return pl.select(pl.coalesce(before, end.str.slice(0, 7))).to_series()


def _office(column: pl.Series) -> pl.Series:
    """The first digits of a number, with the zero that a spreadsheet took off."""
    return known.tidy(column).str.replace(r"^(\d|\d{3})$", "0$1")


def _flag(column: pl.Series) -> pl.Series:
    """Since when, where a date stands there; else `SET` or `CLEAR`."""
    said = known.said(column).str.to_lowercase()
    clear = said.is_in(list(_words("not_set")))
    ways = pl.coalesce(pl.when(clear).then(pl.lit(CLEAR)), _date(column), pl.lit(SET))
    return pl.select(pl.when(said.is_not_null()).then(ways)).to_series()


def _death(column: pl.Series) -> pl.Series:
    """As `_flag`, but null for a word that we do not know: nobody dies of a remark."""
    said = known.said(column).str.to_lowercase()
    flag = _flag(column)
    return flag.set((flag == SET) & ~said.is_in(list(_words("is_set"))), None)


def _pension(column: pl.Series) -> pl.Series:
    """One of `PENSIONS`; null for a word that we do not know: nobody is told that a pension is paid who has none."""
    said = known.said(column).str.to_lowercase().str.replace_all(r"\s", "")
    meant = {word: status for status in PENSIONS for word in _words(status)}
    return said.replace_strict(meant, default=None, return_dtype=pl.String)


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(word for country in known.names() for word in words.of_register(country).get(kind, ()))


def _numbers(column: pl.Series) -> pl.Series:
    """Numbers in their normal form, in order, `;` between."""
    each = column.to_frame("text").with_row_index().drop_nulls()
    apart = pl.col("text").str.replace_all(r"[;,、|\n]+", ";").str.split(";")
    each = each.with_columns(apart).explode("text", empty_as_null=True)
    numbers = each.with_columns(known.normalise(Item.BASIC_PENSION_NUMBER, each["text"]).alias("text")).drop_nulls()
    joined = numbers.group_by("index").agg(pl.col("text").unique().sort().str.join(";"))
    rows = column.to_frame().with_row_index().select("index")
    return rows.join(joined, on="index", how="left", maintain_order="left")["text"]


_WAYS: Mapping[str, Callable[[pl.Series], pl.Series]] = {
    **{name: partial(known.normalise, item) for name, item in NORMALISED.items()},
    **dict.fromkeys(map(str, NAMES), _name),
    **dict.fromkeys(DATES, _date),
    **dict.fromkeys(FLAGS, _flag),
    "deceased": _death,
    "office": _office,
    FROM: _month,
    TO: _last_month,
    MANY: _numbers,
    PENSION: _pension,
}
