"""`sekisho match --as NAME`: a matching that the vault keeps and that goes on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Output
from sekisho.cli._register import VAULT
from sekisho.cli._vault import open_vault
from sekisho.cli.match import SAID, counts, fits, read, say_files
from sekisho.errors import UsageError
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.flow.matching.ongoing import Moved, WentOn

TAKEN = Text(
    "Records of this call: {new:,} new, {changed:,} changed, {known:,} known.",
    "今回の記録: 新規{new:,}件、変更{changed:,}件、既知{known:,}件。",
)
ALL = Text("Every record was looked at.", "全件を照合した。")
AGAIN = Text(
    "Holders since the last call: {new:,} new, {changed:,} changed, {gone:,} gone. {looked_at:,} "
    "{looked_at|record was|records were} looked at; {other:,} {other|has|have} another first candidate or outcome.",
    "前回以降の台帳: 新規{new:,}人、変更{changed:,}人、統合{gone:,}人。"
    "{looked_at:,}件を照合し、第一候補か結果が変わった記録は{other:,}件。",
)
MOVED = Text(
    "Since everything was looked at: {then:,} {then|holder|holders} then, {now:,} now; how rare a name is has "
    "moved by {bits:.3f} bits in the mean.",
    "全件照合からの変化: 台帳{then:,}人→{now:,}人、名前の珍しさの変化は平均{bits:.3f}ビット。",
)
FULL = Text(
    "--full would give another first candidate or outcome to {low:,} to {high:,} of the records (95 %): to "
    "{differ:,} of {checked:,} that were tried.",
    "--full でやり直すと第一候補か結果が変わる見込みは{low:,}〜{high:,}件"
    "（95%区間。試した{checked:,}件中{differ:,}件）。",
)


def go_on(call: Namespace, out: Output) -> int:
    """`sekisho match --as NAME`."""
    from sekisho.flow.matching.ongoing import How
    from sekisho.flow.matching.ongoing import go_on as run
    from sekisho.persons.linkage.policy import Policy

    if not call.name:
        raise UsageError(
            Text("Which records?", "どの記録を照合しますか。"),
            Text(
                "Name their file, or a matching to go on with --as NAME.",
                "ファイルか、--as で照合名を指定してください。",
            ),
        )
    if call.register != VAULT or call.labels or call.report:
        raise UsageError(
            Text(
                "A matching that goes on takes --register vault, and neither --labels nor --report.",
                "継続する照合は --register vault でのみ行え、--labels と --report は使えません。",
            ),
            Text("`sekisho register import FILE` brings a register in.", "`sekisho register import` で取り込みます。"),
        )
    how = How(
        Policy(wrong=call.wrong, ask_from=call.ask_from),
        model=call.model, keep=call.keep_model, full=call.full, force=call.force, shown=not out.quiet,
    )  # fmt: skip
    with open_vault(call) as vault:
        found = run(vault, call.name, call.records, call.to, how)
    say_files(found.matched.files, out)
    told = counts(found.matched)
    news = {"new": found.taken.new, "changed": found.taken.changed, "known": found.taken.known}
    went = {"full": found.full, "looked_at": found.looked_at, "other": found.other}
    said = {"taken": news, "holders_since": found.holders, **went}
    if found.moved:
        said["moved"] = _moved(found.moved)
    whole = {"file": str(call.to), **told, "read": read(found.matched), **said}
    out.result(whole, lambda: "\n".join(_lines(found, told, news)))
    return 0


def _lines(found: WentOn, told: dict[str, float], news: dict[str, int]) -> Iterator[str]:
    yield str(SAID.fill(**told))
    yield str(TAKEN.fill(**news))
    if found.full:
        yield str(ALL)
        return
    since = {name: found.holders.get(name, 0) for name in ("new", "changed", "gone")}
    yield str(AGAIN.fill(**since, looked_at=found.looked_at, other=found.other))
    if moved := found.moved:
        low, high = moved.expected
        then, now = moved.people
        yield str(MOVED.fill(then=then, now=now, bits=moved.rarity, day=moved.model.trained[:10]))
        yield str(fits(moved.model))
        yield str(FULL.fill(checked=moved.checked, differ=moved.differ, low=low, high=high))


def _moved(moved: Moved) -> dict[str, Any]:
    least, most = moved.expected
    then, now = moved.people
    model = moved.model
    shifts = [
        {"comparison": str(one.comparison), "level": str(one.level), "last": one.last, "now": one.now}
        for one in model.shifts
    ]
    return {
        "holders_then": then, "holders_now": now, "rarity_bits": moved.rarity, "shifts": shifts,
        "held_then": model.last_held, "held_now": model.now_held,
        "checked": moved.checked, "differ": moved.differ, "expected_least": least, "expected_most": most,
    }  # fmt: skip
