"""What happened and what was done, in the order of time: the facts that have one, and the acts in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.incidents.case import Known
from sekisho.incidents.kinds import Field, Kind, Type, kinds
from sekisho.incidents.moment import Moment
from sekisho.incidents.said import Said
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Act:
    """Something that this program did for the incident, as its ledger says; ``times``: so often on that day."""

    entry: int
    at: datetime
    action: str
    says: Text
    role: str
    counts: Mapping[str, int]
    times: int = 1


@dataclass(frozen=True, slots=True)
class Moved:
    """One line: a time of the fact ``fact`` (``done`` ahead where it is still to come), or the act ``act``."""

    at: Moment
    what: Text
    said: str
    fact: int | None = None
    act: Act | None = None
    due: bool = False


def timeline(known: Known, acts: Iterable[Act] = ()) -> list[Moved]:
    """All lines, the earliest first; of one time the facts before the acts."""
    lines = [line for one in known.facts if one.stands for line in _of_fact(one)]
    lines += [Moved(Moment(act.at), act.says, "", act=act) for act in acts]
    return sorted(lines, key=lambda line: (line.at.at, line.fact is None, line.fact or (line.act and line.act.entry)))


def _of_fact(one: Said) -> Iterator[Moved]:
    kind = kinds().get(one.kind)
    if kind is None:
        return
    for field in kind.fields:
        at = one.time(field.name) if field.type is Type.TIME else None
        if at is not None:
            what = Text("{kind} ({field})", "{kind}（{field}）").fill(kind=kind.says, field=field.says)
            yield Moved(at, what, told(kind, one), fact=one.number, due=field.ahead)


def told(kind: Kind, one: Said) -> str:
    """What a fact says in its first fields, in the language of the run."""
    shown = [field for field in kind.fields if field.first] or list(kind.fields[:1])
    return " / ".join(value_of(field, one) for field in shown if one.values.get(field.name) is not None)


def value_of(field: Field, one: Said) -> str:
    """A field as people read it."""
    value = one.values[field.name]
    if field.type is Type.CHOICE:
        return str(field.choices.get(value, value))
    if field.type is Type.TIME:
        return shown(Moment.of(value))
    if field.type is Type.DIGESTS:
        return str(Text("{n:,} {n|document|documents}", "文書{n:,}個").fill(n=len(value)))
    return f"{value:,}" if isinstance(value, int) else str(value)


def shown(moment: Moment) -> str:
    """A time as people read it, with its offset; a day alone where only that is known."""
    offset = moment.at.strftime("%z")
    day = moment.at.strftime("%Y-%m-%d")
    return day if moment.whole_day else f"{day} {moment.at:%H:%M} {offset[:3]}:{offset[3:5]}"
