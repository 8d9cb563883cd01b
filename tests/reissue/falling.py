"""A child that goes through a re-issue, and kills itself with -9 at one moment of its writing to the store."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sekisho.errors import InputError, UsageError
from sekisho.flow.renewing import reissue
from sekisho.vault import Secret, Vault
from sekisho.vault.database import Database
from sekisho.vault.files import write_atomically

ANSWERS = "旧番号,新番号,結果"


class Falling:
    """Falls at the ``moment``-th of the moments there are: before a statement, before a commit, after one."""

    def __init__(self, moment: int) -> None:
        self._left = moment
        self._run, self._transaction = Database.run, Database.transaction

    def now(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        falling = self

        def run(store: Database, sql: str, *rows: Any) -> None:
            falling.now()
            falling._run(store, sql, *rows)

        @contextmanager
        def transaction(store: Database) -> Iterator[None]:
            with falling._transaction(store):
                yield
                falling.now()
            falling.now()

        Database.run, Database.transaction = run, transaction  # type: ignore[method-assign]


def go_through(vault: Vault, incident: int, folder: Path) -> None:
    """Give, export, have the core system take all that it was told, until nothing is left to do."""
    with suppress(UsageError, InputError):
        reissue.give(vault, incident)
    with suppress(InputError):
        reissue.export(vault, incident, "core")
    told = vault.reissues(incident).all().to_pylist()
    rows = [f"{one['old']:010},{one['number']:010},済" for one in told if one["export"]]
    answers = folder / "answers.csv"
    write_atomically(answers, lambda file: file.write("\n".join([ANSWERS, *rows, ""]).encode()))
    if rows:
        reissue.acknowledge(vault, incident, answers)


if __name__ == "__main__":
    at, passphrase, moment_ = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with Vault.open(at / "vault", Secret.passphrase(passphrase), write=True) as opened:
        if moment_:
            Falling(moment_).arm()
        go_through(opened, 1, at)
