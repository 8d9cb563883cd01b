"""No action without a line of the policy, no line without an action: what the source does is what the roles are for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.actors.conftest import House

import sekisho
from sekisho import actors
from sekisho.actors import policy
from sekisho.errors import RightsError
from sekisho.vault.register import Kind

ROOT = Path(sekisho.__file__).parent
ROOMS = "|".join(sorted({name.partition(".")[0] for name in policy().actions}))
ACTION = re.compile(rf"(?:{ROOMS})\.(?!json|toml|html|py|md|db|csv|parquet|xlsx|key)[a-z_]+")
BUILT = {"register.": Kind}
"""Actions that are put together of a beginning and something else, and all that this can be."""


def texts() -> Iterator[tuple[Path, str]]:
    """Every text in the source, and all that one can be that is put together."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Constant(value=str(text)):
                    yield path, text
                case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), *_]) if beginning in BUILT:
                    yield from ((path, f"{beginning}{end}") for end in BUILT[beginning])


def used() -> dict[str, set[str]]:
    """Every action that the source names, with the files it stands in."""
    found: dict[str, set[str]] = {}
    for path, text in texts():
        if ACTION.fullmatch(text):
            found.setdefault(text, set()).add(path.name)
    return found


def test_every_action_of_the_source_is_in_the_policy() -> None:
    unknown = {name: sorted(files) for name, files in used().items() if name not in policy().actions}
    assert unknown == {}, "add a line to actors/roles.toml: who may do it"


def test_every_action_of_the_policy_is_done_somewhere() -> None:
    assert sorted(set(policy().actions) - set(used())) == []


ACTING = {"officer": "Alice", "operator": "Olga", "counter": "Kay", "clerk": "Carl", "auditor": "Aude", "": ""}


def refusal(house: House, action: str) -> str:
    """Why the store does not let whoever is signed in do something; empty where it does. The ledger holds either."""
    before = len(house.entries())
    why = ""
    try:
        house.vault.log(action)
    except RightsError as error:
        why = error.why
    (said,) = house.entries()[before:]
    assert said["action"] == ("refused" if why else action)
    return why


@pytest.mark.parametrize("role", ACTING)
def test_the_gate_lets_a_role_do_what_the_policy_says_and_nothing_else(house: House, role: str) -> None:
    if role:
        house.enter(ACTING[role], "matching")
    else:
        actors.sign_in(house.vault, None)
    for action, rule in policy().actions.items():
        may = role in rule.by
        expected = ("not_approved" if rule.approved_by else "") if may else "role" if role else "nobody"
        assert refusal(house, action) == expected, action


@pytest.mark.parametrize("role", [role for role in ACTING if role])
def test_what_needs_a_purpose_is_refused_without_one(house: House, role: str) -> None:
    house.enter(ACTING[role])
    for action, rule in policy().actions.items():
        if rule.purpose and role in rule.by:
            assert refusal(house, action) == "purpose", action
