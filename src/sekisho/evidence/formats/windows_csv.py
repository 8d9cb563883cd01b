"""The Windows Security log as CSV: saved by the Event Viewer, or by PowerShell's ``Export-Csv``; Japanese or English.

The Event Viewer's last column has no header. Times are the machine's own, without a zone. The message is the text that
Windows shows, with what was sent to it in between: a value that stands twice in a section is not believed.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping

from sekisho.evidence.clock import Clock
from sekisho.evidence.event import Event, Left, Lines, LogFormat, Passed
from sekisho.evidence.windows import event
from sekisho.wording import Text

_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("event id", "イベント id", "id", "eventid"), "number"),
    **dict.fromkeys(("date and time", "日付と時刻", "timecreated", "timegenerated"), "time"),
    **dict.fromkeys(("computer", "コンピューター", "コンピュータ", "machinename"), "host"),
    **dict.fromkeys(("message", "メッセージ", "description", "説明"), "message"),
}
_SECTIONS: Mapping[str, str] = {
    **dict.fromkeys(("subject", "サブジェクト", "件名"), "Subject"),
    **dict.fromkeys(("new logon", "新しいログオン", "account for which logon failed", "user"), "Target"),
    **dict.fromkeys(("ログオンを失敗したアカウント", "ログオンに失敗したアカウント", "ユーザー"), "Target"),
    **dict.fromkeys(("account whose credentials were used", "資格情報が使用されたアカウント"), "Target"),
    **dict.fromkeys(("network information", "ネットワーク情報"), "Network"),
    **dict.fromkeys(("additional information", "追加情報"), "Additional"),
    **dict.fromkeys(("object", "オブジェクト", "share information", "共有情報"), "Object"),
    **dict.fromkeys(("access request information", "アクセス要求情報"), "Access"),
    **dict.fromkeys(("process information", "プロセス情報"), "Process"),
    **dict.fromkeys(("logon information", "ログオン情報", "ログオンの情報"), "Logon"),
    **dict.fromkeys(("target server", "ターゲット サーバー"), "Server"),
}
_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("account name", "アカウント名"), "{}UserName"),
    **dict.fromkeys(("account domain", "アカウント ドメイン"), "{}DomainName"),
    **dict.fromkeys(("logon id", "ログオン id"), "{}LogonId"),
    **dict.fromkeys(("logon type", "ログオン タイプ", "ログオンの種類"), "LogonType"),
    **dict.fromkeys(("workstation name", "ワークステーション名"), "WorkstationName"),
    **dict.fromkeys(("source network address", "ソース ネットワーク アドレス", "network address"), "IpAddress"),
    **dict.fromkeys(("source address", "送信元アドレス", "ソース アドレス", "ネットワーク アドレス"), "IpAddress"),
    **dict.fromkeys(("client name", "クライアント名"), "ClientName"),
    **dict.fromkeys(("client address", "クライアント アドレス"), "ClientAddress"),
    **dict.fromkeys(("object name", "オブジェクト名"), "ObjectName"),
    **dict.fromkeys(("share name", "共有名"), "ShareName"),
    **dict.fromkeys(("relative target name", "相対ターゲット名"), "RelativeTargetName"),
    **dict.fromkeys(("accesses", "アクセス"), "AccessList"),
    **dict.fromkeys(("access mask", "アクセス マスク"), "AccessMask"),
    **dict.fromkeys(("process name", "プロセス名"), "ProcessName"),
    **dict.fromkeys(("target server name", "ターゲット サーバー名"), "TargetServerName"),
}
_OF_WHOM = ("4634", "4647", "4778", "4779", "4800", "4801")  # the subject is the one who came or left
_FIELD = re.compile(r"(?P<indent>\s*)(?P<label>[^:：\t]{1,60})[:：](?P<value>.*)", re.DOTALL)
_MOST_LINES = 400  # of one record; what is longer is a quotation mark that nobody closed


def _header(line: str) -> dict[str, int]:
    """Column of each part, from the header; empty where it is none."""
    labels = [label.strip().strip('"').strip().lower() for label in line.lstrip("\ufeff").split(",")]
    found = {_COLUMNS[label]: place for place, label in reversed([*enumerate(labels)]) if label in _COLUMNS}
    if not {"number", "time"} <= found.keys():
        return {}
    return {"message": len(labels), **found}


def _fits(sample: str) -> bool:
    return any(_header(line) for line in sample.splitlines()[:3])


def _read(lines: Lines, clock: Clock) -> Iterator[Event | Passed]:
    columns: dict[str, int] = {}
    for place, cells in _records(lines):
        if not columns:
            columns = _header(",".join(cells))
            if not columns and not cells[0].startswith("#TYPE"):
                yield Passed(place, Left.BROKEN)
        elif any(cell for cell in cells):
            yield _event(place, cells, columns, clock)


def _records(lines: Lines) -> Iterator[tuple[int, list[str]]]:
    """Number of the first line and cells of each record. One that does not end costs its first line only."""
    source = iter(lines)
    ahead: deque[tuple[int, str]] = deque()
    while True:
        first = ahead.popleft() if ahead else next(source, None)
        if first is None:
            return
        taken = [first]
        marks = first[1].count('"')
        while marks % 2:
            more = ahead.popleft() if ahead else next(source, None)
            if more is None or len(taken) >= _MOST_LINES:
                ahead.extendleft(reversed([*taken[1:], *([more] if more else [])]))
                taken = [(first[0], first[1].replace('"', ""))]
                break
            taken.append(more)
            marks += more[1].count('"')
        yield first[0], _cells("\n".join(line for _, line in taken))


_CELL = re.compile(r'"((?:[^"]|"")*)"(?=,|\Z)|([^,]*)', re.DOTALL)


def _cells(record: str) -> list[str]:
    cells, place = [], 0
    while place <= len(record):
        found = _CELL.match(record, place)
        if found is None:
            break
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        place = found.end() + 1
    return cells


def _event(place: int, cells: list[str], columns: Mapping[str, int], clock: Clock) -> Event | Passed:
    part = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
    number, time = part["number"], part["time"]
    if not number.isdigit() or not time:
        return Passed(place, Left.BROKEN)
    said = (clock.local(time) or clock.iso(time), time, part.get("host", ""))
    return event(place, number, said, _data(part["message"], number)) or Passed(place, Left.OTHER)


def _data(message: str, number: str) -> dict[str, str]:
    """The values that a message shows, by the names that the XML has for them."""
    data: dict[str, str] = {}
    section, last = "", ""
    sections: set[str] = set()
    for line in message.splitlines():
        found = _FIELD.match(line)
        label = found["label"].strip().lower() if found else ""
        value = found["value"].strip() if found else ""
        if found and not value and label in _SECTIONS:
            section, last = _SECTIONS[label], ""
            if section == "Subject" and number in _OF_WHOM:
                section = "Target"
            if section in sections:  # one of the two was written by whoever logged on: nothing is believed
                data = dict.fromkeys(data, "")
            sections.add(section)
        elif found and label in _FIELDS:
            last = _FIELDS[label].format(section)
            data[last] = "" if last in data else value
        elif last == "AccessList" and line.strip() and not found:
            data[last] = f"{data[last]} {line.strip()}"
    return data


LOG = LogFormat(
    name=Text("Windows Security log, CSV", "Windows セキュリティログ（CSV）"),
    fits=_fits,
    read=_read,
    example="キーワード,日付と時刻,ソース,イベント ID,タスクのカテゴリ\n"
    "成功の監査,2015/05/20 9:12:33,Microsoft-Windows-Security-Auditing,4624,Logon,"
    '"アカウントが正常にログオンしました。\n\nサブジェクト:\n\tアカウント名:\t\tTERM031$\n\nログオン情報:\n'
    "\tログオン タイプ:\t\t10\n\n新しいログオン:\n\tアカウント名:\t\ttanaka\n\tアカウント ドメイン:\t\tKIKO\n"
    '\tログオン ID:\t\t0x8DCDC\n\nネットワーク情報:\n\tソース ネットワーク アドレス:\t10.47.1.31"',
    lacks=lambda sample: frozenset({"zone"}),
)
