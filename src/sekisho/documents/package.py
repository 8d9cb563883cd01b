"""The parts of a zipped office document (OOXML, ODF), read within limits."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from lxml import etree

from sekisho.documents.metered import Meter
from sekisho.documents.seekable import Seekable
from sekisho.documents.zipped import Members, bounded_members
from sekisho.errors import DocumentError, OverLimitError, UnreadableError
from sekisho.model import Blob, Gap, Head, Limits, Piece, Reason

Element = etree._Element

_LOCAL, _DIRECTORY_END = b"PK\x03\x04", b"PK\x05\x06"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")


def directory(head: Head) -> bytes:
    """The raw central directory of a zip, or the first local headers of one that is cut off; empty for others."""
    data = memoryview(head.data)
    if bytes(data[:4]) != _LOCAL:
        return b""
    tail = bytes(data[-66_000:])
    at = tail.rfind(_DIRECTORY_END)
    if at < 0:
        return bytes(data[:65_536])
    start = int.from_bytes(tail[at + 16 : at + 20], "little")
    return bytes(data[start:]) if start < len(data) else bytes(data[-1_000_000:])


def declares(head: Head, content_type: bytes) -> bool:
    """Whether a zip that begins with ``[Content_Types].xml`` names this type there; asked where it is cut off."""
    data = memoryview(head.data)
    name_size, extra_size = int.from_bytes(data[26:28], "little"), int.from_bytes(data[28:30], "little")
    if bytes(data[:4]) != _LOCAL or bytes(data[30 : 30 + name_size]) != b"[Content_Types].xml":
        return False
    try:
        types = zlib.decompressobj(-15).decompress(bytes(data[30 + name_size + extra_size :][:65_536]), 1 << 20)
    except zlib.error:
        return False
    return content_type in types


class Package:
    """A zip whose parts are asked for by name. Names are compared without regard to a leading slash."""

    def __init__(self, blob: Blob, limits: Limits, *, salvage: bool = False) -> None:
        self._meter = Meter(limits, len(blob.data))
        self._saved: Members | None = None
        self._reason = Reason.DAMAGED
        self._infos: dict[str, zipfile.ZipInfo] = {}
        try:
            self._zip = zipfile.ZipFile(Seekable(blob.data))
            self._infos = {info.filename.lstrip("/").replace("\\", "/"): info for info in self._zip.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            cut = _DIRECTORY_END not in bytes(memoryview(blob.data)[-66_000:])
            self._reason = Reason.TRUNCATED if cut else Reason.DAMAGED
            if not salvage:
                raise UnreadableError(self._reason, "zip directory") from error
            self._saved = self._salvaged(blob, limits)

    def _salvaged(self, blob: Blob, limits: Limits) -> Members:
        try:
            return bounded_members(blob.data, limits)
        except UnreadableError as error:
            raise UnreadableError(self._reason, "zip directory") from error

    def gaps(self) -> Iterator[Gap]:
        """A gap where the directory is lost and the parts had to be searched for."""
        if self._saved is not None:
            yield Gap(Reason.TRUNCATED if self._reason == Reason.TRUNCATED else Reason.DAMAGED_PART, "zip directory")

    @property
    def names(self) -> list[str]:
        """All part names, in the order of the directory."""
        return list(self._infos if self._saved is None else self._saved)

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in (self._infos if self._saved is None else self._saved)

    def matching(self, pattern: str) -> list[str]:
        """Names that match the regular expression whole, in natural order (2 before 10)."""
        wanted = re.compile(pattern)
        return sorted((n for n in self.names if wanted.fullmatch(n)), key=natural)

    def read(self, name: str) -> bytes:
        """The bytes of a part. Raises UnreadableError where it is missing or damaged, OverLimitError."""
        if self._saved is not None and name in self._saved:
            return self._saved.read(name)
        info = self._infos.get(name)
        if info is None:
            raise UnreadableError(self._reason, "a part is missing")
        if info.flag_bits & 1:
            raise UnreadableError(Reason.DAMAGED_PART, "a part is locked by itself")
        self._meter.admit(info.file_size, info.compress_size)
        try:
            with self._zip.open(info) as file:
                data = file.read(info.file_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise UnreadableError(Reason.DAMAGED, "a part is damaged") from error
        self._meter.count(len(data))
        return data

    def open(self, name: str) -> IO[bytes]:
        """A part as a stream, for one too large to be held; the size that it claims counts as read.

        Raises as `read` does; reading from it raises zlib.error, zipfile.BadZipFile, EOFError or OSError.
        """
        info = self._infos.get(name)
        if info is None or info.flag_bits & 1:
            raise UnreadableError(Reason.DAMAGED, "a part is missing or locked")
        self._meter.admit(info.file_size, info.compress_size)
        try:
            return self._zip.open(info)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise UnreadableError(Reason.DAMAGED, "a part is damaged") from error

    def xml(self, name: str) -> tuple[etree._Element, bool]:
        """The root of an XML part, and whether it was whole (False: what could be saved of a damaged one)."""
        return parse(self.read(name))


def parse(data: bytes) -> tuple[etree._Element, bool]:
    """The root of an XML part and whether it was whole; entities stay unresolved, nothing outside is loaded."""
    if b"purl.oclc.org/ooxml" in data[:4096]:
        data = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
    for recover in (False, True):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=recover)
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None:
            return root, not recover
    raise UnreadableError(Reason.DAMAGED, "XML")


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key under which ``slide2`` comes before ``slide10``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def relations(package: Package, part: str) -> Iterator[tuple[str, str, str]]:
    """The OOXML relations of a part: id, last word of the type, target as a part name; outside targets left out."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    if not package.has(rels):
        return
    for relation in package.xml(rels)[0]:
        if relation.get("TargetMode") != "External" and relation.get("Target"):
            target = _resolve(folder, relation.get("Target", ""))
            yield relation.get("Id", ""), relation.get("Type", "").rpartition("/")[2], target


def _resolve(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    steps: list[str] = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            del steps[-1:]
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def guarded(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces of a side part; where it is damaged, a Gap instead of an end to the whole reading."""
    try:
        yield from pieces
    except OverLimitError:
        raise
    except DocumentError as error:
        yield Gap(Reason.DAMAGED_PART, error.detail)
