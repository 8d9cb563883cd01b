"""What was done since: the persons told, notices, measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sekisho.incidents.case import Measure
from sekisho.incidents.fields.situation import Fill, Situation, number, stacked
from sekisho.paper import Given, Mark, day, moment
from sekisho.wording import Text


def _cause_kind(here: Situation) -> Given | None:
    return Given(chosen=("intrusion",), mark=Mark.ESTIMATED, note=_INFERRED) if here.known.terminals else None


def _told(here: Situation) -> Given | None:
    if not here.told:
        return None
    ways = {says: here.told[way] for way, says in _WAYS.items() if here.told.get(way)}
    lines = [_WAY.fill(way=says, n=number(persons)) for says, persons in ways.items()]
    return Given(stacked([_POSTED.fill(n=number(here.posted)), *lines]))


def _to_persons(here: Situation) -> Given | None:
    return Given(chosen=("doing",)) if here.told.get("letter") else None


def _published(here: Situation) -> Given | None:
    return Given(chosen=("done",)) if here.published else None


def _published_on(here: Situation) -> Given | None:
    days = [day(datetime.fromisoformat(one)) for one in here.published]
    return Given(stacked([_NOTICE.fill(number=place, day=on) for place, on in enumerate(days, 1)])) if days else None


def _measures_done(here: Situation) -> Given | None:
    return _measures(one for one in here.known.measures if one.done)


def _measures_planned(here: Situation) -> Given | None:
    return _measures(one for one in here.known.measures if not one.done)


def _measures(some: Iterator[Measure]) -> Given | None:
    lines = [_measure(one) for one in some]
    return Given(stacked(lines)) if lines else None


def _measure(one: Measure) -> Text:
    at = one.done or one.due
    said = _DONE if one.done else _PLANNED
    return said.fill(what=one.what, owner=one.owner, day=moment(at.at, whole_day=True))


def _every_measure(here: Situation) -> Given | None:
    return _measures(iter(here.known.measures))


FIELDS: Mapping[str, Fill] = {
    "cause_kind": _cause_kind,
    "told": _told,
    "to_persons": _to_persons,
    "published": _published,
    "published_on": _published_on,
    "measures_done": _measures_done,
    "measures_planned": _measures_planned,
    "what_we_do": _every_measure,
    "remedial_action": _measures_planned,
}

_INFERRED = Text("from the infected terminals; an officer confirms it", "感染端末からの推定（責任者が確認する）")
_POSTED = Text("letters posted to: {n}", "通知書を発送済み: {n}人")
_WAY = Text("{way}: {n}", "{way}: {n}人")
_WAYS = {
    "letter": Text("to be told by letter, posted or not", "書面で通知（発送予定を含む）"),
    "held": Text("held back until reviewed", "確認のため保留"),
    "unreachable": Text("not reachable", "連絡先不明"),
    "deceased": Text("deceased", "死亡"),
    "publication": Text("told by publication", "公表により代替"),
}
_NOTICE = Text("notice no. {number}: {day}", "第{number}報: {day}")
_DONE = Text("{what} (done {day}; {owner})", "{what}（{day}実施、{owner}）")
_PLANNED = Text("{what} (until {day}; {owner})", "{what}（{day}まで、{owner}）")
