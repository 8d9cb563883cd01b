"""Shares of a secret on paper: any ``need`` of them give it back, one less tells nothing (Shamir, as SLIP-39 words).

A share is 33 words of a list of 1,024 that differ in their first four letters. The first two say which set it is of,
the last three are a checksum that finds one, two or three wrong words. Any SLIP-39 program puts shares together.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.errors import InputError, VaultError, not_opened
from sekisho.vault.files import write_new
from sekisho.vault.keys.secret import KEY_BYTES, SHARES, Secret
from sekisho.wording import Text

if TYPE_CHECKING:
    from shamir_mnemonic import Share as Point

MOST = 16  # shares of one set
_WORDS = 33  # of a share
_LETTERS = 4  # of a word are enough
_A_ROW = 4  # words


@dataclass(frozen=True, slots=True)
class Share:
    """One share, by its ``number`` from 1; shares of one splitting have the same ``set``."""

    number: int
    need: int
    set: int
    words: tuple[str, ...] = field(repr=False)

    def text(self) -> str:
        """Its words for paper, numbered, a few in a row."""
        rows = [self.words[first : first + _A_ROW] for first in range(0, len(self.words), _A_ROW)]
        return "\n".join(
            "  ".join(f"{row * _A_ROW + place:>2} {word:<8}" for place, word in enumerate(words, 1)).rstrip()
            for row, words in enumerate(rows)
        )


def split(need: int, of: int) -> tuple[Secret, list[Share]]:
    """A new secret, and ``of`` shares of which any ``need`` give it back; 2 <= need <= of <= `MOST`."""
    from shamir_mnemonic import EncryptedMasterSecret, split_ems

    value, number = secrets.token_bytes(KEY_BYTES), secrets.randbits(15)
    sealed = EncryptedMasterSecret.from_master_secret(value, b"", number, extendable=True, iteration_exponent=0)
    points = split_ems(1, [(need, of)], sealed)[0]
    return Secret(SHARES, value), [_share(point) for point in points]


def combine(shares: Sequence[Share]) -> Secret:
    """The secret that was split; raises InputError where the shares are too few or do not belong together."""
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    if len({(share.set, share.need) for share in shares}) > 1:
        raise InputError(
            Text("These shares are of different keys.", "異なる鍵の分割鍵が混ざっています。"),
            Text(
                "Shares belong together where their first two words are the same.",
                "先頭の2語が同じものだけを組み合わせてください。",
            ),
        )
    apart = {share.number: share for share in shares}
    need = shares[0].need if shares else 2
    if len(apart) < need:
        few = Text("{need} different shares are needed, {n} are here.", "異なる分割鍵が{need}個必要ですが、{n}個です。")
        hint = Text("Name {need} different ones with --share.", "異なる{need}個を --share で指定してください。")
        raise InputError(few.fill(n=len(apart), need=need), hint.fill(need=need))
    enough = list(apart.values())[:need]
    try:
        return Secret(SHARES, combine_mnemonics([" ".join(share.words) for share in enough]))
    except MnemonicError as error:
        raise InputError(
            Text("These shares do not fit together.", "これらの分割鍵は組み合わせられません。"),
            Text("Check each with `sekisho vault share check`.", "`sekisho vault share check` で確かめてください。"),
        ) from error


def write(share: Share, path: Path, of: int) -> None:
    """Write a share to a new file that only its owner may read; raises VaultError."""
    head = Text(
        "# Share {n} of {of} of the key of a sekisho vault. Any {need} of them open it.\n"
        "# Keep it apart from the others. These are SLIP-39 words; lines with # do not count.\n",
        "# sekisho の保管庫の分割鍵 {of} 個のうち {n} 番。どれか {need} 個で開きます。\n"
        "# 他の分割鍵とは別に保管してください。SLIP-39 の単語です。# の行は数えません。\n",
    ).fill(n=share.number, of=of, need=share.need)
    try:
        write_new(path, f"{head}\n{share.text()}\n".encode())
    except OSError as error:
        raise VaultError(
            Text("The share {path} cannot be written.", "分割鍵 {path} を書き込めません。").fill(path=path),
            Text("Choose new files in a folder of yours.", "書き込めるフォルダーの新しい名前を指定してください。"),
        ) from error


def read(path: Path) -> Share:
    """The share in a file; raises InputError that says what is wrong with it, and at which word."""
    try:
        return parse(path.read_text("utf-8-sig"), path)
    except OSError as error:
        raise not_opened(path, error) from error
    except UnicodeDecodeError as error:
        raise _no_share(path) from error


def parse(text: str, path: Path) -> Share:
    """The share that a text holds; ``path`` is where it came from. Raises InputError."""
    from shamir_mnemonic import MnemonicError
    from shamir_mnemonic import Share as Point

    typed = [word.strip(".,:;()") for line in _lines(text) for word in line.split()]
    words = [_word(word, place, path) for place, word in enumerate((w for w in typed if w and not w.isdecimal()), 1)]
    try:
        return _share(Point.from_mnemonic(" ".join(words)))
    except MnemonicError as error:
        raise _mistyped(words, path) from error


def _lines(text: str) -> list[str]:
    lines = unicodedata.normalize("NFKC", text).lower().splitlines()
    return [line for line in lines if not line.lstrip().startswith("#")]


def _word(typed: str, place: int, path: Path) -> str:
    """The word that was meant, by its first letters."""
    from shamir_mnemonic.wordlist import WORDLIST

    for word in WORDLIST:
        if word == typed or (len(typed) >= _LETTERS and word.startswith(typed)):
            return str(word)
    raise InputError(
        Text("{path}: word {n} is none of a share's words.", "{path}: {n}語目は分割鍵の単語ではありません。").fill(
            path=path, n=place
        ),
        Text("Compare it with the paper.", "紙の控えと見比べてください。"),
    )


def _mistyped(words: Sequence[str], path: Path) -> InputError:
    wrong = Text("{path}: a word of the share is wrong.", "{path}: 分割鍵の単語に誤りがあります。")
    hint = Text("More than one is: compare all with the paper.", "2語以上が違います。すべて見比べてください。")
    if len(words) != _WORDS:
        wrong = Text("{path}: a share has {most} words, here are {n}.", "{path}: 分割鍵は{most}語ですが、{n}語です。")
        hint = Text("Compare them with the paper.", "紙の控えと見比べてください。")
    elif place := _wrong_word(words):
        hint = Text("It may be word {n}: compare it with the paper.", "{n}語目を紙の控えと見比べてください。")
        hint = hint.fill(n=place)
    return InputError(wrong.fill(path=path, most=_WORDS, n=len(words)), hint)


def _wrong_word(words: Sequence[str]) -> int | None:
    """The place, from 1, of the word that is wrong, if one alone is: the checksum is right with another word there."""
    from shamir_mnemonic.constants import CUSTOMIZATION_STRING_EXTENDABLE
    from shamir_mnemonic.rs1024 import verify_checksum
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

    indices = [WORD_INDEX_MAP[word] for word in words]
    for place in range(len(indices)):
        for other in range(len(WORDLIST)):
            tried = [*indices[:place], other, *indices[place + 1 :]]
            if verify_checksum(tried, CUSTOMIZATION_STRING_EXTENDABLE):
                return place + 1
    return None


def _share(point: Point) -> Share:
    return Share(point.index + 1, point.member_threshold, point.identifier, tuple(point.words()))


def _no_share(path: Path) -> InputError:
    return InputError(
        Text("{path} holds no share.", "{path} は分割鍵ではありません。").fill(path=path),
        Text("A share is a text of 33 words.", "分割鍵は33語の文です。"),
    )
