"""`sekisho incident review`: what it takes and what it says."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._options import add_action
from sekisho.cli._vault import open_vault
from sekisho.errors import AccountError, UsageError
from sekisho.wording import Text, listed, printable

if TYPE_CHECKING:
    from sekisho.flow.assessing.past import Worklist
    from sekisho.vault.changes import File

REVIEW = Text(
    "Find the changes (address, account, ...) made for exposed persons since the first infection: a worklist.",
    "最初の感染以後に、対象者について処理された変更（住所・口座など）を洗い出し、確認作業の一覧にします。",
)
MOST_SHOWN = 200
TAKEN = Text("File {n}: {rows:,} {rows|change|changes}.", "ファイル{n}: 変更{rows:,}件。")
AGAIN = Text("The same file as file {n}.", "ファイル{n}と同じ内容です。")
COLUMN = Text("  {label} -> {name}", "  {label} → {name}")
UNUSED = Text("  not used: {labels}", "  使わない列: {labels}")
STRAYS = Text(
    "  {n:,} {n|row|rows} of another width than the header: NOT read; mend the file and give it again",
    "  列数が合わず読み取れない行 {n:,}（ファイルを直して再度取り込んでください）",
)
NOT_TAKEN = Text(
    "{n:,} {n|row|rows} of the file {n|was|were} not taken: {n|row|rows} {rows}.",
    "ファイルの{n:,}行を取り込んでいません（{rows}行目）。",
)
FIRST = Text("First infection: {first}.", "最初の感染: {first}。")
NO_FIRST = Text(
    "The first infection is not known: every change may have been made since (`sekisho incident add infected`).",
    "最初の感染の日時が未登録のため、すべての変更が「以後の可能性あり」になります（`sekisho incident add infected`）。",
)
TIMES = {
    "since": Text("since the first infection", "最初の感染以後"),
    "perhaps": Text("perhaps since (no time, or none that can be read)", "以後の可能性あり（時刻なし・読取り不能）"),
    "before": Text("before", "最初の感染より前"),
}
STANDINGS = {
    "exposed": Text("of exposed persons", "対象者"),
    "possible": Text("of persons whose an undecided record could be", "未確定の記録が本人のものでありうる人"),
    "unknown": Text("of nobody whom we know", "該当者が不明"),
    "unread": Text("of persons whom only unread documents could name", "未読の文書にのみ載っている可能性のある人"),
    "not_exposed": Text("of others", "対象外の人"),
}
KINDS = {
    "address": Text("address", "住所"),
    "account": Text("account", "口座"),
    "name": Text("name", "氏名"),
    "phone": Text("telephone", "電話"),
    "mail": Text("e-mail", "メール"),
    "certificate": Text("certificate", "証書・手帳"),
    "other": Text("other", "その他"),
    "": Text("not said", "種別不明"),
}
CELL = Text("{n:>9,}  {time}, {standing}", "{n:>9,}件  {time}・{standing}")
LEFT_OUT = Text(
    "{rows:,} {rows|row|rows}: {duplicates:,} said twice, {refused:,} refused or withdrawn; {pending:,} not "
    "carried out yet.",
    "全{rows:,}行。重複{duplicates:,}行、却下・取下げ{refused:,}行、未処理{pending:,}行。",
)
LISTED = Text(
    "On the worklist: {n:,} {n|change|changes} of {persons:,} {persons|person|persons} ({new:,} new as of version "
    "{version}); {open:,} to be cleared.",
    "作業一覧: {persons:,}人・{n:,}件（第{version}版で新規{new:,}件）。未了{open:,}件。",
)
GONE = Text(
    "{n:,} {n|entry was|entries were} on the worklist once and {n|is|are} not any more.",
    "以前の一覧にあり、現在は該当しないもの {n:,}件。",
)
RECORDED = Text("{n:,} {n|outcome|outcomes} recorded.", "結果{n:,}件を記録しました。")
WRITTEN = Text("{rows:,} {rows|entry|entries} in {file}.", "{file} に{rows:,}件を書き出しました。")
LINE = Text("{entry}  {when:<17} {number}  {kinds}: {steps}", "{entry}  {when:<17} {number}  {kinds}: {steps}")
MORE = Text("and {n:,} more: --to FILE", "ほか{n:,}件（--to で書き出し）")
NOTE = Text("Note: ", "備考: ")


def add_review(room: _SubParsersAction[ArgumentParser]) -> None:
    """The action ``review``."""
    parser = add_action(room, "review", REVIEW, "sekisho incident review 1 changes.csv", _review)
    what = Text(
        "number of the incident (default: the only open one), and a file of changes: csv, xlsx, parquet; without one "
        "those that were taken in are held against the last version again",
        "事案の番号（省略時は対応中の1件）と変更のファイル（csv・xlsx・parquet）。ファイルを省くと、取込み済みの変更を最新版と照合",
    )
    parser.add_argument("what", nargs="*", metavar="[N] [CHANGES]", help=str(what))
    when = Text("the column that says when a change was carried out", "処理日時の列見出し")
    parser.add_argument("--when", default="", metavar="LABEL", help=str(when))
    parser.add_argument("--list", action="store_true", help=str(Text("show the entries", "一覧を表示")))
    to = Text(
        "write the worklist there, in clear, with addresses from before (.csv, .xlsx, .parquet)",
        "作業一覧を書き出す（平文、感染前の住所を含む。.csv・.xlsx・.parquet）",
    )
    parser.add_argument("--to", type=Path, metavar="FILE", help=str(to))
    parser.add_argument("--force", action="store_true", help=str(Text("overwrite FILE", "既存のファイルを上書き")))
    protected = Text("with the addresses of who must not be found", "住所秘匿の対象者の住所も含める")
    parser.add_argument("--protected", action="store_true", help=str(protected))
    outcomes = Text(
        "record what came of entries: that worklist with its column `outcome` filled in (own, not_theirs, unreached, "
        "not_concerned, open)",
        "結果の記録: outcome 列を記入した作業一覧（own 本人の届出, not_theirs 本人でない, unreached 連絡不能, "
        "not_concerned 対象外, open 再確認）",
    )
    parser.add_argument("--outcomes", type=Path, metavar="FILE", help=str(outcomes))
    entry = Text("record what came of one entry; a note is read from standard input with --note", "1件の結果を記録")
    parser.add_argument("--entry", metavar="ENTRY", help=str(entry))
    parser.add_argument("--outcome", metavar="OUTCOME", help=str(Text("as above", "結果（上の値）")))
    parser.add_argument("--note", action="store_true", help=str(Text("read a note", "備考を標準入力から読む")))


def _review(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.meant import incident_meant

    number, file = _meant(call.what)
    if bool(call.entry) != bool(call.outcome):
        raise UsageError(
            Text("--entry and --outcome go together.", "--entry と --outcome は組で指定してください。"),
            Text("As: --entry 0123456789abcdef --outcome own", "例: --entry 0123456789abcdef --outcome own"),
        )
    note = _typed() if call.note else ""
    with open_vault(call, write=True) as vault:
        incident = incident_meant(vault, number)
        if call.outcomes or call.entry:
            _record(call, out, vault, incident, note)
            return
        taken = _take(call, out, vault, incident, file) if file else None
        (_export if call.to else _show)(call, out, vault, incident)
    if taken and taken.account["strays"]:
        raise _not_taken(taken)


def _not_taken(file: File) -> AccountError:
    from sekisho.register.sheets import named

    return AccountError(
        NOT_TAKEN.fill(n=file.account["strays"], rows=named(file.account["stray_rows"])),
        Text("Mend them and give the file again.", "行を直してから、ファイルを再度取り込んでください。"),
    )


def _meant(what: Sequence[str]) -> tuple[int | None, Path | None]:
    number = int(what[0]) if what and what[0].isdecimal() else None
    rest = what[number is not None :]
    if len(rest) > 1:
        raise UsageError(
            Text("One file of changes at a time.", "変更のファイルは1つずつ指定してください。"),
            Text("As: sekisho incident review 1 changes.csv", "例: sekisho incident review 1 changes.csv"),
        )
    return number, Path(rest[0]) if rest else None


def _typed() -> str:
    if sys.stdin.isatty():
        print(NOTE, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _record(call: Namespace, out: Output, vault: Any, incident: int, note: str) -> None:
    from sekisho.flow.assessing.past import came_of, filled_in

    some = filled_in(call.outcomes) if call.outcomes else [(call.entry, call.outcome, note)]
    count = came_of(vault, incident, some)
    out.result({"outcomes": count}, lambda: str(RECORDED.fill(n=count)))


def _take(call: Namespace, out: Output, vault: Any, incident: int, path: Path) -> File:
    from sekisho.flow.assessing.past import take

    file, again = take(vault, incident, path, call.when)
    for line in [AGAIN.fill(n=file.number)] if again else _read(file):
        out.note(line)
    return file


def _read(file: File) -> Iterator[Text]:
    yield TAKEN.fill(n=file.number, rows=file.account["rows"])
    for label, name in file.account["columns"].items():
        yield COLUMN.fill(label=label, name=name)
    if file.account["unused"]:
        yield UNUSED.fill(labels=listed(file.account["unused"]))
    if file.account["strays"]:
        yield STRAYS.fill(n=file.account["strays"])


def _export(call: Namespace, out: Output, vault: Any, incident: int) -> None:
    from sekisho.flow.assessing.past import export

    rows = export(vault, incident, call.to, protected_too=call.protected, force=call.force)
    out.result({"file": str(call.to), "rows": rows}, lambda: str(WRITTEN.fill(rows=rows, file=call.to)))


def _show(call: Namespace, out: Output, vault: Any, incident: int) -> None:
    from sekisho.flow.assessing.past import review

    found = review(vault, incident)
    out.result(
        _value(found, with_entries=call.list), lambda: "\n".join(map(printable, _lines(found, with_entries=call.list)))
    )


def _value(found: Worklist, *, with_entries: bool) -> dict[str, Any]:
    account = found.reviewed.account
    value: dict[str, Any] = {
        "version": found.version,
        "first_infection": found.first_infection and found.first_infection.isoformat(),
        "rows": account.rows,
        "duplicates": account.duplicates,
        "refused": account.refused,
        "pending": account.pending,
        "changes": {f"{time} {standing}": n for (time, standing), n in sorted(account.cells.items())},
        "listed": account.listed,
        "persons": account.persons,
        "new": found.new,
        "gone": list(found.gone),
        "open": found.open(),
        "unreadable_rows": sum(file.account["strays"] for file in found.files),
    }
    if with_entries:
        value["entries"] = list(_entries(found))
    return value


def _entries(found: Worklist) -> Iterator[dict[str, Any]]:
    work = found.reviewed.worklist
    for entry, standing, time, number, kinds, when, steps in work.select(
        "entry", "standing", "time", "number", "kinds", "when_written", "steps"
    ).iter_rows():
        yield {
            "entry": entry,
            "exposed": standing,
            "time": time,
            "number": number,
            "kinds": kinds.split("+"),
            "when": when,
            "steps": steps.split("+"),
            "since_version": found.since[entry],
            "outcome": found.outcomes[entry].outcome if entry in found.outcomes else None,
        }


def _lines(found: Worklist, *, with_entries: bool) -> Iterator[str]:
    from sekisho.incidents.moment import Moment
    from sekisho.incidents.timeline import shown

    account = found.reviewed.account
    yield str(FIRST.fill(first=shown(Moment(found.first_infection))) if found.first_infection else NO_FIRST)
    for (time, standing), n in sorted(account.cells.items(), key=_rank):
        yield str(CELL.fill(n=n, time=TIMES[time], standing=STANDINGS[standing]))
    counts = {name: getattr(account, name) for name in ("rows", "duplicates", "refused", "pending")}
    yield str(LEFT_OUT.fill(**counts))
    strays = sum(file.account["strays"] for file in found.files)
    if strays:
        yield str(STRAYS.fill(n=strays))
    if found.gone:
        yield str(GONE.fill(n=len(found.gone)))
    if with_entries:
        yield from _listed(found)
    yield str(
        LISTED.fill(n=account.listed, persons=account.persons, new=found.new, version=found.version, open=found.open())
    )


def _rank(cell: tuple[tuple[str, str], int]) -> tuple[int, int]:
    (time, standing), _ = cell
    return list(TIMES).index(time), list(STANDINGS).index(standing)


def _listed(found: Worklist) -> Iterator[str]:
    from sekisho.incidents.past import STEPS, Step

    every = list(_entries(found))
    for one in every[:MOST_SHOWN]:
        steps = listed(STEPS[Step(step)] for step in one["steps"])
        kinds = "+".join(str(KINDS.get(kind, kind)) for kind in one["kinds"])
        said = {"when": one["when"] or "-", "number": one["number"] or "-", "kinds": kinds}
        yield str(LINE.fill(entry=one["entry"], steps=steps, **said))
    if len(every) > MOST_SHOWN:
        yield str(MORE.fill(n=len(every) - MOST_SHOWN))
