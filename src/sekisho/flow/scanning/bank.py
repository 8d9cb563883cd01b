"""The user's passwords: a text file, one a line. They are never shown, and kept only as marks that tell nothing."""

from __future__ import annotations

from pathlib import Path

from sekisho.errors import InputError, not_opened
from sekisho.wording import Text


def read_bank(path: Path) -> tuple[str, ...]:
    """The passwords in ``path``, in UTF-8 or cp932, in their order and each once; raises InputError."""
    try:
        raw = path.read_bytes()
        lines = (line.removesuffix("\r") for line in _decoded(raw).split("\n"))
        return tuple(dict.fromkeys(line for line in lines if line))
    except OSError as error:
        raise not_opened(path, error) from error
    except UnicodeError as error:
        raise InputError(
            Text("{path} cannot be read as a list of passwords.", "{path} をパスワード一覧として読めません。").fill(
                path=path
            ),
            Text("Write one password a line, in UTF-8.", "1行に1つ、UTF-8で書いてください。"),
        ) from error


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp932")
