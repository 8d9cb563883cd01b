"""Writes what is handed out into a folder: each file wholly there or not at all, with the hashes of all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sekisho.errors import UsageError
from sekisho.vault.files import write_atomically
from sekisho.wording import Text


def look_at(folder: Path) -> None:
    """Raises the UsageError that `write` would, as far as it can be seen before what cannot be taken back."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise _not_written(folder, Text("no right to write", "書き込み権限なし"))


def write(folder: Path, name: str, files: Mapping[str, bytes], *, force: bool = False) -> list[Path]:
    """Write files by their names into ``folder``, which is made, and ``name.sha256``; gives their paths.

    What lies there already and says the same stays; anything else of these names is left alone without ``force``, but
    for the hashes, which follow from the files. Raises UsageError.
    """
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {file}\n" for file, content in sorted(files.items()))
    wanted = {**files, f"{name}.sha256": sums.encode()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = {file for file, content in files.items() if _is_another(folder / file, content)}
        if there and not force:
            raise _there(folder, sorted(there)[0])
        for file, content in wanted.items():
            write_atomically(folder / file, partial(_fill, content))
    except OSError as error:
        raise _not_written(folder, error.strerror or error) from error
    return [folder / file for file in wanted]


def _fill(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _is_another(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() != content


def _not_written(folder: Path, why: object) -> UsageError:
    return UsageError(
        Text("{folder} cannot be written: {why}.", "{folder} に書き込めません: {why}。").fill(folder=folder, why=why),
        Text("Name a folder that you may write to.", "書き込めるフォルダーを指定してください。"),
    )


def _there(folder: Path, name: str) -> UsageError:
    return UsageError(
        Text("{folder} holds another {name}.", "{folder} に別の {name} があります。").fill(folder=folder, name=name),
        Text("Name another folder, or add --force.", "別のフォルダーを指定するか --force を付けてください。"),
    )
