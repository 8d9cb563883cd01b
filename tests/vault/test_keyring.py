"""A head opens with each of its secrets and with nothing else, and shows where anything of it was changed."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.errors import VaultError
from sekisho.vault.acts import canonical
from sekisho.vault.keys.head import kinds_of_secret, open_keys, parse_head
from sekisho.vault.keys.keyring import FORMAT, NAMES, Keyring, is_whole
from sekisho.vault.keys.secret import KINDS, Cost, Secret, derive
from sekisho.vault.keys.slots import Slot

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
RIGHT, OTHER = Secret.passphrase("right"), Secret("key file", b"k" * 32)


def head_of(keys: Keyring) -> dict[str, Any]:
    head: dict[str, Any] = json.loads(keys.to_head())
    return head


@settings(max_examples=20, deadline=None)
@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_what_a_secret_seals_it_opens(passphrase: str) -> None:
    made = Keyring.to_new(Secret.passphrase(passphrase), CHEAP)
    again = Keyring.from_head(head_of(made), Secret.passphrase(passphrase))
    assert again is not None
    assert again.keys == made.keys


def test_the_ways_to_type_one_character_are_one_passphrase() -> None:
    made = Keyring.to_new(Secret.passphrase("か\u3099き"), CHEAP)
    assert Keyring.from_head(head_of(made), Secret.passphrase("がき")) is not None


@pytest.mark.parametrize(
    "wrong", [Secret.passphrase("Right"), Secret("key file", b"right"), Secret("shares", b"right")]
)
def test_another_secret_opens_nothing(wrong: Secret) -> None:
    assert Keyring.from_head(head_of(Keyring.to_new(RIGHT, CHEAP)), wrong) is None


def test_every_slot_opens_the_same_keys() -> None:
    made = Keyring.to_new(RIGHT, CHEAP)
    both = made.changed([*made.slots, Slot.to_new(OTHER, CHEAP)])
    for place, secret in enumerate((RIGHT, OTHER)):
        again = Keyring.from_head(head_of(both), secret)
        assert again is not None
        assert (again.opened, again.keys, again.root) == (place, made.keys, both.root)


def test_a_secret_whose_slot_is_gone_opens_nothing_that_came_later_not_even_with_the_old_root_key() -> None:
    made = Keyring.to_new(RIGHT, CHEAP)
    both = made.changed([*made.slots, Slot.to_new(OTHER, CHEAP)])
    left = both.changed(both.slots[1:])
    assert Keyring.from_head(head_of(left), RIGHT) is None
    assert Keyring.from_head(head_of(left), OTHER) is not None
    assert left.root != both.root
    with pytest.raises(ValueError, match="seal"):
        Keyring.from_head(head_of(Keyring(both.root, left.keys, left.slots)), OTHER)


def test_there_is_a_key_for_every_name_and_no_two_are_the_same() -> None:
    made = Keyring.to_new(RIGHT, CHEAP)
    names = [*NAMES, "something else", "another"]
    assert len({made.key(name) for name in names}) == len(names)
    again = Keyring.from_head(head_of(made), RIGHT)
    assert again is not None
    assert [again.key(name) for name in names] == [made.key(name) for name in names]


def changes(value: Any) -> list[Any]:
    """JSON values that each differ from ``value`` in one place."""
    if isinstance(value, dict):
        fewer = [{k: v for k, v in value.items() if k != name} for name in value]
        return fewer + [{**value, name: other} for name, part in value.items() for other in changes(part)]
    if isinstance(value, list):
        return [[], [*value, *value], *([other] for part in value for other in changes(part))]
    if isinstance(value, int):
        return [value + 1, str(value), None]
    flipped = chr(ord(value[len(value) // 2]) ^ 1)
    return ["", value[:-4], value[: len(value) // 2] + flipped + value[len(value) // 2 + 1 :], None, 7, ["x"]]


def test_a_head_that_was_changed_anywhere_is_not_taken_for_whole() -> None:
    whole = head_of(Keyring.to_new(RIGHT, CHEAP))
    assert is_whole(whole)
    changed = [head for head in changes(whole) if head.get("version") == whole["version"]]
    assert len(changed) > 100
    assert not any(is_whole(head) for head in changed)


def test_who_mends_the_checksum_but_has_no_root_key_is_found_out() -> None:
    whole = head_of(Keyring.to_new(RIGHT, CHEAP))
    for head in changes({name: part for name, part in whole.items() if name not in ("sha256", "format", "version")}):
        body = {"format": whole["format"], "version": whole["version"], **head}
        forged = {**body, "sha256": hashlib.sha256(canonical(body)).hexdigest()}
        assert is_whole(forged)
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            assert Keyring.from_head(forged, RIGHT) is None, head


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON | st.dictionaries(st.sampled_from(["format", "version", "slots", "keys", "seal", "secret", "kdf"]), JSON))
def test_whatever_stands_in_a_head_is_refused_and_no_fault(value: Any) -> None:
    place = Path("somewhere")
    for data in (json.dumps(value), json.dumps({"format": FORMAT, "version": 2, "slots": value, "sha256": "x"})):
        with pytest.raises(VaultError):
            parse_head(data, place)
    for version in (1, 2):
        body = {"format": FORMAT, **(value if isinstance(value, dict) else {"slots": value}), "version": version}
        with suppress(ValueError):
            body["sha256"] = hashlib.sha256(canonical(body)).hexdigest()
        with suppress(VaultError):
            assert set(kinds_of_secret(parse_head(json.dumps(body), place))) <= set(KINDS)
        with pytest.raises(VaultError):
            open_keys(parse_head(json.dumps(body), place), RIGHT, place)


def test_a_head_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(VaultError):
        parse_head("[" * 100_000, Path("somewhere"))


def test_a_head_that_asks_for_all_memory_is_not_tried() -> None:
    head = head_of(Keyring.to_new(RIGHT, CHEAP))
    head["slots"][0]["kdf"]["memory_kib"] = 1 << 40
    with pytest.raises(ValueError, match="kdf"):
        Keyring.from_head(head, RIGHT)


def test_nothing_of_it_is_shown() -> None:
    made = Keyring.to_new(RIGHT, CHEAP)
    for secret in (made.root, *made.keys.values(), derive(made.root, "keys")):
        assert repr(secret) not in repr(made)
        assert secret.hex() not in repr(made)
