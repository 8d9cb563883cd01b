"""`sekisho incident add | show`: what is known of an incident, said fact by fact."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sekisho.errors import InputError, not_opened
from sekisho.incidents.belongs import is_somewhere
from sekisho.incidents.case import Known, Scope, read
from sekisho.incidents.kinds import EVIDENCE
from sekisho.incidents.saying import fact_of
from sekisho.model import DOCUMENTS
from sekisho.vault import Vault
from sekisho.vault.incidents import State
from sekisho.wording import Text, printable

ADD, SHOW = "incident.add", "incident.show"


def known(vault: Vault, incident: int) -> Known:
    """What is known of an incident, for what acts on it; raises InputError, VaultError."""
    return read(vault.case(incident).facts())


def shown(vault: Vault, incident: int) -> Known:
    """The same for somebody to look at, which the ledger says first; raises InputError, RightsError, VaultError."""
    vault.incidents().incident(incident)
    vault.log(SHOW, incident=incident)
    return known(vault, incident)


def say(vault: Vault, incident: int, kind: str, /, **given: Any) -> int:
    """Say a fact of an open incident; gives its number. Raises InputError, RightsError, VaultError.

    ``given``: its fields (`incidents.kinds`) as texts or values; ``instead_of``: the fact in whose place it stands.
    """
    vault.demand(ADD)
    demand_open(vault, incident)
    fact = fact_of(kind, given, known(vault, incident))
    if kind in ("documents", "nobody_in"):
        _look_at_scan(vault, incident, fact["scan"])
        _look_at_folder(vault, fact)
    return vault.case(incident).say(ADD, kind, fact)


def say_evidence(vault: Vault, incident: int, path: Path, /, **given: Any) -> int:
    """Say that a file is evidence, with its hash and size as they are now; its bytes stay where they are.

    Raises InputError, RightsError, VaultError.
    """
    vault.demand(ADD)
    sha256, size = digest_of(path)
    if given.get("sha256") not in (None, sha256):
        raise InputError(
            Text("{file} has another SHA-256.", "{file} の SHA-256 が異なります。").fill(file=path),
            Text("It is: {sha256}.", "実際の値: {sha256}。").fill(sha256=sha256),
        )
    said = {**given, "sha256": sha256, "size": size, "name": given.get("name") or path.name}
    return say(vault, incident, EVIDENCE.name, **said)


def digest_of(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file and its size; raises InputError where it cannot be read, or is no file."""
    if path.exists() and not path.is_file():
        raise InputError(
            Text("{file} is no file.", "{file} はファイルではありません。").fill(file=path),
            Text("Evidence is taken file by file.", "証拠はファイルごとに記録します。"),
        )
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return sha256, file.tell()
    except OSError as error:
        raise not_opened(path, error) from error


def scope_found(vault: Vault, incident: int, number: int) -> int:
    """How many of the hashes of a fact are of documents of its scan; the others no scan saw, so nobody read them."""
    scope = next(one for one in known(vault, incident).facts if one.number == number)
    there = vault.scan(scope.values["scan"]).read("documents", DOCUMENTS, ["sha256"])["sha256"].unique()
    return len(set(scope.values["hashes"]) & set(there.to_pylist()))


def demand_open(vault: Vault, incident: int) -> None:
    """Raises InputError where it is not open any more."""
    if vault.incidents().incident(incident).state is not State.OPEN:
        raise InputError(
            Text("Incident {n} is not open.", "事案{n}は対応中ではありません。").fill(n=incident),
            Text("`sekisho incident list` shows them.", "`sekisho incident list` で確かめてください。"),
        )


def hashes_in(path: Path) -> list[str]:
    """The hashes in a file, the first word of each line, as sha256sum writes them; raises InputError."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(
            Text("{file} is no list of hashes.", "{file} はハッシュの一覧ではありません。").fill(file=path),
            Text("One SHA-256 a line, as `sha256sum` writes them.", "`sha256sum` の形式（1行に1件）にしてください。"),
        ) from error
    except OSError as error:
        raise not_opened(path, error) from error
    found = [line.split()[0].lstrip("\\") for line in lines if line.strip()]
    if not found:
        raise InputError(
            Text("{file} names no hash.", "{file} にハッシュがありません。").fill(file=path),
            Text("One SHA-256 a line, as `sha256sum` writes them.", "`sha256sum` の形式（1行に1件）にしてください。"),
        )
    return found


def _look_at_folder(vault: Vault, fact: Mapping[str, Any]) -> None:
    """Raises InputError where no document lies in a folder: a slip in its name would leave its persons out."""
    folder, number = fact.get("folder"), fact["scan"]
    if not folder:
        return
    scan = vault.scan(number)
    if not is_somewhere(Scope(number, folder), scan.read("documents", DOCUMENTS, ["document", "sha256"])):
        raise InputError(
            Text("No document of scan {n} lies in that folder.", "走査{n}の文書は、そのフォルダーにありません。").fill(
                n=number
            ),
            Text("As it is called below {root}.", "{root} の下での名前を指定してください。").fill(
                root=printable(scan.about.root)
            ),
        )


def _look_at_scan(vault: Vault, incident: int, number: int) -> None:
    about = vault.scan(number).about
    if about.finished is None or about.incident not in (None, incident):
        raise InputError(
            Text(
                "Scan {n} is not finished, or belongs to another incident.",
                "走査{n}は完了していないか、別の事案のものです。",
            ).fill(n=number),
            Text("`sekisho vault list` shows the scans.", "`sekisho vault list` で確かめてください。"),
        )
