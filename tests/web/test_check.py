"""A counter asks over HTTP whether a procedure may go on, and is told no more than it needs."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from typing import Any

import pytest
from tests.web.conftest import Service, World, serving

from sekisho import actors
from sekisho.countries.proofs import procedures
from sekisho.errors import VaultError
from sekisho.flow.assessing.count import count
from sekisho.flow.assessing.incident import begin
from sekisho.vault.together import Together
from sekisho.web.app import routes
from sekisho.web.desk import LOOK_EVERY
from sekisho.wording import Text

TARO, OLD, HANA, SAFE, NOBODY = "4701-000001", "9901-000007", "4701-000002", "4701-000003", "4709-999999"
CARD = {"proof": "my_number_card", "expires": "2099-01-01"}


@pytest.mark.parametrize(
    ("number", "exposed", "decision"),
    [
        *((TARO, "yes", "hold"), (OLD, "yes", "hold"), ("４７０１０００００１", "yes", "hold"), (HANA, "yes", "hold")),
        *((SAFE, "no", "go"), (NOBODY, "cannot_tell", "hold")),
    ],
)
def test_whoever_is_exposed_is_held_by_any_number(service: Service, number: str, exposed: str, decision: str) -> None:
    told = service.check(number)
    assert (told["exposed"], told["decision"]) == (exposed, decision)
    assert told["as_of"] == [{"incident": 1, "version": 1}]


def test_what_leaked_is_worth_nothing_and_a_card_lets_it_go_on(service: Service) -> None:
    told = service.check(TARO)
    assert {"basic_pension_number", "name", "birth_date"} <= {*told["worthless"]}
    assert not {one["proof"] for one in told["ask"]} & {*told["worthless"]}
    assert service.check(TARO, more={"shown": [CARD]})["decision"] == "go"
    said = [{"proof": "birth_date"}, {"proof": "pension_handbook", "issued": "1990-04-01"}]
    assert service.check(TARO, more={"shown": said})["decision"] == "hold"


@pytest.mark.parametrize(
    ("client", "more"), [("naha", {"exposed", "worthless", "doubtful"}), ("hall", {"worthless", "doubtful"})]
)
def test_a_client_is_told_as_much_as_it_needs(service: Service, client: str, more: set[str]) -> None:
    every = {"exposed", "worthless", "doubtful"}
    for number in (TARO, SAFE):
        assert service.check(number, client=client).keys() & every == more
    told = service.check(TARO, "account_change", client="bank")
    assert not told.keys() & every


def test_nothing_of_the_person_comes_back(service: Service) -> None:
    for number in (TARO, SAFE, NOBODY):
        said = json.dumps(service.check(number), ensure_ascii=False)
        assert not [one for one in ("架空", "カクウ", "那覇", number, number.replace("-", "")) if one in said]


def test_known_and_unknown_numbers_are_answered_alike(service: Service) -> None:
    raw = {number: _raw(service, number) for number in (TARO, SAFE, NOBODY)}
    assert len({tuple(sorted(json.loads(body))) for body in raw.values()}) == 1
    assert all(len(body) % 1024 == 0 for body in raw.values())


def _raw(service: Service, number: str) -> bytes:
    connection: HTTPConnection = service.connect()
    headers = {"Authorization": f"Bearer {service.world.keys['hall']}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/check", json.dumps({"number": number, "procedure": "address_change"}), headers)
    body: bytes = connection.getresponse().read()
    connection.close()
    return body


def test_each_look_is_in_the_ledger_under_the_clients_own_actor(service: Service) -> None:
    before = len(service.world.entries("check.ask"))
    service.check(SAFE)
    service.check(NOBODY)
    entries = service.world.entries("check.ask")
    assert len(entries) == before + 2
    last = entries[-1]
    naha = actors.roster_of(service.world.vault).named("naha").id
    assert (last["actor"], last["role"], last["purpose"]) == (naha, "counter", "inquiry")
    assert (last["more"]["procedure"], last["more"]["seen"]["marks"]) == ("address_change", 1)
    assert "4709" not in json.dumps(last["counts"] | last["more"]["seen"] | {"commitment": ""})


def test_a_look_that_cannot_be_logged_is_not_answered(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise VaultError(Text("the disk under 4701-000001 is full", "-"), Text("-", "-"))

    monkeypatch.setattr(Together, "ask", full)
    status, told = service.ask({"number": TARO, "procedure": "address_change"})
    assert (status, told["error"]["code"]) == (503, "unavailable")
    assert "4701" not in json.dumps(told)


@pytest.mark.parametrize(
    ("said", "how", "status", "code"),
    [
        ({"number": TARO, "procedure": "address_change"}, {"key": "guessed"}, 401, "unknown_client"),
        ({"number": TARO, "procedure": "address_change"}, {"key": ""}, 401, "unknown_client"),
        ({"number": TARO, "procedure": "address_change"}, {"client": "archive"}, 403, "not_allowed"),
        ({"number": TARO, "procedure": "address_change"}, {"client": "bank"}, 403, "not_allowed"),
        ({"number": TARO, "procedure": "a favour"}, {}, 400, "not_answerable"),
        ({"number": "架空太郎", "procedure": "address_change"}, {}, 400, "malformed"),
        ({"number": 4701000001, "procedure": "address_change"}, {}, 400, "malformed"),
        ({"number": TARO, "procedure": "address_change", "shown": [{"proof": "x"}]}, {}, 400, "malformed"),
        ({"number": TARO, "procedure": "address_change", "shown": ["x"]}, {}, 400, "malformed"),
        (b"{", {}, 400, "not_json"),
        (b"[" * 9000, {}, 400, "not_json"),
        (b"[]", {}, 400, "not_json"),
        (b"\xff", {}, 400, "not_json"),
        (b'{"number": "4701-\\ud800", "procedure": "address_change"}', {}, 400, "not_text"),
        (b'{"number": "4701-\xed\xa0\x80", "procedure": "address_change"}', {}, 400, "not_json"),
        (b'{"number": "4701-000003", "procedure": "address_change", "shown": [{"\\udfff": 1}]}', {}, 400, "not_text"),
        (b'{"number": "4701-000003", "number": "4701-000001", "procedure": "x"}', {}, 400, "twice"),
        (b'{"shown": [{"proof": "birth_date", "proof": "birth_date"}]}', {}, 400, "twice"),
        (json.dumps({"number": TARO, "procedure": "address_change"}).encode("utf-16"), {}, 400, "not_json"),
        (b" " * 20_000, {}, 413, "too_large"),
        ({}, {"headers": {"Content-Type": "text/plain"}}, 415, "not_json"),
        ({}, {"path": "/v1/everybody"}, 404, "no_route"),
        ({}, {"path": "/v1/check", "method": "GET"}, 405, "method"),
    ],
)
def test_what_is_wrong_is_said_without_what_was_sent(
    service: Service, said: object, how: dict[str, Any], status: int, code: str
) -> None:
    got, told = service.ask(said, **how)
    assert (got, told["error"]["code"]) == (status, code)
    assert told["error"]["message"]["ja"]
    assert not [one for one in ("4701", "架空") if one in json.dumps(told, ensure_ascii=False)]


@pytest.mark.parametrize(
    "kind", ["Application/JSON", "APPLICATION/JSON ; Charset=UTF-8", "application/json;charset=utf-8"]
)
def test_json_is_json_however_its_name_is_written(service: Service, kind: str) -> None:
    assert service.check(TARO, headers={"Content-Type": kind})["exposed"] == "yes"


def test_letters_beyond_the_first_plane_may_be_written_as_pairs(service: Service) -> None:
    body = b'{"number": "4701-000001", "procedure": "address_change", "note": "\\ud842\\udfb7"}'
    assert service.ask(body)[0] == 200


def test_no_personal_data_ever_stands_in_an_address(service: Service) -> None:
    for route in routes():
        assert route.method == "POST" or not route.looks
        assert route.says.ja
    assert service.ask(path=f"/v1/check?number={TARO}", method="GET")[0] == 405


def test_procedures_and_versions_are_told(service: Service) -> None:
    status, told = service.ask(path="/v1/procedures", method="GET")
    assert (status, set(told["procedures"])) == (200, set(procedures()))
    assert service.ask(path="/v1/status", method="GET")[1]["as_of"] == [{"incident": 1, "version": 1}]


def test_a_new_version_is_taken_up_without_a_restart_and_nobody_is_cleared_meanwhile(world: World) -> None:
    from tests.flow.leaked import belongs, scanned

    with serving(world) as service:
        assert service.check(SAFE)["exposed"] == "no"
        more = {"basic_pension_number": SAFE, "name": "架空三郎", "birth_date": "1953-03-03"}
        belongs(world.vault, world.incident, scanned(world.vault, {"b.csv": [more]}, root="/mnt/other"))
        count(world.vault, world.incident, shown=False)
        time.sleep(2 * LOOK_EVERY)
        seen = [service.check(SAFE)]
        while seen[-1]["as_of"][0]["version"] == 1 and len(seen) < 2000:
            seen.append(service.check(SAFE))
        assert {one["exposed"] for one in seen} <= {"cannot_tell", "yes"}
        assert (seen[-1]["as_of"], seen[-1]["exposed"]) == ([{"incident": 1, "version": 2}], "yes")
        begin(world.vault, "another leak")
        time.sleep(2 * LOOK_EVERY)
        assert service.check(NOBODY)["exposed"] == "cannot_tell"


def test_a_client_whose_actor_is_disabled_is_out_at_once_and_others_go_on(world: World) -> None:
    with serving(world) as service:
        assert service.check(TARO)["decision"] == "hold"
        actors.disable(world.vault, "hall")
        status, told = service.ask({"number": TARO, "procedure": "address_change"}, client="hall")
        assert (status, told["error"]["code"]) == (403, "not_allowed")
        assert service.check(TARO)["decision"] == "hold"
