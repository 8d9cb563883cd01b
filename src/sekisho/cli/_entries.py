"""An entry of the ledger as a line for people; ``--json`` gives all that it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sekisho.wording import Text, printable

_REFUSED = "refused"
_SAID = ("action", "seen", "clock_went_back_from")
"""What a line says of ``more`` in words of its own, or leaves to ``--json``."""


def line(number: int, entry: dict[str, Any]) -> str:
    """Its place, when, which action in words, who in which role and what for, and what was counted."""
    when = str(entry.get("time", ""))[:19].replace("T", " ")
    return printable(f"{number:>7}  {when}  {', '.join(_parts(entry))}")


def _parts(entry: dict[str, Any]) -> Iterator[str]:
    action, more = str(entry.get("action", "")), entry.get("more") or {}
    if action == _REFUSED:
        yield str(Text("refused: {what}", "拒否: {what}").fill(what=_called(str(more.get("action", "")))))
    else:
        yield _called(action)
    if role := entry.get("role"):
        yield f"{role} {str(entry.get('actor', ''))[:8]}".rstrip()
    if purpose := entry.get("purpose"):
        yield str(Text("for {purpose}", "目的 {purpose}").fill(purpose=_purpose(str(purpose))))
    if (incident := entry.get("incident")) is not None:
        yield str(Text("incident {n}", "事案{n}").fill(n=incident))
    yield from (f"{name} {count:,}" for name, count in (entry.get("counts") or {}).items())
    if marks := (more.get("seen") or {}).get("marks"):
        yield str(Text("{n:,} {n|person|persons} seen", "閲覧{n:,}人").fill(n=marks))
    if scope := (more.get("seen") or {}).get("scope"):
        yield str(Text("everybody in {scope} seen", "{scope} の全員を閲覧").fill(scope=scope))
    yield from (f"{name} {said}" for name, said in more.items() if name not in _SAID and isinstance(said, str | int))


def _called(action: str) -> str:
    from sekisho.actors import policy

    known = policy().actions.get(action)
    return f"{known.says} ({action})" if known else action


def _purpose(purpose: str) -> str:
    from sekisho.actors import policy

    return str(policy().purposes.get(purpose, purpose))
