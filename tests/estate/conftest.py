"""A small estate, made once for all tests that look at it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sekisho.estate.make import make


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    make(made, 0.004, 11)
    return made


@pytest.fixture(scope="session")
def documents(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "truth" / "documents.parquet")


@pytest.fixture(scope="session")
def records(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "truth" / "records.parquet")
