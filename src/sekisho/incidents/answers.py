"""How questions about an incident can be answered, and what the answers are called."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sekisho.wording import Text


class Answer(StrEnum):
    """What is known of a question."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class Status(StrEnum):
    """What is known of a system."""

    ACCESSED = "accessed"
    NOT_ACCESSED = "not_accessed"
    NOT_KNOWN = "not_known"


class Sure(StrEnum):
    """How well something is known."""

    KNOWN = "known"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


ANSWERS: Mapping[str, Text] = {
    Answer.YES: Text("yes", "はい"),
    Answer.NO: Text("no", "いいえ"),
    Answer.NOT_KNOWN: Text("not known", "不明"),
}
STATUSES: Mapping[str, Text] = {
    Status.ACCESSED: Text("accessed", "アクセスあり"),
    Status.NOT_ACCESSED: Text("not accessed", "アクセスなし"),
    Status.NOT_KNOWN: Text("not known", "不明"),
}
SURE: Mapping[str, Text] = {
    Sure.KNOWN: Text("known", "判明"),
    Sure.ESTIMATED: Text("estimated", "推定"),
    Sure.UNKNOWN: Text("unknown", "不明"),
}
HAPPENINGS = {
    "leak": Text("leak", "漏えい"),
    "loss": Text("loss", "滅失"),
    "damage": Text("damage", "毀損"),
}
ROLES = {
    "police": Text("police", "警察"),
    "security_firm": Text("security firm", "セキュリティ会社"),
    "ministry": Text("ministry", "所管省庁"),
    "authority": Text("data protection authority", "個人情報保護の監督機関"),
    "sister_body": Text("sister body", "関係機関"),
    "processor": Text("processor", "委託先"),
    "other": Text("other", "その他"),
}
AIMS = {
    "response": Text("to contain it", "応急対応"),
    "prevention": Text("so that it does not happen again", "再発防止"),
}
