"""Encrypted Parquet: one table in one file, whole or not there, under a key that no other file has.

Parquet modular encryption, AES-256-GCM over every column and the footer. The name of the file is associated data, so
that one file cannot stand in for another; the caller keeps the SHA-256 of each, since the encryption alone lets some
flips pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from sekisho.errors import VaultError
from sekisho.vault.files import not_written, write_atomically
from sekisho.vault.keys.secret import derive
from sekisho.wording import Text


def write(path: Path, table: pa.Table, key: bytes, recurring: Sequence[str] | None = None) -> str:
    """Write ``table`` to ``path``, durably, under the key of this file's name; gives its SHA-256.

    ``recurring``: the columns whose values recur, which alone are worth a dictionary; None: each is tried.
    """
    properties = pe.create_encryption_properties(
        derive(key, path.name), aad_prefix=path.name.encode(), store_aad_prefix=False
    )
    digest = hashlib.sha256()

    def fill(file: BinaryIO) -> None:
        with pq.ParquetWriter(
            _Hashing(file, digest), table.schema, encryption_properties=properties, **_layout(table, recurring)
        ) as writer:
            writer.write_table(table)

    try:
        write_atomically(path, fill)
    except OSError as error:
        raise not_written(error) from error
    return digest.hexdigest()


def read(path: Path, key: bytes, sha256: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The table in ``path``, or some columns of it; raises VaultError where a bit of the file differs."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _broken(path) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _broken(path)
    properties = pe.create_decryption_properties(derive(key, path.name), aad_prefix=path.name.encode())
    try:
        with pq.ParquetFile(pa.BufferReader(data), decryption_properties=properties) as file:
            return file.read(columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise _broken(path) from error


def is_intact(path: Path, sha256: str) -> bool:
    """Whether the file is there and is the one that was written."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


_TRIED = 1 << 16  # rows


def _layout(table: pa.Table, recurring: Sequence[str] | None) -> dict[str, Any]:
    """How columns are packed: whole numbers by a dictionary, or by differences where they hardly repeat; texts by zstd.

    Numbers so packed would hardly get smaller by zstd, and cost twice as much to read. Tables with lists keep to zstd.
    """
    if recurring is not None:
        return {"compression": "zstd", "use_dictionary": list(recurring), "write_statistics": False}
    if any(pa.types.is_nested(field.type) for field in table.schema):
        return {"compression": "zstd"}
    whole = [name for name in table.column_names if pa.types.is_integer(table.schema.field(name).type)]
    tried = table.slice(0, _TRIED)
    apart = [name for name in whole if len(tried[name].unique()) > tried.num_rows // 2]
    return {
        "compression": {name: "none" if name in whole else "zstd" for name in table.column_names},
        "use_dictionary": [name for name in table.column_names if name not in apart],
        "column_encoding": dict.fromkeys(apart, "DELTA_BINARY_PACKED"),
    }


class _Hashing:
    """A file to write to that keeps the SHA-256 of what passes."""

    closed = False

    def __init__(self, file: IO[bytes], digest: hashlib._Hash) -> None:
        self._file = file
        self._digest = digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Left to the owner of the file."""

    def writable(self) -> bool:
        return True


def _broken(path: Path) -> VaultError:
    return VaultError(
        Text("{name} in the vault is missing or was changed.", "保管庫の {name} がないか、書き換えられています。").fill(
            name=f"{path.parent.name}/{path.name}"
        ),
        Text("Restore the vault from a copy, or scan again.", "保管庫を控えから戻すか、もう一度 scan してください。"),
    )
