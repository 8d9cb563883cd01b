"""What earlier scans of the same folder found and what of it still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.flow.fingerprint import of_code
from sekisho.model import Limits, SourceFile
from sekisho.vault import Scan, Vault
from sekisho.vault.intake import DOCUMENT_BITS, FILES, PASSWORDS


@dataclass(frozen=True, slots=True)
class Known:
    """A file as an earlier scan found it; ``waits``: another password could change that."""

    scan: Scan
    number: int
    size: int
    modified_ns: int
    inode: int
    sha256: str
    waits: bool

    def is_same(self, file: SourceFile) -> bool:
        """Whether the file still is what it was, as far as the file system says."""
        return (self.size, self.modified_ns, self.inode) == (file.size, file.modified_ns, file.inode)


class Earlier:
    """The scans of one root, back to the last finished one, as far as they were made under the same ``settings``.

    ``decisions`` are those of now, by block and subject: files that hold a block decided otherwise do not hold.
    """

    def __init__(
        self, vault: Vault, root: str, settings: str, decisions: Mapping[str, str], incident: int | None = None
    ) -> None:
        """``incident``: nothing goes from the scans of one to those of another, as each may be forgotten alone."""
        self._known: dict[str, Known] = {}
        self._tried: dict[int, frozenset[str]] = {}
        scans = [
            scan for scan in _back_to_the_last_finished(vault, root, incident) if scan.note("settings") == settings
        ]
        for scan in reversed(scans):
            blocks = _changed_blocks(scan.note("decisions") or {}, decisions)
            self._know(scan, _files_with(scan, blocks))

    def find(self, file: SourceFile) -> Known | None:
        """What is known of a file that did not change; None where it must be read."""
        known = self._known.get(file.document)
        return known if known is not None and known.is_same(file) else None

    def passwords(self, known: Iterable[Known]) -> list[tuple[str, str]]:
        """The documents and passwords that the files in ``known`` held."""
        wanted: dict[int, tuple[Scan, set[int]]] = {}
        for one in known:
            wanted.setdefault(one.scan.about.scan, (one.scan, set()))[1].add(one.number)
        return [
            (row["document"], row["password"])
            for scan, numbers in wanted.values()
            for row in scan.read("passwords", PASSWORDS).to_pylist()
            if row["file"] in numbers
        ]

    def tried(self, known: Known) -> frozenset[str]:
        """Marks of the passwords that were tried on what waits; none where the scan was killed."""
        number = known.scan.about.scan
        if number not in self._tried:
            self._tried[number] = frozenset(known.scan.note("tried") or ())
        return self._tried[number]

    def _know(self, scan: Scan, without: frozenset[int]) -> None:
        for row in scan.read("files", FILES).to_pylist():
            was_read = bool(row["sha256"])
            if row["file"] in without or row["passing"] or not was_read:
                self._known.pop(row["document"], None)
                continue
            self._known[row["document"]] = Known(
                scan, row["file"], row["size"], row["modified_ns"], row["inode"], row["sha256"], row["waits"]
            )


@cache
def reading_settings(limits: Limits) -> str:
    """A fingerprint of all that reads: the code of the reading rooms and the limits. What another read is read anew."""
    code = of_code("documents", "records", "countries")
    return hashlib.sha256(f"{limits!r} {code}".encode()).hexdigest()


def _back_to_the_last_finished(vault: Vault, root: str, incident: int | None) -> list[Scan]:
    """Scans of ``root``, newest first: killed ones and the last that was finished."""
    found = []
    for about in reversed([a for a in vault.scans() if (a.root, a.incident) == (root, incident)]):
        found.append(vault.scan(about.scan))
        if about.finished:
            break
    return found


def _changed_blocks(then: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The blocks about which something else is decided now; decisions go by ``block<TAB>subject``."""
    changed = {key for key in then.keys() | now.keys() if then.get(key) != now.get(key)}
    return frozenset(key.split("\t")[0] for key in changed)


def _files_with(scan: Scan, blocks: frozenset[str]) -> frozenset[int]:
    """The numbers of the files that hold one of ``blocks``."""
    if not blocks:
        return frozenset()
    wanted = pa.array(sorted(blocks), pa.string())
    numbers: set[int] = set()
    for table in ("doubts", "records"):
        for part in scan.batches(table, ["document_id", "block"]):
            held = part.filter(pc.is_in(part["block"].cast(pa.string()), value_set=wanted))
            numbers.update(pc.unique(pc.shift_right(held["document_id"], DOCUMENT_BITS)).to_pylist())
    return frozenset(numbers)
