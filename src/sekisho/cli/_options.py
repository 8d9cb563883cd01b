"""The options that every command knows, before or after its name."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import TYPE_CHECKING

from sekisho.cli._command import Output
from sekisho.wording import LANGUAGES, Text

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DEFAULTS = {"json": False, "quiet": False, "lang": None, "vault": None, "key_file": None, "share": None}
DEFAULTS |= {"as_name": None, "actor_key_file": None, "purpose": None}


def add_global_arguments(parser: ArgumentParser) -> None:
    """The options that every command knows, before or after its name."""
    group = parser.add_argument_group(str(Text("options of every command", "すべてのコマンドに共通")))

    def add(*names: str, help: Text, **how: object) -> None:
        free = [name for name in names if name not in parser._option_string_actions]  # `match --as` names a matching
        group.add_argument(*free, default=SUPPRESS, help=str(help), **how)  # type: ignore[arg-type]

    add(
        "--vault",
        metavar="DIR",
        help=Text(
            "the vault (default: $SEKISHO_VAULT, else ./sekisho-vault)",
            "保管庫（既定: $SEKISHO_VAULT、なければ ./sekisho-vault）",
        ),
    )
    add(
        "--key-file",
        metavar="FILE",
        help=Text(
            "opens the vault in place of a passphrase (default: $SEKISHO_KEY_FILE; "
            "a passphrase comes from $SEKISHO_PASSPHRASE or is asked for)",
            "パスフレーズの代わりに保管庫を開く鍵（既定: $SEKISHO_KEY_FILE。"
            "パスフレーズは $SEKISHO_PASSPHRASE または入力による）",
        ),
    )
    add(
        "--share",
        metavar="FILE",
        action="append",
        help=Text(
            "a share of the vault's key; as many as are needed open it in place of a passphrase",
            "保管庫の分割鍵。必要な個数を指定すると、パスフレーズの代わりに開く",
        ),
    )
    add(
        *("--as", "--actor"),
        dest="as_name",
        metavar="NAME",
        help=Text(
            "who acts (default: $SEKISHO_AS), with a passphrase of their own: $SEKISHO_ACTOR_PASSPHRASE, or typed",
            "操作する利用者（既定: $SEKISHO_AS）。本人のパスフレーズ（$SEKISHO_ACTOR_PASSPHRASE または入力）で確認",
        ),
    )
    add(
        "--actor-key-file",
        metavar="FILE",
        help=Text(
            "signs in in place of the actor's passphrase (default: $SEKISHO_ACTOR_KEY_FILE)",
            "利用者のパスフレーズの代わりの鍵（既定: $SEKISHO_ACTOR_KEY_FILE）",
        ),
    )
    add(
        "--purpose",
        metavar="PURPOSE",
        help=Text(
            "what for, as the ledger holds it (default: $SEKISHO_PURPOSE; `sekisho actor roles` lists them)",
            "目的（証跡に残る。既定: $SEKISHO_PURPOSE。一覧は `sekisho actor roles`）",
        ),
    )
    add("--lang", choices=LANGUAGES, help=Text("language (default: as the locale)", "言語（既定: ロケールに従う）"))
    add("--json", action="store_true", help=Text("results as JSON", "結果をJSONで出力"))
    add("--quiet", action="store_true", help=Text("no notes and no progress", "注記と進み具合を表示しない"))


def add_action(
    room: _SubParsersAction[ArgumentParser],
    name: str,
    help: Text,
    example: str,
    act: Callable[[Namespace, Output], int | None],
) -> ArgumentParser:
    """One of the things that a command does, with its own help and example; ``act`` does it."""
    parser = add_group(room, name, help, example)
    parser.set_defaults(act=act, called=parser.prog)
    return parser


def add_group(room: _SubParsersAction[ArgumentParser], name: str, help: Text, example: str) -> ArgumentParser:
    """A name under which actions stand that belong together, with help and an example of one of them."""
    example = f"{Text('example:', '例:')}\n  {example}"
    parser = room.add_parser(
        name, help=str(help), description=str(help), epilog=example, formatter_class=RawDescriptionHelpFormatter
    )
    add_global_arguments(parser)
    return parser


def at_least(least: int) -> Callable[[str], int]:
    """A type of argument: a whole number from ``least`` on."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            needed = Text("a number from {n} on is needed", "{n}以上の数を指定してください")
            raise ArgumentTypeError(str(needed.fill(n=least)))
        return int(text)

    return number
