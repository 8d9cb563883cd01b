"""An evidence bundle for an outsider: files, what was said of them, and proofs; it verifies without vault or network.

``bundle.json`` says what is in it. Each fact stands there with the key of its commitment, so that the entry of the
ledger that says it, whose proof lies beside, can be held against it. The last entry is that of the bundle itself, which
names the SHA-256 of ``bundle.json``.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sekisho.errors import InputError, not_opened
from sekisho.ledger.note import NoteError
from sekisho.ledger.policy import Policy, PolicyError
from sekisho.ledger.proof import SUFFIX, Proof, witnesses_of
from sekisho.ledger.tree import ProofError
from sekisho.vault.acts import canonical, commitment
from sekisho.vault.case import FACTS
from sekisho.wording import Text

FORMAT = "sekisho-evidence-bundle@1"
MANIFEST, FILES, PROOFS, POLICY = "bundle.json", "files", "proofs", "policy.txt"
SUMS, README = "SHA256SUMS", "README.txt"
PAPERS = (README, POLICY)
BUNDLE = f"{PROOFS}/bundle{SUFFIX}"
ACTION = "incident.bundle"
MOST_BYTES = 64 << 20
"""The longest ``bundle.json``."""
_LONGEST_NAME = 80
_NAME = 66
"""Where the name begins in a line of ``SHA256SUMS``."""
_BAD = re.compile(r'[\x00-\x1f<>:"/\\|?*\x7f]')


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a bundle: the file in it, and what of it."""

    path: str
    says: Text


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle that was looked at; ``witnesses``: who but the ledger's key signed, and when (seconds since 1970)."""

    incident: int
    made: str
    party: str
    files: int
    facts: int
    witnesses: Mapping[str, int]
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Look:
    """What is looked at: the ``folder``, whom to believe, and what was found."""

    folder: Path
    policy: Policy
    faults: list[Fault] = field(default_factory=list)
    witnesses: dict[str, int] = field(default_factory=dict)

    def wrong(self, path: str, says: Text) -> None:
        self.faults.append(Fault(path, says))


def proof_name(entry: int) -> str:
    """Where the proof of an entry lies."""
    return f"{PROOFS}/entry-{entry}{SUFFIX}"


def file_name(number: int, name: str) -> str:
    """Where a file lies: under its number, and its name as far as any system takes that."""
    plain = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    safe = _BAD.sub("_", plain).strip(". ")[-_LONGEST_NAME:]
    return f"{FILES}/{number:04}-{safe or 'file'}"


def check(folder: Path, policy: Policy) -> Checked:
    """Look at all of a bundle; ``policy``: whom to believe, from another way than the bundle. Raises InputError."""
    raw = _read(folder / MANIFEST)
    said = _parsed(raw)
    look = _Look(folder, policy)
    _look_at_files(look, said["files"])
    _look_at_facts(look, said)
    _look_at_evidence(look, said)
    _look_at_itself(look, said, raw)
    _look_at_papers(look, said["papers"])
    _look_at_rest(look, said)
    _look_at_sums(look, said)
    head = (said["incident"], said["made"], said["party"], len(said["files"]), len(said["facts"]))
    return Checked(*head, look.witnesses, tuple(look.faults))


def _read(path: Path) -> bytes:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise _none(path)
        return path.read_bytes()
    except OSError as error:
        raise not_opened(path, error) from error


def _none(path: Path) -> InputError:
    return InputError(
        Text("{path} is no evidence bundle.", "{path} は証拠一式ではありません。").fill(path=path),
        Text("Name the folder that holds bundle.json.", "bundle.json のあるフォルダーを指定してください。"),
    )


