"""What the played case ends with: the account that closes, and where each product lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sekisho.wording import Text

VERSION = Text(
    "version {n}: {persons:,} {persons|person|persons}, {records:,} {records|record|records}, "
    "{files:,} {files|file|files}; {unread:,} documents unread, {open:,} records undecided",
    "第{n}版: 実人数{persons:,}人、延べ記録{records:,}件、ファイル{files:,}個"
    "（未読の文書{unread:,}個、未確定の記録{open:,}件）",
)
LIST = Text(
    "a list copied in a hurry: {missing:,} missing, {wrong:,} wrong; all named",
    "急いで写した一覧: 欠落{missing:,}人、誤り{wrong:,}人（すべて特定）",
)
REVIEW = Text(
    "changes since the first infection for exposed persons: {n:,} of {rows:,} handed in",
    "最初の感染以後に該当者について行われた変更: {n:,}件（提出{rows:,}件中）",
)
LEDGER = Text("ledger: {n:,} entries, as they were written", "証跡: {n:,}件、改変なし")
ACCOUNT, PRODUCTS = Text("The account", "集計"), Text("The products", "成果物")
INVENTED = Text("Every person is invented.", "登場する人物はすべて架空です。")
LIES: Mapping[str, Text] = {
    "report-1.html": Text("what the first files hold", "最初のファイルの集計"),
    "report-2.html": Text("what the later files hold", "後から届いたファイルの集計"),
    "helpline-list-faults.csv": Text("what is wrong with the copied list", "写した一覧の誤り"),
    "review.csv": Text("worklist: changes to look into", "点検対象の変更"),
}
"""By their names in ``products``."""


def told(said: Mapping[str, Any], folder: Path) -> str:
    """For people."""
    return "\n".join(["", str(ACCOUNT), *_account(said), "", str(PRODUCTS), *_products(folder), "", str(INVENTED)])


def _account(said: Mapping[str, Any]) -> Iterator[str]:
    for number in (1, 2):
        made = said[f"version {number}"]
        coming = made["may_still_come"]
        counts = {name: made[name] for name in ("persons", "records", "files")}
        yield f"  {VERSION.fill(n=number, unread=coming['documents'], open=coming['records'], **counts)}"
    listed = said["copied list"]
    yield f"  {LIST.fill(missing=listed['missing'], wrong=listed['wrong'])}"
    reviewed = said["review"]
    yield f"  {REVIEW.fill(n=reviewed['changes']['since exposed'], rows=reviewed['rows'])}"
    yield f"  {LEDGER.fill(n=said['ledger']['size'])}"


def _products(folder: Path) -> Iterator[str]:
    width = max(map(len, LIES))
    for name, what in LIES.items():
        if (path := folder / "products" / name).exists():
            yield f"  {path!s:<{width + len(str(path.parent)) + 1}}  {what}"
