"""What the played case ends with: the account that closes, and where each product lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sekisho.wording import Text, listed

VERSION = Text(
    "version {n}: {persons:,} {persons|person|persons}, {records:,} {records|record|records}, "
    "{files:,} {files|file|files}; {unread:,} documents unread, {open:,} records undecided",
    "第{n}版: 実人数{persons:,}人、延べ記録{records:,}件、ファイル{files:,}個"
    "（未読の文書{unread:,}個、未確定の記録{open:,}件）",
)
CLOSES = Text(
    "{persons:,} {persons|person|persons} = {letter:,} by letter + {held:,} held back + {unreachable:,} unreachable "
    "+ {deceased:,} deceased + {publication:,} by publication",
    "実人数{persons:,}人＝お知らせ{letter:,}人＋保留{held:,}人＋連絡不能{unreachable:,}人＋死亡{deceased:,}人"
    "＋公表{publication:,}人",
)
LIST = Text(
    "a list copied in a hurry: {missing:,} missing, {wrong:,} wrong; all named, nothing opened",
    "急いで写した一覧: 欠落{missing:,}人、誤り{wrong:,}人（すべて特定、使用せず）",
)
LETTERS = Text("letters: {sent:,} sent, {held:,} held", "お知らせ: 発送{sent:,}通、保留{held:,}通")
NUMBERS = Text(
    "new numbers: {in_force:,} in force, {free:,} left in the pool", "新しい番号: 有効{in_force:,}件、残り{free:,}件"
)
CALLS = Text("calls: {answers}", "相談: {answers}")
ANSWERED = Text("{says} {n:,}", "{says}{n:,}件")
NOBODY = Text("nobody found", "該当者なし")
REVIEW = Text(
    "changes for exposed persons since the first infection: {n:,} of {rows:,} handed in",
    "最初の感染以後に対象者について処理された変更: {n:,}件（提出{rows:,}件中）",
)
LEDGER = Text("ledger: {n:,} entries, all as they were written", "証跡: {n:,}件、改変なし")
ACCOUNT, PRODUCTS = Text("The account", "集計"), Text("The products", "成果物")
INVENTED = Text("Every person is invented.", "登場する人物はすべて架空です。")
LIES: Mapping[str, Text] = {
    "announcement-2/announcement-2.ja.pdf": Text(
        "what everybody is told (and .html, .txt, .json, English)", "公表資料"
    ),
    "letters": Text("letters as the print shop has them", "お知らせ（印刷会社が開いたもの）"),
    "print-shop": Text("the same as it left the house: sealed", "同（封をして渡した状態）"),
    "jp_public-preliminary": Text("entry sheet for the authority, preliminary", "監督機関への速報の入力票"),
    "jp_public-final": Text("entry sheet for the authority, final", "監督機関への確報の入力票"),
    "core-system": Text("new numbers for the core system, and its answer", "基幹システムへの番号変更と回答"),
    "numbers-worklist.csv": Text("who waits for a new number, and why", "番号変更を待つ人と理由"),
    "review.csv": Text("worklist: changes to look into", "点検対象の変更"),
    "answers-in-writing.csv": Text("callers to be answered in writing", "文書で回答する相手"),
    "helpline-list-faults.csv": Text("what is wrong with the copied list", "写した一覧の誤り"),
    "evidence": Text("evidence for the police, with proofs", "警察への提供資料（証明付き）"),
    "report-1.html": Text("what the first files hold", "最初のファイルの集計"),
    "report-2.html": Text("what the later files hold", "後から届いたファイルの集計"),
}
"""By their names in ``products``."""
Said = Mapping[str, Any]


def told(said: Said, folder: Path) -> str:
    """For people."""
    return "\n".join(["", str(ACCOUNT), *_account(said), "", str(PRODUCTS), *_products(folder), "", str(INVENTED)])


def _account(said: Said) -> Iterator[str]:
    yield from (f"  {_version(said, number)}" for number in (1, 2))
    ended = said["reconciled"]
    yield f"  {CLOSES.fill(persons=ended['persons'], **_all(ended['ways'], *WAYS))}"
    yield f"  {LIST.fill(**_all(said['copied list'], 'missing', 'wrong'))}"
    yield f"  {LETTERS.fill(**_all(said['letters 2']['status']['letters'], 'sent', 'held'))}"
    yield f"  {NUMBERS.fill(**_all(said['numbers']['counts'], 'in_force', 'free'))}"
    yield f"  {CALLS.fill(answers=answers([said[f'calls {number}'] for number in (1, 2)]))}"
    reviewed = said["review"]
    yield f"  {REVIEW.fill(n=reviewed['changes'].get('since exposed', 0), rows=reviewed['rows'])}"
    yield f"  {LEDGER.fill(n=said['ledger']['size'])}"


WAYS = ("letter", "held", "unreachable", "deceased", "publication")


def _all(counts: Said, *names: str) -> dict[str, int]:
    """Some counts, those that are not there as none."""
    return {name: counts.get(name, 0) for name in names}


def answers(counts: Sequence[Said]) -> str:
    """What callers were told, and how often, in words."""
    from sekisho.actions.helpline import ANSWERS

    says = {**{str(answer): text for answer, text in ANSWERS.items()}, "nobody found": NOBODY}
    summed = {one: sum(some.get(one, 0) for some in counts) for one in says}
    return listed(ANSWERED.fill(says=says[one], n=n) for one, n in summed.items() if n)


def _version(said: Said, number: int) -> Text:
    made = said[f"version {number}"]
    coming = made["may_still_come"]
    counts = _all(made, "persons", "records", "files")
    return VERSION.fill(n=number, unread=coming["documents"], open=coming["records"], **counts)


def _products(folder: Path) -> Iterator[str]:
    places = {folder / "products" / name: what for name, what in LIES.items()}
    width = max(len(str(path)) for path in places)
    yield from (f"  {path!s:<{width}}  {what}" for path, what in places.items() if path.exists())
