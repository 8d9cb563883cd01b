"""`sekisho scan`: from a folder to the table."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._command import Command, Output
from sekisho.cli._options import at_least
from sekisho.cli._register import VAULT, add_register, register_in
from sekisho.cli._vault import open_or_create_vault, open_vault
from sekisho.cli.report import wants_colour
from sekisho.cli.settle import note_holders
from sekisho.errors import MissingPartError
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.flow.scanning.scan import Wishes


def _add_arguments(parser: ArgumentParser) -> None:
    def add(*names: str, help: Text, **how: object) -> None:
        parser.add_argument(*names, help=str(help), **how)  # type: ignore[arg-type]

    add("folder", type=Path, metavar="FOLDER", help=Text("what to scan", "走査するフォルダー"))
    add_register(parser)
    add(
        "--passwords",
        type=Path,
        metavar="FILE",
        help=Text("passwords to try, one a line", "試すパスワード（1行に1つ）"),
    )
    add("--rules", type=Path, metavar="FILE", help=Text("the protection that you demand", "求める保護の規則"))
    add(
        "--icacls",
        type=Path,
        metavar="FILE",
        help=Text("rights on a Windows share, as `icacls FOLDER /T` lists them", "icacls /T による権限の一覧"),
    )
    add(
        "--leave-out",
        action="append",
        default=[],
        metavar="GLOB",
        help=Text("files to leave out (counted; may be given again)", "対象外とするファイル（計上はする。複数可）"),
    )
    add(
        "--ocr",
        action="store_true",
        help=Text("read pictures and scanned pages too (slow)", "画像とスキャンされたページも読む（時間がかかる）"),
    )
    add(
        "--strict",
        action="store_true",
        help=Text(
            "refuse to scan where this kernel cannot shut the readers of hostile files in",
            "読み取り処理を完全に隔離できない環境では走査しない",
        ),
    )
    add(
        "--incident",
        type=at_least(1),
        metavar="N",
        help=Text(
            "keep what is found under the key of this incident (`sekisho incident open`)",
            "結果をこの事案の鍵で保管する（`sekisho incident open`）",
        ),
    )
    add(
        "--keep",
        type=at_least(1),
        metavar="N",
        help=Text(
            "drop older scans of this folder from the vault, so that so many stay (default: all stay)",
            "このフォルダーの古い走査を保管庫から削除し、N回分を残す（既定: すべて残す）",
        ),
    )
    add(
        "--report",
        type=Path,
        metavar="FILE",
        default=Path("report.html"),
        help=Text("where the report goes (default: %(default)s)", "報告書の出力先（既定: %(default)s）"),
    )


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.keeping.keep import drop_older
    from sekisho.flow.scanning.report import report, write
    from sekisho.flow.scanning.scan import scan
    from sekisho.flow.scanning.settle import settle
    from sekisho.protect.rules import read_rules

    sandbox = _sandbox(call, out)
    wishes, rules = _wishes(call, out), read_rules(call.rules)
    _look_at(call)
    with open_or_create_vault(call, out) as vault:
        made = scan(vault, wishes)
        note_holders(settle(vault, made, register_in(call, vault), shown=not out.quiet), out)
        table = report(made, rules, shown=not out.quiet)
        dropped = drop_older(vault, call.keep, made.about.root) if call.keep else []
    write(call.report, table.as_page())
    out.result({**table.as_json(), "sandbox": sandbox}, lambda: table.as_text(colour=wants_colour()))
    if dropped:
        numbers = ", ".join(str(one.about.scan) for one in dropped)
        out.note(Text("Dropped older scans: {n}", "古い走査を削除しました: {n}").fill(n=numbers))
    out.note(Text("The report lies in {file}", "報告書: {file}").fill(file=call.report))
    if call.incident:
        out.next(f"sekisho incident add documents {call.incident} {made.about.scan}")
    return 0


def _sandbox(call: Namespace, out: Output) -> dict[str, object]:
    """What this kernel lacks to shut readers in is said, and refused where that was asked for."""
    from sekisho.documents import jail

    missing = jail.lacking()
    if missing and call.strict:
        raise MissingPartError(
            Text("{why} Nothing was read.", "{why}何も読み取っていません。").fill(why=jail.LEFT_OPEN[missing[0]]),
            Text(
                "Run on a kernel with Landlock and seccomp, or without --strict.",
                "Landlockとseccompを備えたカーネルで実行するか、--strictを外してください。",
            ),
        )
    for part in missing:
        out.note(jail.LEFT_OPEN[part])
    return {"complete": not missing, "lacking": list(missing)}


def _look_at(call: Namespace) -> None:
    """What is wrong with the call is said before a vault is made and hours are spent reading, not after."""
    from sekisho.flow.scanning.report import look_at_target
    from sekisho.register.read import look
    from sekisho.register.vaulted import Vaulted
    from sekisho.sources.folder import is_folder

    is_folder(call.folder)
    look_at_target(call.report)
    if call.register == VAULT:
        with open_vault(call) as vault:
            Vaulted(vault.register())
    elif call.register is not None:
        look(call.register)


def _need_ocr() -> None:
    """Said before hours of reading, not at each picture."""
    if find_spec("rapidocr") is None:
        raise MissingPartError(
            Text(
                "Reading pictures needs the extra `ocr`, which is not installed.",
                "画像の読み取りに必要な ocr が未導入です。",
            ),
            Text("Install it: pip install 'sekisho[ocr]'", "次を実行してください: pip install 'sekisho[ocr]'"),
        )


def _wishes(call: Namespace, out: Output) -> Wishes:
    from sekisho.flow.scanning.bank import read_bank
    from sekisho.flow.scanning.scan import Wishes
    from sekisho.model import Limits
    from sekisho.sources.folder import Rules
    from sekisho.sources.rights import Listing, read_listing

    rights = read_listing(call.icacls) if call.icacls else Listing()
    rules = Rules(leave_out=tuple(call.leave_out), rights=rights)
    passwords = read_bank(call.passwords) if call.passwords else ()
    if call.ocr:
        _need_ocr()
    return Wishes(call.folder, rules, Limits(ocr=call.ocr), passwords, shown=not out.quiet, incident=call.incident)


COMMAND = Command(
    name="scan",
    help=Text(
        "Find the personal records in a folder and make the table; what is unchanged is not read again.",
        "フォルダー内の個人情報の記録を探し、集計表を作成します。変更のないファイルは読み直しません。",
    ),
    example="sekisho scan /mnt/share --register holders.csv --passwords passwords.txt --report report.html",
    add_arguments=_add_arguments,
    run=_run,
)
