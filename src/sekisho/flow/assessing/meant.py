"""Which incident is meant where a call names none: the only one that is open."""

from __future__ import annotations

from sekisho.errors import UsageError
from sekisho.vault import Vault
from sekisho.vault.incidents import State
from sekisho.wording import Text


def incident_meant(vault: Vault, number: int | None) -> int:
    """The number of that incident, or of the only open one; raises UsageError, InputError."""
    if number is not None:
        return vault.incidents().incident(number).number
    there = [one.number for one in vault.incidents().all() if one.state is State.OPEN]
    if len(there) == 1:
        return there[0]
    raise UsageError(
        Text("{n} incidents are open.", "対応中の事案が{n}件あります。").fill(n=len(there)),
        Text("Say which: its number (`sekisho incident list`).", "番号を指定してください（`sekisho incident list`）。"),
    )
