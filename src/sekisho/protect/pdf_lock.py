"""PDF's own encryption of revision 6 (AES-256): everything in the document stays, its bytes are written anew.

A document that would lose by that is not locked: a signed one (the signature covers its bytes), a damaged one (what
could be mended would be guessed), one that has some lock already. Source: ISO 32000-2, 7.6.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from sekisho.protect.reasons import Left, LeftError

KINDS = frozenset({"pdf"})


def locked(data: bytes, password: str) -> bytes:
    """``data`` under ``password``; raises LeftError."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            _look_at(document)
            out = io.BytesIO()
            document.save(
                out,
                encryption=pikepdf.Encryption(owner=password, user=password, R=6),
                fix_metadata_version=False,
                linearize=document.is_linearized,
                object_stream_mode=pikepdf.ObjectStreamMode.preserve,
                compress_streams=False,
            )
    except pikepdf.PasswordError as error:
        raise LeftError(Left.LOCKED) from error
    except (pikepdf.PdfError, ValueError) as error:
        raise LeftError(Left.DAMAGED) from error
    return out.getvalue()


def opens_as(sealed: bytes, data: bytes, password: str) -> bool:
    """Whether ``sealed`` opens with ``password`` only, and every object of ``data`` is in it, stream for stream."""
    import pikepdf

    if _opens(sealed, ""):
        return False
    try:
        with pikepdf.open(io.BytesIO(sealed), password=password) as one, pikepdf.open(io.BytesIO(data)) as other:
            return one.encryption.R == 6 and _same(one, other)
    except (pikepdf.PasswordError, pikepdf.PdfError, ValueError):
        return False


def _opens(sealed: bytes, password: str) -> bool:
    import pikepdf

    try:
        pikepdf.open(io.BytesIO(sealed), password=password).close()
    except pikepdf.PasswordError:
        return False
    return True


def _look_at(document: Any) -> None:
    """Raises LeftError for a document that would lose something."""
    if document.is_encrypted:
        raise LeftError(Left.LOCKED)
    if document.get_warnings():
        raise LeftError(Left.DAMAGED)
    if "/Perms" in document.Root or any("/ByteRange" in one for one in _dictionaries(document)):
        raise LeftError(Left.SIGNED)


def _dictionaries(document: Any) -> Iterator[Any]:
    """Every dictionary that the document's objects hold, directly or nested."""
    import pikepdf

    waiting = list(document.objects)
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            waiting.extend(value for value in _values(one) if not getattr(value, "is_indirect", True))
        elif isinstance(one, pikepdf.Array):
            waiting.extend(value for value in one if not getattr(value, "is_indirect", True))


def _values(one: Any) -> list[Any]:
    return [one.get(key) for key in one.keys()]  # noqa: SIM118 - a pikepdf dictionary iterates otherwise


def _same(one: Any, other: Any) -> bool:
    """Whether two documents hold the same objects, however they are numbered and written."""
    waiting: list[tuple[Any, Any]] = [(one.Root, other.Root), (one.docinfo, other.docinfo)]
    twins: dict[tuple[int, int], tuple[int, int]] = {}
    while waiting:
        left, right = waiting.pop()
        known = _met_before(left, right, twins)
        if known is None:
            if not _alike(left, right):
                return False
            waiting.extend(_parts(left, right))
        elif not known:
            return False
    return True


def _met_before(left: Any, right: Any, twins: dict[tuple[int, int], tuple[int, int]]) -> bool | None:
    """Whether a pair of numbered objects is one that was met before; None for a new one."""
    mine, theirs = getattr(left, "objgen", (0, 0)), getattr(right, "objgen", (0, 0))
    if (0, 0) in (mine, theirs):
        return None
    if mine not in twins:
        twins[mine] = theirs
        return None
    return twins[mine] == theirs


def _alike(left: Any, right: Any) -> bool:
    """Whether two objects are alike, apart from what they hold."""
    import pikepdf

    if type(left) is not type(right):
        return False
    if isinstance(left, pikepdf.Stream):
        return _keys(left) == _keys(right) and bool(left.read_raw_bytes() == right.read_raw_bytes())
    if isinstance(left, pikepdf.Dictionary):
        return _keys(left) == _keys(right)
    if isinstance(left, pikepdf.Array):
        return len(left) == len(right)
    return bool(left == right)


def _parts(left: Any, right: Any) -> list[tuple[Any, Any]]:
    import pikepdf

    if isinstance(left, pikepdf.Dictionary | pikepdf.Stream):
        return [(left.get(key), right.get(key)) for key in _keys(left)]
    if isinstance(left, pikepdf.Array):
        return list(zip(left, right, strict=True))
    return []


def _keys(one: Any) -> list[str]:
    """The keys, without those that a lock changes: the length of a stream, and which extension of PDF 1.7 it is."""
    import pikepdf

    if isinstance(one, pikepdf.Stream):
        return sorted(set(one.keys()) - {"/Length"})
    return sorted(set(one.keys()) - ({"/Extensions"} if one.get("/Type") == pikepdf.Name.Catalog else set()))
