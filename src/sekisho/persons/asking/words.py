"""What people write into an answer, a decision, or beside it as evidence, in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from sekisho.countries import evidence
from sekisho.persons.asking.standing import CANNOT, NO, YES

CONFIRM, REFUSE = "confirm", "refuse"
_ANSWERS: Mapping[str, str] = {
    YES: "yes y はい ○ 〇 ◯ 本人 本人の記録 該当 自分の記録 mine",
    NO: "no n いいえ × ✕ 別人 違う 非該当 他人 ちがう",
    CANNOT: "cannot cannottell can'ttell ? unknown わからない 分からない 不明 判断できない 判断不能 △",
}
_DECISIONS: Mapping[str, str] = {
    CONFIRM: "confirm confirmed yes y はい ○ 〇 ◯ 承認 確認 可",
    REFUSE: "refuse refused no n いいえ × ✕ 却下 差戻し 差し戻し 否",
}
_BETWEEN = re.compile(r"[;,、，；\n]+")


def answer(written: str) -> str | None:
    """`YES`, `NO` or `CANNOT`; None for anything else."""
    return _by_word(_ANSWERS).get(folded(written))


def decision(written: str) -> str | None:
    """`CONFIRM` or `REFUSE`; None for anything else."""
    return _by_word(_DECISIONS).get(folded(written))


def kinds(written: str) -> tuple[str, ...] | None:
    """The kinds of evidence that are written, in their order; None where one of them is none."""
    found = [evidence.kind_of(one) for one in _BETWEEN.split(written) if one.strip()]
    return None if None in found else tuple(dict.fromkeys(kind for kind in found if kind))


def folded(text: str) -> str:
    """As answers, and names of clerks, are held against each other."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def code(written: str) -> str:
    """The code of a question as somebody typed it: letters that are read for digits are digits."""
    text = unicodedata.normalize("NFKC", written).strip().upper().replace("‐", "-")
    if not text.startswith("R"):
        return text
    bare = text[1:].replace("-", "").replace("O", "0").replace("I", "1").replace("L", "1")
    return f"R{bare[:4]}-{bare[4:8]}-{bare[8:]}"


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    return {folded(word): meaning for meaning, some in words.items() for word in some.split()}
