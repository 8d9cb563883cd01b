"""`sekisho link`: which rows of any table, or of two, are about the same person."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from sekisho.cli._command import Command, Output
from sekisho.cli._model import add_model
from sekisho.errors import UsageError
from sekisho.wording import Text

ONE = Text(
    "{rows:,} {rows|row|rows} of {persons:,} {persons|person|persons}. {passed_over:,} "
    "{passed_over|row shares|rows share} something with too many others to be looked at by every block.",
    "{rows:,}行は{persons:,}人分。共通する行が多すぎて一部の組合せを調べなかった行は{passed_over:,}行。",
)
TWO = Text(
    "{pairs:,} {pairs|pair|pairs} of {rows:,} {rows|row|rows} and {others:,} {others|other|others}.",
    "{rows:,}行と{others:,}行のうち{pairs:,}組が同一人物。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    table = Text("a table: csv, parquet or xlsx", "表（csv・parquet・xlsx）")
    other = Text(
        "another; without it rows of the first are held against each other", "もう一つの表（省略時は表の中で照合）"
    )
    design = Text(
        "which columns there are, and which pairs to look at (docs/match.md)", "列と組合せの設計（docs/match.md）"
    )
    to = Text("the result; .csv, .parquet or .xlsx says how", "結果の出力先（拡張子で形式を指定）")
    least = Text("the least probability that counts (default: 0.95)", "同一人物とみなす確率の下限（既定: 0.95）")
    parser.add_argument("table", type=Path, metavar="TABLE", help=str(table))
    parser.add_argument("other", type=Path, metavar="OTHER", nargs="?", help=str(other))
    parser.add_argument("--design", type=Path, required=True, metavar="FILE", help=str(design))
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(to))
    parser.add_argument("--from", dest="least", type=float, default=0.95, metavar="P", help=str(least))
    name = Text("the column that names rows in the result (default: their number)", "結果で行を示す列（既定: 行番号）")
    parser.add_argument("--id", default="", metavar="COLUMN", help=str(name))
    add_model(parser)
    parser.add_argument("--force", action="store_true", help=str(Text("overwrite the file", "既存のファイルを上書き")))


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.matching.link import How, between, duplicates

    if not 0.0 < call.least < 1.0:
        raise UsageError(
            Text("A probability lies between 0 and 1.", "確率は0と1の間の値です。"),
            Text("As in --from 0.95.", "例: --from 0.95"),
        )
    kept = {"id": call.id, "model": call.model, "keep": call.keep_model}
    how = How(call.design, call.to, call.least, force=call.force, **kept, shown=not out.quiet)
    found = between((call.table, call.other), how) if call.other else duplicates(call.table, how)
    counts, said = asdict(found), TWO if call.other else ONE
    out.result({"file": str(call.to), **counts}, lambda: str(said.fill(**counts)))
    return 0


COMMAND = Command(
    name="link",
    help=Text(
        "Say which rows of any table, or of two, are about the same person.",
        "任意の表の中、または二つの表の間で、同じ人の行を示します。",
    ),
    example="sekisho link cards.csv --design cards.toml --to persons.csv",
    add_arguments=_add_arguments,
    run=_run,
)
