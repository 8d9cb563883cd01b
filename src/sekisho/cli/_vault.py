"""Opens the vault that a call means, with the secret that it means. A passphrase never stands in a call."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.cli._command import Output
from sekisho.errors import RightsError, SekishoError, UsageError, VaultError
from sekisho.wording import Text, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sekisho.actors import Who
    from sekisho.vault import Secret, Vault


SHORT = Text(
    "The passphrase is short: who gets hold of a copy of the vault tries others at leisure. Five words drawn at random "
    "are better.",
    "パスフレーズが短すぎます。保管庫の写しを手にした者は、いくらでも試せます。無作為に選んだ5語をお勧めします。",
)
ALERTS = Text(
    "ALERT: {n:,} {n|number|numbers} turned up that {n|was|were} replaced after a leak: `sekisho reissue alerts`.",
    "警告: 流出により変更済みの旧番号が{n:,}件使われました: `sekisho reissue alerts`。",
)
_LONG = 15  # characters (NIST SP 800-63B-4, for a passphrase that stands alone)


def vault_folder(call: Namespace) -> Path:
    """The vault that is meant: ``--vault``, else $SEKISHO_VAULT, else ./sekisho-vault."""
    return Path(call.vault or os.environ.get("SEKISHO_VAULT") or "sekisho-vault")


@contextmanager
def open_vault(call: Namespace, *, write: bool = False, anybody: bool = False) -> Iterator[Vault]:
    """The vault that is meant, open, and held against its ledger; raises VaultError, RightsError, LedgerError.

    ``anybody``: also those who do not sign in, though the vault has actors.
    """
    from sekisho.flow.enter import enter

    folder, secret = _meant(call)
    note = Output(json=call.json, quiet=call.quiet).note
    with enter(folder, secret, who_acts(call), write=write, anybody=anybody, note=note) as vault:
        before = vault.numbers().last_alert()
        yield vault
        if alerts := vault.numbers().last_alert() - before:
            note(ALERTS.fill(n=alerts))


@contextmanager
def open_doubtful_vault(call: Namespace) -> Iterator[Vault]:
    """The vault that is meant, open to say what is wrong with it; raises VaultError, RightsError."""
    from sekisho.flow.enter import enter_doubtful

    with enter_doubtful(*_meant(call), who_acts(call)) as vault:
        yield vault


@contextmanager
def open_unheld_vault(call: Namespace) -> Iterator[Vault]:
    """The vault that is meant, open to verify a ledger that may be damaged: nobody acts, nothing is written."""
    from sekisho.vault import Vault

    with Vault.open(*_meant(call)) as vault:
        yield vault


def _meant(call: Namespace) -> tuple[Path, Secret]:
    from sekisho.vault import kinds_of_secret, read_head

    folder = vault_folder(call)
    return folder, secret_of(call, kinds_of_secret(read_head(folder)))


@contextmanager
def open_or_create_vault(call: Namespace, out: Output) -> Iterator[Vault]:
    """The vault that is meant, open to write; a new one where there is none, which is said aloud."""
    from sekisho.flow.enter import create
    from sekisho.vault import is_vault

    folder = vault_folder(call)
    if is_vault(folder):
        with open_vault(call, write=True) as vault:
            yield vault
        return
    if named_actor(call):
        raise UsageError(
            Text("There is no vault yet, and so no actor.", "保管庫がまだないため、利用者もいません。"),
            Text("Leave --as (and $SEKISHO_AS) out.", "--as（と $SEKISHO_AS）を外してください。"),
        )
    with create(folder, new_secret(call, folder, out)) as vault:
        out.note(Text("A new vault was made: {folder}", "保管庫を作成しました: {folder}").fill(folder=folder))
        yield vault


def named_actor(call: Namespace) -> str:
    """Who is said to act; empty where nobody is."""
    return str(call.as_name or os.environ.get("SEKISHO_AS") or "")


def who_acts(call: Namespace) -> Who | None:
    """Who acts, with what opens their key; None where nobody is named."""
    from sekisho.actors import Who
    from sekisho.vault import Secret

    if not (name := named_actor(call)):
        return None
    purpose, incident = _purpose(str(call.purpose or os.environ.get("SEKISHO_PURPOSE") or ""))
    given = os.environ.get("SEKISHO_ACTOR_PASSPHRASE")
    if file := call.actor_key_file or (None if given else os.environ.get("SEKISHO_ACTOR_KEY_FILE")):
        return Who(name, Secret.from_key_file(Path(file)), purpose, incident)
    asked = Text("Passphrase of {name}: ", "{name} のパスフレーズ: ").fill(name=printable(name))
    return Who(name, Secret.passphrase(given or ask(asked, _no_secret_of_actor)), purpose, incident)


def _purpose(written: str) -> tuple[str, int | None]:
    """A purpose, and the incident that stands behind it: ``incident:3``."""
    purpose, mark, number = written.partition(":")
    if mark and not number.isdecimal():
        raise UsageError(
            Text("No incident is meant by that: {text}.", "事案の番号ではありません: {text}。").fill(
                text=printable(written)
            ),
            Text("As: --purpose incident:3", "例: --purpose incident:3"),
        )
    return purpose, int(number) if mark else None


def stated_clerk(call: Namespace) -> str:
    """The clerk whom ``--who`` names; empty where it is who signs in. Raises UsageError where it is nobody."""
    from sekisho.flow.clerks import nobody

    if not call.who and not named_actor(call):
        raise nobody()
    return str(call.who)


def new_secret_of_actor(name: str, file: Path | None) -> Secret:
    """What an actor's key is to open with: a new key file, or a passphrase, typed twice; raises UsageError."""
    from sekisho.vault import Secret

    if file:
        return Secret.to_new_key_file(file)
    asked = Text("New passphrase of {name}: ", "{name} の新しいパスフレーズ: ").fill(name=printable(name))
    return _new_passphrase("SEKISHO_NEW_ACTOR_PASSPHRASE", asked)


