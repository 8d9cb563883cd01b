"""`sekisho check`: before a procedure is carried out for somebody, by what do they prove themselves now?"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._vault import open_vault
from sekisho.cli._whom import sought
from sekisho.errors import UsageError
from sekisho.wording import Text, listed

if TYPE_CHECKING:
    from sekisho.actions.step_up import Answer, Asked, Shown
    from sekisho.flow.answering.step_up import Checked

EXPOSED = {
    "yes": Text("exposed", "漏えいの対象"),
    "no": Text("not exposed", "漏えいの対象外"),
    "cannot_tell": Text("cannot tell: check as if exposed", "判明していない（対象者と同じ扱い）"),
}
DECISIONS = {"go": Text("GO", "可"), "hold": Text("HOLD", "保留")}
WHYS = {
    "nothing_shown": Text("until something of the following is shown", "次の確認書類等が示されるまで"),
    "not_enough": Text("what was shown is not enough", "示されたものでは足りない"),
    "not_confirmed": Text("it must be confirmed from where they were before", "以前の住所への確認が必要"),
    "address_changed": Text(
        "the address was changed after first infection: look at that change first",
        "初回感染後に住所が変更されている（先にその変更を確認）",
    ),
    "old_number": Text(
        "the number was replaced: whoever gives it may not be the person", "番号は変更済み（なりすましの疑い）"
    ),
}
FAULTS = {
    "leaked": Text("it has leaked", "漏えい済み"),
    "may_have_leaked": Text("it may have leaked", "漏えいのおそれ"),
    "not_asked_for": Text("it does not count here", "この手続では不可"),
    "too_old": Text("issued too long ago", "発行日が古い"),
    "too_young": Text("issued on a day on which none was", "発行日があり得ない"),
    "expired": Text("expired", "期限切れ"),
    "no_date": Text("a date is missing", "日付がない"),
}
BECAUSE = Text(" ({why})", "（{why}）")
AS_OF = Text("{exposed}, as of {versions}", "{exposed}（{versions}時点）")
VERSION = Text("incident {n}, version {v}", "事案{n} 第{v}版")
NOT_COUNTED = Text("incident {n}, not counted yet", "事案{n} 未集計")
NO_INCIDENT = Text("no incident", "事案なし")
WORTHLESS = Text("Worth nothing, as it has leaked: {all}", "漏えい済みのため使えないもの: {all}")
DOUBTFUL = Text("Not to be relied on, as it may have leaked: {all}", "漏えいのおそれがあるため使えないもの: {all}")
ASK = Text("Ask for {points} {points|point|points} of:", "次のうち合計{points}点:")
USUAL = Text("As always:", "通常どおり:")
CONFIRM = Text("One of these must be among it: {all}", "このうち1つは必須: {all}")
REFUSED = Text("Does not count: {proof} ({why})", "認められないもの: {proof}（{why}）")
SEVERAL = Text(
    "{n} {n|person|persons} fit; the strictest answer of all counts.", "該当者{n}人。最も厳しい結果を示します。"
)
PROCEDURES = Text("procedures (--for):", "手続（--for）:")
PROOFS = Text("proofs (--shown):", "確認書類等（--shown）:")
PROOF = Text("{name} [{key}] ({said})", "{name} [{key}]（{said}）")
NOBODY = Text("Nobody fits: nobody can tell.", "該当者なし（判明していない）")


def _add_arguments(parser: ArgumentParser) -> None:
    number = Text(
        "any number they ever had; - reads it from standard input", "現在または過去の番号（- なら標準入力から読む）"
    )
    parser.add_argument("what", nargs="?", metavar="NUMBER", help=str(number))
    procedure = Text("what is asked for; --list shows all", "手続（一覧は --list）")
    parser.add_argument("--for", dest="procedure", metavar="PROCEDURE", help=str(procedure))
    shown = Text(
        "what they showed, with the day of issue or (until:) of expiry: residence_record=2026-10-01, "
        "driving_licence=until:2028-04-06",
        "示されたもの。発行日または有効期限（until:）を付ける: residence_record=2026-10-01、"
        "driving_licence=until:2028-04-06",
    )
    parser.add_argument("--shown", action="append", default=[], metavar="PROOF[=DAY]", help=str(shown))
    name = Text(
        "a name or its reading, with --born or --town; - reads a line of standard input",
        "氏名またはフリガナ（--born か --town とともに。- なら標準入力から1行読む）",
    )
    parser.add_argument("--name", metavar="NAME", help=str(name))
    born = Text("their birth date, as 1950-04-06; - as above", "生年月日（例: 1950-04-06。- は同上）")
    parser.add_argument("--born", metavar="DATE", help=str(born))
    town = Text("a town where they lived; - as above", "住所の市区町村（- は同上）")
    parser.add_argument("--town", metavar="TOWN", help=str(town))
    listed = Text("list procedures and proofs", "手続と確認書類の一覧を表示")
    parser.add_argument("--list", action="store_true", help=str(listed))


def _run(call: Namespace, out: Output) -> int:
    if call.list:
        _list(out)
        return 0
    if call.procedure is None:
        raise UsageError(
            Text("It is not said for which procedure.", "手続が指定されていません。"),
            Text(
                "As: --for address_change (`sekisho check --list`).",
                "例: --for address_change（`sekisho check --list`）。",
            ),
        )
    from sekisho.flow.answering.step_up import as_json, check_person

    whom, shown = sought(call), [_shown(one) for one in call.shown]
    with open_vault(call) as vault:
        found = check_person(vault, whom, call.procedure, datetime.now().astimezone().date(), shown)
    out.result(as_json(found), lambda: "\n".join(map(str, _lines(found))))
    return 0


def _shown(written: str) -> Shown:
    from sekisho.actions.step_up import Shown
    from sekisho.countries.proofs import proofs

    proof, _, day = written.partition("=")
    if proof not in proofs():
        raise UsageError(
            Text("There is no such proof.", "その確認書類は登録されていません。"),
            Text("`sekisho check --list` shows them.", "一覧は `sekisho check --list`。"),
        )
    try:
        if day.startswith("until:"):
            return Shown(proof, expires=date.fromisoformat(day.removeprefix("until:")))
        return Shown(proof, issued=date.fromisoformat(day) if day else None)
    except ValueError as error:
        raise UsageError(
            Text("That is no date.", "日付として読み取れません。"),
            Text("As: residence_record=2026-10-01", "例: residence_record=2026-10-01"),
        ) from error


def _lines(found: Checked) -> Iterator[Text | str]:
    answer = found.answer
    why = BECAUSE.fill(why=WHYS[answer.why]) if answer.why else ""
    yield f"{DECISIONS[answer.decision]}{why}"
    yield AS_OF.fill(exposed=EXPOSED[answer.exposed], versions=_versions(found.versions))
    if found.persons != 1:
        yield SEVERAL.fill(n=found.persons) if found.persons else NOBODY
    for said, keys in ((WORTHLESS, answer.worthless), (DOUBTFUL, answer.doubtful)):
        if keys:
            yield said.fill(all=_named(keys))
    for key, fault in answer.faults:
        yield REFUSED.fill(proof=_named([key]), why=FAULTS[fault])
    yield from _asks(answer)


def _asks(answer: Answer) -> Iterator[Text | str]:
    yield ASK.fill(points=answer.points) if answer.points else USUAL
    yield from (f"  {_ask(one)}" for one in answer.ask)
    if answer.confirm:
        yield CONFIRM.fill(all=_named(answer.confirm))


def _ask(one: Asked) -> str:
    dates = (
        (Text("issued from {day}", "発行日 {day}以降"), one.issued_from),
        (Text("issued until {day}", "発行日 {day}以前"), one.issued_until),
        (Text("valid on {day}", "{day}に有効"), one.expires),
    )
    said = [str(text.fill(day=day)) for text, day in dates if day]
    if not one.confirmed:
        said.append(str(Text("unconfirmed", "未確認")))
    points = Text("{n} {n|point|points}", "{n}点").fill(n=one.points)
    return str(PROOF.fill(name=_named([one.proof]), key=one.proof, said=listed([points, *said])))


def _named(keys: Any) -> str:
    from sekisho.countries.proofs import proofs

    return listed(proofs()[key].says_of_it if key in proofs() else "?" for key in keys)


def _versions(versions: dict[int, int]) -> str:
    told = [(VERSION if v else NOT_COUNTED).fill(n=n, v=v) for n, v in versions.items()]
    return listed(told or [NO_INCIDENT])


def _list(out: Output) -> None:
    from sekisho.countries.proofs import procedures, proofs

    said = {
        "procedures": {key: str(one.says_of_it) for key, one in procedures().items()},
        "proofs": {key: str(one.says_of_it) for key, one in proofs().items()},
    }
    titles = {"procedures": PROCEDURES, "proofs": PROOFS}
    out.result(said, lambda: "\n".join(line for part, title in titles.items() for line in _part(title, said[part])))


def _part(title: Text, said: Mapping[str, str]) -> Iterator[str]:
    yield str(title)
    yield from (f"  {key:26} {says}" for key, says in said.items())


COMMAND = Command(
    name="check",
    help=Text(
        "Before a procedure: is somebody exposed, what proves nothing of them any more, what to ask for instead.",
        "手続の前に、本人が漏えいの対象か、何が確認に使えないか、代わりに何を求めるかを示します。",
    ),
    example="sekisho check 4701-000001 --for address_change",
    add_arguments=_add_arguments,
    run=_run,
)
