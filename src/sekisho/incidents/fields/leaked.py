"""What leaked, and how many it is about: from the leak master's counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sekisho.countries import law
from sekisho.countries.announcements import wording
from sekisho.figures import Shield
from sekisho.incidents.fields.situation import MARKS, Fill, Situation, at, joined, may_rise, named, number, stacked
from sekisho.paper import Given
from sekisho.wording import Text


def _media(here: Situation) -> Given | None:
    return Given(chosen=("electronic",)) if here.leaked and sum(here.leaked.files.values()) else None


def _items(here: Situation) -> Given | None:
    if here.leaked is None:
        return None
    there = {item for key in (*here.leaked.persons, *here.leaked.records) for item in key}
    others = {"other"} if here.leaked.also or "number" in there else set()
    return Given(chosen=tuple(sorted((there & _OF_FORM) | others)), mark=may_rise(here))


def _data_items(here: Situation) -> Given | None:
    if here.leaked is None:
        return None
    keys = sorted({*here.leaked.records, *here.leaked.persons}, key=lambda key: (len(key), key))
    lines = [
        _BY_ITEMS.fill(
            items=named(key),
            records=number(sum(here.leaked.records.get(key, {}).values())),
            persons=number(sum(here.leaked.persons.get(key, {}).values())),
        )
        for key in keys
    ]
    also = [_ALSO.fill(item=wording().items[name], n=number(n)) for name, n in here.leaked.also.items()]
    return Given(stacked([*lines, *also]), mark=may_rise(here)) if lines else None


def _sensitive(here: Situation) -> Given | None:
    if here.last is None:
        return None
    asked = {one.of_class: one.says for one in law.circumstances().values() if one.of_class}
    return Given(
        stacked([_CLASS.fill(what=says, n=number(here.last.classes.get(name, 0))) for name, says in asked.items()]),
        mark=may_rise(here),
    )


def _persons(here: Situation) -> Given | None:
    own = here.known.counts.get(here.clock.profile.name)
    if here.last is not None:
        said = _PERSONS.fill(n=number(here.last.persons), version=here.last.version, at=at(here.last, here))
        found = Given(said, mark=may_rise(here))
        return joined(Given(_OWN.fill(n=number(own.count)), mark=MARKS[own.sure]), found) if own else found
    said_count = here.known.counts.get("")
    if said_count is None:
        return None
    return Given(_SAID_PERSONS.fill(n=number(said_count.count)), mark=MARKS[said_count.sure])


def _persons_my_number(here: Situation) -> Given | None:
    if here.last is None:
        return None
    return Given(_UNIT_PERSONS.fill(n=number(here.last.classes.get("my_number", 0))), mark=may_rise(here))


def _residents(here: Situation) -> Given | None:
    own = here.known.counts.get(here.clock.profile.name)
    return Given(_SAID_PERSONS.fill(n=number(own.count)), mark=MARKS[own.sure]) if own else None


def _records(here: Situation) -> Given | None:
    if here.leaked is None:
        return None
    records = sum(sum(row.values()) for row in here.leaked.records.values())
    files = sum(here.leaked.files.values())
    return Given(_RECORDS.fill(records=number(records), files=number(files)), mark=may_rise(here))


def _may_rise(here: Situation) -> Given | None:
    if here.last is None:
        return None
    rest = {"undecided": number(here.last.undecided), "unread": number(here.last.unread)}
    steps = [_STEP.fill(version=one.version, at=at(one, here), n=number(one.persons)) for one in here.versions]
    first = [_MAY_RISE.fill(**rest)] if here.last.may_rise else [] if here.uncounted else [_WILL_NOT]
    return Given(stacked([*first, *([_UNCOUNTED] if here.uncounted else []), *steps]))


def _protection(here: Situation) -> Given | None:
    """Both rates, always."""
    if here.leaked is None:
        return None
    records = {shield: sum(row.get(shield, 0) for row in here.leaked.records.values()) for shield in map(str, Shield)}
    return Given(
        stacked([*_rate(_OF_FILES, _PART_OF_FILES, here.leaked.files), *_rate(_OF_RECORDS, _PART_OF_RECORDS, records)])
    )


def _rate(title: Text, part: Text, counts: Mapping[str, int]) -> Iterator[Text]:
    whole = sum(counts.values())
    if not whole:
        return
    parts = [
        part.fill(
            shield=wording().shields[name], share=f"{round(counts[name] / whole * 100, 1):g}", n=number(counts[name])
        )
        for name in wording().shields
        if counts.get(name)
    ]
    yield Text(
        f"{title.en}: " + ", ".join(one.en for one in parts), f"{title.ja}: " + "、".join(one.ja for one in parts)
    )


FIELDS: Mapping[str, Fill] = {
    "media": _media,
    "items": _items,
    "data_items": _data_items,
    "what_information": _data_items,
    "sensitive": _sensitive,
    "persons": _persons,
    "persons_my_number": _persons_my_number,
    "residents": _residents,
    "records": _records,
    "may_rise": _may_rise,
    "protection": _protection,
}

_OF_FORM = frozenset({"name", "birth_date", "sex", "address", "phone", "email", "my_number"})
_BY_ITEMS = Text("{items}: records {records}, persons {persons}", "{items}: 延べ記録{records}件、実人数{persons}人")
_ALSO = Text("also {item}: persons {n}", "併せて{item}: {n}人")
_CLASS = Text("{what}: persons {n}", "{what}: {n}人")
_OWN = Text("under this law {n}, as was said; of all:", "この法律の対象者は{n}人（申告による）。全体では:")
_PERSONS = Text(
    "{n} {n|person|persons} (version {version} of the leak master, {at})", "{n}人（対象者名簿 第{version}版、{at}）"
)
_SAID_PERSONS = Text("{n} {n|person|persons}, as was said", "{n}人（申告による）")
_UNIT_PERSONS = Text("{n} {n|person|persons}", "{n}人")
_RECORDS = Text(
    "{records} {records|record|records} in {files} {files|file|files}", "延べ記録{records}件、ファイル{files}個"
)
_MAY_RISE = Text(
    "The number may rise: undecided records {undecided}, documents not wholly read {unread}.",
    "増加の可能性あり: 未確定の記録{undecided}件、読み取れていない文書{unread}個。",
)
_UNCOUNTED = Text("Documents came since, which are not counted yet.", "集計後に追加された文書がある（未集計）。")
_WILL_NOT = Text("Nothing is undecided or unread.", "未確定の記録・未読の文書はない。")
_STEP = Text("version {version}, {at}: persons {n}", "第{version}版（{at}）: {n}人")
_OF_FILES = Text("by files", "ファイル数でみた率")
_OF_RECORDS = Text("by records", "延べ記録数でみた率")
_PART_OF_FILES = Text("{shield} {share}% ({n} {n|file|files})", "{shield}{share}%（{n}個）")
_PART_OF_RECORDS = Text("{shield} {share}% ({n} {n|record|records})", "{shield}{share}%（{n}件）")
