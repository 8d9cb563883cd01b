"""A head as it was written on 2026-11-23, and shares on paper of that day, open what they opened then."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from sekisho.vault import Secret
from sekisho.vault.keys import shares
from sekisho.vault.keys.head import open_keys, parse_head

DATA = Path(__file__).with_name("data")
KEYS = "85672da7b6c584b2ab1c31e50d1ce419265366a24dc026e4da35b50074f07264"


def papers() -> Secret:
    return shares.combine([shares.read(DATA / f"version-2-share-{number}.txt") for number in (1, 2)])


@pytest.mark.parametrize(
    "secret",
    [Secret.passphrase("今日のパスフレーズ"), Secret("key file", bytes(range(32))), papers()],
    ids=lambda s: s.kind,
)
def test_each_secret_of_that_day_opens_the_same_keys(secret: Secret) -> None:
    keys = open_keys(parse_head((DATA / "version-2.json").read_bytes(), DATA), secret, DATA)
    some = b"".join(keys.key(name) for name in ("database", "ledger signing", "blind name", "anything"))
    assert hashlib.sha256(some).hexdigest() == KEYS


def test_a_standard_program_reads_the_shares_of_that_day() -> None:
    from shamir_mnemonic import combine_mnemonics

    texts = [(DATA / f"version-2-share-{number}.txt").read_text().split("\n\n")[1] for number in (1, 2)]
    words = [" ".join(word for word in text.split() if not word.isdecimal()) for text in texts]
    assert combine_mnemonics(words) == papers().value


def test_the_head_says_in_clear_only_how_it_is_opened() -> None:
    head = json.loads((DATA / "version-2.json").read_bytes())
    assert head.keys() == {"format", "version", "generation", "slots", "keys", "seal", "sha256"}
    assert [slot.keys() - {"need", "of", "set"} for slot in head["slots"]] == [
        {"kind", "made", "kdf", "salt", "public", "root"}
    ] * 3
