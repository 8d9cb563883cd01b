"""Who may ask: each client is one actor of the vault, with a key or certificate of its own, a purpose and quotas."""

from __future__ import annotations

import hashlib
import re
import secrets
import ssl
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sekisho.actors import policy
from sekisho.countries.proofs import procedures
from sekisho.errors import InputError, UsageError, not_opened
from sekisho.vault.files import write_new
from sekisho.web.calls import CallError
from sekisho.wording import Text

DECISION, EVIDENCE, EXPOSURE = SEES = ("decision", "evidence", "exposure")
"""How much a client is told: go or hold, and what to ask for; what is worth nothing; whether somebody is exposed."""
_DIGEST = re.compile("[0-9a-f]{64}")
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Client:
    """One client, as the file of clients says it.

    ``actor`` and ``key_file``: who it acts as in the vault; ``key`` or ``certificate``: SHA-256 of what it shows.
    ``procedures``: for which it may ask, all where none is named. ``per_minute``, ``per_day``: how many persons.
    """

    name: str
    actor: str
    key_file: Path
    purpose: str
    key: str = ""
    certificate: str = ""
    sees: str = EVIDENCE
    procedures: frozenset[str] = frozenset()
    per_minute: int = 60
    per_day: int = 2000
    watched: bool = True


class Clients:
    """All clients, found by what they show."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self.all = tuple(clients)
        self._by_key = {one.key: one for one in clients if one.key}
        self._by_certificate = {one.certificate: one for one in clients if one.certificate}
        self._shown: dict[str, str] = {}

    def of(self, environ: Mapping[str, Any]) -> Client:
        """The client of a call, by its certificate where it showed one, else by its key; raises CallError.

        A client that has both must show both, and nobody shows a key that is not theirs.
        """
        shown, given = self._fingerprint(environ.get("SSL_CLIENT_CERT", "")), _digest(environ)
        found = self._by_certificate.get(shown) if shown else None
        found = found or self._by_key.get(given)
        if found is None or found.certificate not in ("", shown) or found.key != given:
            raise _nobody()
        return found

    def _fingerprint(self, pem: str) -> str:
        """Of a certificate that the server verified; made once for each."""
        if pem and pem not in self._shown:
            if len(self._shown) > len(self.all) + 1000:
                self._shown.clear()
            self._shown[pem] = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        return self._shown.get(pem, "")


def read(path: Path) -> Clients:
    """The clients of a file (TOML); raises InputError."""
    _demand_private(path)
    try:
        told = tomllib.loads(path.read_text("utf-8"))["clients"]
        clients = [_client(name, one, path.parent) for name, one in told.items()]
    except OSError as error:
        raise not_opened(path, error) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path) from error
    shown = [mark for one in clients for mark in (one.key, one.certificate) if mark]
    if not clients or len(set(shown)) < len(shown):
        raise _unreadable(path)
    for one in clients:
        _demand_private(one.key_file)
    return Clients(clients)


def new_key(path: Path) -> str:
    """Write a new key for a client to ``path``, for its owner only; gives what the file of clients says of it.

    Raises UsageError.
    """
    key = secrets.token_urlsafe(_KEY_BYTES)
    try:
        write_new(path, key.encode() + b"\n")
    except OSError as error:
        raise UsageError(
            Text("{file} cannot be written.", "{file} に書き込めません。").fill(file=path),
            Text("Choose a new file in a folder of yours.", "書き込めるフォルダーの新しい名前を指定してください。"),
        ) from error
    return digest(key)


def digest(key: str) -> str:
    """What the file of clients says of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _client(name: str, told: Mapping[str, Any], folder: Path) -> Client:
    given = dict(told)
    given["key_file"] = folder / Path(given["key_file"]).expanduser()
    given["procedures"] = frozenset(given.get("procedures", ()))
    if unknown := given.keys() - {one.name for one in fields(Client)}:
        raise ValueError(f"not known: {sorted(unknown)}")
    one = Client(name, **given)
    one = replace(one, certificate=one.certificate.lower().replace(":", "").removeprefix("sha256"))
    marks = [mark for mark in (one.key, one.certificate) if mark]
    known = one.sees in SEES and one.procedures <= procedures().keys() and one.purpose in policy().purposes
    quotas = all(type(most) is int and most > 0 for most in (one.per_minute, one.per_day))
    if not marks or not all(_DIGEST.fullmatch(mark) for mark in marks) or not known or not quotas:
        raise ValueError("not as it must be")
    return one


def _digest(environ: Mapping[str, Any]) -> str:
    kind, _, key = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return digest(key.strip()) if kind.lower() == "bearer" else ""


def _demand_private(path: Path) -> None:
    """Raises InputError where others than its owner may read or change a file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise not_opened(path, error) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            Text("Others may read {file}.", "{file} がほかの利用者にも読めます。").fill(file=path),
            Text("Let its owner alone: chmod 600.", "所有者だけに許可してください: chmod 600。"),
        )


def _unreadable(path: Path) -> InputError:
    return InputError(
        Text("The clients in {file} cannot be read.", "{file} の接続元を読み取れません。").fill(file=path),
        Text(
            "Each needs actor, key_file, purpose, and a key or certificate of its own (SHA-256): docs/serve.md.",
            "actor・key_file・purpose と、固有の key または certificate（SHA-256）が必要です: docs/serve.md。",
        ),
    )


def _nobody() -> CallError:
    return CallError(401, "unknown_client", Text("No client is known by this.", "登録された接続元ではありません。"))
