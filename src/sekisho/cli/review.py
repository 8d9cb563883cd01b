"""`sekisho review`: questions to a human, the answers, and a sample to check."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_vault, stated_clerk
from sekisho.errors import UsageError
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.flow.scanning.sample import Checked

EXPORT = Text("Write the questions that scanning left open.", "判断に迷った点を一覧に書き出します。")
IMPORT = Text("Read the answers back.", "記入した判断を読み込みます。")
SAMPLE = Text(
    "Draw a random sample of the records to check, or say what the marks in one mean.",
    "確認用に記録を無作為抽出し、または記入結果から誤り率を求めます。",
)


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    export = add_action(room, "export", EXPORT, "sekisho review export --to questions.xlsx", _export)
    everything = Text(
        "also what the program was sure of, to overrule it", "確信をもって判定した表・列も書き出す（訂正用）"
    )
    document = Text(
        "everything about one document, folder or archive, single records too",
        "一つの文書・フォルダー・書庫について、個々の記録まですべて書き出す",
    )
    export.add_argument("--all", action="store_true", dest="sure", help=str(everything))
    export.add_argument("--document", default="", metavar="PATH", help=str(document))
    _add_to(export)
    read = add_action(room, "import", IMPORT, 'sekisho review import questions.xlsx --who "A. Tanaka"', _import)
    read.add_argument("file", type=Path, metavar="FILE", help=str(Text("the answers", "記入済みのファイル")))
    who = Text("who decided; with actors it is who signed in", "判断した人（利用者の登録があればサインインした本人）")
    read.add_argument("--who", default="", metavar="NAME", help=str(who))
    sample = add_action(room, "sample", SAMPLE, "sekisho review sample -n 200 --to sample.xlsx", _sample)
    number = Text("how many (default: %(default)s)", "件数（既定: %(default)s）")
    marks = Text("a sample with y or n in the column `right`", "right 列に y か n を記入したもの")
    seed = Text("draw the same again", "同じ抽出を再現")
    sample.add_argument("-n", type=at_least(1), default=100, dest="size", metavar="N", help=str(number))
    sample.add_argument("--read", type=Path, metavar="FILE", help=str(marks))
    sample.add_argument("--seed", type=int, metavar="N", help=str(seed))
    _add_to(sample, required=False)


def _add_to(parser: ArgumentParser, *, required: bool = True) -> None:
    to = Text("the file; .csv, .parquet or .xlsx says how", "出力先（拡張子 .csv・.parquet・.xlsx で形式を指定）")
    parser.add_argument("--to", type=Path, required=required, metavar="FILE", help=str(to))
    parser.add_argument("--force", action="store_true", help=str(Text("overwrite FILE", "既存のファイルを上書き")))


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _export(call: Namespace, out: Output) -> None:
    from sekisho.flow.scanning.review import Asked, export_questions

    asked = Asked(call.sure, call.document)
    with open_vault(call) as vault:
        count = export_questions(vault, vault.scan(), call.to, asked, force=call.force)
    said = Text("{n:,} {n|question|questions} in {file}.", "{file} に確認事項{n:,}項目を書き出しました。").fill(
        n=count, file=call.to
    )
    out.result({"file": str(call.to), "questions": count}, lambda: str(said))


def _import(call: Namespace, out: Output) -> None:
    from sekisho.flow.scanning.review import import_decisions

    who = stated_clerk(call)
    with open_vault(call, write=True) as vault:
        read = import_decisions(vault, vault.scan(), call.file, who)
    said = Text(
        "{new:,} new {new|decision|decisions}, {known:,} that stood already, "
        "{open:,} {open|question|questions} left open.\n"
        "`sekisho scan` applies them: it reads only the documents concerned again.",
        "新しい判断{new:,}件、既存と同じもの{known:,}件、未記入{open:,}件。\n"
        "次の `sekisho scan` で、関係する文書だけを読み直して適用します。",
    ).fill(new=read.new, known=read.known, open=read.open)
    out.result({"new": read.new, "known": read.known, "open": read.open}, lambda: str(said))


def _sample(call: Namespace, out: Output) -> None:
    if bool(call.read) == bool(call.to):
        raise UsageError(
            Text("A sample is either drawn or read.", "抽出か読み込みのどちらかを指定してください。"),
            Text("Give --to FILE or --read FILE.", "--to または --read を指定します。"),
        )
    if call.read:
        _read(call, out)
    else:
        _draw(call, out)


def _draw(call: Namespace, out: Output) -> None:
    from sekisho.flow.scanning.sample import export_sample

    with open_vault(call) as vault:
        count = export_sample(vault.scan(), call.size, call.to, seed=call.seed, force=call.force)
    said = Text(
        "{n:,} {n|record|records} in {file}: hold each against its document and mark it y or n in the column `right`.",
        "{file} に延べ記録{n:,}件を抽出しました。原本と照合し、right 列に y か n を記入してください。",
    ).fill(n=count, file=call.to)
    out.result({"file": str(call.to), "records": count}, lambda: str(said))


def _read(call: Namespace, out: Output) -> None:
    from dataclasses import asdict

    from sekisho.flow.scanning.sample import read_sample

    checked = read_sample(call.read)
    out.result(asdict(checked), lambda: str(_share(checked)))


def _share(checked: Checked) -> Text:
    return Text(
        "{wrong:,} of {checked:,} checked {checked|record|records} {wrong|is|are} wrong: "
        "{share:.2%} of all records found, "
        "with 95 % confidence between {low:.2%} and {high:.2%} (Clopper-Pearson). {open:,} not checked.",
        "確認した延べ記録{checked:,}件のうち{wrong:,}件が誤り。検出した記録全体の誤り率は{share:.2%}、"
        "95%信頼区間は{low:.2%}〜{high:.2%}（Clopper-Pearson）。未確認{open:,}件。",
    ).fill(
        wrong=checked.wrong,
        checked=checked.checked,
        share=checked.share,
        low=checked.low,
        high=checked.high,
        open=checked.open,
    )


COMMAND = Command(
    name="review",
    help=Text(
        "Decide what scanning was unsure of, and check a sample of what it found.",
        "判断に迷った点を人が決め、検出結果の標本を確認します。",
    ),
    example="sekisho review export --to questions.xlsx",
    add_arguments=_add_arguments,
    run=_run,
)
