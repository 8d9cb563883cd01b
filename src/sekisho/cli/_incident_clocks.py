"""`sekisho incident clocks`: what it takes and what it says."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._incident_facts import number_of
from sekisho.cli._options import add_action
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, listed, printable

if TYPE_CHECKING:
    from sekisho.incidents.clocks import Clock
    from sekisho.incidents.triggers import Reason

CLOCKS = Text(
    "Show every legal duty: whether it is asked for and why, its deadline and the hours left.",
    "法令上の義務ごとに、該当の有無と理由、期限、残り時間を表示します。",
)
AS_OF = Text("as of then (default: now)", "基準時刻（既定: 現在）")
LAW = Text("of that law only", "その法令だけを表示する")
STATES = {
    "running": Text("RUNNING", "期限前"),
    "overdue": Text("OVERDUE", "期限超過"),
    "prompt": Text("ASKED FOR", "要対応"),
    "waiting": Text("waits for what comes before it", "先行する義務の履行待ち"),
    "met": Text("met", "履行済み"),
    "met_late": Text("met, late", "履行済み（期限後）"),
    "below": Text("not asked for as of what is known", "現時点の情報では該当なし"),
    "set_aside": Text("set aside: an officer said that this law does not apply", "責任者が適用なしと判断"),
}
APPLIES = Text("applies: {answer} ({why})", "適用: {answer}（{why}）")
UNTIL_DAY = Text("until the end of {day} ({zone})", "{day}の終わりまで（{zone}）")
UNTIL = Text("until {time}", "{time}まで")
AIM = Text("aim at {day}", "目安 {day}")
LEFT = Text("{n:,} {n|hour|hours} left", "残り{n:,}時間")
OVER = Text("{n:,} {n|hour|hours} over", "{n:,}時間超過")
STARTS = Text("since {time} ({sure}): {why}", "起算: {time}（{sure}）、{why}")
NOT_STARTED = Text("not begun; {why}", "未起算。{why}")
UNCONFIRMED = Text("not confirmed: {what}", "未確認: {what}")
READING = Text("other reading, not counted on: {says}: {day}", "別の読み方（採用しない）: {says}: {day}")
FILED = Text("on {time}, receipt: {receipt}", "{time}、受付番号: {receipt}")
ALL_OVER = Text("Overdue: {n}: {names}", "期限超過{n}件: {names}")
NEXT = Text("Next: {name}, {n:,} {n|hour|hours} left", "次の期限: {name}、残り{n:,}時間")
AS_ABOVE = Text("asked for as the one before", "要件は前の義務と同じ")
NO_HOLIDAYS = Text(
    "Saturdays, Sundays and holidays are not considered: no deadline here is moved by them. Which laws apply and what "
    "encryption changes, an officer decides; what is not known is taken as if it were so.",
    "土日祝日は考慮していません（期限を繰り下げません）。適用法令や暗号化の扱いは責任者が判断します。不明なことは該当するものとして扱います。",
)


def add_clocks(room: _SubParsersAction[ArgumentParser]) -> None:
    """The action ``clocks``."""
    parser = add_action(room, "clocks", CLOCKS, "sekisho incident clocks 1", _clocks)
    number_of(parser)
    parser.add_argument("--at", metavar="TIME", help=str(AS_OF))
    parser.add_argument("--law", metavar="LAW", help=str(LAW))


def _clocks(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.clocks import clocks_as_of

    with open_vault(call) as vault:
        found = clocks_as_of(vault, call.number, call.at or "", call.law or "")
    out.note(NO_HOLIDAYS)
    out.result([value_of(one) for one in found], lambda: printable("\n".join(_text(found))))
    out.next(
        f"sekisho incident add law {call.number} ...",
        f"sekisho incident add circumstance {call.number} ...",
        f"sekisho incident add item {call.number} ...",
        f"sekisho incident add filed {call.number} ...",
    )


def value_of(one: Clock) -> dict[str, Any]:
    """A clock as JSON has it."""
    return {
        "duty": one.name,
        "law": str(one.profile.title),
        "says": str(one.duty.says),
        "to": one.duty.to,
        "authority": str(one.profile.authority),
        "basis": one.duty.basis,
        "state": str(one.state),
        "applies": _reason_value(one.applies),
        "asked": str(one.asked),
        "reasons": [_reason_value(each) for each in one.reasons],
        "starts": str(one.starts) if one.starts else None,
        "start_is": str(one.start_is),
        "why_then": str(one.why_then),
        "days": list(one.days),
        "hours": one.duty.hours,
        "words": str(one.duty.words) if one.duty.words else None,
        "zone": one.profile.zone,
        "aim": _iso(one.aim),
        "due": _iso(one.due),
        "last_day": _last_day(one.due) if one.due and one.days else None,
        "hours_left": one.hours_left,
        "confirmed": one.duty.confirmed,
        "unconfirmed": str(one.duty.unconfirmed) if one.duty.unconfirmed else None,
        "readings": [{"says": str(each.says), "due": each.due.isoformat()} for each in one.readings],
        "filed": {"at": str(one.filed.at), "receipt": one.filed.receipt} if one.filed else None,
        "items": {name: str(sure) for name, sure in one.items.items()},
        "notes": [str(note) for note in (*one.duty.notes, *one.profile.notes)],
        "holidays": "not considered",
    }


def _reason_value(one: Reason) -> dict[str, Any]:
    return {
        "name": one.name,
        "says": str(one.says),
        "answer": str(one.answer),
        "why": str(one.why),
        "basis": one.basis,
        "confirmed": one.confirmed,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _text(found: Sequence[Clock]) -> Iterator[str]:
    from sekisho.incidents.answers import ANSWERS

    yield from _first(found)
    law, shown = "", None
    for one in found:
        if one.profile.name != law:
            law, shown = one.profile.name, None
            answer = APPLIES.fill(answer=ANSWERS[one.applies.answer], why=one.applies.why)
            yield f"{one.profile.title} [{law}]  {one.profile.basis}  {answer}"
            yield from (f"  {note}" for note in one.profile.notes)
        yield f"  {one.duty.says} [{one.name}]: {STATES[one.state]}{_when(one)}"
        yield from (f"      {line}" for line in (*_asked(one, shown), *_more(one)))
        shown = one.reasons


def _first(found: Sequence[Clock]) -> Iterator[str]:
    """What is over, and what is due next."""
    from sekisho.incidents.clocks import State

    over = [one.name for one in found if one.state is State.OVERDUE]
    if over:
        yield str(ALL_OVER.fill(n=len(over), names=listed(over)))
    running = [one for one in found if one.state is State.RUNNING and one.left is not None]
    if running:
        first = min(running, key=lambda one: one.left or timedelta())
        yield str(NEXT.fill(name=first.name, n=first.hours_left))


def _when(one: Clock) -> str:
    parts = [str(one.duty.words)] if one.duty.words else []
    if one.aim and one.due and one.aim != one.due:
        parts.append(str(AIM.fill(day=_last_day(one.aim))))
    if one.due:
        parts.append(str(_until(one, one.due)))
    if one.left is not None and not one.filed:
        hours = -(-abs(one.left) // timedelta(hours=1)) if one.left < timedelta() else one.hours_left
        parts.append(str((OVER if one.left < timedelta() else LEFT).fill(n=hours)))
    return "".join(f"; {part}" for part in parts)


def _until(one: Clock, due: datetime) -> Text:
    from sekisho.incidents.moment import Moment
    from sekisho.incidents.timeline import shown

    if one.duty.hours:
        return UNTIL.fill(time=shown(Moment(due)))
    return UNTIL_DAY.fill(day=_last_day(due), zone=one.profile.zone)


def _last_day(due: datetime) -> str:
    """The day at whose end it is due."""
    return str((due - timedelta(seconds=1)).date())


def _asked(one: Clock, shown: Sequence[Reason] | None) -> Iterator[str]:
    """Why it is asked for, or not; once for duties that are asked for alike."""
    from sekisho.incidents.answers import ANSWERS

    if one.reasons and one.reasons == shown:
        yield str(AS_ABOVE)
        return
    for each in one.reasons:
        basis = f"  [{each.basis}]" if each.basis else ""
        yield f"{ANSWERS[each.answer]}: {each.says}: {each.why}{basis}"


def _more(one: Clock) -> Iterator[str]:
    from sekisho.incidents.answers import SURE
    from sekisho.incidents.timeline import shown

    if one.filed:
        yield str(FILED.fill(time=shown(one.filed.at), receipt=one.filed.receipt or "-"))
    if one.starts:
        yield str(STARTS.fill(time=shown(one.starts), sure=SURE[one.start_is], why=one.why_then))
    else:
        yield str(NOT_STARTED.fill(why=one.why_then))
    if one.duty.unconfirmed:
        yield str(UNCONFIRMED.fill(what=one.duty.unconfirmed))
    yield from (str(READING.fill(says=each.says, day=_last_day(each.due))) for each in one.readings)
    yield from map(str, one.duty.notes)
    yield from _items(one)


def _items(one: Clock) -> Iterator[str]:
    from sekisho.countries import law
    from sekisho.incidents.answers import SURE

    for sure, said in SURE.items():
        names = [str(law.items()[name]) for name, known in one.items.items() if known == sure]
        if names:
            yield f"{said}: {listed(names)}"
