"""Records in text that is set in columns: host dumps, printed lists, tables drawn with rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from sekisho.model import Place, Prose
from sekisho.records import dump, dump_fields, locators
from sekisho.records.block import Block, Found, fingerprint
from sekisho.records.dump_fields import Named


def fixed_width(content: Prose) -> Iterator[Found]:
    """The records of a host dump; nothing where the text is none."""
    packed = [i for i, line in enumerate(content.lines) if dump.is_packed(line)]
    if not packed or len(packed) * 2 < sum(1 for line in content.lines if line.strip()):
        return
    rows = pl.Series("row", packed, dtype=pl.Int64)
    wide = dump.widened(pl.Series("line", [content.lines[i] for i in packed], dtype=pl.String))
    kinds = dump.classes(wide)
    keep = dump.fits_most(kinds, dump.shares(kinds))
    wide, rows, kinds = wide.filter(keep), rows.filter(keep), kinds.filter(keep)
    fields = dump.joined(wide, dump.fields(dump.shares(kinds)))
    named = dump_fields.name_fields(wide, fields)
    sure = dump_fields.confidence(named)
    if sure > 0:
        yield _block(content.place, wide, rows, named, sure)


def _block(place: Place, wide: pl.Series, rows: pl.Series, named: Sequence[Named], sure: float) -> Block:
    cells = pl.DataFrame({one.key: dump.sliced(wide, one.start, one.end) for one in named})
    why = {one.key: (f"{one.start + 1}-{one.end}", one.reason) for one in named}
    layout = fingerprint("fixed_width", [f"{one.key}@{one.start}-{one.end}" for one in named])
    return Block("fixed_width", cells, locators.rows(place, rows), why, layout, sure)
