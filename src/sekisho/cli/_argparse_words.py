"""The words that argparse itself says, in the language of the run."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from sekisho.wording import language

JAPANESE = {
    "usage: ": "使い方: ",
    "positional arguments": "引数",
    "options": "オプション",
    "subcommands": "コマンド",
    "show this help message and exit": "この説明を表示して終了",
    "the following arguments are required: %s": "次の引数が必要です: %s",
    "unrecognized arguments: %s": "分からない引数です: %s",
    "argument %(argument_name)s: %(message)s": "引数 %(argument_name)s: %(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r は選べません（%(choices)s から選択）",
    "invalid %(type)s value: %(value)r": "%(value)r は %(type)s として読めません",
    "not allowed with argument %s": "%s と同時には指定できません",
    "one of the arguments %s is required": "%s のいずれかが必要です",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s は %(matches)s のどれか分かりません",
    "expected one argument": "値が1つ必要です",
    "expected at most one argument": "値は1つまでです",
    "expected at least one argument": "値が1つ以上必要です",
    "expected %s argument": "値が%s個必要です",
    "ignored explicit argument %r": "値 %r は不要です",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "%(parser_name)r は選べません（%(choices)s から選択）",
}


def _say(message: str) -> str:
    return JAPANESE.get(message, message) if language() == "ja" else message


def _say_count(one: str, many: str, count: int) -> str:
    return _say(one) if language() == "ja" or count == 1 else many


@contextmanager
def translated() -> Iterator[None]:
    """Argparse speaks the language of the run: it looks its words up in these two module names."""
    kept = {name: vars(argparse)[name] for name in ("_", "ngettext")}
    vars(argparse).update(_=_say, ngettext=_say_count)
    try:
        yield
    finally:
        vars(argparse).update(kept)