def _parsed(raw: bytes) -> dict[str, Any]:
    """The manifest, of the form that it must have; raises InputError."""
    try:
        said = json.loads(raw)
        if said["format"] != FORMAT or canonical(said) != raw:
            raise ValueError(FORMAT)
        _ = (int(said["incident"]), str(said["made"]), str(said["party"]))
        for one in said["files"]:
            _ = (str(one["path"]), str(one["sha256"]), int(one["size"]))
        _ = [str(said["papers"][name]) for name in PAPERS]
        for one in said["facts"]:
            _ = (int(one["fact"]), str(one["kind"]), dict(one["said"]), int(one["entry"]), bytes.fromhex(one["key"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _none(Path(MANIFEST)) from error
    else:
        return dict(said)


def _look_at_files(look: _Look, files: list[dict[str, Any]]) -> None:
    for one in files:
        path = one["path"]
        if not re.fullmatch(rf"{FILES}/[^/\\]+", path) or path.endswith("/.."):
            look.wrong(path, _OUTSIDE)
            continue
        found = look.folder / path
        if found.is_symlink() or not found.is_file():
            look.wrong(path, _MISSING)
        elif found.stat().st_size != one["size"] or sha256_of(found) != one["sha256"]:
            look.wrong(path, _CHANGED)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sum_of(folder: Path, name: str) -> str:
    """A line of ``SHA256SUMS``; raises OSError."""
    return f"{sha256_of(folder / name)}  {name}\n"


def _look_at_facts(look: _Look, said: Mapping[str, Any]) -> None:
    """Hold each fact against its entry."""
    for one in said["facts"]:
        path = proof_name(one["entry"])
        entry = _entry(look, path)
        if entry is None:
            continue
        right = commitment(bytes.fromhex(one["key"]), canonical([one["kind"], one["said"]]))
        if entry.get("incident") != said["incident"] or [one["fact"], right] not in _more(entry).get(FACTS, ()):
            look.wrong(path, _OTHER_FACT)


def _more(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    more = entry.get("more")
    return more if isinstance(more, dict) else {}


def _entry(look: _Look, path: str) -> dict[str, Any] | None:
    """What a proved entry says; None where the proof does not hold, which is said."""
    found = look.folder / path
    if found.is_symlink() or not found.is_file() or found.stat().st_size > MOST_BYTES:
        look.wrong(path, _MISSING)
        return None
    try:
        proof = Proof.of(found.read_bytes())
        signed = proof.check(look.policy)
        entry = json.loads(proof.entry)
        look.witnesses |= witnesses_of(signed, look.policy.log(signed.checkpoint.origin))
        return dict(entry)
    except (NoteError, ProofError, PolicyError, ValueError, TypeError) as error:
        look.wrong(path, _PROVES_NOTHING.fill(why=error))
        return None


def _look_at_evidence(look: _Look, said: Mapping[str, Any]) -> None:
    """Each file is one that a fact in the bundle calls evidence."""
    known = {one["said"].get("sha256") for one in said["facts"] if one["kind"] == "evidence"}
    for one in said["files"]:
        if one["sha256"] not in known:
            look.wrong(one["path"], _NO_EVIDENCE)


def _look_at_itself(look: _Look, said: Mapping[str, Any], raw: bytes) -> None:
    entry = _entry(look, BUNDLE)
    if entry is None:
        return
    told = (entry.get("action"), entry.get("incident"), _more(entry).get("manifest"))
    if told != (ACTION, said["incident"], hashlib.sha256(raw).hexdigest()):
        look.wrong(MANIFEST, _CHANGED)


def _look_at_papers(look: _Look, papers: Mapping[str, str]) -> None:
    for name in PAPERS:
        found = look.folder / name
        if found.is_symlink() or not found.is_file():
            look.wrong(name, _MISSING)
        elif sha256_of(found) != papers[name]:
            look.wrong(name, _CHANGED)


def _look_at_rest(look: _Look, said: Mapping[str, Any]) -> None:
    """Files that lie there and that nothing names."""
    named = _named(said) | {SUMS}
    for path in sorted(look.folder.rglob("*")):
        name = path.relative_to(look.folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and name not in named:
            look.wrong(name, _UNNAMED)


def _named(said: Mapping[str, Any]) -> set[str]:
    """All files that have a line in ``SHA256SUMS``."""
    named = {one["path"] for one in said["files"]} | {MANIFEST, *PAPERS, BUNDLE}
    return named | {proof_name(one["entry"]) for one in said["facts"]}


def _look_at_sums(look: _Look, said: Mapping[str, Any]) -> None:
    """Hold ``SHA256SUMS`` against the files of which nothing wrong was found."""
    found = look.folder / SUMS
    if found.is_symlink() or not found.is_file():
        look.wrong(SUMS, _MISSING)
        return
    *lines, rest = found.read_bytes().decode(errors="replace").split("\n")
    told = {line[_NAME:]: f"{line}\n" for line in lines}
    named = _named(said)
    whole = named - {one.path for one in look.faults}
    right = all(told.get(name) == sum_of(look.folder, name) for name in whole)
    if rest or len(lines) != len(named) or told.keys() != named or not right:
        look.wrong(SUMS, _CHANGED)


_OUTSIDE = Text("lies outside of the bundle", "証拠一式の外を指しています")
_MISSING = Text("is missing", "ありません")
_CHANGED = Text("is not what was handed over", "引き渡されたものと異なります")
_OTHER_FACT = Text("speaks of another fact", "別の事実の証明です")
_PROVES_NOTHING = Text("proves nothing: {why}", "証明になりません: {why}")
_NO_EVIDENCE = Text("no fact calls it evidence", "証拠とする事実がありません")
_UNNAMED = Text("is not part of it", "証拠一式に含まれないファイルです")
