"""The office's own traces: clerks, desks, telephones and dates, none of them an item about a person."""

from __future__ import annotations

from sekisho.estate.dice import Dice

CLERKS = ("仲村", "上原", "高井", "浅野", "榎本", "喜納", "大庭", "谷口", "野原", "平良")
DESKS = ("総務グループ", "記録審査グループ", "国民年金グループ", "厚生年金グループ", "給付グループ")


def telephone(dice: Dice, area: str = "098") -> str:
    """A number that nobody can have been given."""
    return f"{area}-0{dice.between(10, 99)}-{dice.between(1000, 9999)}"


def extension(dice: Dice) -> str:
    """A desk's extension."""
    return f"内線{dice.between(201, 499)}"


def day(dice: Dice, first: int = 24, last: int = 27) -> str:
    """A day in the Heisei years ``first`` to ``last``."""
    return f"平成{dice.between(first, last)}年{dice.between(1, 12)}月{dice.between(1, 28)}日"


def signature(dice: Dice, clerk: str) -> list[str]:
    """What stands below a mail."""
    return ["-" * 30, f"{dice.pick(DESKS)}　{clerk}", f"TEL {telephone(dice)}（{extension(dice)}）"]
