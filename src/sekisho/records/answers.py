"""What may be answered to a question, as the column ``answer`` holds it and as people of either language write it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from sekisho.countries import known
from sekisho.model import ITEM_TITLES, Item
from sekisho.records.block import NATIONAL_ID
from sekisho.records.decided import A_RECORD
from sekisho.wording import Text, language

_CLASSES = ("bank_account", "pension_amount", "pension_code", "work_history", "health")
UNDECIDED = "undecided"  # takes a decision back
_WORDS: Mapping[str, Text] = {
    **{str(item): title for item, title in ITEM_TITLES.items()},
    NATIONAL_ID: Text("national number", "外国の個人番号"),
    **{item: known.of_item(item)[0].title for item in _CLASSES},
    "other": Text("other", "その他の個人情報"),
    "not_personal": Text("not personal", "個人情報でない"),
    "person": Text("person", "本人の記録"),
    "no_person": Text("no person", "本人の記録でない"),
    UNDECIDED: Text("undecided", "未定"),
}
OF_A_COLUMN = (*map(str, Item), NATIONAL_ID, *_CLASSES, "other", "not_personal", UNDECIDED)
OF_A_BLOCK = ("person", "no_person", UNDECIDED)


def possible(subject: str) -> tuple[str, ...]:
    """The answers to a question about a column, or, without a subject, about a whole block; or about one record."""
    return OF_A_BLOCK if not subject or subject.startswith(A_RECORD) else OF_A_COLUMN


def said(answer: str) -> str:
    """An answer in the language of the run: its word in Japanese, the name of the column in English.

    >>> said("birth_date")
    'birth_date'
    """
    return _WORDS[answer].ja if language() == "ja" and answer in _WORDS else answer


def all_said(answers: Sequence[str]) -> str:
    """Several answers as one text."""
    return ("、" if language() == "ja" else " ").join(map(said, answers))


def understood(written: str) -> str:
    """The answer that somebody wrote, in either language; what is none stays as it is.

    >>> [understood(text) for text in ("氏名", "Birth date", " not_personal ", "個人番号", "nmae")]
    ['name', 'birth_date', 'not_personal', 'my_number', 'nmae']
    """
    plain = _plain(written)
    return _MEANT.get(plain, plain)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split())


_MEANT = {
    _plain(word): answer
    for answer, text in _WORDS.items()
    for word in (answer, text.en, text.ja, text.ja.partition("（")[0])
}
