"""`sekisho ledger who-looked-at`: what it takes and what it says."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from sekisho.cli._command import Output
from sekisho.cli._options import add_action
from sekisho.cli._vault import open_vault
from sekisho.cli._whom import words
from sekisho.wording import Text, listed, minute, printable

if TYPE_CHECKING:
    from sekisho.flow.proving.looked import Answer, Looked

WHO = Text(
    "Answer a person who looked at their data: when, in which role, for which purpose.",
    "本人の情報を誰が見たか（日時・役割・目的）を示します。",
)
LINE = Text("{when}  {role}  {purpose}  {action}{whole}{name}", "{when}  {role}  {purpose}  {action}{whole}{name}")
MAYBE = Text("Nobody can tell whether they were in these:", "本人の情報が含まれていたか確認できないもの:")
NOBODY = Text("Nobody looked at them.", "閲覧の記録はありません。")
COUNT = Text(
    "{n:,} {n|look|looks} since {since}; of what was before the ledger, nothing is known.",
    "{since}以降の閲覧{n:,}件。証跡の開始前については不明です。",
)
DOCTORED = Text(
    "Of {n:,} {n|look|looks} it is no longer known at whom {n|it was|they were}: entries {entries}. They may have been "
    "at this person.",
    "閲覧{n:,}件は対象者が確認できなくなっています（記載{entries}）。本人が対象だった可能性があります。",
)
WHOLES = {
    "register": Text(" (all of the register)", "（台帳全体）"),
    "merges": Text(" (all merges)", "（統合全体）"),
    "scan": Text(" (all of scan {n})", "（走査{n}の全員）"),
    "leak": Text(" (all of version {n})", "（第{n}版の全員）"),
}
MOST_SHOWN = 20


def add_who(room: _SubParsersAction[ArgumentParser]) -> None:
    """The action ``who-looked-at``."""
    who = add_action(room, "who-looked-at", WHO, "sekisho ledger who-looked-at 4701-000001 --purpose disclosure", _who)
    what = Text(
        "any number they ever had, words of their name and birth date, or the id of a record; - reads a line of "
        "standard input",
        "現在または過去の番号、氏名・生年月日の語、または記録番号（- なら標準入力から1行読む）",
    )
    who.add_argument("what", nargs="+", metavar="PERSON", help=str(what))
    names = Text("with the names of those who looked: for the auditor", "閲覧者の氏名も示す（監査担当のみ）")
    who.add_argument("--names", action="store_true", help=str(names))


def _who(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.looked import who_looked_at

    asked = words(call.what)
    with open_vault(call) as vault:
        found = who_looked_at(vault, asked, names=call.names, shown=not out.quiet)
    out.result(asdict(found), lambda: "\n".join(map(printable, map(str, _lines(found)))))


def _lines(found: Answer) -> Iterator[Text | str]:
    sure = [one for one in found.looks if one.certain]
    maybe = [one for one in found.looks if not one.certain]
    yield from map(_line, sure)
    if not sure:
        yield NOBODY
    if maybe:
        yield MAYBE
        yield from map(_line, maybe)
    yield COUNT.fill(n=len(sure), since=minute(found.since) if found.since else "-")
    if found.doctored:
        some = listed(found.doctored[:MOST_SHOWN]) + (" …" if len(found.doctored) > MOST_SHOWN else "")
        yield DOCTORED.fill(n=len(found.doctored), entries=some)


def _line(one: Looked) -> Text:
    from sekisho.actors import policy

    rules = policy()
    action = rules.actions.get(one.action)
    purpose = rules.purposes.get(one.purpose)
    return LINE.fill(
        when=minute(one.when),
        role=rules.called.get(one.role, one.role),
        purpose=purpose or one.purpose or "-",
        action=action.says if action else one.action,
        whole=_whole(one.whole) if one.whole else "",
        name=f"  {one.name}" if one.name else "",
    )


def _whole(thing: str) -> Text:
    """``thing``: its kind, and the number of the scan, the version or the last act that made it."""
    kind, _, number = thing.partition(" ")
    return WHOLES[kind].fill(n=number)
