"""`sekisho sinks`: where parcels may go. That a sink leads elsewhere is another officer's to approve."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sekisho.actors import Proposal
from sekisho.errors import UsageError, not_opened
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.sinks import Form, Kind, kinds
from sekisho.vault import Vault
from sekisho.vault.sinks import SET, SHOW, Address
from sekisho.wording import Text, printable

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


def set_sink(vault: Vault, name: str, kind: str, given: Mapping[str, str]) -> Proposal | None:
    """Have a sink of that name lead there from now on; gives the proposal where somebody has to approve it first.

    ``given``: the settings of its kind; of those that are files, their paths. Raises UsageError, InputError,
    RightsError, ApprovalError.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            Text("A sink is not called so: {name}.", "送付先の名前にできません: {name}。").fill(name=printable(name)),
            Text("Small letters, digits, - and _, 32 at most.", "英小文字・数字・-・_ の32文字以内にしてください。"),
        )
    known = kind_named(kind)
    settings = dict(_read(known, given))
    known.make(settings)
    payload = {"sink": name, "kind": kind, "settings": _shown(known, settings)}
    done = approved_or_proposed(vault, SET, payload, lambda: vault.sinks().set(name, kind, settings))
    return done if isinstance(done, Proposal) else None


def sinks(vault: Vault) -> list[Address]:
    """Every sink, without what is secret of it; that it was looked at is in the ledger. Raises RightsError."""
    vault.log(SHOW)
    known = kinds()
    return [replace(one, settings=_shown(known[one.kind], one.settings)) for one in vault.sinks().all()]


def kind_named(name: str) -> Kind:
    """Raises UsageError where there is no such kind of sink."""
    known = kinds()
    if name not in known:
        raise UsageError(
            Text("There is no such kind of sink: {name}.", "送付先の種類がありません: {name}。").fill(
                name=printable(name)
            ),
            Text("There are: {kinds}.", "種類: {kinds}").fill(kinds=", ".join(known)),
        )
    return known[name]


def _read(kind: Kind, given: Mapping[str, str]) -> Mapping[str, str]:
    """The settings, with the contents of what is a file; raises UsageError, InputError."""
    known = {one.name: one for one in kind.settings}
    strange = sorted(given.keys() - known.keys())
    lacking = [one.name for one in kind.settings if one.needed and not given.get(one.name)]
    if strange or lacking:
        raise UsageError(
            Text("Not known: {strange}. Missing: {lacking}.", "不明な設定: {strange}。不足: {lacking}。").fill(
                strange=printable(", ".join(strange)) or "-", lacking=", ".join(lacking) or "-"
            ),
            Text("It takes: {names}.", "設定できるもの: {names}").fill(names=", ".join(known)),
        )
    return {name: _content(value) if known[name].form is not Form.WORD else value for name, value in given.items()}


def _content(named: str) -> str:
    path = Path(named)
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise not_opened(path, error) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            Text("{file} is no text file.", "{file} はテキストファイルではありません。").fill(file=path),
            Text("Certificates and tokens are text (PEM).", "証明書などはテキスト（PEM）で指定してください。"),
        ) from error


def _shown(kind: Kind, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings as others may see them; of what is secret or a file, only which one it is."""
    hidden = {one.name for one in kind.settings if one.form is not Form.WORD}
    return {name: _mark(value) if name in hidden else value for name, value in settings.items()}


def _mark(value: str) -> str:
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()[:16]}"
