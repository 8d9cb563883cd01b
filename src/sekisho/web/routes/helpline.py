"""The helpline: calls are begun, callers found, verified and answered, as on the command line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sekisho.actions.helpline import Caller
from sekisho.flow.answering import contacts_reported, helpline
from sekisho.flow.answering.caps import SEARCH
from sekisho.flow.answering.helpline import ANSWER, CALL
from sekisho.flow.answering.turns import as_json
from sekisho.flow.answering.whom import Sought
from sekisho.flow.assessing.count import load
from sekisho.flow.assessing.meant import incident_meant
from sekisho.incidents.master import Master
from sekisho.register.lookup import number_in
from sekisho.vault import Vault
from sekisho.web.calls import Call, Route, malformed
from sekisho.wording import Text

LONG = 4_000
"""Characters of a note."""


class _Masters:
    """The last version of each incident that callers were answered from, in memory: it takes long to read."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], Master] = {}
        self._reading = threading.Lock()

    def of(self, vault: Vault, incident: int) -> Master:
        """The last version there is now; raises InputError, VaultError."""
        last = vault.leak(incident).versions()[-1:]
        key = (str(vault.folder), incident)
        with self._reading:
            held = self._held.get(key)
            if held is None or not last or held.about != last[0]:
                held = self._held[key] = load(vault, incident)
            return held


_masters = _Masters()


def _begin(call: Call) -> dict[str, Any]:
    caller = call.text("caller") or Caller.SELF
    if caller not in list(Caller):
        raise malformed("caller")
    with call.vault() as vault:
        return as_json(helpline.begin(vault, _incident(call, vault), Caller(caller)))


def _find(call: Call) -> dict[str, Any]:
    sought = Sought(*(call.text(name) for name in ("number", "name", "birth_date", "town")))
    with call.vault() as vault:
        incident = _incident(call, vault)
        master = _masters.of(vault, incident)
        turn = helpline.search(vault, incident, _whole(call, "call"), sought, master)
    if (number := number_in(sought.number)) is not None:
        found = bool(turn.questions or turn.answer)
        if alarm := call.desk.guard.saw(call.client, number, known=found):
            call.desk.alarm(call.client, alarm)
    return as_json(turn)


def _verify(call: Call) -> dict[str, Any]:
    answers = call.said.get("answers")
    if not isinstance(answers, list) or not all(isinstance(one, str) and len(one) <= LONG for one in answers):
        raise malformed("answers")
    with call.vault() as vault:
        incident = _incident(call, vault)
        master = _masters.of(vault, incident)
        return as_json(helpline.verify(vault, incident, _whole(call, "call"), answers, master))


def _end(call: Call) -> dict[str, Any]:
    with call.vault() as vault:
        return as_json(helpline.end(vault, _incident(call, vault), _whole(call, "call"), call.text("note", LONG)))


def _report(call: Call) -> dict[str, Any]:
    told = [call.text(name, LONG) for name in ("day", "region", "way", "said", "lost")]
    with call.vault() as vault:
        return {"report": contacts_reported.report(vault, _incident(call, vault), *told)}


def _incident(call: Call, vault: Vault) -> int:
    return incident_meant(vault, _whole(call, "incident") if "incident" in call.said else None)


def _whole(call: Call, name: str) -> int:
    value = call.said.get(name)
    if type(value) is not int or not 0 < value < 1 << 53:
        raise malformed(name)
    return value


def _route(
    path: str,
    says: Text,
    answer: Callable[[Call], dict[str, Any]],
    action: str,
    example: dict[str, Any],
    *,
    looks: bool,
) -> Route:
    return Route("POST", f"/v1/helpline/{path}", says, answer, action=action, looks=looks, example=example)


ROUTES = (
    _route("call", Text("begin a call", "通話の開始"), _begin, CALL, {"caller": "self"}, looks=False),
    _route(
        "find",
        Text("look for the caller, whose data nobody sees", "電話の主の検索（内容は表示しない）"),
        _find,
        SEARCH,
        {"call": 1, "name": "カクウ タロウ", "birth_date": "1948-04-06"},
        looks=True,
    ),
    _route(
        "verify",
        Text("hold the caller's answers against the register, and answer them", "回答の照合と、影響の有無の回答"),
        _verify,
        ANSWER,
        {"call": 1, "answers": ["那覇市架空1-1"]},
        looks=False,
    ),
    _route("end", Text("end a call", "通話の終了"), _end, CALL, {"call": 1}, looks=False),
    _route(
        "report",
        Text("keep a report of a suspicious contact", "不審な接触の届出の記録"),
        _report,
        contacts_reported.REPORT,
        {"day": "2015-06-05", "region": "沖縄県", "way": "phone"},
        looks=False,
    ),
)
