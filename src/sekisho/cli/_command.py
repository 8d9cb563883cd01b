"""What a command is, and where it puts what it has to say."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from sekisho.errors import UsageError
from sekisho.wording import Text, printable

NEXT = Text("Next: {call}", "次の操作: {call}")


@dataclass(frozen=True, slots=True)
class Output:
    """Results go to standard output, for people or (``--json``) for programs; everything else to standard error."""

    json: bool = False
    quiet: bool = False

    def result(self, value: object, text: Callable[[], str]) -> None:
        """Show a JSON-able ``value``; ``text`` says the same for people and is made only if asked for.

        ``text`` may be made of several lines; each part that was read from outside must be `printable`.
        """
        shown = json.dumps(value, ensure_ascii=False, indent=2, default=str) if self.json else text()
        if not shown:
            return
        try:
            print(shown, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UsageError(
                Text("The output cannot be written: {why}.", "出力を書き込めません: {why}。").fill(why=error.strerror),
                Text("Send it somewhere else.", "出力先を変えてください。"),
            ) from error

    def note(self, message: Text | str) -> None:
        """Say something beside the result; ``--quiet`` silences it."""
        if not self.quiet:
            print(printable(str(message)), file=sys.stderr)

    def next(self, *calls: str) -> None:
        """Say which calls come next, to people only."""
        if not self.json:
            for call in calls:
                self.note(NEXT.fill(call=call))


@dataclass(frozen=True, slots=True)
class Command:
    """One command. A module of this package defines one as ``COMMAND`` and imports its flow inside ``run``.

    ``run`` gives the exit code: 0, or one that docs/cli.md lists; errors are raised as `SekishoError`.
    """

    name: str
    help: Text
    example: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace, Output], int]
