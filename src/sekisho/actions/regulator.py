"""The report to an authority as a sheet to enter its form from: every field in order, what is not known marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sekisho.countries.forms import Field, Form, Part
from sekisho.countries.law import Profile, circumstances
from sekisho.errors import InputError
from sekisho.paper import NOTHING, Block, Entry, Given, Mark, Paper, Points, Section, moment
from sekisho.paper import Form as Fields
from sekisho.wording import Text, printable

FORMAT = 1
BELIEVED = "※"
"""Stands before the title of a field that nobody of us read in a published source."""
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Filled:
    """One field as it is to be entered. ``by``: ``facts``, ``entry`` (an officer's), or empty where nobody knows."""

    key: str
    number: str
    title: Text
    text: Text
    chosen: tuple[str, ...]
    offered: tuple[tuple[str, Text], ...]
    mark: Mark
    note: Text
    confirmed: bool
    by: str

    @property
    def known(self) -> bool:
        """Whether there is anything to enter."""
        return bool(self.by) and self.mark is not Mark.UNKNOWN


@dataclass(frozen=True, slots=True)
class Filling:
    """The fields under one heading."""

    number: str
    title: Text
    fields: tuple[Filled, ...]


@dataclass(frozen=True, slots=True)
class About:
    """Which sheet it is: its number among the incident's, when it was made (``at``), for which duty of which law.

    ``version``, ``counted``: of the leak master and when that was made, None where nobody counted yet. ``zone``: whose
    time; all times ISO 8601.
    """

    incident: int
    number: int
    profile: str
    report: str
    at: str
    version: int | None
    counted: str | None
    program: str
    zone: str = "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One report, field by field."""

    about: About
    title: Text
    authority: Text
    place: Text
    rules: tuple[Text, ...]
    parts: tuple[Filling, ...]

    @property
    def unknown(self) -> tuple[Filled, ...]:
        """The fields that nobody can fill yet."""
        return tuple(one for part in self.parts for one in part.fields if not one.known)

    def text_of(self, key: str) -> Text:
        """What stands in a field; empty where there is no such field, or nothing."""
        return next((one.text for part in self.parts for one in part.fields if one.key == key), NOTHING)

    def as_json(self) -> dict[str, Any]:
        """docs/regulator.md says what each value means."""
        return {"format": FORMAT, **asdict(self), "unknown": [one.key for one in self.unknown]}


def fill(about: About, form: Form, profile: Profile, given: Mapping[str, Given], entries: Mapping[str, Any]) -> Sheet:
    """The sheet of a form; ``entries``: what an officer has to say, by field, which stands before what is ``given``.

    Raises InputError for an entry of no field of this form, or a choice that it does not offer.
    """
    parts = form.of_profile(profile.name)
    keys = {field.key for part in parts for field in part.fields}
    for key in entries:
        if key not in keys:
            raise _no_field(key, sorted(keys))
    offered = {one.name: _trigger_title(one.name, one.over) for one in profile.triggers}
    return Sheet(
        about=about,
        title=form.title,
        authority=profile.authority,
        place=form.place,
        rules=form.rules,
        parts=tuple(_part(part, given, entries, offered) for part in parts),
    )


def paper(sheet: Sheet, says: Text, author: Text) -> Paper:
    """The sheet to look at and to enter from; ``says``: what is reported."""
    unknown = tuple(_numbered(part.number, one.title) for part in sheet.parts for one in part.fields if not one.known)
    about = sheet.about
    counted = _STAMP.fill(version=about.version, counted=_time(about.counted, about)) if about.counted else _UNCOUNTED
    said = {"says": says, "incident": about.incident, "number": about.number, "at": _time(about.at, about)}
    return Paper(
        title=sheet.title,
        author=author,
        stamp=_NOT_FOR_FILING,
        details=(
            _TO.fill(authority=sheet.authority, place=sheet.place),
            _REPORT.fill(**said),
            counted,
        ),
        lead=(Points((*sheet.rules, _BELIEVED)), *_open(unknown)),
        sections=tuple(Section(_heading(part), tuple(_blocks(part))) for part in sheet.parts),
        ends=(_MADE.fill(program=about.program),),
    )


def read(said: Mapping[str, Any]) -> Sheet:
    """What `Sheet.as_json` gave."""
    return Sheet(
        about=About(**said["about"]),
        title=_text(said["title"]),
        authority=_text(said["authority"]),
        place=_text(said["place"]),
        rules=tuple(_text(one) for one in said["rules"]),
        parts=tuple(
            Filling(part["number"], _text(part["title"]), tuple(map(_filled_of, part["fields"])))
            for part in said["parts"]
        ),
    )


def _filled_of(said: Mapping[str, Any]) -> Filled:
    return Filled(
        key=said["key"],
        number=said["number"],
        title=_text(said["title"]),
        text=_text(said["text"]),
        chosen=tuple(said["chosen"]),
        offered=tuple((name, _text(title)) for name, title in said["offered"]),
        mark=Mark(said["mark"]),
        note=_text(said["note"]),
        confirmed=said["confirmed"],
        by=said["by"],
    )


def _text(said: Mapping[str, str]) -> Text:
    return Text(said["en"], said["ja"])


def _part(part: Part, given: Mapping[str, Given], entries: Mapping[str, Any], triggers: Mapping[str, Text]) -> Filling:
    return Filling(part.number, part.title, tuple(_field(one, given, entries, triggers) for one in part.fields))


def _field(one: Field, given: Mapping[str, Given], entries: Mapping[str, Any], triggers: Mapping[str, Text]) -> Filled:
    choices = triggers if one.of_triggers else one.choices
    by, found = "facts", given.get(one.key)
    if one.key in entries:
        by, found = "entry", _entered(one, entries[one.key], choices)
    if found is None:
        by, found = "", Given(mark=Mark.UNKNOWN)
    return Filled(
        key=one.key,
        number=one.number,
        title=one.title,
        text=found.text,
        chosen=tuple(name for name in choices if name in found.chosen),
        offered=tuple(choices.items()),
        mark=found.mark,
        note=found.note,
        confirmed=one.confirmed,
        by=by,
    )


def _entered(one: Field, said: Any, choices: Mapping[str, Text]) -> Given:
    """What an officer said: text, or one or several of the choices; with text beside it as a table."""
    if isinstance(said, Mapping) and set(said) <= {"chosen", "text"}:
        chosen = _entered(one, said.get("chosen", []), choices)
        return Given(_entered_text(one, said.get("text", "")), chosen.chosen)
    if not choices:
        return Given(_entered_text(one, said))
    names = [said] if isinstance(said, str) else said
    if not isinstance(names, list) or not all(name in choices for name in names) or (len(names) > 1 and not one.many):
        raise _no_choice(one.key, choices)
    return Given(chosen=tuple(names))


def _entered_text(one: Field, said: Any) -> Text:
    if not isinstance(said, str) or len(said) > LONGEST:
        raise _no_text(one.key)
    return Text(said.strip(), said.strip())


def _trigger_title(name: str, over: int | None) -> Text:
    if over is not None:
        return _OVER.fill(n=f"{over:,}")
    return circumstances()[name].says


def _open(unknown: tuple[Text, ...]) -> Iterator[Block]:
    if unknown:
        yield Points(unknown, _OPEN.fill(n=len(unknown)), Mark.UNKNOWN)


def _time(written: str, about: About) -> Text:
    return moment(datetime.fromisoformat(written).astimezone(ZoneInfo(about.zone)))


def _heading(part: Filling) -> Text:
    title = Text(part.title.en[:1].upper() + part.title.en[1:], part.title.ja)
    return _numbered(part.number, title)


def _numbered(number: str, title: Text) -> Text:
    return Text(f"{number} {title.en}", f"{number} {title.ja}") if number else title


def _blocks(part: Filling) -> Iterator[Block]:
    yield Fields(tuple(_entry(one) for one in part.fields))


def _entry(one: Filled) -> Entry:
    title = one.title if one.confirmed else Text(f"{BELIEVED} {one.title.en}", f"{BELIEVED}{one.title.ja}")
    choices = tuple((title, name in one.chosen) for name, title in one.offered)
    return Entry(one.number, title, one.text, one.mark, choices, one.note)


def _no_field(key: str, keys: list[str]) -> InputError:
    return InputError(
        Text("The form has no field {key}.", "フォームに欄 {key} はありません。").fill(key=printable(key)),
        Text("It has: {keys}.", "欄: {keys}。").fill(keys=", ".join(keys)),
    )


def _no_choice(key: str, choices: Mapping[str, Text]) -> InputError:
    return InputError(
        Text("The field {key} does not offer that.", "欄 {key} にその選択肢はありません。").fill(key=key),
        Text("It offers: {all}.", "選択肢: {all}。").fill(all=", ".join(choices)),
    )


def _no_text(key: str) -> InputError:
    return InputError(
        Text("The field {key} takes text.", "欄 {key} には文字列を指定してください。").fill(key=key),
        Text('As: {key} = "..."', '例: {key} = "..."').fill(key=key),
    )


_OVER = Text("more than {n} {n|person|persons}", "本人の数が{n}人を超える")
_NOT_FOR_FILING = Text("Entry sheet, not for filing", "入力票（提出用ではない）")
_TO = Text("To: {authority} ({place})", "提出先: {authority}（{place}）")
_REPORT = Text(
    "{says}; incident {incident}, sheet {number}, made {at}", "{says}　事案{incident}・入力票{number}　{at}作成"
)
_STAMP = Text(
    "Counts: list of affected persons, version {version}, of {counted}", "数値: 対象者名簿 第{version}版（{counted}）"
)
_UNCOUNTED = Text(
    "Nobody has counted yet: all counts are unknown or as said.", "未集計（数値はすべて不明または申告による）"
)
_OPEN = Text("Not known or to be entered: {n}", "不明・要入力の欄: {n}")
_BELIEVED = Text(
    "※ Name and place of this field were not checked against a published source: hold them against the form itself.",
    "※ 欄の名称・順序を公表資料で確認していない。実際のフォームと照合すること。",
)
_MADE = Text("Made with sekisho {program}.", "sekisho {program} により作成。")
