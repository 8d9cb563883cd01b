"""The policy says of every action who may do it; it cannot contradict itself."""

from __future__ import annotations

import pytest

from sekisho.actors.roles import OFFICER, policy, read

LEAST = """
valid_days = 14
[roles]
officer = { en = "o", ja = "o" }
clerk = { en = "c", ja = "c" }
[purposes]
[actions]
"""


def test_there_are_five_roles_and_each_of_them_may_do_something_that_not_all_may() -> None:
    found = policy()
    assert set(found.roles) == {"officer", "operator", "counter", "clerk", "auditor"}
    everybody = frozenset.intersection(*(found.allowed(role) for role in found.roles))
    assert all(found.allowed(role) - everybody for role in found.roles)


def test_actors_are_added_and_changed_by_officers_only() -> None:
    ours = [one for one in policy().actions.values() if one.name.startswith("actor.") and one.by == {OFFICER}]
    assert {one.name for one in ours} == {
        f"actor.{do}" for do in ("add", "role", "disable", "disable_officer", "enable")
    }
    with pytest.raises(ValueError, match="officers only"):
        read(LEAST + '"actor.add" = { en = "a", ja = "a", by = "clerk" }')


def test_what_an_auditor_may_do_changes_no_record_and_exports_nothing() -> None:
    changing = ("import", "undo", "split", "answer", "confirm", "export", "drop", "do", "delete", "forget", "rotate")
    ours = policy().allowed("auditor") - {"evidence.import"}
    assert not [name for name in ours if name.partition(".")[2] in changing]


def test_what_destroys_or_changes_files_needs_another_officer() -> None:
    for name in ("vault.forget", "vault.unhold", "protect.do", "protect.delete"):
        assert policy().actions[name].approved_by == {OFFICER}


def test_whoever_approves_an_action_is_a_known_role_and_every_line_is_understood() -> None:
    with pytest.raises(ValueError, match="no such role"):
        read(LEAST + '"a.b" = { en = "a", ja = "a", by = "clerk", approved_by = "king" }')
    with pytest.raises(ValueError, match="purpsoe"):
        read(LEAST + '"a.b" = { en = "a", ja = "a", by = "clerk", purpsoe = true }')
    with pytest.raises(ValueError, match="nobody"):
        read(LEAST + '"a.b" = { en = "a", ja = "a", by = "" }')


def test_another_policy_has_another_hash() -> None:
    line = '"a.b" = { en = "a", ja = "a", by = "clerk" }'
    assert read(LEAST + line).hash != read(LEAST + line.replace("clerk", "officer")).hash
