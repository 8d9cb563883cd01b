"""The case of 2015 from its first file to its last letter, held against its truth."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.response import held

from sekisho.cli._demo_told import LIES
from sekisho.cli._main import main

SCALE = "0.0005"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case") / "demo"
    assert main(["demo", str(folder), "--incident", "--scale", SCALE, "--quiet", "--json"]) == 0
    return folder


def test_every_product_holds_against_the_truth(case: Path) -> None:
    rows = list(held(case))
    assert [row for row in rows if not row.met] == []
    assert len([row for row in rows if row.bar is not None]) > 40


def test_what_is_said_at_the_end_is_there(case: Path) -> None:
    for name in LIES:
        assert (case / "products" / name).exists(), name
