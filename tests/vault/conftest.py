from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.vault import Cost, Secret, Vault


@pytest.fixture
def secret() -> Secret:
    return Secret.passphrase("a long enough passphrase")


@pytest.fixture
def vault(tmp_path: Path, secret: Secret) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", secret, Cost(64, 1, 1)) as made:
        yield made
