"""Step-up checks: may a procedure go on for somebody, and by what do they prove themselves?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from sekisho.actions.standings import NOBODY
from sekisho.actions.step_up import Answer, Shown, Standing, as_json, check, procedure_of
from sekisho.countries.proofs import procedures, proofs
from sekisho.errors import RightsError
from sekisho.flow.answering.step_up import ASK
from sekisho.flow.registering.replaced import in_hand
from sekisho.register.lookup import number_in
from sekisho.register.states import DIGITS
from sekisho.vault import Vault, looks
from sekisho.vault.acts import Draft, Seen
from sekisho.web.calls import Call, Route, encoded, malformed
from sekisho.web.clients import DECISION, EVIDENCE
from sekisho.wording import Text


def _check(call: Call) -> bytes:
    procedure = procedure_of(call.text("procedure")).key
    if call.client.procedures and procedure not in call.client.procedures:
        raise _not_theirs()
    number = _number(call.text("number"))
    shown = tuple(_shown(one) for one in call.texts("shown"))

    def question(vault: Vault) -> tuple[tuple[int, Standing, dict[int, int]], Seen]:
        found = call.desk.standing(number)
        if found[1].replaced:
            in_hand(vault, number)
        return found, call.desk.looks.at([looks.holder(found[0]) if found[0] != NOBODY else looks.number(str(number))])

    draft = Draft(ASK, {"persons": 1}, more={"procedure": procedure})
    holder, standing, versions = call.ask(draft, question)
    if alarm := call.desk.guard.saw(call.client, number, known=holder != NOBODY):
        call.desk.alarm(call.client, alarm)
    return _said(standing, procedure, shown, call.client.sees, tuple(versions.items()), _today())


@lru_cache(maxsize=4096)
def _said(
    standing: Standing,
    procedure: str,
    shown: tuple[Shown, ...],
    sees: str,
    versions: tuple[tuple[int, int], ...],
    day: date,
) -> bytes:
    """Whoever stands alike is answered by the same bytes."""
    told = _told(check(standing, procedure, day, shown), sees)
    as_of = [{"incident": incident, "version": version} for incident, version in versions]
    return encoded({"v": 1, "procedure": procedure, "as_of": as_of, "day": day.isoformat(), **told})


def _told(answer: Answer, sees: str) -> dict[str, Any]:
    """As much of an answer as a client is told."""
    kept = {DECISION: _MORE, EVIDENCE: _MORE[:1]}.get(sees, ())
    return {name: value for name, value in as_json(answer).items() if name not in kept}


_MORE = ("exposed", "worthless", "doubtful")


def _number(written: str) -> int:
    """A number at once where it is in its normal form, else by the rules of its country; raises CallError."""
    digits = written.replace("-", "", 1)
    plain = len(digits) == DIGITS and digits.isascii() and digits.isdecimal()
    number = int(digits) if plain else number_in(written)
    if number is None:
        raise malformed("number")
    return number


def _shown(told: Mapping[str, Any]) -> Shown:
    proof = told.get("proof")
    if not isinstance(proof, str) or proof not in proofs():
        raise malformed("shown")
    return Shown(proof, _day(told.get("issued")), _day(told.get("expires")))


def _day(written: object) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(str(written))
    except ValueError as error:
        raise malformed("shown") from error


def _today() -> date:
    return date.today()  # noqa: DTZ011  (the day of the counter's own clock)


def _not_theirs() -> RightsError:
    return RightsError(
        Text("This client does not ask about that procedure.", "この接続元は、その手続を照会できません。"), Text("", "")
    )


def _procedures(call: Call) -> dict[str, Any]:
    named = {key: {"en": one.says_of_it.en, "ja": one.says_of_it.ja} for key, one in procedures().items()}
    shown = {key: {"en": one.says_of_it.en, "ja": one.says_of_it.ja} for key, one in proofs().items()}
    return {"v": 1, "procedures": named, "proofs": shown}


def _status(call: Call) -> dict[str, Any]:
    as_of = [{"incident": incident, "version": version} for incident, version in call.desk.standings.versions.items()]
    return {"v": 1, "as_of": as_of, "client": call.client.name}


ROUTES = (
    Route(
        "POST",
        "/v1/check",
        Text("may a procedure go on for somebody, and what to ask for", "手続の可否と、求めるべき確認書類"),
        _check,
        action=ASK,
        looks=True,
        example={"number": "4701-000001", "procedure": "address_change"},
    ),
    Route("GET", "/v1/procedures", Text("procedures and proofs, in words", "手続と確認書類の一覧"), _procedures),
    Route("GET", "/v1/status", Text("versions in use", "使用中の版"), _status),
)
