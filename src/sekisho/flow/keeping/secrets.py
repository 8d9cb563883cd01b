"""`sekisho vault rotate|share|status`: which secrets open a vault, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.errors import UsageError, VaultError
from sekisho.vault import Cost, Secret, Slot, Vault
from sekisho.vault.files import make_folder
from sekisho.vault.keys import shares
from sekisho.vault.keys.secret import SHARES
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Opener:
    """One slot: its number from 1, the ``kind`` of its secret, when it was ``made``; ``opened``: by it just now.

    ``need`` of ``of`` shares; ``memory_kib`` and ``passes`` of Argon2id; 0 where there is no such thing.
    """

    slot: int
    kind: str
    made: str
    opened: bool
    need: int = 0
    of: int = 0
    memory_kib: int = 0
    passes: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """What a vault is: version, how often its head was written, who opens it, what it holds."""

    version: int
    generation: int
    openers: Sequence[Opener]
    scans: int
    imports: int
    entries: int
    files: int
    size: int


def status(vault: Vault) -> Status:
    """How the vault stands; nothing is checked."""
    keys, files = vault.keys, [path for path in vault.folder.rglob("*") if path.is_file()]
    return Status(
        *(keys.version, keys.generation, openers(vault)),
        *(len(vault.scans()), len(vault.register().imports()), vault.outbox.head().size),
        *(len(files), sum(path.stat().st_size for path in files)),
    )


def openers(vault: Vault) -> list[Opener]:
    """Who opens the vault; none where it is of version 1, which has no slots."""
    return [_opener(place, slot, vault.keys.opened) for place, slot in enumerate(vault.keys.slots)]


def _opener(place: int, slot: Slot, opened: int) -> Opener:
    kdf: dict[str, Any] = slot.about["kdf"]
    return Opener(
        *(place + 1, slot.kind, slot.about["made"], place == opened),
        *(slot.about.get("need", 0), slot.about.get("of", 0)),
        *(kdf.get("memory_kib", 0), kdf.get("passes", 0)),
    )


def demand_rotation(vault: Vault) -> None:
    """Raises RightsError where it is not theirs to do who act: before anybody is asked for a new secret."""
    vault.demand(_rotation(vault))


def _rotation(vault: Vault) -> str:
    """What changing secrets is called, as the vault was opened."""
    keys = vault.keys
    by_shares = keys.opened >= 0 and keys.slots[keys.opened].kind == SHARES
    return "vault.recover" if by_shares else "vault.rotate"


def rotate(vault: Vault, secret: Secret, cost: Cost | None = None, *, beside: bool = False) -> None:
    """Have a new secret open the vault, under a new root key, and all keys wrapped anew.

    It takes the place of the secrets of its kind and of the one that opened the vault; shares stay. ``beside``: all
    stay. Raises RightsError, VaultError.
    """
    keys = vault.keys
    left = [
        slot
        for place, slot in enumerate(keys.slots)
        if beside or slot.kind == SHARES or (slot.kind != secret.kind and place != keys.opened)
    ]
    new = Slot.to_new(secret, cost or Cost())
    if new.seal(keys.root).open(secret) != keys.root:  # before anything is changed
        raise RuntimeError("a slot does not open")
    vault.reseal(_rotation(vault), [*left, new], len(left))


def drop(vault: Vault, number: int) -> None:
    """Have slot ``number`` open the vault no more; raises UsageError, RightsError, VaultError."""
    slots = vault.keys.slots
    if not 0 < number <= len(slots):
        raise UsageError(
            Text("There is no slot {n}.", "スロット {n} はありません。").fill(n=number),
            Text("`sekisho vault status` shows which there are.", "`sekisho vault status` で確認してください。"),
        )
    if len(slots) == 1:
        raise UsageError(
            Text("Nothing else opens this vault.", "この保管庫を開くものは他にありません。"),
            Text(
                "Add another secret first: `sekisho vault rotate`.", "先に `sekisho vault rotate` で追加してください。"
            ),
        )
    vault.reseal(_rotation(vault), [slot for place, slot in enumerate(slots, 1) if place != number])


def share(vault: Vault, need: int, of: int, folder: Path) -> list[Path]:
    """Have any ``need`` of ``of`` shares open the vault too, in place of earlier ones; gives a new file for each.

    Raises UsageError, RightsError, VaultError.
    """
    _look_at_sizes(need, of)
    if folder.resolve().is_relative_to(vault.folder.resolve()):
        raise UsageError(
            Text("The shares would lie in the vault that they open.", "分割鍵が保管庫の中に置かれます。"),
            Text("Write them somewhere else.", "別の場所を指定してください。"),
        )
    vault.demand("vault.share")
    secret, made = shares.split(need, of)
    paths = [folder / f"share-{one.number}-of-{of}.txt" for one in made]
    for one, path in zip(made, paths, strict=True):
        _write(one, path, of)
    _look_at(paths, secret)
    slot = Slot.to_new(secret, Cost(), need=need, of=of, set=made[0].set)
    vault.reseal("vault.share", [*(one for one in vault.keys.slots if one.kind != SHARES), slot])
    return paths


def belong(head: Mapping[str, Any], share: shares.Share) -> bool:
    """Whether a share is of those that open the vault that a head is of, as far as can be told by one alone."""
    slots = head.get("slots", [])
    return any(slot["kind"] == SHARES and (slot["set"], slot["need"]) == (share.set, share.need) for slot in slots)


def _write(one: shares.Share, path: Path, of: int) -> None:
    try:
        make_folder(path.parent)
    except OSError as error:
        raise VaultError(
            Text("{folder} cannot be made.", "{folder} を作れません。").fill(folder=path.parent),
            Text("Name a folder that you may write to.", "書き込めるフォルダーを指定してください。"),
        ) from error
    shares.write(one, path, of)


def _look_at(paths: Sequence[Path], secret: Secret) -> None:
    """The files, read back, give the secret: before anything is changed."""
    if shares.combine([shares.read(path) for path in paths]) != secret:
        raise RuntimeError("shares do not give the secret back")


def _look_at_sizes(need: int, of: int) -> None:
    if 2 <= need <= of <= shares.MOST:
        return
    raise UsageError(
        Text("{need} of {of} shares cannot be made.", "{of}個中{need}個の分割鍵は作れません。").fill(need=need, of=of),
        Text(
            "At least 2 are needed, and there are {most} at most.", "必要数は2以上、全体は{most}個以下にしてください。"
        ).fill(most=shares.MOST),
    )
