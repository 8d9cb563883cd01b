"""The file that says what a vault is and who opens it: read, opened, written.

It is small, and without it nobody opens anything: so a second one lies beside it. That one is never read by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sekisho.errors import VaultError
from sekisho.vault.database import too_new
from sekisho.vault.files import not_written, write_atomically
from sekisho.vault.keys.keyring import FORMAT, VERSION, Keyring, is_whole
from sekisho.vault.keys.secret import KEY_FILE, KINDS, PASSPHRASE, SHARES, Secret
from sekisho.wording import Text

HEAD, COPY = "vault.json", "vault.json.copy"


def is_vault(folder: Path) -> bool:
    """Whether a vault lies in ``folder``."""
    return (folder / HEAD).is_file()


def read_head(folder: Path) -> dict[str, Any]:
    """The head of the vault in ``folder``; raises VaultError."""
    try:
        return parse_head((folder / HEAD).read_bytes(), folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise (_broken_head if _is_copy_whole(folder) else _no_vault)(folder) from error
    except PermissionError as error:
        raise _no_rights(folder) from error
    except OSError as error:
        raise _broken_head(folder) from error


def parse_head(data: bytes | str, folder: Path) -> dict[str, Any]:
    """The head of a vault from what stands in its file, in ``folder``; raises VaultError."""
    try:
        head = json.loads(data)
        if head["format"] != FORMAT:
            raise ValueError("format")
        if int(head["version"]) > VERSION:
            raise too_new()
        if not is_whole(head):
            raise ValueError("sha256")
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise _broken_head(folder) from error
    return dict(head)


def kinds_of_secret(head: Mapping[str, Any]) -> list[str]:
    """What opens the vault that a head is of, in the order of its slots."""
    slots = head.get("slots") or [{"kind": head.get("secret")}]
    try:
        return [slot["kind"] for slot in slots if slot["kind"] in KINDS]
    except (KeyError, TypeError):
        return []  # opening it will say that it is broken


def open_keys(head: Mapping[str, Any], secret: Secret, folder: Path) -> Keyring:
    """The keys that a head, found in ``folder``, keeps; raises VaultError, also where the secret is another one."""
    try:
        keys = Keyring.from_head(head, secret)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _broken_head(folder) from error
    if keys is None:
        raise wrong_secret(kinds_of_secret(head))
    return keys


def write_head(folder: Path, keys: Keyring) -> None:
    """Have ``keys`` be the head's, durably; a kill leaves the old head or the new one. Raises VaultError."""
    try:
        write_atomically(folder / HEAD, lambda file: file.write(keys.to_head()))
    except OSError as error:
        raise not_written(error) from error
    tidy_heads(folder)


def wrong_secret(kinds: Sequence[str]) -> VaultError:
    """The error for a secret that opens none of the slots that there are."""
    ways = {
        PASSPHRASE: Text(
            "its passphrase ($SEKISHO_PASSPHRASE, or typed when asked)",
            "パスフレーズ（$SEKISHO_PASSPHRASE または入力）",
        ),
        KEY_FILE: Text("its key file (--key-file)", "鍵ファイル（--key-file）"),
        SHARES: Text("enough shares of its key (--share, for each)", "規定数の分割鍵（それぞれ --share で指定）"),
    }
    there = [ways[kind] for kind in dict.fromkeys(kinds)]
    listed = Text(" or ".join(way.en for way in there), "または".join(way.ja for way in there))
    return VaultError(
        Text("The vault does not open with this secret.", "この鍵では保管庫が開きません。"),
        Text("This vault opens with {ways}.", "この保管庫は{ways}で開きます。").fill(ways=listed),
    )


def tidy_heads(folder: Path) -> None:
    """Have the copy be as the head is, and remove what a kill left: old heads let old secrets in.

    Nobody else may be writing one. Where the disk fails, the next opening to write does it.
    """
    with suppress(OSError):
        for path in folder.glob(f".{HEAD}.*.new"):
            path.unlink(missing_ok=True)
        if not is_copied(folder):
            head = (folder / HEAD).read_bytes()
            write_atomically(folder / COPY, lambda file: file.write(head))


def is_copied(folder: Path) -> bool:
    """Whether the copy of the head is as the head is; raises OSError."""
    return (folder / COPY).exists() and (folder / COPY).read_bytes() == (folder / HEAD).read_bytes()


def old_head(folder: Path) -> VaultError:
    """The error for a head that was put back from an old copy of the vault."""
    return VaultError(
        Text("{file} is older than the vault's store.", "{file} は保管庫のデータベースより古いものです。").fill(
            file=folder / HEAD
        ),
        Text(
            "Somebody put an old copy in its place. Put the newest one back, or restore a backup of the whole vault.",
            "古い控えに置き換えられています。最新のものに戻すか、保管庫全体を控えから復元してください。",
        ),
    )


def _no_vault(folder: Path) -> VaultError:
    return VaultError(
        Text("There is no vault in {folder}.", "{folder} に保管庫がありません。").fill(folder=folder),
        Text(
            "`sekisho vault init` makes one; --vault names it.",
            "`sekisho vault init` が作成します。場所は --vault で指定します。",
        ),
    )


def _no_rights(folder: Path) -> VaultError:
    return VaultError(
        Text("The vault {folder} may not be read.", "保管庫 {folder} を読む権限がありません。").fill(folder=folder),
        Text("Run as the one whom it belongs to.", "保管庫の所有者で実行してください。"),
    )


def _broken_head(folder: Path) -> VaultError:
    hint = Text("Restore it from a copy of the vault.", "保管庫の控えから戻してください。")
    if _is_copy_whole(folder):
        hint = Text(
            "Its copy is whole: keep the broken one elsewhere and copy {copy} to its place.",
            "写しは無事です。壊れたものを別に取り置き、{copy} をその場所に複写してください。",
        ).fill(copy=folder / COPY)
    return VaultError(
        Text("{file} is not a vault's head.", "{file} は保管庫のものではありません。").fill(file=folder / HEAD), hint
    )


def _is_copy_whole(folder: Path) -> bool:
    try:
        return is_whole(json.loads((folder / COPY).read_bytes()))
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return False
