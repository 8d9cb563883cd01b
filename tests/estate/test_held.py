"""The main job, end to end: what a scan finds in an invented estate is held against its truth."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.held import held
from benchmarks.truth import holds, report


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_scan_of_the_demo_holds_against_the_truth(tmp_path: Path, seed: int) -> None:
    said = held(tmp_path / "demo", 0.05, seed)
    assert holds(said), report(said, 30)
