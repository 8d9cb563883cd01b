from pathlib import Path

import pytest
from tests.faults.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every act done once."""
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    """Where a copy of the world goes, again and again."""
    return tmp_path / "trial"
