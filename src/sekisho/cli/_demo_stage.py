"""Commands that the demo gives as its user would, shown and heard: who acts, what was said, what waits for approval."""

from __future__ import annotations

import io
import shlex
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from sekisho.vault import Vault

OFFICER, OFFICER2, OPERATOR, COUNTER, AUDITOR = "officer", "officer2", "operator", "counter", "auditor"
"""The actors, called after their roles."""


@dataclass(frozen=True, slots=True)
class Heard(Output):
    """Keeps the values of results; what is said for people goes beside the demo's own result."""

    values: list[Any] = field(default_factory=list)

    def result(self, value: object, text: Callable[[], str]) -> None:
        """Keep ``value``, and say it."""
        self.values.append(value)
        if said := "" if self.quiet else text():
            print(*(f"  {line}" for line in said.splitlines()), sep="\n", file=sys.stderr)

    def next(self, *calls: str) -> None:
        """The play shows what comes next by doing it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """``folder``: where everything lies; each actor has a key file in its ``keys``."""

    folder: Path
    out: Output

    @property
    def keys(self) -> Path:
        """Where the key files lie."""
        return self.folder / "keys"

    @property
    def products(self) -> Path:
        """Where that lies which leaves the house."""
        return self.folder / "products"

    def act(self, title: Text) -> None:
        """What comes next."""
        self.out.note(f"\n== {title}")

    def call(self, who: str, *words: str | Path | int, typed: str = "", shown: bool = True) -> Any:
        """Give a command as an actor; gives what it said as JSON, None where it said nothing.

        ``typed``: what its user types; ``shown``: whether what it says for people is. Raises SekishoError.
        """
        said = [str(word) for word in words]
        signed = ["--as", who] if who else []
        self.out.note(f"\n$ sekisho {printable(shlex.join([*said, *signed]))}")
        for line in typed.splitlines():
            self.out.note(f"< {line}")
        if who:
            signed += ["--actor-key-file", str(self.keys / f"{who}.key"), "--purpose", "incident"]
        opened = ["--vault", str(self.folder / "vault"), "--key-file", str(self.keys / "vault.key")]
        given = _parser().parse_args([*said, *signed, *opened])
        heard = Heard(json=self.out.json, quiet=self.out.quiet or not shown)
        command: Command = given.command
        with _typing(typed):
            command.run(given, heard)
        return heard.values[-1] if heard.values else None

    @contextmanager
    def vault(self, who: str) -> Iterator[Vault]:
        """The vault, open for an actor, where one command after another would take too long."""
        from sekisho.actors import Who
        from sekisho.flow.enter import enter
        from sekisho.vault import Secret

        own, actor = (Secret.from_key_file(self.keys / f"{name}.key") for name in ("vault", who))
        with enter(self.folder / "vault", own, Who(who, actor, "incident", None)) as vault:
            yield vault

    def approved(self, who: str, *words: str | Path | int, by: str = OFFICER2) -> Any:
        """The same, where another actor has to approve it: proposed, approved by them, done."""
        said = self.call(who, *words)
        if not (isinstance(said, dict) and "proposal" in said):
            return said
        self.call(by, "proposal", "approve", said["proposal"])
        return self.call(who, *words)


@cache
def _parser() -> ArgumentParser:
    from sekisho.cli._main import find_commands, make_parser

    return make_parser(find_commands())


@contextmanager
def _typing(text: str) -> Iterator[None]:
    """Standard input holds ``text``, as if somebody typed it."""
    before, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        yield
    finally:
        sys.stdin = before
