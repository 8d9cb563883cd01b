"""Linux's auth.log (or secure): OpenSSH, PAM, su and sudo, through syslog.

``May 20 09:12:33 fs01 sshd[812]: Accepted password for tanaka from 10.47.1.31 port 50022 ssh2``

Who tries to log on chooses the name, blanks and all: it is read from both ends of the line, so that a name like
``x from 10.0.0.1 port 1`` gives no false address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sekisho.evidence.clock import Clock
from sekisho.evidence.event import Event, Kind, Left, Lines, LogFormat, Passed
from sekisho.evidence.syslog import lacks, programs, said
from sekisho.wording import Text

_FROM = r" from (?P<address>\S{1,255})(?: port \d{1,5})?"
_SSH: tuple[tuple[Kind, str, str], ...] = (
    (Kind.LOGON, "ok", r"Accepted (?P<detail>\S{1,255}) for (?P<account>.*)" + _FROM + r"(?: ssh2)?(?:: .*)?"),
    (
        Kind.LOGON_FAILED,
        "failed",
        r"Failed (?P<detail>\S{1,255}) for (?:invalid user )?(?P<account>.*)" + _FROM + "(?: ssh2)?",
    ),
    (Kind.LOGON_FAILED, "failed", r"(?P<detail>Invalid) user (?P<account>.*)" + _FROM),
    (Kind.LOGOFF, "", r"(?P<detail>Disconnected) from (?:user )?(?P<account>.*) (?P<address>\S{1,255}) port \d{1,5}"),
)
_ANY: tuple[tuple[Kind, str, str], ...] = (
    (
        Kind.LOGON_FAILED,
        "failed",
        r"pam_\w+\((?P<detail>[^)]+)\): authentication failure; .*?\btty=(?P<terminal>\S{0,255}) "
        r"ruser=(?P<by>\S{0,255}) rhost=(?P<address>\S{0,255})(?: +user=(?P<account>.*))?",
    ),
    (
        Kind.LOGON,
        "ok",
        r"pam_\w+\((?P<detail>[^)]+)\): session opened for user (?P<account>[^ (]*)(?:\(uid=\d+\))? by "
        r"(?P<by>[^ (]*)(?:\(uid=\d+\))?",
    ),
    (Kind.LOGOFF, "", r"pam_\w+\((?P<detail>[^)]+)\): session closed for user (?P<account>.*)"),
)
_SUDO: tuple[tuple[Kind, str, str], ...] = (
    (
        Kind.ORDER,
        "ok",
        r" *(?P<by>\S{1,255}) : (?:TTY=(?P<terminal>\S{0,255}) ; )?PWD=.*? ; USER=(?P<account>\S{0,255}) ; "
        r"(?:(?:ENV|TSID|GROUP)=[^;]{0,4000} ; ){0,3}"
        r"COMMAND=(?P<object>.*)",
    ),
    (
        Kind.ORDER,
        "failed",
        r" *(?P<by>\S{1,255}) : (?P<detail>[^;]*?) ; .*?USER=(?P<account>\S{0,255}) ; COMMAND=(?P<object>.*)",
    ),
)
_SU: tuple[tuple[Kind, str, str], ...] = (
    (Kind.ORDER, "ok", r"\(to (?P<account>\S{1,255})\) (?P<by>\S{1,255}) on (?P<terminal>\S{1,255})"),
    (Kind.ORDER, "failed", r"FAILED SU \(to (?P<account>\S{1,255})\) (?P<by>\S{1,255}) on (?P<terminal>\S{1,255})"),
)
_RULES = {"sshd": (*_SSH, *_ANY), "sshd-session": (*_SSH, *_ANY), "sudo": (*_SUDO, *_ANY), "su": (*_SU, *_ANY)}
_OTHERS = {"login", "systemd-logind", "gdm-password]", "CRON", "cron", "systemd", "vsftpd", "dovecot", "polkitd"}
_COMPILED = {
    program: [(kind, outcome, re.compile(rule, re.DOTALL)) for kind, outcome, rule in rules]
    for program, rules in (*_RULES.items(), ("", _ANY))
}


def _fits(sample: str) -> bool:
    return bool(programs(sample) & {*_RULES, *_OTHERS})


def _read(lines: Lines, clock: Clock) -> Iterator[Event | Passed]:
    for place, line in lines:
        one = said(line, clock)
        if one is None:
            yield Passed(place, Left.BROKEN)
            continue
        for kind, outcome, rule in _COMPILED.get(one.program, _COMPILED[""]):
            if found := rule.fullmatch(one.text):
                told: dict[str, Any] = {name: value or "" for name, value in found.groupdict().items()}
                yield Event(place, one.at, one.written, kind, outcome, one.host, **told)
                break
        else:
            yield Passed(place, Left.OTHER)


LOG = LogFormat(
    name=Text("auth.log (OpenSSH, PAM, sudo)", "auth.log（OpenSSH・PAM・sudo）"),
    fits=_fits,
    read=_read,
    example="May 20 09:12:33 fs01 sshd[812]: Accepted password for tanaka from 10.47.1.31 port 50022 ssh2",
    lacks=lacks,
)
