"""Whom to believe (C2SP tlog-policy): the keys of logs and witnesses, and how many witnesses must have cosigned."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sekisho.ledger.note import COSIGNATURE, ED25519, ML_DSA_44, NoteError, Verifier

NONE = "none"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class PolicyError(Exception):
    """A policy is not one, or is not met."""


@dataclass(frozen=True, slots=True)
class Group:
    """``least`` of the ``members``, which are witnesses or groups."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs and witnesses by name, where they can be reached, groups of them, and the quorum: a name, or ``none``."""

    logs: tuple[Verifier, ...] = ()
    witnesses: Mapping[str, Verifier] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    @classmethod
    def of(cls, text: str) -> Policy:
        """The policy that ``text`` writes; raises PolicyError."""
        if _FORBIDDEN.search(text):
            raise PolicyError("control characters")
        made, asked = cls(quorum=""), 0
        for number, line in enumerate(text.split("\n"), 1):
            words = re.split(r"[ \t]+", line.strip(" \t"))
            if words == [""] or words[0].startswith("#"):
                continue
            asked += words[0] == "quorum"
            try:
                made = _with(made, words)
            except (NoteError, ValueError) as error:
                raise PolicyError(f"line {number}: {error}") from error
        if asked != 1:
            raise PolicyError("one line must name the quorum")
        return made

    def __str__(self) -> str:
        lines = [f"log {key} {self.urls.get(key.name, '')}".rstrip() for key in self.logs]
        lines += [f"witness {name} {key} {self.urls.get(name, '')}".rstrip() for name, key in self.witnesses.items()]
        lines += [f"group {name} {one.least} {' '.join(one.members)}" for name, one in self.groups.items()]
        return "".join(f"{line}\n" for line in (*lines, f"quorum {self.quorum}"))

    def log(self, origin: str) -> Verifier:
        """The key of the log ``origin``; raises PolicyError."""
        found = [key for key in self.logs if key.name == origin]
        if not found:
            raise PolicyError(f"the log {origin} is not known")
        return found[0]

    def met(self, signed: Collection[Verifier]) -> bool:
        """Whether those who ``signed`` make the quorum."""
        return self.quorum == NONE or self._stands(self.quorum, signed)

    def demand(self, signed: Collection[Verifier]) -> None:
        """Raises PolicyError unless they do."""
        if not self.met(signed):
            raise PolicyError(f"not cosigned by the quorum {self.quorum}")

    def _stands(self, name: str, signed: Collection[Verifier]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signed
        group = self.groups[name]
        return sum(self._stands(one, signed) for one in group.members) >= group.least


def of_all(log: Verifier, witnesses: Mapping[str, Verifier], urls: Mapping[str, str], least: int = 0) -> Policy:
    """The policy that ``least`` of the witnesses must have cosigned ``log``: all where it says 0."""
    if not witnesses:
        return Policy(logs=(log,))
    group = Group(least or len(witnesses), tuple(witnesses))
    return Policy((log,), dict(witnesses), dict(urls), {"quorum-of-witnesses": group}, "quorum-of-witnesses")


def _with(policy: Policy, words: Sequence[str]) -> Policy:
    """The policy with one more line; raises ValueError, NoteError."""
    match words:
        case ["log", vkey, *url] if len(url) < 2:
            key = _key(policy, vkey, (ED25519, ML_DSA_44))
            return replace(
                policy, logs=(*policy.logs, key), urls={**policy.urls, **({key.name: url[0]} if url else {})}
            )
        case ["witness", name, vkey, *url] if len(url) < 2:
            _look_free(policy, name)
            witnesses = {**policy.witnesses, name: _key(policy, vkey, (COSIGNATURE, ML_DSA_44))}
            return replace(policy, witnesses=witnesses, urls=_urls(policy, name, url))
        case ["group", name, least, *members] if members:
            _look_free(policy, name)
            return replace(policy, groups={**policy.groups, name: _group(policy, least, members)})
        case ["quorum", name]:
            if name != NONE:
                _look_there(policy, name)
            return replace(policy, quorum=name)
    raise ValueError("not understood")


def _urls(policy: Policy, name: str, url: Sequence[str]) -> dict[str, str]:
    return {**policy.urls, name: url[0]} if url else dict(policy.urls)


def _key(policy: Policy, vkey: str, kinds: Sequence[int]) -> Verifier:
    key = Verifier.of(vkey)
    if key.kind not in kinds:
        raise ValueError("a key of another kind")
    if key.public in {one.public for one in (*policy.logs, *policy.witnesses.values())}:
        raise ValueError("a key that stands there already")
    return key


def _group(policy: Policy, least: str, members: Sequence[str]) -> Group:
    for one in members:
        _look_there(policy, one)
    used = {one for group in policy.groups.values() for one in group.members}
    if len({*members}) < len(members) or used & {*members}:
        raise ValueError("a member twice")
    count = {"all": len(members), "any": 1}.get(least) or (int(least) if re.fullmatch("[1-9][0-9]*", least) else 0)
    if not 1 <= count <= len(members):
        raise ValueError("no such number of members")
    return Group(count, tuple(members))


def _look_free(policy: Policy, name: str) -> None:
    if name == NONE or name in policy.witnesses or name in policy.groups:
        raise ValueError(f"{name} stands there already")


def _look_there(policy: Policy, name: str) -> None:
    if name not in policy.witnesses and name not in policy.groups:
        raise ValueError(f"{name} is not there")
