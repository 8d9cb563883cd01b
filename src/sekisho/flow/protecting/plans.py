"""What is approved of a plan to put the rules right, and what must stay whatever it says."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sekisho import actors
from sekisho.errors import InputError
from sekisho.protect.plan import Measure
from sekisho.protect.reasons import Left
from sekisho.vault import Vault
from sekisho.vault.incidents import State
from sekisho.vault.plans import Plan, Plans
from sekisho.wording import Text


def propose(vault: Vault, made: Plan) -> actors.Proposal | None:
    """The proposal to carry a plan out; None where nobody has to approve it, or there are no actors to."""
    action, payload = action_of(vault, made), payload_of(vault, made)
    if not vault.acting.actor or not actors.needs_approval(vault, action, payload):
        return None
    return actors.waiting(vault, action, payload) or actors.propose(vault, action, payload)


def must_stay(vault: Vault, scan: int) -> Callable[[str], Left | None]:
    """Why a content must stay: any scan of an open incident, or of one under legal hold, found it."""
    incidents = {one.number: one for one in vault.incidents().all()}
    reasons: dict[str, Left] = {}
    mine: Left | None = None
    for about in vault.scans():
        number = vault.incidents().of_scan(about.scan)
        incident = incidents.get(number) if number is not None else None
        if incident is None or not (incident.held or incident.state is State.OPEN):
            continue
        why = Left.LEGAL_HOLD if incident.held else Left.INCIDENT
        if about.scan == scan:
            mine = why
        for part in vault.scan(about.scan).batches("documents", ["sha256"]):
            reasons |= dict.fromkeys(filter(None, part["sha256"].to_pylist()), why)
    return lambda sha256: mine or reasons.get(sha256)


def is_there(vault: Vault, scan: int) -> bool:
    """Whether a scan is still in the vault."""
    return scan in {about.scan for about in vault.scans()}


def folder_of(root: str) -> Path:
    """The folder from which paths are counted: that of the file where only one was scanned."""
    path = Path(root)
    return path.parent if path.is_file() else path


def target_of(root: str, move_to: str) -> str:
    """The folder that files move to, as an absolute path; empty for none. Raises InputError where it will not do."""
    if not move_to:
        return ""
    folder = folder_of(root) / move_to
    if folder.exists():
        _demand_closed(folder)
    elif not folder.parent.is_dir():
        raise _no_target(folder, os.strerror(errno.ENOENT))
    return str(folder.resolve())


def make_target(target: str) -> None:
    """Have the folder that files move to be there, for nobody else where it is new; raises InputError as above."""
    if not target:
        return
    try:
        Path(target).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _no_target(Path(target), error.strerror or str(error)) from error
    _demand_closed(Path(target))


def _demand_closed(folder: Path) -> None:
    try:
        mode = folder.stat().st_mode
    except OSError as error:
        raise _no_target(folder, error.strerror or str(error)) from error
    if not stat.S_ISDIR(mode) or mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH):
        raise _no_target(folder, str(Text("others may enter it", "その他の利用者が入れます")))


def action_of(vault: Vault, made: Plan) -> str:
    """Deleting is an act of its own: who may encrypt may not always delete."""
    return "protect.delete" if _measures(vault, made)[Measure.DELETE] else "protect.do"


def payload_of(vault: Vault, made: Plan) -> dict[str, Any]:
    """Exactly what is approved: every file with its content and what is to be done with it, by the hash of them all."""
    said = {"plan": made.number, "scan": made.scan, "sha256": made.sha256, "wishes": dict(made.wishes)}
    return {**said, **_measures(vault, made)}


def _measures(vault: Vault, made: Plan) -> Counter[str]:
    """How many files each measure was planned for."""
    return Counter(one.planned["measure"] for one in vault.plans().items(made.number) if not one.planned["why"])


def summed(plans: Plans, made: Plan) -> tuple[dict[str, int], dict[str, int]]:
    """How many files of a plan are in which state, and why how many were left."""
    items = plans.items(made.number)
    return dict(Counter(one.state for one in items)), dict(Counter(one.reason for one in items if one.reason))


def _no_target(folder: Path, why: str) -> InputError:
    return InputError(
        Text("Files cannot move to {folder}: {why}.", "{folder} には移動できません: {why}。").fill(
            folder=folder, why=why
        ),
        Text("Name a folder that nobody else may enter.", "ほかの利用者が入れないフォルダーを指定してください。"),
    )
