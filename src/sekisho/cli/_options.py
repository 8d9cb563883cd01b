"""The options that every command knows, before or after its name."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser

from sekisho.wording import LANGUAGES, Text

DEFAULTS = {"json": False, "quiet": False, "lang": None, "vault": None, "key_file": None}


def add_global_arguments(parser: ArgumentParser) -> None:
    """The options that every command knows, before or after its name."""
    group = parser.add_argument_group(str(Text("options of every command", "すべてのコマンドに共通")))

    def add(*names: str, help: Text, **how: object) -> None:
        group.add_argument(*names, default=SUPPRESS, help=str(help), **how)  # type: ignore[arg-type]

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
    add("--lang", choices=LANGUAGES, help=Text("language (default: as the locale)", "言語（既定: ロケールに従う）"))
    add("--json", action="store_true", help=Text("results as JSON", "結果をJSONで出力"))
    add("--quiet", action="store_true", help=Text("no notes and no progress", "注記と進み具合を表示しない"))
