"""Legal holds: what must not be forgotten, moved or changed as long as a court or an inquiry may ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sekisho.clock import utc_now
from sekisho.errors import HeldError, InputError
from sekisho.vault.acts import canonical
from sekisho.vault.store import Store
from sekisho.wording import Text

INCIDENT, PERSON = "incident", "person"
_COLUMNS = "hold, kind, subject, reason, placed, released, why"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold; ``released``: when (ISO 8601, UTC), None while it stands."""

    number: int
    kind: str
    subject: str
    reason: str
    placed: str
    released: str | None
    why: str | None


class Holds:
    """All holds; none is ever removed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Hold]:
        """Every hold that ever was, oldest first."""
        return [Hold(*row) for row in self._store.rows(f"SELECT {_COLUMNS} FROM holds ORDER BY hold")]  # noqa: S608

    def on(self, kind: str, *subjects: str) -> list[Hold]:
        """The holds that stand on something."""
        return [one for one in self.all() if one.kind == kind and one.subject in subjects and one.released is None]

    def place(self, kind: str, subject: str, reason: str) -> Hold:
        """Put something under hold; raises RightsError, VaultError."""
        with self._store.act("vault.hold", about=canonical([kind, subject, reason])) as act:
            number = self._store.rows("SELECT COALESCE(MAX(hold), 0) + 1 FROM holds")[0][0]
            act.more = {"hold": number, "kind": kind}
            hold = Hold(number, kind, subject, reason, utc_now(), None, None)
            self._store.run(
                f"INSERT INTO holds ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (hold.number, hold.kind, hold.subject, hold.reason, hold.placed, None, None),
            )
        return hold

    def stands(self, number: int) -> Hold:
        """A hold that stands, by its number; raises InputError."""
        found = [one for one in self.all() if one.number == number and one.released is None]
        if not found:
            raise InputError(
                Text("No hold {n} stands.", "番号{n}の保全はありません。").fill(n=number),
                Text("`sekisho vault hold list` shows them.", "`sekisho vault hold list` で確かめてください。"),
            )
        return found[0]

    def release(self, number: int, why: str) -> Hold:
        """End a hold; raises InputError where none of that number stands, RightsError."""
        one, now = self.stands(number), utc_now()
        said = {"hold": number, "kind": one.kind}
        with self._store.act("vault.unhold", about=canonical([number, why]), more=said):
            self._store.run("UPDATE holds SET released = ?, why = ? WHERE hold = ?", (now, why, number))
        return replace(one, released=now, why=why)

    def demand_free(self, action: str, kind: str, subjects: Sequence[str]) -> None:
        """Raises HeldError, and says so in the ledger, where a hold forbids an action."""
        try:
            self.look_free(kind, subjects)
        except HeldError as error:
            self._store.refused(action, why=error.why)
            raise

    def look_free(self, kind: str, subjects: Sequence[str]) -> None:
        """The same within an act, which says itself why it was refused."""
        held = self.on(kind, *subjects)
        if held:
            raise HeldError(
                Text("Legal hold {holds} forbids it.", "保全命令{holds}番の対象のため実行できません。").fill(
                    holds=", ".join(str(one.number) for one in held)
                ),
                Text(
                    "`sekisho vault hold list` says why; it can be ended first.",
                    "理由は `sekisho vault hold list` で確かめ、必要なら先に解除してください。",
                ),
                "legal_hold",
            )
