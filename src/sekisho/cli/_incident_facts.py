"""`sekisho incident add | show | timeline`: what they take and what they say."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._options import add_action, add_group, at_least
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, listed, printable

if TYPE_CHECKING:
    from sekisho.incidents.case import Known
    from sekisho.incidents.kinds import Field, Kind
    from sekisho.incidents.said import Said
    from sekisho.incidents.timeline import Moved
    from sekisho.vault.incidents import Incident

ADD = Text(
    "Say what is known of an incident. Nothing that was said is overwritten.",
    "事案の事実を記録します（上書きはしません）。",
)
SHOW = Text("Show what is known of an incident.", "事案について判明していることを表示します。")
TIMELINE = Text(
    "Show what happened and what was done, in the order of time.", "発生したことと対応を時系列で表示します。"
)
ALL = Text("also what does not hold any more", "無効となった事実も表示する")
INSTEAD = Text("it stands in the place of that fact", "置き換える事実の番号")
FROM_STDIN = Text(" (- : a line of standard input)", "（- なら標準入力から1行読む）")
A_TIME = Text(" (2015-05-08T15:00, or a day)", "（例: 2015-05-08T15:00。日付のみも可）")
FILE = Text(
    "the file that is evidence: its hash is taken; without it give --sha256",
    "証拠ファイル（ハッシュ値を計算）。手元にない場合は --sha256 を指定",
)
SAID = Text("Fact {n}: {kind}.", "事実{n}: {kind}。")
FOUND = Text(
    "{n:,} of {all:,} hashes are of documents of the scan.",
    "ハッシュ{all:,}件のうち{n:,}件が走査の文書と一致しました。",
)
NOT_SEEN = Text("The others nobody has read: they may hold anybody.", "他は未読であり、誰が載っているか判りません。")
GONE = Text("fact {n} stands in its place", "事実{n}が有効")
CHOICE = Text("{name} ({says})", "{name}（{says}）")
NOTHING = Text("Nothing was said yet.", "まだ何も記録されていません。")
LEDGER = Text("ledger {n}", "証跡{n}")
FACT = Text("fact {n}", "事実{n}")
BY_ROLE = Text(" ({role})", "（{role}）")
TIMES = Text("{n:,} times that day", "同日{n:,}回")


def number_of(parser: ArgumentParser) -> None:
    """The argument that says which incident."""
    parser.add_argument("number", type=at_least(1), metavar="N", help=str(Text("number of the incident", "事案の番号")))


def add_facts(room: _SubParsersAction[ArgumentParser]) -> None:
    """The actions ``add``, ``show`` and ``timeline``."""
    from sekisho.incidents.kinds import kinds

    group = add_group(room, "add", ADD, 'sekisho incident add known 1 "Naha office" --at 2015-05-08T15:00')
    inner = group.add_subparsers(title=str(Text("what", "内容")), metavar="KIND", required=True)
    for kind in kinds().values():
        example = f"sekisho incident add {kind.name} 1 {kind.example}"
        _add_kind(add_action(inner, kind.name, kind.says, example, partial(_add, kind)), kind)
    show = add_action(room, "show", SHOW, "sekisho incident show 1", _show)
    number_of(show)
    show.add_argument("--all", action="store_true", help=str(ALL))
    number_of(add_action(room, "timeline", TIMELINE, "sekisho incident timeline 1", _timeline))


def _add_kind(parser: ArgumentParser, kind: Kind) -> None:
    from sekisho.incidents.kinds import EVIDENCE

    number_of(parser)
    if kind is EVIDENCE:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help=str(FILE))
    for field in kind.fields:
        _add_field(parser, field, needed=field.needed and kind is not EVIDENCE)
    if kind.name != "withdrawn":
        parser.add_argument("--instead-of", type=at_least(1), metavar="FACT", help=str(INSTEAD))


def _add_field(parser: ArgumentParser, field: Field, *, needed: bool) -> None:
    from sekisho.incidents.kinds import Type

    choices = f": {listed(starmap(_choice, field.choices.items()))}" if field.choices else ""
    how_given = {Type.TEXT: FROM_STDIN, Type.TIME: A_TIME}.get(field.type, "")
    how: dict[str, Any] = {"help": f"{field.says}{choices}{how_given}".replace("%", "%%")}
    if field.type is Type.DIGESTS:
        how |= {"type": Path, "metavar": "FILE"}
    else:
        how["metavar"] = field.name.upper() if field.first or field.type is Type.CHOICE else field.type.upper()
    if field.first:
        parser.add_argument(field.name, **how)
    else:
        parser.add_argument(f"--{field.name.replace('_', '-')}", required=needed, **how)


def _choice(name: str, says: Text) -> str:
    same = name.replace("_", " ") == str(says)
    return name if same else str(CHOICE.fill(name=name, says=says))


def _add(kind: Kind, call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.case import hashes_in, say, say_evidence, scope_found
    from sekisho.incidents.kinds import EVIDENCE, SCOPE, Type

    given: dict[str, Any] = {field.name: getattr(call, field.name, None) for field in kind.fields}
    for field in kind.fields:
        if given[field.name] == "-" and field.type is Type.TEXT:
            given[field.name] = sys.stdin.readline().rstrip("\n")
    given["instead_of"] = getattr(call, "instead_of", None)
    for field in kind.fields:
        if field.type is Type.DIGESTS and given[field.name]:
            given[field.name] = hashes_in(given[field.name])
    with open_vault(call, write=True) as vault:
        if kind is EVIDENCE and call.file:
            number = say_evidence(vault, call.number, call.file, **given)
        else:
            number = say(vault, call.number, kind.name, **given)
        found = scope_found(vault, call.number, number) if given.get("hashes") and given.get("scan") else None
    if found is not None:
        wanted = len(set(given["hashes"]))
        out.note(FOUND.fill(n=found, all=wanted))
        if found < wanted and kind.name == "documents":
            out.note(NOT_SEEN)
    value = {"incident": call.number, "fact": number, "kind": kind.name}
    out.result(value, lambda: str(SAID.fill(n=number, kind=kind.says)))
    if kind is SCOPE:
        out.next(f"sekisho incident count {call.number}")


def _show(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.case import shown

    with open_vault(call) as vault:
        known = shown(vault, call.number)
        incident = vault.incidents().incident(call.number)
    out.result(_value(incident, known, everything=call.all), lambda: "\n".join(_lines(incident, known, call.all)))


def _value(incident: Incident, known: Known, *, everything: bool) -> dict[str, Any]:
    from sekisho.incidents.kinds import kinds

    return {
        "incident": incident.number,
        "title": incident.title,
        "state": str(incident.state),
        "opened": incident.opened,
        "kind": known.kind,
        "zone": known.zone,
        "first_infection": _iso(known.first_infection),
        "known_at": _iso(known.known_at),
        "known_by": known.known_by,
        "detected_by": known.detected_by,
        "facts": [value_of(one) for one in known.facts if one.kind in kinds() and (everything or one.stands)],
        "kept_by_others": dict(Counter(one.kind for one in known.facts if one.kind not in kinds())),
    }


def value_of(one: Said) -> dict[str, Any]:
    """A fact as JSON has it."""
    became = {"stands": one.stands, "replaced_by": one.by}
    return {"fact": one.number, "kind": one.kind, "said_at": one.at, **became, "said": dict(one.values)}


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None


def _lines(incident: Incident, known: Known, everything: bool) -> Iterator[str]:
    from sekisho.incidents.kinds import kinds

    yield f"{incident.number}  {incident.opened[:10]}  {printable(incident.title or '')}"
    for kind in kinds().values():
        facts = [one for one in known.facts if one.kind == kind.name and (everything or one.stands)]
        if facts:
            yield f"{kind.says}:"
            yield from (f"  [{one.number}] {line_of(kind, one)}" for one in facts)
    if not known.facts:
        yield str(NOTHING)


def _speaks_for_itself(field: Field) -> bool:
    """Whether what stands in a field is understood without its name: a bare number is not."""
    from sekisho.incidents.kinds import Type

    return field.first and field.type is not Type.COUNT


def line_of(kind: Kind, one: Said) -> str:
    """What a fact says, as people read it, and what stands in its place."""
    from sekisho.incidents import timeline

    parts = [
        timeline.value_of(field, one) if _speaks_for_itself(field) else f"{field.says}: {timeline.value_of(field, one)}"
        for field in kind.fields
        if one.values.get(field.name) is not None
    ]
    gone = [] if one.stands else [f"→ {GONE.fill(n=one.by)}"]
    return printable("; ".join([*parts, *gone])).replace("\n", "\n      ")


def _timeline(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.timeline import timeline_of

    with open_vault(call) as vault:
        found = timeline_of(vault, call.number, progress=not out.quiet)
    out.result([_moved_value(one) for one in found], lambda: "\n".join(map(_moved, found)) or str(NOTHING))


def _moved_value(one: Moved) -> dict[str, Any]:
    value: dict[str, Any] = {"at": one.at.at.isoformat(), "whole_day": one.at.whole_day, "what": str(one.what)}
    if one.act is None:
        return {**value, "said": one.said, "fact": one.fact, "due": one.due}
    act = one.act
    return {
        **value,
        "action": act.action,
        "role": act.role,
        "entry": act.entry,
        "times": act.times,
        "counts": dict(act.counts),
    }


def _moved(one: Moved) -> str:
    from sekisho.actors import policy
    from sekisho.incidents.timeline import shown

    if one.act is None:
        return printable(f"{shown(one.at):<23}  {one.what}: {one.said}  [{FACT.fill(n=one.fact)}]".replace("\n", " "))
    times = f"; {TIMES.fill(n=one.act.times)}" if one.act.times > 1 else ""
    role = BY_ROLE.fill(role=policy().called.get(one.act.role, one.act.role)) if one.act.role else ""
    return f"{shown(one.at):<23}  {one.what}{role}{times}  [{LEDGER.fill(n=one.act.entry)}]"
