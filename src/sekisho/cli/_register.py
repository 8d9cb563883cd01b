"""The register that a call means: a file, or the one in the vault."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._vault import open_vault
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.vault import Register, Vault

VAULT = Path("vault")
"""What stands for the register in the vault; a file of that name is ``./vault/../vault`` or has an ending."""


def add_register(parser: ArgumentParser, *, required: bool = False) -> None:
    """The option ``--register``."""
    register = Text(
        "the holders: csv, parquet or xlsx, or `vault` for those that `sekisho register import` took in",
        "台帳（csv・parquet・xlsx）。`vault` は `sekisho register import` で取り込んだもの",
    )
    parser.add_argument("--register", type=Path, required=required, metavar="FILE|vault", help=str(register))


def register_in(call: Namespace, vault: Vault) -> Path | Register | None:
    """The register that is meant, where the vault is open already."""
    return vault.register() if call.register == VAULT else call.register


@contextmanager
def register_of(call: Namespace) -> Iterator[Path | Register]:
    """The register that is meant, the vault open as long as it is read; raises VaultError."""
    if call.register != VAULT:
        yield call.register
        return
    with open_vault(call) as vault:
        yield vault.register()
