"""Several processes on one vault at the same time: one writes, others read, and nothing counts twice."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.faults.laws import differences
from tests.faults.world import ACTS, Done, World, ask, command, environment, said

TAKE = next(act for act in ACTS if act.name == "take")


def at_once(folder: Path, *calls: Sequence[str]) -> list[Done]:
    """Call the program several times at the same time."""
    runs = [
        subprocess.Popen(
            command(*call), cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for call in calls
    ]
    ends = [run.communicate(timeout=120) for run in runs]
    return [Done(run.returncode, out, err) for run, (out, err) in zip(runs, ends, strict=True)]


def test_two_who_write_and_two_who_read_leave_what_one_would(world: World, trial: Path) -> None:
    folder = world.trial(trial, TAKE)
    call = world.call(TAKE)
    ended = at_once(folder, call, call, ("register", "show", "8201-000001"), ("vault", "list"))
    assert all(done.is_clean for done in ended), ended
    assert all(done.code == 0 or "in use" in done.err for done in ended), ended
    assert ended[2].code == ended[3].code == 0, "who reads is never kept out"
    assert 0 in (ended[0].code, ended[1].code), ended
    assert differences(said(folder), world.said(TAKE)[1]) == {}
    assert ask(folder, "ledger", "verify").code == 0


def test_two_who_make_a_vault_in_one_place_make_one(trial: Path) -> None:
    trial.mkdir()
    ended = at_once(trial, *[("vault", "init", "--memory", "8")] * 3)
    assert all(done.is_clean for done in ended), ended
    opened = ask(trial, "vault", "status", "--json")
    assert opened.code == 0, (ended, opened)
    assert json.loads(opened.out)
