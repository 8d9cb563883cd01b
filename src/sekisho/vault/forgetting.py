"""Forgetting: what has to go, goes with its keys, where a kill came in between too."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from sekisho.vault.gate import Gate
from sekisho.vault.holds import PERSON
from sekisho.vault.incidents import State
from sekisho.vault.shelf import Part


class Forgetting(Gate):
    """What is forgotten for good, with its keys."""

    def forget_person(
        self,
        holders: Sequence[int],
        numbers: Sequence[int],
        parts: Sequence[tuple[Part, Part]],
        looked: Sequence[str],
        action: str = "vault.forget",
    ) -> None:
        """Take a person out of the register, and destroy the keys of their envelopes and of what was committed to.

        Envelopes of scans too, as far as the numbers lead to them. ``parts``: of the register, with what stands in
        their place. ``looked``: as what somebody looked at them.
        Raises HeldError, RightsError, VaultError.
        """
        marks = [self.people().mark(str(number)) for number in numbers]
        with self._store.act(action, more={"kind": PERSON}) as act:
            self.holds().look_free(PERSON, [mark.hex() for mark in marks])
            keys = [*self.people().remove(holders), *self.people().remove_led(marks)]
            register = self.register()
            register.replace(parts)
            self.numbers().forget(numbers)
            act.more = {
                **act.more,
                "forgotten": self.looks().forget(looked),
                "sealed_anew": register.seal().anew(),
            }
            left = [("key", key) for key in keys] + [("mark", mark) for mark in marks]
            self._store.add("forgetting (kind, value)", [*left, ("parts", b"")])
        self.finish_forgetting()

    def finish_forgetting(self) -> None:
        """Destroy what was forgotten, where a kill came in between too. For a vault that is open to write."""
        if self._store.rows("SELECT 1 FROM incidents WHERE state = ? LIMIT 1", (str(State.FORGOTTEN),)):
            self.incidents().finish_forgetting()
        left = self._store.rows("SELECT kind, value FROM forgetting")
        if not left:
            return
        self.perishable.destroy(bytes(value) for kind, value in left if kind == "key")
        self.perishable.forget(bytes(value) for kind, value in left if kind == "mark")
        if any(kind == "parts" for kind, _ in left):
            self.register().sweep()
            shutil.rmtree(self.folder / "index", ignore_errors=True)  # it is made anew, without them
        with self._store.transaction():
            self._store.run("DELETE FROM forgetting", ())
        self._store.clean()
