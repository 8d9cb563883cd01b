"""What the organisation's own rules demand of documents with personal data: rules.toml, documented in docs/rules.md."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any

from sekisho.errors import InputError, not_opened
from sekisho.model import Protection
from sekisho.protect.rights import OWNER
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Restricted:
    """A folder (glob, from the scanned root) that is said to be open to ``readers`` only."""

    folder: str
    readers: frozenset[str]

    def holds(self, file: str) -> bool:
        """Whether a file lies in it."""
        return fnmatchcase(file, self.folder.rstrip("/") + "/*")


@dataclass(frozen=True, slots=True)
class Mending:
    """What may be done about documents that break the rules; documented in docs/protect.md.

    ``move_to``: a folder, from the scanned root or absolute, empty for none. ``note``: a text that is left where a
    file lay, empty for none. ``undo_days``: how long it can be undone.
    """

    encrypt: bool = True
    move_to: str = "sekisho-restricted"
    note: str = ""
    delete_overdue: bool = False
    undo_days: int = 30


@dataclass(frozen=True, slots=True)
class Rules:
    """``counts``: names of the protections that count; ``days`` until deletion, None for no deadline."""

    counts: frozenset[str] = frozenset({Protection.STRONG.name, Protection.WEAK.name})
    password_beside_counts: bool = False
    days: int | None = None
    restricted: tuple[Restricted, ...] = ()
    mending: Mending = Mending()

    def claims(self) -> tuple[Restricted, ...]:
        """The restricted folders, and the one that files are moved to: only its owner's where nothing else is said."""
        target = self.mending.move_to.strip("/")
        said = {claim.folder for claim in self.restricted}
        if not target or self.mending.move_to.startswith("/") or target in said:
            return self.restricted
        return (*self.restricted, Restricted(target, frozenset({OWNER})))


def read_rules(path: Path | None = None) -> Rules:
    """The rules in a file, or the ones that come with the program; raises InputError for a file that is none."""
    try:
        text = resources.files("sekisho.protect").joinpath("rules.toml").read_text() if path is None else _text(path)
        return _rules(tomllib.loads(text))
    except OSError as error:
        raise not_opened(path or Path(), error) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, BadRuleError) as error:
        raise InputError(
            Text("{file} holds no valid rules: {why}", "{file} の規則が正しくありません: {why}").fill(
                file=path, why=str(error)
            ),
            Text(
                "docs/rules.md in the project shows a valid file.", "書き方はプロジェクトの docs/rules.md にあります。"
            ),
        ) from error


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


class BadRuleError(ValueError):
    """One line of the rules is not valid."""


_KNOWN = {
    "protection": {"counts", "password_beside_counts"},
    "deletion": {"days"},
    "restricted": {"folder", "readers"},
    "mending": {"encrypt", "move_to", "note", "delete_overdue", "undo_days"},
}


def _rules(said: Mapping[str, Any]) -> Rules:
    for name, section in said.items():
        if name not in _KNOWN:
            raise BadRuleError(f"[{name}]")
        for one in section if isinstance(section, list) else [section]:
            _only_known(name, one)
    protection, deletion = said.get("protection", {}), said.get("deletion", {})
    standard = Rules()
    return Rules(
        counts=_locks(protection.get("counts", list(standard.counts))),
        password_beside_counts=_is(bool, protection.get("password_beside_counts", False), "password_beside_counts"),
        days=_days(deletion.get("days", 0)),
        restricted=tuple(_restricted(one) for one in _is(list, said.get("restricted", []), "[[restricted]]")),
        mending=_mending(said.get("mending", {})),
    )


def _mending(said: Mapping[str, Any]) -> Mending:
    standard = Mending()
    made = Mending(
        encrypt=_is(bool, said.get("encrypt", standard.encrypt), "encrypt"),
        move_to=_is(str, said.get("move_to", standard.move_to), "move_to"),
        note=_is(str, said.get("note", standard.note), "note"),
        delete_overdue=_is(bool, said.get("delete_overdue", standard.delete_overdue), "delete_overdue"),
        undo_days=_is(int, said.get("undo_days", standard.undo_days), "undo_days"),
    )
    if made.undo_days < 0:
        raise BadRuleError(f"undo_days: {made.undo_days}")
    return made


def _only_known(name: str, section: object) -> None:
    unknown = set(_is(dict, section, name)) - _KNOWN[name]
    if unknown:
        raise BadRuleError(f"[{name}] {', '.join(sorted(unknown))}")


def _locks(said: object) -> frozenset[str]:
    names = frozenset(map(str, _is(list, said, "counts")))
    unknown = names - {lock.name for lock in Protection}
    if unknown:
        raise BadRuleError(f"counts: {', '.join(sorted(unknown))}")
    return names


def _days(said: object) -> int | None:
    days = _is(int, said, "days")
    if days < 0:
        raise BadRuleError(f"days: {days}")
    return days or None


def _restricted(said: Mapping[str, Any]) -> Restricted:
    readers = _is(list, said.get("readers"), "readers")
    folder = _is(str, said.get("folder"), "folder")
    if not folder.strip("/"):
        raise BadRuleError("folder: empty")
    return Restricted(folder.strip("/"), frozenset(str(reader).casefold() for reader in readers))


def _is(kind: type, value: Any, name: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadRuleError(f"{name}: {value!r}")
    return value
