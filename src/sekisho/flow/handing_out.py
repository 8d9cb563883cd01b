"""Writes what is handed out into a folder: each file wholly there or not at all, with the hashes of all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sekisho.errors import UsageError
from sekisho.vault.files import write_atomically
from sekisho.wording import Text

SUMS = "SHA256SUMS"


def write(folder: Path, files: Mapping[str, bytes], *, force: bool = False) -> list[Path]:
    """Write files by their names into ``folder``, which is made, and `SUMS`; gives their paths.

    What lies there already and says the same stays; anything else of these names is left alone without ``force``.
    Raises UsageError.
    """
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    wanted = {**files, SUMS: sums.encode()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = {name for name, content in wanted.items() if _is_another(folder / name, content)}
        if there and not force:
            raise _there(folder, sorted(there)[0])
        for name, content in wanted.items():
            write_atomically(folder / name, partial(_fill, content))
    except OSError as error:
        raise UsageError(
            Text("{folder} cannot be written: {why}.", "{folder} に書き込めません: {why}。").fill(
                folder=folder, why=error.strerror or error
            ),
            Text("Name a folder that you may write to.", "書き込めるフォルダーを指定してください。"),
        ) from error
    return [folder / name for name in wanted]


def _fill(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _is_another(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() != content


def _there(folder: Path, name: str) -> UsageError:
    return UsageError(
        Text("{folder} holds another {name}.", "{folder} に別の {name} があります。").fill(folder=folder, name=name),
        Text("Name another folder, or add --force.", "別のフォルダーを指定するか --force を付けてください。"),
    )
