"""A clock that jumps, back or ahead: everything is done all the same, in its order, and the ledger says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.faults.laws import differences
from tests.faults.world import ACTS, World, ask, run, said

FAKE = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
SOME = [act for act in ACTS if act.name in ("answer", "proposals")]


@pytest.mark.skipif(FAKE is None, reason="libfaketime is not installed")
def test_a_clock_that_jumps_changes_nothing_but_times(world: World, trial: Path) -> None:
    folder = world.trial(trial, SOME[0])
    for act, jump in zip(SOME, ("+3650d", "-30y"), strict=True):
        act.prepare(folder)
        done = run(folder, *world.call(act), LD_PRELOAD=str(FAKE), FAKETIME=jump)
        assert done.code == 0, (act, jump, done)
    after = world.said(SOME[-1])[1]
    assert differences(said(folder), after) == {}
    assert ask(folder, "ledger", "verify").code == 0
    shown = json.loads(ask(folder, "ledger", "show", "--json").out)
    assert "clock_went_back_from" in json.dumps(shown)
