"""The rows below a header that are rows of the table: without blanks, repeated headers, totals and samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import polars as pl

from sekisho.countries import columns, dictionary, headers, known, words
from sekisho.records import evidence
from sekisho.records.cells import counted
from sekisho.records.heads import Head

ROW = "@row"
"""The column that holds where a row stands in the grid, from 0; beside it the columns of the grid."""
END = "@end"
"""Where a record ends that spans several rows."""
_MOST_RUNS = 40


@dataclass(frozen=True, slots=True)
class Body:
    """``rows``: the table's own rows with `ROW`; ``end``: the row of the grid after the last that belongs to it."""

    rows: pl.DataFrame
    end: int


def body(cells: pl.DataFrame, heads: Sequence[Head], end: int) -> Body:
    """The rows from below the first head to ``end``; the other heads are the same header again."""
    first = heads[0].rows[-1] + 1
    repeated = [row for head in heads[1:] for row in (*head.rows, *titles(cells, head))]
    rows = cells.with_row_index(ROW).slice(first, end - first)
    if repeated:
        rows = rows.filter(~pl.col(ROW).is_in(repeated))
    names = [name for name in rows.columns if name != ROW]
    filled = rows.filter(pl.any_horizontal(pl.col(names).is_not_null()))
    stop = _stop(filled, heads[0])
    filled = filled.filter(~_of_clerks(filled, names))
    return Body(filled.filter(pl.col(ROW) < stop) if stop is not None else filled, end if stop is None else stop)


_TITLE_ROWS = 3


def titles(cells: pl.DataFrame, head: Head) -> Iterator[int]:
    """The rows right above a header that comes again which are its title: few cells, below a blank row."""
    top = head.rows[0]
    for row in range(top - 1, max(top - 2 - _TITLE_ROWS, -1), -1):
        filled = sum(text is not None for text in cells.row(row))
        if not filled:
            yield from range(row + 1, top)
        if not filled or filled * 3 > len(head.labels) * 2:
            return


def _of_clerks(rows: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Which rows are a label for who did the work, or when, and its value: 担当 | 山口, 作成日 | 令和6年4月1日."""
    pairs = rows.select((pl.sum_horizontal(pl.col(names).is_not_null()) <= _PAIR).alias("p")).to_series()
    if not pairs.any():
        return pairs
    first = rows.select(pl.coalesce(names)).to_series()
    labels = first.filter(pairs).unique().to_list()
    clerks = [text for text in labels if headers.meaning(text).whose is headers.Whose.CLERK]
    return pairs & first.is_in(pl.Series(clerks, dtype=pl.String).implode())


_PAIR = 2


def _stop(rows: pl.DataFrame, head: Head) -> int | None:
    """Where, after a gap, nothing follows any more that is of the kind that the header says."""
    if not rows.height:
        return None
    gaps = rows.select((pl.col(ROW).diff() > 1).fill_null(value=False)).to_series().arg_true()
    if not 0 < len(gaps) <= _MOST_RUNS:
        return None
    stop = None
    for start, end in pairwise([*gaps.to_list(), rows.height]):
        if _is_alike(rows.slice(start, end - start), head):
            stop = None
        elif stop is None:
            stop = int(rows[ROW][start])
    return stop


def _is_alike(run: pl.DataFrame, head: Head) -> bool:
    """Whether the run's values are what the header says, judged by the columns that say it sharply.

    The header itself, which may stand again below them, says nothing of them.
    """
    good = bad = 0
    run = run.filter(~marked(run)[0])
    for column, texts in head.labels.items():
        what = headers.meaning(texts[-1])
        if not what.key or what.part or str(column) not in run.columns or what.key.startswith("other"):
            continue
        label = headers.normal(texts[-1])
        values = tuple(text for text in evidence.sample(run[str(column)]) if headers.normal(text) != label)
        fits = round(evidence.share(what.key, values) * len(values))
        good, bad = good + fits, bad + len(values) - fits
    return good >= bad and good > 0


@cache
def sample_names(*, maybe: bool) -> tuple[str, ...]:
    """The names of persons in samples; with ``maybe`` also those whom a real person may bear."""
    sure = [n for c in known.names() for n in words.of_country(c).sample_names]
    perhaps = [n for c in known.names() for n in words.of_country(c).maybe_sample_names]
    return tuple(sure + perhaps if maybe else sure)


def is_sample_word(text: str) -> bool:
    """Whether a title or a cell says that a sample follows."""
    plain = headers.normal(text)
    return any(word in plain for word in headers.listed("samples") if len(word) > 1)


def marked(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Which rows are totals and which are marked as samples, by the words in their cells."""
    names = cells_of(rows)
    hits = counted(rows.select(names), _holds_a_word()) > 0
    near = rows.select(names).filter(hits)
    total = pl.any_horizontal(_plain(name).is_in(sorted(headers.listed("totals"))) for name in names[:4])
    sample = pl.any_horizontal(_plain(name).is_in(sorted(headers.listed("samples"))) for name in names)
    found = near.select(total.fill_null(value=False).alias("t"), sample.fill_null(value=False).alias("s"))
    none, where = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True), hits.arg_true()
    return none.clone().scatter(where, found["t"]), none.clone().scatter(where, found["s"])


def called_so(rows: pl.DataFrame, marked: pl.Series, names: Sequence[Sequence[str]]) -> pl.Series:
    """Which of the ``marked`` rows are persons who are called like a total or a sample (金子 | 計, Sample | Anna).

    ``names``: the columns of each name that stands in parts; in all of them stand letters only, and no total beside it.
    """
    hits, some = marked.arg_true(), rows.filter(marked)
    none = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    called = [_is_called(some, columns) for columns in names]
    return none.scatter(hits, some.select(pl.any_horizontal(called)).to_series()) if called and len(hits) else none


def _is_called(rows: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Whether the parts are a name, of which one or more, but not all, is a word that marks other rows as well."""
    marks = headers.listed("totals") | headers.listed("samples")
    names = [name for name in marks if name.isascii() or name in dictionary.given_names() | dictionary.surnames()]
    plain = rows.select(_plain(name).alias(name) for name in columns)
    letters = pl.all_horizontal(pl.all().str.contains(r"^[^\d]+$").fill_null(value=False))
    said, called = (pl.sum_horizontal(pl.all().is_in(sorted(words))) for words in (marks, names))
    return plain.select((letters & (said == called) & (said < len(columns))).alias("c")).to_series()


def cells_of(rows: pl.DataFrame) -> list[str]:
    """The columns of the grid."""
    return [name for name in rows.columns if name not in (ROW, END)]


@cache
def _holds_a_word() -> pl.Expr:
    """A short cell that holds one of the words, or its last letter: most rows have none."""
    marks = headers.listed("totals") | headers.listed("samples")
    ends = sorted({word[-1] if not word.isascii() else word for word in marks})
    return (columns.text().str.len_chars() <= 12) & columns.text().str.contains_any(ends, ascii_case_insensitive=True)


def _plain(name: str) -> pl.Expr:
    short = pl.when(pl.col(name).str.len_chars() <= 12).then(pl.col(name))
    return short.str.normalize("NFKC").str.replace_all(r"[\s()\[\]<>【】:：※*←→↑↓⇐⇒]", "").str.to_lowercase()


def filled(cells: pl.DataFrame) -> pl.DataFrame:
    """All rows in which anything stands, with `ROW`."""
    rows = cells.with_row_index(ROW)
    return rows.filter(pl.any_horizontal(pl.col(cells.columns).is_not_null()))
