"""Operators answer callers over HTTP, each with a key of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.web.conftest import CHEAP, Service, World, made_world, serving

from sekisho import actors
from sekisho.actors import Proposal, Who
from sekisho.flow.answering.helpline import open_line
from sekisho.flow.assessing.case import say
from sekisho.vault import Secret


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with made_world(tmp_path_factory.mktemp("helpline")) as world:
        say(world.vault, world.incident, "infected", at="2015-05-08T10:28")
        _open(world)
        with serving(world) as made:
            yield made


def _open(world: World) -> None:
    other = actors.enlist(world.vault, "Bob", "officer", Secret.passphrase("the second one's"), CHEAP)
    assert not isinstance(other, Proposal)
    found = open_line(world.vault, world.incident)
    assert isinstance(found, Proposal)
    actors.sign_in(world.vault, Who("Bob", Secret.passphrase("the second one's")))
    actors.approve(world.vault, found.hash)
    actors.sign_in(world.vault, Who("Alice", Secret.from_key_file(world.folder / "Alice.key"), "incident"))
    open_line(world.vault, world.incident)


def asked(line: Service, what: str, client: str = "naha", **said: Any) -> tuple[int, Any]:
    return line.ask(said, path=f"/v1/helpline/{what}", client=client)


def called(line: Service, client: str = "naha", **said: Any) -> int:
    status, told = asked(line, "call", client, **said)
    assert status == 200, told
    return int(told["call"])


def test_a_caller_is_found_verified_and_told(line: Service) -> None:
    call = called(line)
    status, turn = asked(line, "find", call=call, name="カクウ サブロウ", birth_date="S28.3.3")
    assert status == 200
    names = [one["name"] for one in turn["questions"]]
    assert names
    knows = {"number": "4701-000003", "address": "那覇市架空3"}
    status, told = asked(line, "verify", call=call, answers=[knows[name] for name in names])
    assert (status, told["answer"], told["version"]) == (200, "not_affected", 1)
    assert asked(line, "end", call=call, note="済")[0] == 200
    said = json.dumps([turn, told], ensure_ascii=False)
    assert not any(item in said for item in ("4701", "那覇", "架空 三郎", "1953"))


def test_an_operator_touches_no_other_ones_call(line: Service) -> None:
    call = called(line)
    status, told = asked(line, "find", "hall", call=call, number="4701-000001")
    assert (status, told["error"]["code"]) == (400, "not_answerable")
    asked(line, "end", call=call)


def test_who_is_no_operator_is_refused(line: Service) -> None:
    assert asked(line, "call", "archive")[0] == 403
    assert asked(line, "report", "archive", day="2015-06-05", way="phone")[0] == 403


@pytest.mark.parametrize(
    ("what", "said"),
    [
        *(("call", {"caller": "nobody"}), ("find", {"call": "1"}), ("find", {"call": True}), ("find", {"call": -1})),
        *(("verify", {"call": 1, "answers": "x"}), ("verify", {"call": 1, "answers": [1]}), ("end", {"incident": "x"})),
        *(("report", {"day": "x", "way": "phone"}), ("find", {"call": 1, "number": 4701000001})),
    ],
)
def test_what_is_malformed_is_said_and_nothing_of_it_comes_back(line: Service, what: str, said: dict[str, Any]) -> None:
    status, told = asked(line, what, **said)
    assert status == 400
    assert "4701" not in json.dumps(told)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        *(("end", {"call": 1, "note": "\ud800"}), ("report", {"day": "2015-06-05", "way": "phone", "said": "x\udc00"})),
        *(("find", {"call": 1, "number": "4701\udfff"}), ("find", {"call": 1, "name": "\ud83d", "town": "那覇"})),
        ("verify", {"call": 1, "answers": ["\ud800"]}),
    ],
)
def test_half_a_character_is_refused_in_both_languages(line: Service, what: str, said: dict[str, Any]) -> None:
    status, told = asked(line, what, **said)
    assert (status, told["error"]["code"]) == (400, "not_text")
    assert {*told["error"]["message"]} == {"en", "ja"}


def test_suspicious_contacts_are_reported(line: Service) -> None:
    said = {"day": "2015-06-05", "region": "沖縄", "way": "visit", "said": "還付金", "lost": ""}
    assert asked(line, "report", **said)[1] == {"report": 1}