def _no_secret_of_actor() -> RightsError:
    return RightsError(
        Text("There is no secret to sign in with.", "サインインする秘密が指定されていません。"),
        Text(
            "Set SEKISHO_ACTOR_PASSPHRASE, give --actor-key-file FILE, or call on a terminal.",
            "SEKISHO_ACTOR_PASSPHRASE か --actor-key-file を指定するか、端末で実行してください。",
        ),
        "secret",
    )


def secret_of(call: Namespace, kinds: Sequence[str]) -> Secret:
    """The secret that the call brings, or a person types, for a vault that ``kinds`` open; raises VaultError."""
    from sekisho.vault import Secret
    from sekisho.vault.keys import shares
    from sekisho.vault.keys.secret import KEY_FILE, PASSPHRASE

    if call.share:
        return shares.combine([shares.read(Path(path)) for path in call.share])
    if call.key_file:
        return Secret.from_key_file(Path(call.key_file))
    if PASSPHRASE in kinds and (given := os.environ.get("SEKISHO_PASSPHRASE")):
        return Secret.passphrase(given)
    if KEY_FILE in kinds and (named := os.environ.get("SEKISHO_KEY_FILE")):
        return Secret.from_key_file(Path(named))
    if PASSPHRASE not in kinds:
        raise _no_secret(Text("This vault opens with a key file.", "この保管庫は鍵ファイルで開きます。"))
    return Secret.passphrase(ask(Text("Passphrase of the vault: ", "保管庫のパスフレーズ: ")))


def secret_of_backup(call: Namespace, folder: Path, number: int | None) -> Secret:
    """The secret that opens a backup: the one of its vault at that time; raises InputError, VaultError."""
    from sekisho.vault import kinds_of_secret
    from sekisho.vault.backups.restore import head_of

    return secret_of(call, kinds_of_secret(head_of(folder, number)))


def new_secret(call: Namespace, folder: Path, out: Output) -> Secret:
    """The secret for a new vault in ``folder``; a key file is made where there is none."""
    named = call.key_file or os.environ.get("SEKISHO_KEY_FILE")
    if named:
        return _new_key_file(Path(named), folder, out)
    question = Text("Passphrase for the new vault: ", "新しい保管庫のパスフレーズ: ")
    return _remarked_on(_new_passphrase("SEKISHO_PASSPHRASE", question), out)


def renewed_secret(call: Namespace, folder: Path, out: Output) -> Secret:
    """The new secret for the vault in ``folder``."""
    if call.new_key_file:
        return _new_key_file(call.new_key_file, folder, out)
    question = Text("New passphrase: ", "新しいパスフレーズ: ")
    return _remarked_on(_new_passphrase("SEKISHO_NEW_PASSPHRASE", question), out)


def _remarked_on(passphrase: Secret, out: Output) -> Secret:
    if len(passphrase.value.decode("utf-8", "surrogateescape")) < _LONG:
        out.note(SHORT)
    return passphrase


def _new_passphrase(variable: str, question: Text) -> Secret:
    from sekisho.vault import Secret

    if given := os.environ.get(variable):
        return Secret.passphrase(given)
    first = ask(question)
    if first != ask(Text("The same again: ", "もう一度: ")) or not first:
        raise UsageError(
            Text("The passphrases differ or are empty.", "パスフレーズが一致しないか、空です。"),
            Text("Try again.", "もう一度実行してください。"),
        )
    return Secret.passphrase(first)


def _new_key_file(path: Path, folder: Path, out: Output) -> Secret:
    from sekisho.vault import Secret

    if path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            Text("The key file would lie in the vault that it opens.", "鍵ファイルが保管庫の中に置かれます。"),
            Text("Keep it somewhere else, and a copy of it.", "別の場所に、控えとともに保管してください。"),
        )
    if path.exists():
        return Secret.from_key_file(path)
    secret = Secret.to_new_key_file(path)
    out.note(
        Text(
            "A new key file was made: {path}. Without it the vault stays shut: keep a copy.",
            "鍵ファイルを作成しました: {path}。失うと保管庫は開きません。控えを保管してください。",
        ).fill(path=path)
    )
    return secret


def ask(question: Text, nobody_there: Callable[[], SekishoError] | None = None) -> str:
    """What somebody types unseen; raises the error of ``nobody_there`` where nobody is at a terminal."""
    if not sys.stdin.isatty():
        nothing = Text("There is no secret to open the vault with.", "保管庫を開く鍵が指定されていません。")
        raise nobody_there() if nobody_there else _no_secret(nothing)
    return getpass.getpass(str(question))


def _no_secret(message: Text) -> VaultError:
    return VaultError(
        message,
        Text(
            "Give --key-file FILE, or set SEKISHO_KEY_FILE or SEKISHO_PASSPHRASE.",
            "--key-file を指定するか、SEKISHO_KEY_FILE または SEKISHO_PASSPHRASE を設定してください。",
        ),
    )
