"""`sekisho match`: whose record is each, by the holders of a register."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._model import add_model
from sekisho.cli._register import add_register, register_of
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.flow.matching.match import Matched
    from sekisho.matching import Drift
    from sekisho.register.rows import Rows
    from sekisho.register.vaulted import Vaulted

SAID = Text(
    "{records:,} {records|record|records} against {holders:,} {holders|holder|holders}: {auto:,} merged, {ask:,} to be "
    "asked about, {unresolved:,} unresolved, {none:,} without a candidate. Of the merged, {expected_wrong:.1f} are "
    "expected to be wrong.",
    "記録{records:,}件を台帳{holders:,}人と照合: 自動統合{auto:,}件、要確認{ask:,}件、未解決{unresolved:,}件、"
    "候補なし{none:,}件。"
    "自動統合のうち誤りの見込みは{expected_wrong:.1f}件。",
)
FURTHER = Text(
    "{n:,} {n|row|rows} of the register {n|stands|stand} under the number of another row: taken for the same holder.",
    "台帳の{n:,}行は他の行と番号が同じため、同じ人とみなしました。",
)
FITS = Text(
    "The model of {day} beside what these records teach: m differs most for {title}, {level} ({last}, now {now}); the "
    "share of records with a holder by {held} at most.",
    "{day}のモデルと今回の記録との違い: mの差の最大は{title}・{level}（{last}→{now}）、"
    "本人がいる記録の割合の差は最大{held}。",
)
FITS_WELL = Text(
    "The model of {day} and what these records teach hardly differ in m, and in the share of records with a holder by "
    "{held} at most.",
    "{day}のモデルと今回の記録との違い: mの差はほとんどなく、本人がいる記録の割合の差は最大{held}。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    records = Text("the records: csv, parquet or xlsx", "記録（csv・parquet・xlsx）")
    to = Text("the candidates; .csv, .parquet or .xlsx says how", "候補の出力先（拡張子で形式を指定）")
    wrong = Text("share of merges that may be wrong (default: 0.0001)", "自動統合に許す誤りの割合（既定: 0.0001）")
    ask = Text("probability from which to ask (default: 0.05)", "確認を求める確率の下限（既定: 0.05）")
    parser.add_argument("records", type=Path, metavar="RECORDS", nargs="?", help=str(records))
    add_register(parser, required=True)
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(to))
    name = Text(
        "keep the matching in the vault under this name, or go on with it: only what is new or touched is looked at",
        "照合をこの名前で保管庫に残す。既にあれば、新しい記録と変わった人に関わる記録だけを照合して続ける",
    )
    full = Text("with --as: look at every record again", "--as とともに: 全件をやり直す")
    parser.add_argument("--as", dest="name", metavar="NAME", help=str(name))
    parser.add_argument("--full", action="store_true", help=str(full))
    add_model(parser)
    parser.add_argument("--wrong", type=float, default=1e-4, metavar="SHARE", help=str(wrong))
    parser.add_argument("--ask-from", type=float, default=0.05, metavar="P", help=str(ask))
    labels = Text("records whose holder is known: record, holder", "正解が既知の記録（record・holder 列）")
    report = Text("write how good the matching is as a page", "照合の品質報告を書き出すHTMLファイル")
    parser.add_argument("--labels", type=Path, metavar="FILE", help=str(labels))
    parser.add_argument("--report", type=Path, metavar="FILE.html", help=str(report))
    parser.add_argument("--force", action="store_true", help=str(Text("overwrite the file", "既存のファイルを上書き")))


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.matching.match import How, match, page_of
    from sekisho.flow.scanning.report import look_at_target, write
    from sekisho.persons.linkage.policy import Policy

    if call.name or not call.records or call.full:
        from sekisho.cli._ongoing import go_on

        return go_on(call, out)
    policy = Policy(wrong=call.wrong, ask_from=call.ask_from)
    measured = bool(call.report or call.labels)
    files = {"model": call.model, "keep": call.keep_model, "labels": call.labels}
    how = How(policy, **files, measured=measured, force=call.force, shown=not out.quiet)
    if call.report:
        look_at_target(call.report)
    with register_of(call) as register:
        found = match(call.records, register, call.to, how)
    if call.report and found.quality:
        write(call.report, page_of(found.quality))
        out.note(Text("The report lies in {file}", "報告書: {file}").fill(file=call.report))
    say_files(found.files, out)
    if found.further:
        out.note(FURTHER.fill(n=found.further))
    if found.quality and found.quality.drift:
        out.note(fits(found.quality.drift))
    quality = {"quality": found.quality.as_json()} if found.quality else {}
    told = counts(found)
    out.result({"file": str(call.to), **told, "read": read(found), **quality}, lambda: str(SAID.fill(**told)))
    return 0


def counts(found: Matched) -> dict[str, float]:
    """What became of the records, as `SAID` says it."""
    told: dict[str, float] = {"records": found.records, "holders": found.holders, **found.outcomes}
    return told | {"none": found.none, "expected_wrong": found.expected_wrong}


def read(found: Matched) -> dict[str, Any]:
    """What was read of the files, for programs."""
    told = {name: file.account() for name, file in zip(("register", "records"), found.files, strict=False)}
    return told | {"further_rows": found.further}


def say_files(files: Sequence[Rows | Vaulted], out: Output) -> None:
    """What was read of the holders, and of the records if any were."""
    titles = (Text("holders:", "台帳の列:"), Text("records:", "記録の列:"))
    for title, file in zip(titles, files, strict=False):
        out.note(title)
        for line in file.said():
            out.note(line)


def fits(drift: Drift) -> Text:
    """How the model that is gone by differs from what the records teach."""
    held = max(abs(now - last) for last, now in zip(drift.last_held, drift.now_held, strict=True))
    if not drift.shifts:
        return FITS_WELL.fill(day=drift.trained[:10], held=f"{held:.1%}")
    largest = drift.shifts[0]
    return FITS.fill(
        day=drift.trained[:10],
        title=largest.comparison,
        level=largest.level,
        last=f"{largest.last:.1%}",
        now=f"{largest.now:.1%}",
        held=f"{held:.1%}",
    )


COMMAND = Command(
    name="match",
    help=Text(
        "Say whose each record is by the holders of a register, with a probability.",
        "記録が台帳の誰のものかを、確率つきで判定します。",
    ),
    example="sekisho match records.csv --register holders.parquet --to matches.parquet",
    add_arguments=_add_arguments,
    run=_run,
)
