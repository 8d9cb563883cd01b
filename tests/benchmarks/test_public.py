import os
from pathlib import Path

import polars as pl
import pytest
from benchmarks.linkage.public import DESIGNS, HISTORICAL, Quality, Set, ours, table

from sekisho.persons.linkage import declared


@pytest.mark.parametrize("path", sorted(DESIGNS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_design_can_be_read(path):
    assert declared.read(path).comparisons


def _set(rows, design="febrl"):
    return Set(design, "a set", DESIGNS / f"{design}.toml", rows)


def _febrl(suffix):
    columns = declared.read(DESIGNS / "febrl.toml").columns
    rows = [
        {c: f"19{i % 90 + 10}0{i % 9 + 1}1{i % 9}" if c == "date_of_birth" else f"{c[:3]}{i * 7919}" for c in columns}
        for i in range(60)
    ]
    return pl.DataFrame([{**row, "unique_id": f"{i}{suffix}", "cluster": str(i)} for i, row in enumerate(rows)])


def test_copies_are_found_in_one_table_and_between_two():
    one, other = _febrl("a"), _febrl("b")
    for rows in ((one, other), (pl.concat([one, other]),)):
        whole = _set(rows)
        assert whole.true_pairs == 60
        got = ours(whole)
        assert got.pairs == Quality(1.0, 1.0)
        assert got.clusters in (None, Quality(1.0, 1.0))
        assert "1.0000 / 1.0000 / **1.0000**" in table([(whole, got)])


def test_historical_figures_with_errors_are_told_apart():
    if not (samples := os.environ.get("SEKISHO_SAMPLES")):
        pytest.skip("SEKISHO_SAMPLES is not set")
    path = Path(samples) / HISTORICAL
    if not path.is_file() and not os.environ.get("CI"):
        pytest.skip("the samples have no historical figures")
    rows = pl.read_parquet(path)
    got = ours(_set((rows,), "historical"))
    assert got.clusters is not None
    assert got.clusters.f1 > 0.88
    assert got.clusters.precision > 0.98
