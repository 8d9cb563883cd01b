"""Samba's full_audit, through syslog: ``prefix|operation|ok|arguments``, the prefix as the server was set up.

``May 20 09:12:33 fs01 smbd_audit[812]: tanaka|10.47.1.31|term031|kiroku|openat|ok|r|/srv/kiroku/list.xlsx``

The prefix is ``%u|%I`` where nothing was set; of others, an address is taken for the client's, the first field for the
account, and a name right after the address for the client's own. Names may hold ``|``: what follows the result is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.evidence.clock import Clock
from sekisho.evidence.event import Event, Kind, Left, Lines, LogFormat, Passed
from sekisho.evidence.syslog import Said, lacks, programs, said
from sekisho.wording import Text

_RESULT = re.compile(r"\|(?P<operation>[a-z][a-z_0-9]{2,40})\|(?P<result>ok|fail(?: \([^|]*\))?)(?:\||$)")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,8}(?:%\w+)?")
_LOGONS = {"connect": Kind.LOGON, "disconnect": Kind.LOGOFF}
_FILES = frozenset(
    (
        *("open", "openat", "create_file", "close", "opendir", "fdopendir", "mkdir", "mkdirat", "rmdir"),
        *("pread", "pread_send", "pread_recv", "read", "pwrite", "pwrite_send", "pwrite_recv", "write"),
        *("sendfile", "recvfile", "offload_read_send", "offload_write_send", "copy_chunk_send", "ftruncate"),
        *("rename", "renameat", "unlink", "unlinkat", "link", "linkat", "symlink", "symlinkat"),
        *("chmod", "fchmod", "chown", "fchown", "fset_nt_acl", "set_nt_acl"),
    )
)


def _fits(sample: str) -> bool:
    return any(program.startswith("smbd") for program in programs(sample)) and bool(_RESULT.search(sample))


def _read(lines: Lines, clock: Clock) -> Iterator[Event | Passed]:
    for place, line in lines:
        one = said(line, clock)
        if one is None:
            yield Passed(place, Left.BROKEN)
        elif not one.program.startswith("smbd"):
            yield Passed(place, Left.OTHER)
        else:
            yield _event(place, one)


def _event(place: int, one: Said) -> Event | Passed:
    found = _RESULT.search(one.text)
    if not found:
        return Passed(place, Left.BROKEN)
    operation, result = found["operation"], found["result"]
    if operation not in _FILES and operation not in _LOGONS:
        return Passed(place, Left.OTHER)
    prefix = one.text[: found.start()].split("|")
    at = next((i for i, field in enumerate(prefix) if _ADDRESS.fullmatch(field)), None)
    rest = one.text[found.end() :]
    doubt = "(may be another operation)" if _RESULT.search(rest) else ""  # names may hold what looks like one
    how = ""
    if operation in ("open", "openat", "create_file") and "|" in rest:
        how, rest = rest.split("|", 1)
        while operation == "create_file" and "|" in rest and not rest.startswith("/"):
            more, rest = rest.split("|", 1)
            how = f"{how}|{more}"
    return Event(
        place,
        one.at,
        one.written,
        _LOGONS.get(operation, Kind.FILE),
        outcome="ok" if result == "ok" else "failed",
        host=one.host,
        terminal=prefix[at + 1] if at is not None and at + 1 < len(prefix) else "",
        address="" if at is None else prefix[at],
        account=prefix[0] if at != 0 else "",
        object=rest,
        detail=" ".join(part for part in (operation, how, "" if result == "ok" else result, doubt) if part),
    )


LOG = LogFormat(
    name=Text("Samba full_audit", "Samba の full_audit"),
    fits=_fits,
    read=_read,
    example="May 20 09:12:33 fs01 smbd_audit[812]: tanaka|10.47.1.31|term031|kiroku|openat|ok|r|/srv/kiroku/list.xlsx",
    lacks=lacks,
)
