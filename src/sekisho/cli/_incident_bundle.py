"""`sekisho incident bundle | verify`: what they take and what they say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._belief import add_belief, belief
from sekisho.cli._command import Output
from sekisho.cli._incident_facts import line_of, number_of, value_of
from sekisho.cli._options import add_action, at_least
from sekisho.cli._vault import open_vault
from sekisho.errors import LedgerError, UsageError
from sekisho.wording import Text, listed, minute, printable

if TYPE_CHECKING:
    from sekisho.flow.assessing.bundle import Wanted
    from sekisho.incidents.bundle import Checked

BUNDLE = Text(
    "Make an evidence bundle for an outsider: files, hashes, chain of custody, proofs of the ledger. It is in clear.",
    "外部提供用の証拠一式（ファイル・ハッシュ・引渡しの経過・証跡の証明）を作成します。内容は平文です。",
)
VERIFY = Text("Verify an evidence bundle, without vault and network.", "証拠一式を検証します（保管庫・通信は不要）。")
MADE = Text(
    "{files:,} {files|file|files} and {facts:,} {facts|fact|facts} in {folder}; entry {entry}, manifest {manifest}.",
    "{folder}: ファイル{files:,}個、事実{facts:,}件。証跡{entry}番、目録 {manifest}。",
)
SOUND = Text(
    "{files:,} {files|file|files} and {facts:,} {facts|fact|facts} are what was handed over to {party} on {made}.",
    "ファイル{files:,}個・事実{facts:,}件は、{made} に {party} へ引き渡されたものです。",
)
NOT_SOUND = Text("The bundle does NOT verify:", "証拠一式を検証できません:")
WITNESSED = Text("Cosigned by: {names}", "連署した証人: {names}")
UNWITNESSED = Text(
    "No outside witness that you believe cosigned it: whoever holds the ledger's key may have made it up.",
    "信頼する外部の証人の連署がありません。証跡の鍵を持つ人が作り上げた可能性があります。",
)


def add_bundle(room: _SubParsersAction[ArgumentParser]) -> None:
    """The actions ``bundle`` and ``verify``."""
    make = add_action(
        room, "bundle", BUNDLE, "sekisho incident bundle 1 proxy.log --for police --to handed-over", _bundle
    )
    number_of(make)
    make.add_argument("files", nargs="*", type=Path, metavar="FILE", help=str(Text("evidence", "証拠のファイル")))
    make.add_argument("--for", dest="party", required=True, metavar="PARTY", help=str(Text("for whom", "提供先")))
    make.add_argument("--to", type=Path, metavar="DIR", help=str(Text("a new folder", "新しいフォルダー")))
    dry = Text("only show what would be handed over", "提供する内容を表示するだけ")
    make.add_argument("--dry-run", action="store_true", help=str(dry))
    fact = Text("a further fact to hand over; several times", "追加する事実の番号（複数指定可）")
    make.add_argument("--fact", type=at_least(1), action="append", default=[], metavar="N", help=str(fact))
    make.add_argument("--by", default="", metavar="NAME", help=str(Text("who hands it over", "引き渡す者")))
    verify = add_action(room, "verify", VERIFY, "sekisho incident verify handed-over --policy policy.txt", _verify)
    verify.add_argument("folder", type=Path, metavar="DIR", help=str(Text("the bundle", "証拠一式のフォルダー")))
    add_belief(verify)


def _bundle(call: Namespace, out: Output) -> None:
    from sekisho.flow.assessing.bundle import Wanted, bundle

    wanted = Wanted(call.party, call.files, call.fact, call.by)
    if call.dry_run:
        _preview(call, out, wanted)
        return
    if call.to is None:
        raise UsageError(
            Text("It is not said where to.", "出力先が指定されていません。"),
            Text("Give --to DIR, or --dry-run.", "--to か --dry-run を指定してください。"),
        )
    with open_vault(call, write=True) as vault:
        made = bundle(vault, call.number, wanted, call.to)
    for one in made.silent:
        out.note(one)
    counts = {"files": made.files, "facts": made.facts, "entry": made.entry, "manifest": made.manifest}
    value = {"incident": call.number, "folder": str(made.folder), **counts}
    out.result(value, lambda: printable(str(MADE.fill(folder=made.folder, **counts))))


def _preview(call: Namespace, out: Output, wanted: Wanted) -> None:
    from sekisho.flow.assessing.bundle import preview
    from sekisho.incidents.kinds import kinds

    with open_vault(call) as vault:
        facts = preview(vault, call.number, wanted)
    lines = [f"[{one.number}] {kinds()[one.kind].says}: {line_of(kinds()[one.kind], one)}" for one in facts]
    value = {"files": [str(path) for path in wanted.files], "facts": [value_of(one) for one in facts]}
    out.result(value, lambda: "\n".join([*(printable(str(path)) for path in wanted.files), *lines]))


def _verify(call: Namespace, out: Output) -> int:
    from dataclasses import asdict

    from sekisho.incidents.bundle import check

    found = check(call.folder, belief(call))
    faults = [{"file": one.path, "says": str(one.says)} for one in found.faults]
    value = {**asdict(found), "faults": faults, "sound": not faults}
    if not found.witnesses:
        out.note(UNWITNESSED)
    out.result(value, lambda: printable("\n".join(_lines(found))))
    return LedgerError.exit_code if faults else 0


def _lines(found: Checked) -> Iterator[str]:
    if found.faults:
        yield str(NOT_SOUND)
        yield from (f"  {one.path}: {one.says}" for one in found.faults)
    else:
        yield str(SOUND.fill(files=found.files, facts=found.facts, party=found.party, made=minute(found.made)))
    if found.witnesses:
        yield str(WITNESSED.fill(names=listed(found.witnesses)))
