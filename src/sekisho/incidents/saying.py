"""What somebody wants to say of an incident, made a fact of its kind, or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sekisho.countries import law
from sekisho.errors import InputError
from sekisho.incidents.answers import Status
from sekisho.incidents.case import Known
from sekisho.incidents.kinds import WITHDRAWN, Field, Kind, Type, kinds
from sekisho.incidents.moment import Moment, written, zone_of
from sekisho.incidents.said import INSTEAD
from sekisho.wording import Text, printable

LONGEST = 20_000
"""Characters of a text."""
_SHA256 = re.compile("[0-9a-f]{64}")


def fact_of(kind: str, given: Mapping[str, Any], known: Known, now: datetime | None = None) -> dict[str, Any]:
    """The fields of a fact of that kind, from texts as they were typed or from values; raises InputError.

    Times without an offset are of the incident's zone; ``now``: none may lie after it but those that look ahead.
    """
    said = kinds().get(kind)
    if said is None:
        raise _no_choice(Text("kind of fact", "事実の種類"), kind, kinds())
    unknown = set(given) - {one.name for one in said.fields} - {INSTEAD}
    if unknown:
        raise _no_choice(said.says, sorted(unknown)[0], [one.name for one in said.fields])
    now = now or datetime.now(UTC)
    values = {one.name: _value(one, given[one.name], known, now) for one in said.fields if _is_said(given, one)}
    for one in said.fields:
        if one.needed and one.name not in values:
            raise _missing(said, one)
    if given.get(INSTEAD) is not None:
        values[INSTEAD] = _replaced(int(given[INSTEAD]), known, said)
    _look_at_whole(said, values, known)
    return values


def _is_said(given: Mapping[str, Any], one: Field) -> bool:
    value = given.get(one.name)
    return bool(value.strip()) if isinstance(value, str) else value not in (None, [], ())


def _value(one: Field, given: Any, known: Known, now: datetime) -> Any:
    if one.type is Type.TIME:
        return str(_time(one, given, known, now))
    if one.type is Type.COUNT:
        return _count(one, given)
    if one.type is Type.DIGESTS:
        return sorted({_digest(text) for text in _lines(given)})
    text = str(given).strip()
    if one.type is Type.CHOICE and text not in one.choices:
        raise _no_choice(one.says, text, one.choices)
    if len(text) > LONGEST:
        raise _wrong(one.says, Text("it is too long", "長すぎます"))
    return _digest(text) if one.name == "sha256" else text


def _time(one: Field, given: Any, known: Known, now: datetime) -> Moment:
    moment = _moment(given, known)
    if moment.at > now and not one.ahead:
        raise _wrong(one.says, Text("it lies ahead", "未来の日時です"))
    return moment


def _moment(given: Any, known: Known) -> Moment:
    if isinstance(given, Moment):
        return given
    if isinstance(given, datetime):
        return written(given.isoformat(), known.place)
    return written(str(given), known.place)


def _count(one: Field, given: Any) -> int:
    text = str(given).replace(",", "")
    if not text.isdecimal():
        raise _wrong(one.says, Text("a whole number is needed", "整数を指定してください"))
    return int(text)


def _lines(given: Any) -> Iterable[str]:
    return given.split() if isinstance(given, str) else given


def _digest(text: str) -> str:
    plain = text.strip().lower()
    if not _SHA256.fullmatch(plain):
        raise _wrong(Text("SHA-256", "SHA-256"), Text("64 hexadecimal digits are needed", "16進64桁で指定してください"))
    return plain


def _replaced(number: int, known: Known, kind: Kind) -> int:
    found = next((one for one in known.facts if one.number == number), None)
    if found is None or found.kind != kind.name:
        raise InputError(
            Text("Fact {n} is none of: {kind}.", "事実{n}は「{kind}」ではありません。").fill(n=number, kind=kind.says),
            SHOW,
        )
    if not found.stands:
        raise _gone(number, found.by or 0)
    return number


def _look_at_whole(kind: Kind, values: Mapping[str, Any], known: Known) -> None:
    """What the fields must be together."""
    if kind.name == "system" and values["status"] == Status.NOT_ACCESSED and "evidence" not in values:
        raise InputError(
            Text("That it was not accessed needs evidence.", "「アクセスなし」には根拠が必要です。"),
            Text("Give --evidence, or say not_known.", "--evidence を指定するか、not_known としてください。"),
        )
    if kind.name == "zone":
        zone_of(values["zone"])
    if kind.name == "filed" and values["duty"] not in law.duties():
        raise _no_choice(kind.field("duty").says, values["duty"], law.duties())
    if kind.name == WITHDRAWN.name:
        _look_at_withdrawal(values["fact"], known)


def _look_at_withdrawal(number: int, known: Known) -> None:
    found = next((one for one in known.facts if one.number == number), None)
    if found is None:
        raise InputError(Text("There is no fact {n}.", "事実{n}はありません。").fill(n=number), SHOW)
    by = next((one for one in known.facts if one.number == found.by and one.kind == WITHDRAWN.name), None)
    if by is not None:
        raise _gone(number, by.number)


SHOW = Text("`sekisho incident show N --all` shows them.", "`sekisho incident show N --all` で確かめてください。")


def _gone(number: int, by: int) -> InputError:
    return InputError(
        Text(
            "Fact {n} does not hold any more; fact {by} does.", "事実{n}は現在有効ではありません（事実{by}が有効）。"
        ).fill(n=number, by=by),
        SHOW,
    )


def _missing(kind: Kind, one: Field) -> InputError:
    return InputError(
        Text("Of {kind} it must be said: {field}.", "{kind}には次の指定が必要です: {field}。").fill(
            kind=kind.says, field=one.says
        ),
        Text(
            "`sekisho incident add {kind} --help` shows all of them.", "`sekisho incident add {kind} --help` を参照。"
        ).fill(kind=kind.name),
    )


def _wrong(what: Text, why: Text) -> InputError:
    return InputError(
        Text("{what}: {why}.", "{what}: {why}。").fill(what=what, why=why),
        Text("Say it again, rightly.", "指定し直してください。"),
    )


def _no_choice(what: Text, given: str, choices: Iterable[str]) -> InputError:
    return InputError(
        Text("{what}: {given} is none.", "{what}: {given} は選べません。").fill(what=what, given=printable(given)),
        Text("There are: {all}.", "選べるのは: {all}。").fill(all=", ".join(choices)),
    )
