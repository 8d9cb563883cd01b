"""Images of CDs and DVDs (ISO 9660 with Joliet or Rock Ridge names, UDF)."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from typing import Any

from sekisho.documents.member_names import harmless, member_name
from sekisho.documents.metered import STEP, Meter
from sekisho.errors import OverLimitError, UnreadableError, UnsupportedError
from sekisho.model import Blob, Format, Head, Limits, Member, Piece, Reason
from sekisho.wording import Text

_SECTOR = 2048
_DESCRIPTORS = range(16, 32)
_MARKS = (b"CD001", b"BEA01", b"NSR02", b"NSR03")
_BROKEN = (OSError, ValueError, IndexError, KeyError, struct.error, TypeError, AttributeError, AssertionError)


def _recognise(head: Head) -> bool:
    starts = (_SECTOR * number + 1 for number in _DESCRIPTORS)
    return any(bytes(head.data[start : start + 5]) in _MARKS for start in starts)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    import pycdlib
    from pycdlib.pycdlibexception import PyCdlibException

    image = pycdlib.PyCdlib()
    meter = Meter(limits, len(blob.data))
    try:
        image.open_fp(io.BytesIO(blob.data))
        for count, (spoken, path) in enumerate(_paths(image)):
            if count == limits.members:
                raise OverLimitError(Reason.TOO_MANY_MEMBERS)
            yield Member(_name(path), _loader(image, {spoken: path}, meter))
    except (PyCdlibException, *_BROKEN) as error:
        raise UnreadableError(Reason.DAMAGED) from error


def _paths(image: Any) -> Iterator[tuple[str, str]]:
    """Each file by its best name, with the kind of name that it is."""
    kinds = (
        ("udf_path", image.has_udf()),
        ("joliet_path", image.has_joliet()),
        ("rr_path", image.has_rock_ridge()),
        ("iso_path", True),
    )
    spoken = next(kind for kind, there in kinds if there)
    for folder, _, files in image.walk(**{spoken: "/"}):
        for file in files:
            yield spoken, f"{folder.rstrip('/')}/{file}"


def _name(path: str) -> str:
    """Without the version that ISO 9660 puts behind a name; one that was no UTF-8 read anew."""
    name = path.removeprefix("/").removesuffix(";1")
    return member_name(name.encode("utf-8", "surrogateescape")) if not name.isascii() else harmless(name)


def _loader(image: Any, path: dict[str, str], meter: Meter) -> Callable[[str | None], Blob]:
    def load(_: str | None) -> Blob:
        from pycdlib.pycdlibexception import PyCdlibException

        parts: list[bytes] = []
        try:
            if not image.get_record(**path).is_file():
                raise UnsupportedError(Reason.LINK)
            with image.open_file_from_iso(**path) as file:
                meter.admit(file.length(), meter.packed)
                while part := file.read(STEP):
                    meter.count(len(part))
                    parts.append(part)
        except (PyCdlibException, *_BROKEN) as error:
            raise UnreadableError(Reason.DAMAGED) from error
        return Blob("", b"".join(parts))

    return load


FORMAT = Format(
    kind="iso",
    title=Text("CD or DVD image", "CD・DVDイメージ（ISO）"),
    suffixes=(".iso", ".udf"),
    recognise=_recognise,
    read=_read,
    order=40,
)
