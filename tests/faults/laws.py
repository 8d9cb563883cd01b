"""What must hold after a fall: nothing acknowledged is lost, nothing counts twice, and the next run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.world import Act, Done, World, ask, said

NOT_YET = (2, 3)  # exit codes: what was asked about has not come to be yet
NO_SCAN = "The vault holds no finished scan."


def stands(world: World, act: Act, folder: Path, done: Done) -> None:
    """Hold the place after a call that fell, or did not, against how it was before the act and is after it."""
    before, after = world.said(act)
    now = said(folder)
    if done.code == 0:
        lost = differences(now, after)
        assert lost == {}, ("acknowledged and lost", done, lost)
        return
    whole = [name for name in now if name not in act.steps]
    strange = {name: now[name] for name in whole if not _is_between(now[name], before[name], after[name])}
    assert strange == {}, ("neither before nor after", done, strange)
    if not act.again and differences(now, before):
        return
    again = ask(folder, *world.call(act))
    assert again.is_clean, again
    assert again.code == 0, ("the next run does not go on", done, again)
    other = {name: both for name, both in differences(said(folder), after).items() if name not in act.leaves}
    assert other == {}, ("not where an undisturbed run comes to", done, other)
    leavings = [str(path) for path in folder.rglob("*.new")]
    assert leavings == [], ("left behind", done)


def differences(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that are other ones, both of each."""
    return {name: (now[name], wanted[name]) for name in wanted if now[name] != wanted[name]}


def _is_between(now: Any, before: Any, after: Any) -> bool:
    """One or the other, or not said yet: an act of several steps may stand between two of them."""
    return now in (before, after, []) or (
        isinstance(now, tuple) and (now[1] in NOT_YET or NO_SCAN in now[2] or NO_SCAN in str(before))
    )
