"""`sekisho explain`: why a record is, or is not, a holder's."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from math import exp, log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._register import VAULT, add_register, register_of
from sekisho.cli._vault import open_vault
from sekisho.errors import UsageError
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.flow.matching.explain import Asked, Explained
    from sekisho.persons.linkage.explain import Weight

SAID = Text("Record {record}, holder {holder}: probability {p}", "記録 {record} と台帳の {holder}: 本人である確率 {p}")
NOT_MET = Text(
    "`match` never held the two against each other: they agree in too little to be found. Had it, this is what it "
    "would have said.",
    "`match` はこの組を比較していません（候補になるほどの一致がない）。以下は比較した場合の内訳です。",
)
PRIOR = Text("before a look", "比較の前")
OF_ALL = Text(
    "one of {holders:,} in the register; {held} of such records have a holder",
    "台帳{holders:,}人の一人。この種の記録の{held}に該当者",
)
SHARED = Text("shared with others", "他の候補との按分")
WITH = Text("{n:,} other {n|candidate|candidates}, the likeliest with {p}", "他の候補{n:,}人（最も高い人の確率 {p}）")
BORNE = Text("1 holder in {n}", "台帳の{n}人に1人")
BORNE_ALIKE = Text("1 holder in {n} of that sex and age", "同じ性別・年代の{n}人に1人")
FOR = Text("{n} times as likely if it is the holder", "本人なら{n}倍起こりやすい")
AGAINST = Text("{n} times as likely if it is somebody else", "別人なら{n}倍起こりやすい")
SLIGHTLY = Text("says next to nothing", "ほぼ判断材料にならない")
NEITHER = Text("says nothing", "判断材料にならない")
SUM = Text("sum", "合計")
ODDS = Text("odds of {odds}", "オッズ {odds}")
OTHERS = Text("Other candidates:", "他の候補:")
OTHER = Text("  {holder}  {p}", "  {holder}  {p}")
NONE = Text("  none of them: {p}", "  いずれでもない: {p}")
BITS = Text("{bits:+.2f} bits", "{bits:+.2f} ビット")
SHOWN = 5
_BIT = log(2.0)
_SLIGHT = 0.05


def _add_arguments(parser: ArgumentParser) -> None:
    record = Text("the record: its id, else the row's number", "記録（record 列の値。なければ行番号）")
    holder = Text("the holder, as in the column holder of the matches", "台帳の人（照合結果の holder 列の値）")
    records = Text("the records as given to match", "照合に用いた記録のファイル")
    model = Text("the model that match kept or was given", "照合に用いたモデル")
    parser.add_argument("record", metavar="RECORD", help=str(record))
    parser.add_argument("holder", metavar="HOLDER", help=str(holder))
    parser.add_argument("--records", type=Path, metavar="FILE", help=str(records))
    add_register(parser, required=True)
    parser.add_argument("--model", type=Path, metavar="FILE", help=str(model))
    name = Text("the matching that the vault keeps: in place of files", "保管庫に残した照合の名前（ファイルの代わり）")
    parser.add_argument("--as", dest="name", metavar="NAME", help=str(name))


def _run(call: Namespace, out: Output) -> int:
    from sekisho.flow.matching.explain import explain

    with _asked(call, shown=not out.quiet) as asked:
        found = explain(call.record, call.holder, asked)
    out.result(_as_json(found), lambda: "\n".join(map(printable, _lines(found))))
    return 0


@contextmanager
def _asked(call: Namespace, *, shown: bool) -> Iterator[Asked]:
    """From the files, or from the matching in the vault; raises UsageError where neither is meant."""
    from sekisho.flow.matching.explain import from_files, from_matching

    if call.name and call.register == VAULT and not (call.records or call.model):
        with open_vault(call) as vault, from_matching(vault, call.name, call.record, shown=shown) as asked:
            yield asked
    elif call.records and call.model and not call.name:
        records, model = call.records, call.model
        with register_of(call) as register, from_files((records, register), model, shown=shown) as asked:
            yield asked
    else:
        raise UsageError(
            Text("What was matched?", "どの照合の説明ですか。"),
            Text(
                "Give --records and --model as with `match`, or --register vault --as NAME.",
                "`match` と同じ --records と --model、または --register vault --as 名前 を指定してください。",
            ),
        )


def _as_json(found: Explained) -> dict[str, Any]:
    why = found.why
    weights = [
        {
            "comparison": one.name,
            "title": str(one.title),
            "level": str(one.said),
            "bits": one.weight / _BIT,
            "times": exp(one.weight),
            "share": one.share,
        }
        for one in why.weights
    ]
    return {
        "record": found.record,
        "holder": found.holder,
        "compared": why.met,
        "probability": why.probability,
        "prior": {"bits": why.prior / _BIT, "held": why.held, "holders": why.holders},
        "weights": weights,
        "shared": {"bits": why.shared / _BIT, "others": len(found.others)},
        "bits": why.log_odds / _BIT,
        "others": [{"holder": holder, "probability": p} for holder, p in found.others],
        "none": why.none,
    }


def _lines(found: Explained) -> Iterator[str]:
    why = found.why
    yield str(SAID.fill(record=found.record, holder=found.holder, p=_probability(why.probability)))
    if not why.met:
        yield str(NOT_MET)
    yield ""
    steps = [(str(PRIOR), why.prior, str(OF_ALL.fill(holders=why.holders, held=f"{why.held:.0%}")), "")]
    steps += [(str(one.title), one.weight, _level(one), _times(one.weight)) for one in why.weights]
    if why.others:
        others = WITH.fill(n=len(why.others), p=_probability(why.others[0][1]))
        steps.append((str(SHARED), why.shared, str(others), ""))
    steps.append((str(SUM), why.log_odds, str(ODDS.fill(odds=_odds(why.log_odds))), ""))
    yield from _table(steps)
    yield ""
    if found.others:
        yield str(OTHERS)
        for holder, p in found.others[:SHOWN]:
            yield str(OTHER.fill(holder=holder, p=_probability(p)))
    yield str(NONE.fill(p=_probability(why.none)))


def _table(steps: list[tuple[str, float, str, str]]) -> Iterator[str]:
    """Columns as wide as their texts, by the cells that a terminal gives them."""
    from rich.cells import cell_len

    wide = (max(cell_len(step[0]) for step in steps), max(cell_len(step[2]) for step in steps))
    for title, weight, said, times in steps:
        bits = str(BITS.fill(bits=weight / _BIT))
        gaps = (" " * (wide[0] - cell_len(title)), " " * (wide[1] - cell_len(said)))
        yield f"  {title}{gaps[0]}  {bits:>12}  {said}{gaps[1]}  {times}".rstrip()


def _level(one: Weight) -> str:
    if one.share is None:
        return str(one.said)
    borne = (BORNE_ALIKE if one.cohort else BORNE).fill(n=_round(1 / one.share))
    return str(Text("{said} ({borne})", "{said}（{borne}）").fill(said=one.said, borne=borne))


def _times(weight: float) -> str:
    if abs(weight) < _SLIGHT:
        return str(NEITHER if weight == 0.0 else SLIGHTLY)
    return str((FOR if weight > 0 else AGAINST).fill(n=_round(exp(abs(weight)))))


def _odds(log_odds: float) -> str:
    return f"{_round(exp(log_odds))} : 1" if log_odds > 0 else f"1 : {_round(exp(-log_odds))}"


def _round(value: float) -> str:
    """Two digits that count."""
    return f"{value:.2g}" if value < 10 else f"{float(f'{value:.2g}'):,.0f}"


def _probability(p: float) -> str:
    """As many nines, or noughts, as there are; never 0 or 1."""
    rest = min(p, 1.0 - p)
    return f"{p:.4f}" if rest >= 0.001 else (f"{p:.2g}" if p < 0.5 else f"1 - {1.0 - p:.2g}")


COMMAND = Command(
    name="explain",
    help=Text(
        "Say why a record is, or is not, a holder's: what speaks for it and against it, adding up to the probability.",
        "記録がその人のものか否かの根拠を示します（確率の内訳を項目ごとに）。",
    ),
    example="sekisho explain 27951 3440-231139 --records records.csv --register holders.csv --model model.json",
    add_arguments=_add_arguments,
    run=_run,
)
