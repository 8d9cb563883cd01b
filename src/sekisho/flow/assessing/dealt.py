"""`sekisho incident reconcile --dealt-with`: whom a difference concerns were written to, and it blocks no more."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from sekisho.actors import Proposal
from sekisho.errors import InputError, UsageError
from sekisho.flow.assessing.case import demand_open
from sekisho.flow.assessing.gate import dealt_with, reconciled
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.incidents.dealt import DEALT, by_mark
from sekisho.report import tabular
from sekisho.vault import Vault
from sekisho.vault.acts import canonical
from sekisho.wording import Text

DEAL = "incident.dealt"


def deal_with(vault: Vault, incident: int, path: Path, why: str) -> int | Proposal:
    """Say of the differences in a file that `exposure.reconcile` wrote that they were dealt with, once another officer
    approved just these; gives how many there were. Said again it changes nothing. Raises InputError, UsageError.
    """
    vault.demand(DEAL)
    demand_open(vault, incident)
    if not why.strip():
        raise _no_why()
    wanted = _marks_in(path)
    there = by_mark(reconciled(vault, incident), vault.leak(incident).secret)
    marks = sorted(wanted - dealt_with(vault, incident))
    if not set(marks) <= there.keys():
        raise _others(path)
    if not marks:
        return 0
    kinds = Counter(str(there[mark]) for mark in marks)
    payload = {"incident": incident, "which": hashlib.sha256(canonical(marks)).hexdigest(), **kinds}

    def do() -> int:
        vault.case(incident).say(DEAL, DEALT, {"why": why.strip(), "marks": marks}, **kinds)
        return len(marks)

    return approved_or_proposed(vault, DEAL, payload, do)


def _marks_in(path: Path) -> set[str]:
    found = {row["mark"].strip() for _, row in tabular.read(path, ("what", "mark"))} - {""}
    if not found:
        raise InputError(
            Text(
                "{file} names no difference that can be dealt with.", "{file} に対応済みにできる差異がありません。"
            ).fill(file=path),
            Text(
                "Give rows of what `sekisho incident reconcile N --to FILE` wrote.",
                "`sekisho incident reconcile N --to ファイル` で書き出した行を指定してください。",
            ),
        )
    return found


def _others(path: Path) -> InputError:
    return InputError(
        Text("{file} names differences that are not there.", "{file} に現在は存在しない差異があります。").fill(
            file=path
        ),
        Text("Write it again: `sekisho incident reconcile N --to FILE`.", "書き出し直してください。"),
    )


def _no_why() -> UsageError:
    return UsageError(
        Text("It is not said how they were dealt with.", "対応の内容が指定されていません。"),
        Text("Give --why, as: written to on 5 June.", "--why を指定してください（例: 6月5日に文書で連絡）。"),
    )
