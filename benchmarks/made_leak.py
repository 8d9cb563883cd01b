"""A register of invented persons and a leak master of most of them, at any scale, without a scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from sekisho.flow.assessing.incident import begin
from sekisho.flow.registering.register import import_file
from sekisho.frames import to_arrow
from sekisho.incidents.master import TABLES
from sekisho.vault import Vault

LOW = 47_01_000000
EXPOSED = 0.9
_ITEMS = (
    "basic_pension_number+name",
    "basic_pension_number+name+birth_date",
    "basic_pension_number+name+birth_date+address",
)
_SHARES = (0.025, 0.933, 0.042)


def written(person: int) -> str:
    """The number of a person, as the register has it."""
    digits = str(LOW + person)
    return f"{digits[:4]}-{digits[4:]}"


def fill(vault: Vault, folder: Path, persons: int) -> int:
    """A register of ``persons`` and the first version of the leak master of nine in ten; gives the incident."""
    file = folder / "register.parquet"
    place = pl.int_range(persons, eager=True)
    frame = pl.DataFrame(
        {
            "基礎年金番号": [written(at) for at in range(persons)],
            "氏名": "架空 " + place.cast(pl.String),
            "生年月日": (place % 25_000 - 14_000).cast(pl.Int32).cast(pl.Date).cast(pl.String),
            "住所": "沖縄県那覇市架空" + place.cast(pl.String),
        }
    )
    frame.write_parquet(file)
    import_file(vault, file, shown=False)
    file.unlink()
    incident = begin(vault, "a leak").number
    leak = vault.leak(incident)
    tables = {name: _table(name, rows) for name, rows in _tables(persons).items()}
    leak.begin()
    parts = [leak.write(name, table) for name, table in tables.items()]
    leak.commit(parts, "a benchmark", {"persons": tables["master"].num_rows}, {"persons": tables["master"].num_rows})
    return incident


def _tables(persons: int) -> dict[str, pl.DataFrame]:
    dice = np.random.default_rng(5)
    there = np.flatnonzero(dice.random(persons) < EXPOSED)
    master = pl.DataFrame(
        {
            "person": np.sort(dice.choice(2**62, len(there), replace=False)),
            "holder": [written(int(at)) for at in there],
            "items": dice.choice(_ITEMS, len(there), p=_SHARES),
        }
    ).with_columns(state=pl.lit("settled"), other_items=pl.lit(""), classes=pl.lit(""), was=pl.lit(""))
    numbers = master.select("person", number="holder", kind=pl.lit("holder"))
    others = (name for name in TABLES if name not in ("master", "numbers"))
    return {"master": master, "numbers": numbers, **{name: pl.DataFrame() for name in others}}


def _table(name: str, rows: pl.DataFrame) -> pa.Table:
    """A table of the leak master: what is not given is null, or no row at all."""
    schema = TABLES[name]
    if not rows.width:
        return schema.empty_table()
    arrow = to_arrow(rows)
    nothing = {field.name: pa.nulls(rows.height, field.type) for field in schema}
    given = {field.name: arrow[field.name].cast(field.type) for field in schema if field.name in rows.columns}
    return pa.table({**nothing, **given}, schema)
