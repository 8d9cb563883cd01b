"""`sekisho export`: what a scan found, as a file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from sekisho.cli._command import Command, Output
from sekisho.cli._vault import open_vault
from sekisho.wording import Text

TABLES = ("documents", "records", "persons", "exposures")


def _add_arguments(parser: ArgumentParser) -> None:
    table = Text("what to write: {tables}", "書き出すもの: {tables}").fill(tables=", ".join(TABLES))
    to = Text("the file; .csv, .parquet or .xlsx says how", "出力先（拡張子 .csv・.parquet・.xlsx で形式を指定）")
    written = Text("records: items as they stand in the documents, too", "records に記載どおりの値の列を加える")
    force = Text("overwrite FILE", "既存のファイルを上書き")
    scan = Text("number of the scan (default: the last)", "走査の番号（既定: 最後のもの）")
    parser.add_argument("table", choices=TABLES, metavar="TABLE", help=str(table))
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(to))
    parser.add_argument("--as-written", action="store_true", help=str(written))
    parser.add_argument("--scan", type=int, metavar="N", help=str(scan))
    parser.add_argument("--force", action="store_true", help=str(force))


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.scanning.export import How, export

    how = How(as_written=call.as_written, force=call.force, shown=not out.quiet)
    with open_vault(call) as vault:
        rows = export(vault.scan(call.scan), call.table, call.to, how)
    said = Text("{rows:,} {rows|row|rows} in {file}.", "{file} に{rows:,}行を書き出しました。").fill(
        rows=rows, file=call.to
    )
    out.result({"file": str(call.to), "rows": rows}, lambda: str(said))
    return 0


COMMAND = Command(
    name="export",
    help=Text(
        "Write documents, records, persons or exposures to a file, in clear, for you only.",
        "文書・記録・人・影響の一覧をファイルに書き出します（平文。権限は本人のみ）。",
    ),
    example="sekisho export records --to records.csv",
    add_arguments=_add_arguments,
    run=_run,
)
