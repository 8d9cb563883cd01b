"""The edge: finds the commands, reads the call, and turns every error into a message, a hint and an exit code."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import sys
import traceback
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Sequence
from importlib.metadata import version
from types import TracebackType
from typing import NoReturn

from sekisho import parts
from sekisho.cli._argparse_words import translated
from sekisho.cli._command import Command, Output
from sekisho.cli._options import DEFAULTS, add_global_arguments
from sekisho.errors import OF_THE_MACHINE, MachineError, SekishoError, UsageError, machine_failed
from sekisho.wording import LANGUAGES, Text, language_of_locale, printable, speak

STOPPED = 130  # as a shell says for Ctrl-C
_PR_SET_DUMPABLE = 4
PIPE_CLOSED = 141  # as a shell says for a closed pipe


EXIT_CODES = Text(
    "exit codes:\n  0 all went well   1 a fault of the program   2 the call   3 what was handed in   4 the vault\n"
    "  5 numbers that do not add up   6 a part that is not installed   7 not yours to do   8 the ledger\n"
    "  9 not taken outside   130 stopped by Ctrl-C   141 nobody reads on",
    "終了コード:\n  0 正常   1 プログラムの不具合   2 呼び出しの誤り   3 渡されたものの誤り   4 保管庫\n"
    "  5 集計の不一致   6 未導入の部品   7 権限なし   8 証跡\n"
    "  9 外部への引渡し   130 Ctrl-C による中断   141 出力先が閉じた",
)


class Parser(ArgumentParser):
    """An ArgumentParser whose complaints are errors like all others."""

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> Namespace:
        """As always; what nobody knows is the complaint of the command that was called, with its own help."""
        found, strange = self.parse_known_args(args, namespace)
        if strange:
            message = vars(argparse)["_"]("unrecognized arguments: %s") % " ".join(strange)
            raise _not_as_written(message, found.called)
        return found

    def error(self, message: str) -> NoReturn:
        """Raise a UsageError in place of leaving at once."""
        raise _not_as_written(message, self.prog)


def _not_as_written(message: str, call: str) -> UsageError:
    return UsageError(
        Text(message, message),
        Text("See `{call} --help`.", "`{call} --help` を参照してください。").fill(call=call),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command as given in ``argv`` and return its exit code."""
    sys.excepthook = tell_fault
    _keep_memory_in()
    given = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in given
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        speak(asked_language(given))
        code = run(given)
        sys.stdout.flush()
    except SekishoError as error:
        _tell(error, as_json)
        return error.exit_code
    except KeyboardInterrupt:
        print(Text("Stopped.", "中断しました。"), file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        if error.errno not in OF_THE_MACHINE:
            raise
        _tell(machine_failed(error), as_json)
        return MachineError.exit_code
    return code


def _keep_memory_in() -> None:
    """No core dump, which would hold keys and persons, and no look by other processes of the same user.

    The limit alone does not keep a dump from the program that /proc/sys/kernel/core_pattern may name.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def run(argv: Sequence[str]) -> int:
    """Read the call and carry it out; raises SekishoError."""
    commands = find_commands()
    with translated():
        try:
            call = make_parser(commands).parse_args(argv)
        except SystemExit as leave:  # --help and --version have said all
            return int(leave.code or 0)
    command: Command = call.command
    return command.run(call, Output(json=call.json, quiet=call.quiet))


def find_commands() -> list[Command]:
    """Every command, in the order of their files' names."""
    found = parts.find("sekisho.cli", "COMMAND").values()
    return [command for command in found if isinstance(command, Command)]


def asked_language(argv: Sequence[str]) -> str:
    """The language that ``--lang`` asks for, else the one of the locale; known before anything is said."""
    reader = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    reader.add_argument("--lang", default=None, nargs="?")
    chosen = reader.parse_known_args(argv)[0].lang
    return chosen if chosen in LANGUAGES else language_of_locale()


def make_parser(commands: Sequence[Command]) -> Parser:
    """The parser of the whole program, in the language of the run."""
    parser = Parser(
        prog="sekisho",
        epilog=f"{Text('example:', '例:')}\n  sekisho scan /mnt/share --report report.html\n\n{EXIT_CODES}",
        formatter_class=RawDescriptionHelpFormatter,
        description=str(
            Text(
                "Says whose personal data lies where and how protected, and, when it leaks, exactly whose, "
                "which items and what follows.",
                "誰の個人情報が、どこに、どう保護されて置かれているかを示し、漏えいしたときは、誰の、どの項目が、"
                "何件かを正確に示します。",
            )
        ),
    )
    parser.set_defaults(**DEFAULTS)
    show_version = Text("show the version and exit", "版を表示して終了")
    parser.add_argument("--version", action="version", version=f"sekisho {version('sekisho')}", help=str(show_version))
    add_global_arguments(parser)
    room = parser.add_subparsers(title=str(Text("commands", "コマンド")), metavar="COMMAND", required=True)
    for command in commands:
        _add_command(room, command)
    return parser


def _add_command(room: _SubParsersAction[Parser], command: Command) -> None:
    example = Text("example:", "例:")
    own = room.add_parser(
        command.name,
        help=str(command.help),
        description=str(command.help),
        epilog=f"{example}\n  {command.example}\n\n{EXIT_CODES}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    command.add_arguments(own)
    add_global_arguments(own)
    own.set_defaults(command=command, called=own.prog)


def _tell(error: SekishoError, as_json: bool) -> None:
    if as_json:
        said = {"message": str(error.message), "hint": str(error.hint), "exit_code": error.exit_code}
        print(json.dumps({"error": said}, ensure_ascii=False), file=sys.stderr)
    else:
        print(printable(f"sekisho: {error.message}"), file=sys.stderr)
        print(printable(f"  {error.hint}"), file=sys.stderr)


def tell_fault(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """Say where an error that nobody foresaw came from, but not its message: that could hold what was being read."""
    print(*traceback.format_tb(trace), kind.__qualname__, sep="", file=sys.stderr)
    print(
        Text("This is a fault of sekisho; please report it.", "sekisho の不具合です。ご報告ください。"), file=sys.stderr
    )


def parse(argv: Sequence[str]) -> Namespace:
    """The call as it would be run; for tests and documentation."""
    return make_parser(find_commands()).parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
