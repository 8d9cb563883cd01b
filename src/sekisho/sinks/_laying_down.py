"""Lays a parcel down in a folder that somebody else empties: once, wholly, and never again after they took it away.

``.sekisho/KEY`` takes the files first; a mark beside it says that they are all there; then one rename shows them. So a
kill at any moment leaves either no mark (begin anew), or a mark and the files (rename them), or the mark alone: they
were shown, wherever they are by now.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sekisho.errors import FinalError, RetryableError
from sekisho.vault.files import open_private, sync_folder
from sekisho.wording import Text

ASIDE = ".sekisho"
SUMS = "SHA256SUMS"
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def lay_down(root: Path, key: str, name: str, made: Callable[[], Mapping[str, bytes]]) -> bool:
    """Have the files that ``made`` gives stand in the folder ``name`` of ``root``; gives whether they were not before.

    Raises RetryableError, FinalError.
    """
    aside = root / ASIDE
    files, mark = aside / key, aside / f"{key}.laid"
    try:
        rights = root.stat().st_mode & 0o777
        aside.mkdir(mode=0o700, exist_ok=True)
        if not mark.exists():
            _put_aside(files, made(), rights)
            open_private(mark).close()
            sync_folder(aside)
        if not files.exists():
            return False
        _show(files, root / name)
        sync_folder(root)
    except OSError as error:
        raise _not_laid(error) from error
    return True


def _put_aside(folder: Path, files: Mapping[str, bytes], rights: int) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    for name, content in {**files, SUMS: sums(files)}.items():
        with open_private(folder / name) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        (folder / name).chmod(rights & 0o666)
    sync_folder(folder)
    folder.chmod(rights)


def sums(files: Mapping[str, bytes]) -> bytes:
    """What `sha256sum --check` reads."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode("ascii")


def _show(files: Path, to: Path) -> None:
    try:
        files.rename(to)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        raise FinalError(
            Text("Something of that name lies there: {name}.", "同名のものがすでにあります: {name}。").fill(
                name=to.name
            ),
            Text(
                "Take it away, then `sekisho sinks again`.", "取り除いてから `sekisho sinks again` を実行してください。"
            ),
        ) from error


def _not_laid(error: OSError) -> RetryableError:
    return RetryableError(
        Text("The folder does not take it: {why}.", "フォルダーに書き込めません: {why}。").fill(why=error.strerror),
        Text("Is it there, with room, and may it be written?", "フォルダーの有無・空き容量・権限を確かめてください。"),
    )
