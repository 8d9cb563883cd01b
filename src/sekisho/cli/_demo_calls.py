"""The callers of the played case: one call as an operator types it, the others in one go, each answered and kept."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._demo_stage import Stage
from sekisho.cli._demo_told import answers
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.incidents.master import Master
    from sekisho.vault import Vault

RELATIONS = {"本人": "self", "家族": "family", "成年後見人": "guardian", "施設職員": "facility"}
SAID = ("基礎年金番号", "フリガナ", "生年月日", "市区町村")
KNOWN = {
    "number": "基礎年金番号", "name": "フリガナ", "birth_date": "生年月日", "postal_code": "郵便番号",
    "address": "住所", "former_address": "前住所", "address_from": "住定日",
}  # fmt: skip
"""What a caller knows of themselves, by what the register calls it."""
ANSWERED = Text("  {n:,} {n|call|calls}: {answers}", "  通話{n:,}件: {answers}")
MOST_TRIES = 3
Row = Mapping[str, str]


def callers(folder: Path) -> list[Row]:
    """Who calls."""
    with (folder / "callers.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def typed(stage: Stage, operator: str, row: Row) -> None:
    """One call, as an operator types it."""
    call = stage.call(operator, "helpline", "call", "--caller", RELATIONS[row["申出者"]])["call"]
    turn = stage.call(operator, "helpline", "find", call, typed="".join(f"{row[name]}\n" for name in SAID))
    if turn["questions"]:
        said = "".join(f"{_answer(row, one['name'])}\n" for one in turn["questions"])
        stage.call(operator, "helpline", "verify", call, typed=f"{said}\n")
    stage.call(operator, "helpline", "end", call)


def answered(stage: Stage, operator: str, incident: int, rows: Sequence[Row], to: Path) -> dict[str, int]:
    """All calls, in one go; each with its answer and version goes to a file. Gives how often each was answered what."""
    from sekisho.flow.assessing.count import load

    told = []
    with stage.vault(operator) as vault:
        master = load(vault, incident)
        for row in rows:
            answer, version = _call(vault, incident, row, master)
            told.append((row["受付番号"], answer, version))
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("call", "answer", "version"), *told])
    counts = {answer: sum(one == answer for _, one, _ in told) for answer in sorted({one for _, one, _ in told})}
    stage.out.note(ANSWERED.fill(n=len(told), answers=answers([counts])))
    return counts


def _call(vault: Vault, incident: int, row: Row, master: Master) -> tuple[str, int]:
    from sekisho.actions.helpline import Caller
    from sekisho.flow.answering import helpline
    from sekisho.flow.answering.whom import Sought

    call = helpline.begin(vault, incident, Caller(RELATIONS[row["申出者"]])).call
    turn = helpline.search(vault, incident, call, Sought(*(row[name] for name in SAID)), master)
    for _ in range(MOST_TRIES):
        if not turn.questions:
            break
        said = [_answer(row, one.of) for one in turn.questions]
        turn = helpline.verify(vault, incident, call, said, master)
    helpline.end(vault, incident, call)
    return str(turn.answer or "nobody found"), turn.version or master.version


def _answer(row: Row, asked: str) -> str:
    named: dict[str, Any] = {"living_there_since": "address_from"}
    return row.get(KNOWN.get(named.get(asked, asked), ""), "") or "?"
