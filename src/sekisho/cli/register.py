"""`sekisho register`: the holders in the vault, with everything that was ever said of them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action
from sekisho.cli._vault import open_or_create_vault, open_vault, vault_folder
from sekisho.cli._whom import add_name_and_birth, whom, words
from sekisho.errors import LedgerError
from sekisho.wording import Text, minute, printable

if TYPE_CHECKING:
    from sekisho.register.profile import Change, Fact, Profile
    from sekisho.register.requested import Compared
    from sekisho.register.stays import Lived, Stay
    from sekisho.vault import Entry

IMPORT = Text(
    "Take a file of holders in. What is new or has changed becomes a state of its own; nothing is overwritten.",
    "台帳のファイルを取り込みます。新しい人と変わった人だけが新しい状態として加わり、以前の状態も残ります。",
)
SHOW = Text(
    "Show a holder by any number, or all of whom some words were written; without either, the imports.",
    "番号（旧番号も可）または語で台帳の人を表示します。指定がなければ取り込みの一覧を表示します。",
)
HISTORY = Text("Show what each import changed about a holder.", "台帳の人について、各取り込みでの変更を表示します。")
UNDO = Text(
    "Take an import (or a split) back, the newest first. It stays in the history.",
    "取り込み（または分離）を新しいものから取り消します。履歴には残ります。",
)
SPLIT = Text(
    "Say that an old number is not its holder's: whose it was is a holder again, whatever later files say.",
    "旧番号がその人のものでないとして切り離します。番号の持ち主が別の人に戻り、以後のファイルでも統合されません。",
)
EXPORT = Text("Write the last state of every holder to a file, in clear.", "全員の最新の状態を書き出します（平文）。")
AGAIN = Text("The same file as import {n}: nothing changes.", "取り込み{n}と同じファイルのため、変更はありません。")
MADE = Text(
    "Import {n}: {rows:,} {rows|row|rows}, {holders:,} {holders|holder|holders} ({new:,} new, {changed:,} changed, "
    "{same:,} the same); {absent:,} not in this file, who stay.",
    "取り込み{n}: {rows:,}行、{holders:,}人（新規{new:,}、変更{changed:,}、同じ{same:,}）。"
    "このファイルにない{absent:,}人はそのまま残ります。",
)
LINE = Text(
    "{n:>4}  {when}  {holders:>11,} {holders|holder|holders}  {file}", "{n:>4}  {when}  {holders:>11,}人  {file}"
)
TAKEN_BACK = Text("{line}  (taken back by {by})", "{line}  （{by}で取り消し）")
UNDONE = Text(
    "{n:>4}  {when}  import {target} taken back: {reason}", "{n:>4}  {when}  取り込み{target}を取り消し: {reason}"
)
SPLIT_OFF = Text(
    "{n:>4}  {when}  {number} split from {source}: {reason}", "{n:>4}  {when}  {source}から{number}を分離: {reason}"
)
COLUMN = Text("  {label} -> {column}", "  {label} → {column}")
UNUSED = Text("  not used: {labels}", "  使わない列: {labels}")
COUNTED: Mapping[str, Text] = {
    "repeated": Text("  {n:,} {n|row says|rows say} the same again: left out", "  同じ内容の重複行 {n:,}（除外）"),
    "nobody": Text(
        "  {n:,} {n|row has|rows have} neither a number nor a name with a birth date: left out",
        "  番号も「氏名と生年月日」もない行 {n:,}（除外）",
    ),
    "strays": Text("  {n:,} {n|row|rows} left out: another number of columns", "  列数が合わず除外した行 {n:,}"),
    "shared_number": Text(
        "  {n:,} {n|row shares its|rows share their} number with another row", "  番号が重複している行 {n:,}"
    ),
    "no_number": Text("  {n:,} {n|row|rows} without a number", "  番号のない行 {n:,}"),
    "no_name": Text("  {n:,} {n|row|rows} without a name", "  氏名・カナのない行 {n:,}"),
    "contested": Text(
        "  {n:,} old {n|number|numbers} that several holders claim (the first keeps it) or that lead in a circle",
        "  複数の人にある旧番号（先の人のものとする）、または循環する旧番号 {n:,}",
    ),
    "replaced": Text(
        "  {n:,} {n|row|rows} under a number that was replaced after a leak, taken under the new one",
        "  流出により変更済みの旧番号 {n:,}行（新番号で取り込み）",
    ),
    "refused": Text(
        "  {n:,} old {n|number|numbers} not believed, as they were split from that holder",
        "  分離済みのため採用しなかった旧番号 {n:,}",
    ),
    "joined": Text("  {n:,} {n|holder|holders} turned out to be another one", "  別の人と同一と判明した人 {n:,}"),
}
UNREADABLE = Text("  {n:,} {n|value|values} of {column} that cannot be", "  {column} として読めない値 {n:,}")
MOST_LABELS = 30
MOST_UNEXPLAINED = 200
UNASKED = Text(
    "Act {act}: {item} of {number} changed, and no request asks for it.",
    "操作{act}: {number} の {item} の変更に対応する届出がありません。",
)
COMPARED = Text(
    "{changes:,} {changes|change|changes}: {explained:,} asked for, {n:,} not. {entered:,} new "
    "{entered|holder|holders}, of whom {unasked:,} no request speaks.",
    "変更{changes:,}件: 届出あり{explained:,}件、届出なし{n:,}件。新規{entered:,}人のうち届出なし{unasked:,}人。",
)
UNCHECKED = Text("Not looked at, as the requests have no column for it: {items}.", "届出に列がないため対象外: {items}")
SEVERAL = Text("{n:,} {n|holder|holders}; the first {shown}:", "該当{n:,}人。先頭の{shown}人:")
WITHHELD = Text(
    "addresses are withheld, as this holder must not be found; --protected shows them",
    "住所秘匿の対象者のため住所は表示しません（--protected で表示）",
)
SECTIONS = {
    "numbers": Text("numbers", "番号"),
    "names": Text("names", "氏名"),
    "addresses": Text("addresses", "住所"),
}
KINDS = {
    "current": Text("current", "現在"),
    "further": Text("further", "別の行"),
    "old": Text("old", "旧"),
    "name": Text("name", "氏名"),
    "latin": Text("Latin", "ローマ字"),
    "former": Text("former", "旧"),
    "alias": Text("alias", "通称"),
    "address": Text("address", "住所"),
}
FLAGS = {
    "deceased": Text("deceased", "死亡"),
    "protected_address": Text("address protected", "住所秘匿"),
    "abroad": Text("abroad", "国外"),
}
PENSIONS = {
    "paid": Text("pension paid", "年金受給中"),
    "suspended": Text("pension suspended", "年金支給停止"),
    "insured": Text("insured", "被保険者"),
}
STATED = Text("flags no longer set", "解除された区分")
LIVED = Text("  on {day}", "  {day}の住所")
PERHAPS = Text("perhaps", "可能性あり")
UNKNOWN = Text("not known", "不明")
SINCE, UNTIL = Text("since {day}", "{day}から"), Text("until {day}", "{day}まで")
SOURCE = Text("import {n}", "取り込み{n}")
SOURCES = Text("imports {first} to {last}", "取り込み{first}〜{last}")
ENTERED = Text("entered as {after}", "{after} として登録")
LEFT = Text("no longer in the register (was {before})", "台帳からなくなる（{before}）")
JOINED = Text("{before} turned out to be this holder", "{before} がこの人と判明")
PARTED = Text("{before} is not this holder after all", "{before} はこの人ではない")
PARTED_BY = Text("{after} is not of {before}", "{after} は {before} の人のものではない")
CHANGED = Text("{item}: {before} -> {after}", "{item}: {before} → {after}")
NONE = Text("(none)", "（なし）")
NUMBERLESS = Text("(no number)", "（番号なし）")


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    take = add_action(room, "import", IMPORT, "sekisho register import holders.csv", _import)
    file = Text("the holders: csv, parquet or xlsx", "台帳（csv・parquet・xlsx）")
    take.add_argument("file", type=Path, metavar="FILE", help=str(file))
    show = add_action(room, "show", SHOW, "sekisho register show 4701-000001", _show)
    what = Text(
        "any number they ever had, or words of a name, birth date (1948-04-06) or address; - reads a line of standard "
        "input",
        "現在または過去の番号、または氏名・生年月日（1948-04-06）・住所の語（- なら標準入力から1行読む）",
    )
    show.add_argument("what", nargs="*", metavar="NUMBER|WORDS", help=str(what))
    show.add_argument(
        "--anywhere",
        action="store_true",
        help=str(
            Text("words may be parts of names and addresses (slower)", "氏名・住所の一部でも検索（時間がかかります）")
        ),
    )
    add_name_and_birth(show)
    day = Text("where they lived on that day, as 2015-05-08", "その日の住所（例: 2015-05-08）")
    show.add_argument("--at", type=_day, metavar="DAY", help=str(day))
    history = add_action(room, "history", HISTORY, "sekisho register history 4701-000001", _history)
    history.add_argument("what", nargs="+", metavar="NUMBER|WORDS", help=str(what))
    export = add_action(room, "export", EXPORT, "sekisho register export --to holders.parquet", _export)
    to = Text("the file; .csv, .parquet or .xlsx says how", "出力先（拡張子 .csv・.parquet・.xlsx で形式を指定）")
    export.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(to))
    export.add_argument("--force", action="store_true", help=str(Text("overwrite FILE", "既存のファイルを上書き")))
    undo = add_action(room, "undo", UNDO, 'sekisho register undo 3 --reason "last month\'s file"', _undo)
    undo.add_argument("number", type=int, metavar="N", help=str(Text("as `register show` numbers them", "一覧の番号")))
    split = add_action(room, "split", SPLIT, 'sekisho register split 4701-000001 --reason "a namesake"', _split)
    old = Text("the old number that is not theirs", "その人のものでない旧番号")
    split.add_argument("number", metavar="NUMBER", help=str(old))
    why = Text("why; kept in the history", "理由（履歴に残ります）")
    for one in (undo, split):
        one.add_argument("--reason", required=True, metavar="WHY", help=str(why))
    protected = Text("with the addresses of holders who must not be found", "住所秘匿の対象者の住所も含める")
    for one in (show, history, export):
        one.add_argument("--protected", action="store_true", help=str(protected))

    check = Text(
        "Hold the register against the ledger: what no act explains is named.",
        "台帳を証跡と突き合わせ、説明のつかない内容を示します。",
    )
    sealed = add_action(room, "check", check, "sekisho register check --requests requests.csv --since 2", _check)
    requests = Text(
        "also hold what imports changed against these requests: number and new values, labelled as a register",
        "取り込みによる変更を届出（番号と新しい値。台帳と同じ見出し）とも突き合わせる",
    )
    sealed.add_argument("--requests", type=Path, metavar="FILE", help=str(requests))
    since = Text("only what was done after act N", "操作N より後だけ")
    sealed.add_argument("--since", type=int, default=0, metavar="N", help=str(since))


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _import(call: Namespace, out: Output) -> None:
    from sekisho.flow.registering.register import import_file, look
    from sekisho.vault import is_vault

    if not is_vault(vault_folder(call)):
        look(call.file)
    with open_or_create_vault(call, out) as vault:
        found = import_file(vault, call.file, shown=not out.quiet)
    counts = found.made.account["counts"]
    if not found.again:
        for line in _taken(found.made):
            out.note(line)
    said = (AGAIN if found.again else MADE).fill(n=found.made.number, **counts)
    out.result({"import": found.made.number, "again": found.again, **found.made.account}, lambda: str(said))


def _taken(made: Entry) -> Iterator[Text]:
    for column in made.account["columns"]:
        yield COLUMN.fill(label=column["label"], column=f"{column['item']} {column['part']}".strip())
    unused = made.account["unused"]
    if unused:
        more = [] if len(unused) <= MOST_LABELS else [f"… ({len(unused)})"]
        yield UNUSED.fill(labels=", ".join([*unused[:MOST_LABELS], *more]))
    counts = made.account["counts"]
    for name, said in COUNTED.items():
        if counts[name]:
            yield said.fill(n=counts[name])
    for column, count in counts["unreadable"].items():
        yield UNREADABLE.fill(n=count, column=column)


def _undo(call: Namespace, out: Output) -> None:
    from sekisho.flow.registering.register import undo

    with open_vault(call, write=True) as vault:
        made = undo(vault, call.number, call.reason)
    said = Text("{target} was taken back, as {n}.", "{target}を取り消しました（{n}）。")
    out.result(_act_json(made), lambda: str(said.fill(target=made.target, n=made.number)))


def _split(call: Namespace, out: Output) -> None:
    from sekisho.flow.registering.register import split

    with open_vault(call, write=True) as vault:
        found = split(vault, call.number, call.reason)
    said = Text(
        "{number} is a holder apart from {source} now, as {n}.{others}",
        "{number} を {source} から切り離しました（{n}）。{others}",
    )
    along = Text(" With it: {numbers}.", "あわせて: {numbers}") if found.others else Text("", "")
    along = along.fill(numbers=", ".join(found.others))
    filled = said.fill(number=found.number, source=found.source or NUMBERLESS, n=found.made.number, others=along)
    out.result({**_act_json(found.made), "others": list(found.others)}, lambda: str(filled))


def _show(call: Namespace, out: Output) -> None:
    from sekisho.flow.registering.register import acts, as_json, show

    what = whom(call)
    with open_vault(call) as vault:
        made = acts(vault)
        found = None
        if what:
            found = show(vault, what, protected_too=call.protected, at=call.at, anywhere=call.anywhere)
    if found is None:
        out.result([_act_json(one) for one in made], lambda: "\n".join(_act_lines(made)))
        return
    if found.holders > 1:
        out.note(SEVERAL.fill(n=found.holders, shown=len(found.profiles)))
    sources = {one.number: one for one in made}
    both = list(zip(found.profiles, found.lived, strict=True))
    value = {
        "holders": found.holders,
        "shown": [
            {**as_json(one), "imports": [_act_json(sources[n]) for n in one.imports], "lived": lived and as_json(lived)}
            for one, lived in both
        ],
    }
    out.result(value, lambda: "\n\n".join("\n".join(map(printable, _lines(*one, sources))) for one in both))


def _check(call: Namespace, out: Output) -> None:
    from sekisho.flow.proving.sealed import check, lines

    with open_vault(call) as vault:
        found = check(vault, call.requests, call.since, shown=not out.quiet)
    said = Text(
        "{acts:,} {acts|act|acts}, {parts:,} {parts|part|parts}: {findings:,} that no act explains.",
        "操作{acts:,}件、格納ファイル{parts:,}個: 説明のつかないもの{findings:,}件。",
    ).fill(acts=found.acts, parts=found.parts, findings=len(found.findings))
    unsealed = Text(
        "Not sealed, as no act was done since there is a ledger: {acts}.",
        "証跡の開始後に操作がないため、未封印: {acts}",
    ).fill(acts=", ".join(map(str, found.unsealed)))
    text = [*lines(found), *([unsealed] if found.unsealed else []), said, *_compared(found.compared)]
    value = asdict(replace(found, compared=None))
    if found.compared:
        value["compared"] = _compared_json(found.compared)
    out.result(value, lambda: "\n".join(map(printable, map(str, text))))
    if found.findings:
        raise LedgerError(
            Text("The register was changed without an act.", "台帳が操作によらず改変されています。"),
            Text(
                "Keep a copy of everything as it is; then restore the vault from a backup.",
                "現状の写しを取ってから、保管庫を控えから戻してください。",
            ),
        )


def _compared(compared: Compared | None) -> Iterator[Text]:
    """What no request asked for."""
    if compared is None:
        return
    for act, _, number, item in compared.unexplained.head(MOST_UNEXPLAINED).iter_rows():
        yield UNASKED.fill(act=act, number=number or NUMBERLESS, item=item)
    counts = {"changes": compared.changes, "explained": compared.explained, "n": compared.unexplained.height}
    yield COMPARED.fill(**counts, entered=compared.entered, unasked=compared.unasked)
    if compared.unchecked:
        others = ", ".join(f"{item} {count:,}" for item, count in compared.unchecked.items())
        yield UNCHECKED.fill(items=others)


def _compared_json(compared: Compared) -> dict[str, Any]:
    shown = compared.unexplained.drop("holder").head(MOST_UNEXPLAINED).to_dicts()
    counts = {"changes": compared.changes, "explained": compared.explained, "unexplained": compared.unexplained.height}
    new = {"entered": compared.entered, "unasked": compared.unasked, "unchecked": compared.unchecked}
    return {"acts": list(compared.acts), **counts, **new, "shown": shown}


def _lines(one: Profile, lived: Lived | None, sources: Mapping[int, Entry]) -> Iterator[str]:
    flags = (str(FLAGS[flag]) + (f" {since}" if since[0].isdigit() else "") for flag, since in one.flags.items())
    pension = str(PENSIONS[one.pension]) if one.pension else None
    head = (one.number or str(NUMBERLESS), one.birth_date, one.sex, pension, *(f"[{flag}]" for flag in flags))
    yield "  ".join(part for part in head if part)
    for title, said in SECTIONS.items():
        facts: tuple[Fact, ...] = getattr(one, title)
        if facts:
            yield f"  {said}"
        yield from (f"    {_fact(fact)}" for fact in facts)
    if one.former_flags:
        yield f"  {STATED}"
    yield from (f"    {_fact(fact)}" for fact in one.former_flags)
    if lived:
        yield str(LIVED.fill(day=lived.day))
        yield from (f"    {_stay(stay, certain=lived.certain)}" for stay in lived.stays)
        if not lived.stays:
            yield f"    {UNKNOWN}"
    if one.withheld:
        yield f"  {WITHHELD}"
    for number in one.imports:
        yield f"  {_source_line(sources[number])}"


def _stay(stay: Stay, *, certain: bool) -> str:
    dates = [str(said.fill(day=day)) for said, day in ((SINCE, stay.since), (UNTIL, stay.until)) if day]
    said = ", ".join([*dates, *([] if certain else [str(PERHAPS)]), _sources(stay.first, stay.last)])
    return f"{' '.join(part for part in (stay.postal_code, stay.address) if part)}  ({said})"


def _sources(first: int, last: int) -> str:
    return str(SOURCE.fill(n=first) if first == last else SOURCES.fill(first=first, last=last))


def _fact(fact: Fact) -> str:
    dates = [str(said.fill(day=day)) for said, day in ((SINCE, fact.since), (UNTIL, fact.until)) if day]
    mark = " " if fact.now else "-"
    said = ", ".join([*dates, _sources(fact.first, fact.last)])
    return f"{mark} {(KINDS | FLAGS)[fact.kind]}: {' '.join(fact.value.values())}  ({said})"


def _act_lines(made: list[Entry]) -> Iterator[str]:
    """What was done, a line each."""
    undone = {act.target: act.number for act in made}
    for act in made:
        line = _act_line(act)
        yield str(TAKEN_BACK.fill(line=line, by=undone[act.number])) if act.number in undone else line


def _act_line(act: Entry) -> str:
    said = {"n": act.number, "when": _when(act), "reason": printable(act.reason)}
    if act.kind == "undo":
        return str(UNDONE.fill(**said, target=act.target))
    if act.kind == "split":
        account = {name: act.account[name] or NUMBERLESS for name in ("number", "source")}
        return str(SPLIT_OFF.fill(**said, **account))
    return str(LINE.fill(**said, holders=act.account["counts"]["holders"], file=printable(act.file)))


def _source_line(act: Entry) -> str:
    if act.kind != "import":
        return _act_line(act).strip()
    return f"{SOURCE.fill(n=act.number)}: {_when(act)}  {act.file}  {act.sha256[:12]}"


def _when(act: Entry) -> str:
    return minute(act.when)


def _act_json(act: Entry) -> dict[str, Any]:
    """An import: its file and counts; an undoing or a split: what and why."""
    value: dict[str, Any] = {"import": act.number, "kind": str(act.kind), "when": act.when}
    if act.kind == "import":
        return value | {"file": act.file, "sha256": act.sha256, "counts": act.account["counts"]}
    if act.kind == "split":
        value |= {name: act.account[name] for name in ("number", "source")}
    return value | {"target": act.target, "reason": act.reason}


def _history(call: Namespace, out: Output) -> None:
    from sekisho.flow.registering.register import acts, history
    from sekisho.register.profile import TITLES

    asked = words(call.what)
    with open_vault(call) as vault:
        sources = {one.number: one for one in acts(vault)}
        found = history(vault, asked, protected_too=call.protected)
    value = [
        {
            "import": one.number,
            "when": sources[one.number].when,
            "item": one.item,
            "before": one.before,
            "after": one.after,
            "reason": sources[one.number].reason,
        }
        for one in found
    ]
    out.result(value, lambda: "\n".join(printable(_change(one, sources[one.number], TITLES)) for one in found))


def _change(one: Change, made: Entry, titles: Mapping[str, Text]) -> str:
    ways = {"holder": ENTERED if one.after or not one.before else LEFT, "joined": JOINED}
    ways |= {"parted": PARTED, "split": PARTED_BY}
    before, after = one.before or NONE, one.after or NONE
    title = {**titles, **FLAGS}.get(one.item, one.item)
    said = ways.get(one.item, CHANGED).fill(item=title, before=before, after=after)
    reason = f"  ({made.reason})" if made.reason else ""
    return f"{SOURCE.fill(n=one.number)}  {_when(made)}  {said}{reason}"


def _export(call: Namespace, out: Output) -> None:
    from sekisho.flow.registering.register import export

    with open_vault(call) as vault:
        rows = export(vault, call.to, protected_too=call.protected, force=call.force, shown=not out.quiet)
    said = Text("{rows:,} {rows|row|rows} in {file}.", "{file} に{rows:,}行を書き出しました。").fill(
        rows=rows, file=call.to
    )
    out.result({"file": str(call.to), "rows": rows}, lambda: str(said))


COMMAND = Command(
    name="register",
    help=Text(
        "Keep the register of holders in the vault: import, show, history, export, undo, split.",
        "台帳を保管庫に取り込み、表示・履歴の確認・書き出し・取り消し・分離をします。",
    ),
    example="sekisho register import holders.csv",
    add_arguments=_add_arguments,
    run=_run,
)
