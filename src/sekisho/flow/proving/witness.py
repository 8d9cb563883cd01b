"""Witnesses: set for a vault's ledger, or run here for ledgers of other machines."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from sekisho.errors import InputError, UsageError
from sekisho.ledger.ask import is_url
from sekisho.ledger.meet import policy_of, signer_of
from sekisho.ledger.note import COSIGNATURE, ML_DSA_44, NoteError, Verifier
from sekisho.ledger.policy import of_all
from sekisho.ledger.serve import Server
from sekisho.ledger.witness import Witness, WitnessError, is_witness, know, make
from sekisho.ledger.witnessing import forget_others
from sekisho.vault import Vault
from sekisho.wording import Text


def add(vault: Vault, url: str, vkey: str, least: int = 0) -> str:
    """Have a witness cosign the ledger from now on; its name. ``least``: how many must, 0 for all.

    Raises InputError, UsageError, RightsError, VaultError.
    """
    policy = policy_of(vault)
    key = _key(vkey, (COSIGNATURE, ML_DSA_44))
    if not is_url(url):
        raise UsageError(
            Text("{url} is not the address of a witness.", "{url} は証人のアドレスではありません。").fill(url=url),
            Text("It begins with http:// or https://.", "http:// または https:// で始まります。"),
        )
    witnesses = {**policy.witnesses, key.name: key}
    _set(vault, witnesses, {**policy.urls, key.name: url}, least)
    return key.name


def remove(vault: Vault, name: str, least: int = 0) -> None:
    """Have a witness no longer; raises InputError where none is called so, RightsError, VaultError."""
    policy = policy_of(vault)
    if name not in policy.witnesses:
        raise InputError(
            Text("There is no witness {name}.", "証人 {name} はいません。").fill(name=name),
            Text("See `sekisho ledger status`.", "`sekisho ledger status` で確認してください。"),
        )
    _set(vault, {one: key for one, key in policy.witnesses.items() if one != name}, policy.urls, least)


def serve(
    folder: Path, name: str, logs: Sequence[str], address: tuple[str, int], ready: Callable[[Witness, int], None]
) -> None:
    """Run a witness whose memory lies in ``folder``, made where there is none, until the process is told to end.

    ``ready`` hears of it and its port once it answers. Raises InputError.
    """
    keys = [_key(one, (1,)) for one in logs]
    try:
        if not is_witness(folder):
            make(folder, name)
        know(folder, keys)
        witness = Witness(folder)
    except (OSError, NoteError, WitnessError) as error:
        raise InputError(
            Text("No witness can run in {folder}: {why}.", "{folder} で証人を動かせません: {why}。").fill(
                folder=folder, why=getattr(error, "strerror", None) or error
            ),
            Text("Name another folder, or a name without spaces.", "別のフォルダーか、空白のない名前にしてください。"),
        ) from error
    _answer(witness, address, ready)


def _answer(witness: Witness, address: tuple[str, int], ready: Callable[[Witness, int], None]) -> None:
    try:
        server = Server(address, witness)
    except (OSError, OverflowError) as error:
        raise UsageError(
            Text("Nothing can listen there: {why}.", "待ち受けできません: {why}。").fill(
                why=getattr(error, "strerror", None) or error
            ),
            Text("Choose another --listen ADDRESS:PORT.", "別の --listen アドレス:ポート にしてください。"),
        ) from error

    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)
    with server:
        ready(witness, int(server.server_address[1]))
        server.serve_forever()


def _set(vault: Vault, witnesses: dict[str, Verifier], urls: Mapping[str, str], least: int) -> None:
    if least > len(witnesses):
        raise UsageError(
            Text("There are only {n} witnesses.", "証人は{n}人しかいません。").fill(n=len(witnesses)),
            Text("Ask for fewer with --quorum.", "--quorum を小さくしてください。"),
        )
    kept = {name: url for name, url in urls.items() if name in witnesses}
    policy = of_all(signer_of(vault).verifier, witnesses, kept, least)
    vault.ledger_policy.write(str(policy), len(witnesses))
    forget_others(vault)


def _key(vkey: str, kinds: Sequence[int]) -> Verifier:
    try:
        key = Verifier.of(vkey)
        if key.kind not in kinds:
            raise NoteError("a key of another kind")
    except NoteError as error:
        raise InputError(
            Text("{key} is not the key that is needed: {why}.", "{key} は必要な鍵ではありません: {why}。").fill(
                key=vkey, why=error
            ),
            Text(
                "A witness says its own when it starts; `sekisho ledger status` says the ledger's.",
                "証人の鍵は起動時に、証跡の鍵は `sekisho ledger status` で表示されます。",
            ),
        ) from error
    return key
