"""Folders and file names as the offices of the estate use them."""

from __future__ import annotations

from sekisho.estate.catalogue import OKINAWA, TOKYO, WAKAYAMA
from sekisho.estate.dice import Dice

GROUPS = {
    OKINAWA: ("国民年金グループ", "厚生年金グループ", "記録審査グループ", "共有/統合作業", "給付グループ"),
    TOKYO: ("突合第一グループ", "突合第二グループ", "突合第三グループ", "共有/紙台帳", "管理グループ"),
    WAKAYAMA: ("審査グループ", "適用グループ"),
}
TOPICS = (
    "被保険者一覧", "未統合記録", "届出書処理", "返戻者", "照会対象者", "紙台帳突合結果", "年金記録確認",
    "裁定請求受付", "氏名変更届", "住所変更届", "第３号被保険者", "学生納付特例", "免除申請", "扶養親族等申告",
    "現況届", "お知らせ送付",
)  # fmt: skip
ENDINGS = ("", "", "_最終", "(1)", "_修正", "_提出用", " - コピー", "_v2")


def folder(centre: str, dice: Dice) -> str:
    """A folder of ``centre``."""
    return f"{centre}/{dice.pick(GROUPS[centre])}/平成{dice.between(24, 27)}年度"


def stem(topic: str, index: int, dice: Dice) -> str:
    """A file name without its ending; ``index`` keeps it apart from all others."""
    year, month, day = dice.between(24, 27), dice.between(1, 12), dice.between(1, 28)
    return dice.pick(
        (
            f"H{year}{month:02}{day:02}_{topic}_{index:03}{dice.pick(ENDINGS)}",
            f"{topic}（{month}月分）{index:03}{dice.pick(ENDINGS)}",
            f"{index:03}_{topic}{dice.pick(ENDINGS)}",
        )
    )
