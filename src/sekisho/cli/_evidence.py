"""`sekisho ledger evidence`: what it takes and what it says."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._options import add_action, add_group, at_least
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sekisho.evidence.ask import Told
    from sekisho.flow.proving.evidence import Act, Answer
    from sekisho.vault.evidence import Log

EVIDENCE = Text(
    "Logs of other machines as evidence: bring them in, and ask which terminal, who, on whose order, when.",
    "他の機器のログを証拠として取り込み、「どの端末で、誰が、誰の指示で、いつ」を調べます。",
)
IMPORT = Text(
    "Bring a log in: Windows Security events (CSV or XML), Samba full_audit, Linux audit.log and auth.log, Squid.",
    "ログを取り込みます: Windows セキュリティ（CSV・XML）、Samba full_audit、Linux の audit.log・auth.log、Squid。",
)
ASK = Text(
    "Ask all logs, and our own acts of the time, at once; what none of them says is said too.",
    "全ログと当システムの操作を一度に調べます。不明な点も示します。",
)
LIST = Text("List the logs that were brought in.", "取り込んだログの一覧を表示します。")
MADE = Text(
    "Log {n} ({format}): {events:,} {events|event|events} of {records:,} {records|record|records}, {first} to {last}.",
    "ログ{n}（{format}）: 記録{records:,}件のうち事象{events:,}件、{first}〜{last}。",
)
AGAIN = Text("The same file as log {n}, read the same way: nothing changes.", "ログ{n}と同じため、変更はありません。")
PASSED = {
    "other": Text("  {n:,} of other kinds", "  対象外の種類 {n:,}"),
    "broken": Text("  {n:,} not of the log's form", "  形式に合わないもの {n:,}"),
    "too_long": Text("  {n:,} longer than may be", "  長すぎるもの {n:,}"),
}
DOUBTS = {
    "doctored": Text("it is not what was brought in", "取り込んだ時の内容と異なる"),
    "clock_set": Text("its clock was set, or lines were moved", "時計の変更または行の入れ替えの形跡あり"),
    "future": Text("times after it was brought in", "取り込みより後の時刻あり"),
    "no_time": Text("times that cannot be told", "確定できない時刻あり"),
    "broken": Text("records that could not be read", "読み取れない記録あり"),
    "undecoded": Text("characters that could not be read", "読み取れない文字あり"),
}
UNKNOWN = {
    "person": Text("who sat at the terminal (a log knows accounts)", "端末を操作した人（ログにはアカウントのみ）"),
    "when": Text("when", "時刻"),
    "terminal": Text("from which terminal", "端末"),
    "account": Text("which account", "アカウント"),
    "order": Text("on whose order", "指示者"),
}
FOUND = Text("{n:,} {n|event|events}{shown}.", "事象{n:,}件{shown}。")
SHOWN = Text("; the first {n:,} are shown", "（先頭{n:,}件を表示）")
NOT_KNOWN = Text("Not known: {what}, of {n:,}.", "不明: {what}（{n:,}件）")
DOUBTFUL = Text("Log {n}: {why}.", "ログ{n}: {why}。")
SPAN = Text("Log {n} speaks of {first} to {last}.", "ログ{n}の範囲: {first}〜{last}。")
NO_LOGS = Text("No log was brought in: nothing is known.", "ログが取り込まれていないため、何も分かりません。")
OURS = Text("Our own acts of that time:", "同じ時間帯の当システムの操作:")


def add_evidence(room: _SubParsersAction[ArgumentParser]) -> None:
    """The actions ``evidence import``, ``ask`` and ``list``."""
    group = add_group(room, "evidence", EVIDENCE, "sekisho ledger evidence ask --object list.xlsx")
    inner = group.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    example = "sekisho ledger evidence import security.csv --zone Asia/Tokyo --host TERM031"
    _add_import(add_action(inner, "import", IMPORT, example, _import))
    _add_ask(add_action(inner, "ask", ASK, "sekisho ledger evidence ask --object list.xlsx --from 2015-05-20", _ask))
    add_action(inner, "list", LIST, "sekisho ledger evidence list", _list)


def _add_import(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help=str(Text("the log", "ログのファイル")))
    form = Text("its format, where it is not told", "形式（自動判別できない場合）")
    parser.add_argument("--format", default="", metavar="NAME", help=str(form))
    zone = Text("time zone of its times, where they do not say it", "時刻の時間帯（記載がない場合）")
    parser.add_argument("--zone", type=_zone, metavar="ZONE", help=str(zone))
    year = Text("year of its first line, where times do not say it", "先頭行の年（記載がない場合）")
    parser.add_argument("--year", type=at_least(1970), metavar="YEAR", help=str(year))
    fast = Text("by how many seconds its clock was ahead (behind: negative)", "時計の進み（秒。遅れは負の数）")
    parser.add_argument("--fast", type=float, default=0.0, metavar="SECONDS", help=str(fast))
    host = Text("the machine that wrote it, where it does not say so", "出力した機器の名前（記載がない場合）")
    parser.add_argument("--host", default="", metavar="NAME", help=str(host))


def _add_ask(parser: ArgumentParser) -> None:
    parts = {
        "--object": Text("part of a file's path or a URL", "ファイルのパス・URLの一部"),
        "--terminal": Text("part of a machine's name or address", "端末名・アドレスの一部"),
        "--account": Text("part of an account", "アカウントの一部"),
    }
    for option, said in parts.items():
        parser.add_argument(option, default="", metavar="TEXT", help=str(said))
    kinds = Text("logon, logon_failed, logoff, file, web or order; several times", "種類（複数指定可）")
    parser.add_argument("--kind", action="append", default=[], type=_kind, metavar="KIND", help=str(kinds))
    since = Text("from then on: 2015-05-20, or 2015-05-20T09:00+09:00 (else UTC)", "開始（既定はUTC）")
    parser.add_argument("--from", dest="since", type=_moment, metavar="TIME", help=str(since))
    until = Text("up to then; a day: to its end", "終了（日付のみの場合はその日の終わりまで）")
    parser.add_argument("--until", type=_end, metavar="TIME", help=str(until))
    most = Text("events to show (default: 200)", "表示件数（既定: 200）")
    parser.add_argument("--most", type=at_least(1), default=200, metavar="N", help=str(most))
    names = Text("with the names of our own actors: for the auditor", "当システムの利用者名も示す（監査担当のみ）")
    parser.add_argument("--names", action="store_true", help=str(names))


def _zone(text: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ArgumentTypeError(str(Text("no such time zone", "その時間帯はありません"))) from error


def _kind(text: str) -> str:
    from sekisho.evidence.event import Kind

    if text not in set(Kind):
        raise ArgumentTypeError(str(Text("there are: {all}", "選べる種類: {all}").fill(all=", ".join(Kind))))
    return text


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(
            str(Text("a time like 2015-05-20T09:00+09:00", "例: 2015-05-20T09:00+09:00"))
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _end(text: str) -> datetime:
    at = _moment(text)
    return at.replace(hour=23, minute=59, second=59, microsecond=999_999) if len(text) == len("2015-05-20") else at


def _import(call: Namespace, out: Output) -> None:
    from sekisho.evidence.read import formats, unclear
    from sekisho.flow.proving.evidence import import_log
    from sekisho.flow.proving.logs import Given

    if call.format and call.format not in formats():
        raise unclear("format")
    given = Given(call.format, call.zone, call.year, call.fast, call.host)
    with open_vault(call, write=True) as vault:
        found = import_log(vault, call.file, given, shown=not out.quiet)
    log, account = found.log, found.log.account
    if not found.again:
        for why, count in account["passed"].items():
            out.note(PASSED[why].fill(n=count))
    said = AGAIN.fill(n=log.number) if found.again else _made(log)
    out.result({**_log_json(log), "again": found.again}, lambda: str(said))


def _list(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.evidence import logs

    with open_vault(call) as vault:
        found = logs(vault)
    lines = [f"{_made(log)}  {printable(log.file)}" for log in found] or [str(NO_LOGS)]
    out.result([_log_json(log) for log in found], lambda: "\n".join(lines))


def _made(log: Log) -> Text:
    account = log.account
    counts = {name: account[name] for name in ("format", "events", "records")}
    return MADE.fill(n=log.number, **counts, first=_short(account["first"]), last=_short(account["last"]))


def _log_json(log: Log) -> dict[str, Any]:
    return {"log": log.number, "file": log.file, "sha256": log.sha256, "given": log.given, **log.account}


def _ask(call: Namespace, out: Output) -> None:
    from sekisho.evidence.ask import Question
    from sekisho.evidence.event import Kind
    from sekisho.flow.proving.evidence import ask

    kinds = tuple(Kind(kind) for kind in call.kind)
    texts = (call.object, call.terminal, call.account)
    question = Question(*texts, kinds, call.since, call.until, call.most, call.names)
    with open_vault(call) as vault:
        found = ask(vault, question)
    out.result(asdict(found), lambda: "\n".join(printable(str(line)) for line in _lines(found)))


def _lines(found: Answer) -> Iterator[Text | str]:
    yield from map(_event, found.events)
    if found.acts:
        yield OURS
        yield from map(_act, found.acts)
    left = SHOWN.fill(n=len(found.events)) if found.found > len(found.events) else ""
    yield FOUND.fill(n=found.found, shown=left)
    for what, count in found.unknown.items():
        if count:
            yield NOT_KNOWN.fill(what=UNKNOWN[what], n=count)
    for log, why in found.gaps.items():
        yield DOUBTFUL.fill(n=log, why="; ".join(str(DOUBTS[one]) for one in why))
    for log, (first, last) in found.span.items():
        yield SPAN.fill(n=log, first=_short(first), last=_short(last))
    if not found.span:
        yield NO_LOGS


def _event(one: Told) -> str:
    terminal = " ".join(part for part in (one.terminal, one.address) if part) or "?"
    by_session = " (by its session)" if one.known_by == "session" else ""
    order = f" <- {one.order}" if one.order else ""
    when = _short(one.at) if one.at else f"? ({one.written})"
    what = " ".join(part for part in (one.kind, one.outcome, one.object, one.detail) if part)
    who = f"{one.account or '?'}{order}"
    return f"{when}  {terminal}{by_session} @ {one.host or '?'}  {who}  {what}  [{one.log}:{one.place}]"


def _act(one: Act) -> str:
    order = f" <- {', '.join(one.approved)}" if one.approved else ""
    who = one.actor[:16] or "-"
    return f"{_short(one.at)}  {who} ({one.role}){order}  {one.purpose or '-'}  {one.action}  [{one.entry}]"


def _short(at: str | None) -> str:
    return at[:19].replace("T", " ") + "Z" if at else "?"
