"""Who may read a file: its owner and group by name, its POSIX ACL, or what `icacls` said about it on its own machine.

POSIX ACLs are read from the extended attribute ``system.posix_acl_access`` (layout: linux/posix_acl_xattr.h).
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sekisho.errors import InputError, not_opened
from sekisho.wording import Text

_ACL_VERSION = 2
_ACL_TAGS = {0x01: "user", 0x02: "user", 0x04: "group", 0x08: "group", 0x10: "mask", 0x20: "other"}
_NAMED_USER, _NAMED_GROUP = 0x02, 0x08


@cache
def owner_name(uid: int) -> str:
    """The name of a user, its number where it has none here."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@cache
def group_name(gid: int) -> str:
    """The name of a group, its number where it has none here."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def acl_of(path: bytes) -> str:
    """The POSIX ACL of a file as ``getfacl`` writes it, an entry a line; empty where mode says all."""
    try:
        raw = os.getxattr(path, "system.posix_acl_access", follow_symlinks=False)
    except OSError:
        return ""
    return "\n".join(_acl_entries(raw))


def _acl_entries(raw: bytes) -> Iterator[str]:
    if len(raw) % 8 != 4 or struct.unpack_from("<I", raw)[0] != _ACL_VERSION:
        return
    for tag, bits, number in struct.iter_unpack("<HHI", raw[4:]):
        who = {_NAMED_USER: owner_name, _NAMED_GROUP: group_name}.get(tag, lambda _: "")(number)
        rights = "".join(letter if bits & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
        yield f"{_ACL_TAGS.get(tag, '?')}:{who}:{rights}"


@dataclass(frozen=True, slots=True)
class Listing:
    """Rights by path as `icacls FOLDER /T` listed them, found again from wherever below the folder was copied."""

    _by_name: Mapping[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)

    def of(self, document: str) -> str:
        """The entries of one file, an entry a line; empty where the listing does not know it."""
        if not self._by_name:
            return ""
        parts = _parts(document)
        known = [(len(path), acl) for path, acl in self._by_name.get(parts[-1], ()) if path[-len(parts) :] == parts]
        return min(known)[1] if known else ""


def read_listing(path: Path) -> Listing:
    """What ``icacls FOLDER /T > FILE`` wrote, in UTF-16, UTF-8 or cp932; raises InputError."""
    try:
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise not_opened(path, error) from error
    except UnicodeError as error:
        raise _no_listing(path) from error
    by_name: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, entries in _listed(text.splitlines()):
        parts = _parts(name)
        by_name.setdefault(parts[-1], []).append((parts, "\n".join(entries)))
    if not by_name:
        raise _no_listing(path)
    return Listing(by_name)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in re.split(r"[\\/]", path.rstrip("\\/")))


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp932")


def _listed(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Paths and their entries: the first entry stands behind the path, further ones below it, indented."""
    block: list[str] = []
    for line in [*lines, ""]:
        if line.startswith(" ") and block and line.strip():
            block.append(line)
            continue
        if block:
            yield from _block(block)
        block = [line] if _ENTRY_ANYWHERE.search(line) else []


# an entry is ``NAME:(I)(OI)(CI)(F)``, the name ``DOMAIN\Domain Users``, ``NT AUTHORITY\SYSTEM``, ``Everyone``...
_ENTRY_ANYWHERE = re.compile(r":\([^)]*\)(?:\([^)]*\))*\s*$")
_WELL_KNOWN = (
    "NT AUTHORITY|NT SERVICE|APPLICATION PACKAGE AUTHORITY|Mandatory Label|CREATOR (?:OWNER|GROUP)"
    "|OWNER RIGHTS|Everyone"
)
_FIRST_ENTRY = (
    re.compile(rf"\s((?:{_WELL_KNOWN})(?:\\[^\\:]+)?:\(.*)$"),
    re.compile(r".*\s([^\s\\:]+\\[^\\:]+:\(.*)$"),
    re.compile(r".*\s([^\s\\:]+:\(.*)$"),
)


def _block(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    begin = _where_the_entry_begins(lines)
    if begin > 0:
        yield lines[0][:begin].strip(), [line.strip() for line in (lines[0][begin:], *lines[1:])]


def _where_the_entry_begins(lines: list[str]) -> int:
    indent = min((len(line) - len(line.lstrip()) for line in lines[1:]), default=0)
    if indent and lines[0][indent - 1 : indent] == " ":
        return indent
    found = next((match for pattern in _FIRST_ENTRY if (match := pattern.search(lines[0]))), None)
    return found.start(1) if found else 0


def _no_listing(path: Path) -> InputError:
    return InputError(
        Text("{path} is no listing of icacls.", "{path} は icacls の一覧ではありません。").fill(path=path),
        Text("Make it with `icacls FOLDER /T > FILE`.", "`icacls フォルダー /T > ファイル` で作成してください。"),
    )
