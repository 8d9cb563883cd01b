"""`sekisho incident timeline`: what happened and what was done, from the facts and from the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sekisho.actors import policy
from sekisho.flow.assessing.case import shown
from sekisho.incidents.timeline import Act, Moved, timeline
from sekisho.ledger.read import said
from sekisho.report.progress import Progress
from sekisho.vault import Vault
from sekisho.vault.acts import REFUSED
from sekisho.wording import Text

READING, ENTRIES = Text("Ledger", "証跡の照合"), Text("entries", "件")


def timeline_of(vault: Vault, incident: int, *, progress: bool = True) -> list[Moved]:
    """All lines; looks at persons on one day are one line. Raises InputError, RightsError, LedgerError."""
    known = shown(vault, incident)
    acts = acts_of(vault, incident, progress=progress)
    return timeline(known, [replace(act, at=act.at.astimezone(known.place)) for act in acts])


def acts_of(vault: Vault, incident: int, *, progress: bool = True) -> Iterator[Act]:
    """What the ledger holds of an incident, in its order."""
    looks: dict[tuple[str, str, str], Act] = {}
    with Progress(READING, ENTRIES, vault.outbox.head().size, shown=progress) as bar:
        for one in bar.through(said(vault)):
            if one.entry["incident"] != incident:
                continue
            act = _act(one.seq, one.entry)
            if "seen" not in one.more:
                yield act
                continue
            key = (act.action, act.role, str(act.at.date()))
            first = looks.get(key, act)
            looks[key] = Act(first.entry, first.at, act.action, act.says, act.role, {}, first.times + (key in looks))
    yield from looks.values()


def _act(seq: int, entry: dict[str, Any]) -> Act:
    action = entry["action"]
    counts = {name: count for name, count in entry["counts"].items() if isinstance(count, int)}
    at = datetime.fromisoformat(entry["time"])
    return Act(seq, at, action, _says(action, entry), entry["role"], counts)


def _says(action: str, entry: dict[str, Any]) -> Text:
    actions = policy().actions
    if action == REFUSED:
        asked = str(entry["more"].get("action", ""))
        what = actions[asked].says if asked in actions else Text(asked, asked)
        return Text("refused: {what}", "拒否: {what}").fill(what=what)
    return actions[action].says if action in actions else Text(action, action)
