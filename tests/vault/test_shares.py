"""Any k of n shares give the secret back, fewer do not, and a mistyped word is pointed at."""

from __future__ import annotations

import itertools
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.errors import InputError, VaultError
from sekisho.vault.keys import shares
from sekisho.vault.keys.shares import combine, parse, read, split, write


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 6).flatmap(lambda need: st.tuples(st.just(need), st.integers(need, 7))))
def test_any_k_of_n_give_the_secret_back_and_one_less_does_not(sizes: tuple[int, int]) -> None:
    need, of = sizes
    secret, made = split(need, of)
    assert len(made) == of
    for some in itertools.combinations(made, need):
        assert combine(some) == secret
    for few in itertools.combinations(made, need - 1):
        with pytest.raises(InputError, match=f"{need} different shares are needed, {need - 1} are here"):
            combine(few)
    assert combine(made[::-1]) == secret


def test_no_shares_are_too_few() -> None:
    with pytest.raises(InputError, match="0 are here"):
        combine([])


def test_one_share_twice_counts_once() -> None:
    _, (one, *_) = split(2, 3)
    with pytest.raises(InputError, match="2 different shares are needed, 1 are here"):
        combine([one, one])


def test_shares_of_different_keys_are_told_apart() -> None:
    with pytest.raises(InputError, match="different keys"):
        combine([split(2, 2)[1][0], split(2, 2)[1][1]])


def test_other_programs_put_our_shares_together() -> None:
    from shamir_mnemonic import combine_mnemonics

    secret, made = split(3, 5)
    assert combine_mnemonics([" ".join(one.words) for one in made[1:4]]) == secret.value


def test_a_share_is_written_to_a_file_of_its_own_and_read_back(tmp_path: Path) -> None:
    secret, made = split(2, 3)
    paths = [tmp_path / f"share-{one.number}" for one in made]
    for one, path in zip(made, paths, strict=True):
        write(one, path, 3)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [read(path) for path in paths] == made
    assert combine([read(paths[2]), read(paths[0])]) == secret
    with pytest.raises(VaultError, match="cannot be written"):
        write(made[0], paths[0], 3)


def test_a_share_may_be_typed_in_many_ways() -> None:
    _, (one, _) = split(2, 2)
    there = Path("typed")
    wide = " ".join(one.words).translate({c: c + 0xFEE0 for c in range(ord("a"), ord("z") + 1)})
    for typed in (
        " ".join(one.words).upper(),
        "\n".join(f"{place}. {word}" for place, word in enumerate(one.words, 1)),
        " ".join(word[:4] for word in one.words),
        f"# 1 of 2\n{one.text()}\n# end",
        wide,
    ):
        assert parse(typed, there) == one


def test_a_mistyped_word_is_pointed_at_and_never_shown() -> None:
    _, (one, other) = split(2, 2)
    for place in (0, 3, 20, 32):
        words = list(one.words)
        words[place] = "academic" if words[place] != "academic" else "zero"
        with pytest.raises(InputError, match="a word of the share is wrong") as caught:
            parse(" ".join(words), Path("paper"))
        assert f"word {place + 1}:" in caught.value.hint.en
        words[place] = "himitsu"
        with pytest.raises(InputError, match=f"word {place + 1} is none") as caught:
            parse(" ".join(words), Path("paper"))
        assert "himitsu" not in caught.value.message.en + caught.value.message.ja + caught.value.hint.en
    words = [*one.words[:5], *other.words[5:10], *one.words[10:]]
    with pytest.raises(InputError) as caught:
        parse(" ".join(words), Path("paper"))
    assert "More than one" in caught.value.hint.en


def test_what_is_no_share_is_said(tmp_path: Path) -> None:
    _, (one, _) = split(2, 2)
    for words in (one.words[:-1], one.words * 2, ()):
        with pytest.raises(InputError, match=f"33 words, here are {len(words)}"):
            parse(" ".join(words), tmp_path)
    with pytest.raises(InputError, match="no file"):
        read(tmp_path / "absent")
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    with pytest.raises(InputError, match="holds no share"):
        read(tmp_path / "picture")


def test_a_share_is_never_shown() -> None:
    _, (one, _) = split(2, 2)
    assert not set(one.words[4:]) & set(repr(one).replace("'", " ").split())
    assert shares.MOST == 16
