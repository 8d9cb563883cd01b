"""Records that were found together: the seam between what finds them and the table of `model.RECORDS`.

Whoever finds records (tables, forms, fixed-width, nested, prose) is a function from one content to
`Block`s and `Doubt`s, and fills columns as they stand in the document; it never normalises what it
keeps and never makes `model.RECORDS` itself. `records_of` does both for all of them:

- normal forms, by asking every country for the item (`countries.known.normalise`);
- the rule of what a record is (`stands`): rows that name nobody are left out;
- the ``other`` map, ``why`` as JSON, the ``_as_written`` columns.

To learn what a label means, ask `countries.headers.meaning`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from sekisho.countries import known
from sekisho.model import DOUBTS, RECORDS, Item

OTHER = "other:"
"""What the key of an item begins with that is not one of ours: ``other:資格取得日``, the label NFKC and trimmed."""

NUMBERS = (Item.BASIC_PENSION_NUMBER, Item.CERTIFICATE_NUMBER, Item.MY_NUMBER)
NATIONAL_ID = "national_id"
NAMES = (Item.NAME, Item.NAME_KANA)


@dataclass(frozen=True, slots=True)
class Block:
    """Records of one layout in one content: a table's rows, one form, one paragraph.

    ``shape``: ``table``, ``form``, ``fixed_width``, ``nested`` or ``prose``.
    ``cells``: one row a record, String columns as written, named by key: an `Item`, ``bank_account``,
    ``pension_amount``, ``pension_code``, ``work_history``, ``health``, ``national_id`` or ``other:<label>``;
    null where absent. A value that stands in several cells is joined with a blank.
    ``locators``: where each row stands (`records.locators` writes them).
    ``why``: key -> (place within the record, reason), e.g. ``("B", "header 氏名 (B3)")``.
    ``confidence``: how sure we are that these are persons' records, 0..1; below `SURE` it becomes a doubt.
    ``layout``: `fingerprint` of what was recognised, equal for like documents; no personal data goes into it.
    ``of_columns``: whether its items were named column by column, as decisions about a table name them.
    """

    shape: str
    cells: pl.DataFrame
    locators: pl.Series
    why: Mapping[str, tuple[str, str]]
    layout: str
    confidence: float = 1.0
    of_columns: bool = False


SURE = 0.6
"""Below this confidence a block is also shown to a human as ``low_confidence``."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question for a human; fields as in `model.DOUBTS`.

    ``doubt``: ``unnamed_column``, ``no_person_table`` or ``low_confidence``; or, to be overruled though nobody asks,
    what was taken for sure: ``sure_column``, ``sure_persons`` or ``sure_no_persons``.
    """

    doubt: str
    locator: str
    layout: str
    subject: str = ""
    guess: str = ""
    rows: int = 0


Found = Block | Doubt


def fingerprint(shape: str, labels: Iterable[str]) -> str:
    """A short name of a layout, made of its shape and its labels in normal form; values never go in."""
    text = "\x1f".join([shape, *labels])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def other_key(label: str) -> str:
    """The key under ``other`` for a label that names no item of ours."""
    return OTHER + " ".join(known.tidy(pl.Series([label])).fill_null("").to_list()[0].split())


def stands(normal: pl.DataFrame) -> pl.Series:
    """Which rows are a record: a person's number, or a person's name and at least one item more.

    ``normal``: normal forms by key; null where the text was not one.
    """
    numbers = [pl.col(key).is_not_null() for key in (*NUMBERS, NATIONAL_ID) if key in normal.columns]
    names = [pl.col(key).is_not_null() for key in NAMES if key in normal.columns]
    items = pl.sum_horizontal(pl.all().is_not_null())
    has_number = pl.any_horizontal(numbers) if numbers else pl.lit(value=False)
    has_name = (pl.any_horizontal(names) if names else pl.lit(value=False)) & (items > 1)
    return normal.select((has_number | has_name).alias("stands")).to_series()


def records_of(block: Block) -> pa.Table:
    """The block's records as `model.RECORDS`, in order; ids are null, rows that name nobody are left out."""
    normal = block.cells.select(known.normalise(key, block.cells[key]).alias(key) for key in block.cells.columns)
    keep = stands(normal) if normal.width and normal.height else pl.Series([], dtype=pl.Boolean)
    if not keep.any():
        return RECORDS.empty_table()
    if not keep.all():
        normal, written, locators = normal.filter(keep), block.cells.filter(keep), block.locators.filter(keep)
    else:
        written, locators = block.cells, block.locators
    return _table(block, normal, written, locators)


def _table(block: Block, normal: pl.DataFrame, written: pl.DataFrame, locators: pl.Series) -> pa.Table:
    rows = normal.height
    others = [key for key in normal.columns if key not in set(Item)]
    why = json.dumps({key: list(said) for key, said in block.why.items()}, ensure_ascii=False)
    columns: dict[str, pa.Array] = {
        "locator": _strings(locators),
        "shape": _shared(block.shape, rows),
        "other": _map(written.select(others), rows),
        "why": _shared(why, rows),
        "confidence": pa.repeat(pa.scalar(block.confidence, pa.float32()), rows),
        "block": _shared(block.layout, rows),
    }
    for item in Item:
        if item in normal.columns:
            columns[str(item)] = _strings(normal[item])
            columns[f"{item}_as_written"] = _strings(written[item])
    return pa.table([columns.get(f.name, pa.nulls(rows, f.type)) for f in RECORDS], schema=RECORDS)


def _strings(column: pl.Series) -> pa.Array:
    array = column.to_arrow()
    return array.cast(pa.string()) if array.type != pa.string() else array


def _shared(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([text], pa.string()))


def _map(others: pl.DataFrame, rows: int) -> pa.Array:
    """The columns as one map a row, entries in the columns' order, nulls left out."""
    if not others.width:
        return pa.array([[]] * rows, RECORDS.field("other").type)
    long = (
        others.select(known.said(others[key]).alias(key) for key in others.columns)
        .with_row_index("row")
        .unpivot(index="row", variable_name="key", value_name="value")
        .drop_nulls("value")
        .sort("row", maintain_order=True)
    )
    counts = (
        pl.Series(range(others.height))
        .to_frame("row")
        .cast(pl.UInt32)
        .join(long.group_by("row").len(), on="row", how="left", maintain_order="left")
    )
    ends = counts["len"].fill_null(0).cum_sum().cast(pl.Int32)
    offsets = pl.concat([pl.Series([0], dtype=pl.Int32), ends.rename("")])
    return pa.MapArray.from_arrays(offsets.to_arrow(), _strings(long["key"]), _strings(long["value"]))


def doubts_of(doubts: Sequence[Doubt]) -> pa.Table:
    """Doubts as `model.DOUBTS`; ids are null."""
    shared = DOUBTS.field("doubt").type
    return pa.table(
        [
            pa.nulls(len(doubts), pa.int64()),
            pa.array([d.locator for d in doubts], pa.string()),
            pa.array([d.doubt for d in doubts], pa.string()).dictionary_encode().cast(shared),
            pa.array([d.layout for d in doubts], pa.string()),
            pa.array([d.subject for d in doubts], pa.string()),
            pa.array([d.guess for d in doubts], pa.string()),
            pa.array([d.rows for d in doubts], pa.int64()),
        ],
        schema=DOUBTS,
    )
