"""What was counted, as frozen values: the table that is announced, its public variant, and the rules held against it.

Three things are counted and never mixed: files (ファイル, 個), records (延べ記録, 件) and persons (実人数, 人).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import pyarrow as pa


class Shield(StrEnum):
    """What a document's lock was worth.

    A password that lay beside it, a lock that opens for anyone and one that only hinders editing are worth nothing.
    """

    PROTECTED = "protected"
    UNPROTECTED = "unprotected"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Count:
    """``files``: top-level files; ``records``: as they lie, copies twice; ``persons``: settled or clustered ones.

    ``contents``: distinct records by what they say; ``unmatched``: records of which nobody can say whose they are.
    """

    files: int = 0
    records: int = 0
    persons: int = 0
    contents: int = 0
    unmatched: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """A count, and the same by shield.

    Records add up. A file or person that stands on several sides is counted on each of them and once in ``all``.
    """

    all: Count = field(default_factory=Count)
    protected: Count = field(default_factory=Count)
    unprotected: Count = field(default_factory=Count)
    undetermined: Count = field(default_factory=Count)

    def of(self, shield: Shield) -> Count:
        """The count under one shield."""
        return {
            Shield.PROTECTED: self.protected,
            Shield.UNPROTECTED: self.unprotected,
            Shield.UNDETERMINED: self.undetermined,
        }[shield]


@dataclass(frozen=True, slots=True)
class Row:
    """Records that hold exactly ``items``; ``announced`` rows take kana for a name, and so on (docs/report-json.md).

    ``notes``: how many of them also hold what (bank_account, ..., other).
    """

    items: tuple[str, ...]
    counts: Split
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Combination:
    """Persons of whom exactly ``items`` lie somewhere, all their records taken together.

    Each person is counted once, under the worst shield that one of their records had.
    """

    items: tuple[str, ...]
    persons: int
    protected: int
    unprotected: int
    undetermined: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How many documents ended so, how many of them are top-level files, and their bytes."""

    outcome: str
    reason: str
    documents: int
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Lock:
    """Documents with records under one protection, with or without its password beside: how many, in how many files."""

    protection: str
    password_beside: bool
    documents: int
    files: int
    records: int


@dataclass(frozen=True, slots=True)
class Centre:
    """What lies under one top folder; ``name`` is empty for the root itself."""

    name: str
    counts: Split


@dataclass(frozen=True, slots=True)
class Region:
    """Records and persons of one region: ``code`` as the number or address says it, empty where nothing does."""

    code: str
    records: int
    persons: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Records and persons of one state (settled, clustered, unmatched), and of these the ones to be asked about."""

    state: str
    records: int
    persons: int
    ask_records: int
    ask_persons: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Everything that was counted. docs/report-json.md says what each number means.

    ``worst_files``: files with records by their weakest document that has any.
    """

    files: int
    documents: int
    documents_with_records: int
    endings: tuple[Ending, ...]
    totals: Split
    worst_files: Mapping[str, int]
    table: tuple[Row, ...]
    announced: tuple[Row, ...]
    combinations: tuple[Combination, ...]
    centres: tuple[Centre, ...]
    issuers: tuple[Region, ...]
    residences: tuple[Region, ...]
    standings: tuple[Standing, ...]
    conflicts: Mapping[str, int]
    locks: tuple[Lock, ...]
    holders: int | None

    @property
    def protected_files_rate(self) -> float | None:
        """The share of files with personal data that were protected as a whole; None where there is none."""
        return _share(self.worst_files.get(Shield.PROTECTED, 0), self.totals.all.files)

    @property
    def protected_records_rate(self) -> float | None:
        """The share of records that stood in protected documents; None where there is none."""
        return _share(self.totals.protected.records, self.totals.all.records)

    @property
    def persons_by_number_of_items(self) -> dict[int, int]:
        """Number of items -> persons, in ascending order."""
        found: dict[int, int] = {}
        for one in self.combinations:
            found[len(one.items)] = found.get(len(one.items), 0) + one.persons
        return dict(sorted(found.items()))

    def as_json(self) -> dict[str, Any]:
        """Everything, with the derived numbers, as JSON-able values."""
        derived = {
            "protected_files_rate": self.protected_files_rate,
            "protected_records_rate": self.protected_records_rate,
            "persons_by_number_of_items": {str(n): p for n, p in self.persons_by_number_of_items.items()},
        }
        return asdict(self) | derived


@dataclass(frozen=True, slots=True)
class Leaked:
    """What a version of the leak master counts, as it is: not for the public.

    ``files``: with personal data, by their worst shield. ``records``, ``persons``: by announced items, by shield;
    ``also``: persons by a class of other items. ``undecided``: records of which nobody knows whose they are.
    ``open_documents``: those not read, or not wholly.
    """

    files: Mapping[str, int]
    records: Mapping[tuple[str, ...], Mapping[str, int]]
    persons: Mapping[tuple[str, ...], Mapping[str, int]]
    also: Mapping[str, int] = field(default_factory=dict)
    undecided: int = 0
    open_documents: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a public table: ``name`` is None for all the small ones together; ``cells`` by column."""

    name: tuple[str, ...] | None
    cells: tuple[int, ...]

    @property
    def total(self) -> int:
        """The sum of its cells."""
        return sum(self.cells)


@dataclass(frozen=True, slots=True)
class Public:
    """The public variant of a breakdown.

    ``columns``: which shields each cell counts; one column of all three where a split would show a small number.
    ``records`` and ``persons`` are None where they are more than none and fewer than ``below``.
    """

    below: int
    files: int
    files_with_records: int
    worst_files: Mapping[str, int]
    records: int | None
    persons: int | None
    record_columns: tuple[tuple[str, ...], ...]
    person_columns: tuple[tuple[str, ...], ...]
    records_by_items: tuple[Line, ...]
    persons_by_items: tuple[Line, ...]
    records_by_centre: tuple[Line, ...]
    persons_by_issuer: tuple[Line, ...]
    persons_by_residence: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """Everything as JSON-able values."""
        return asdict(self)


class Breach(StrEnum):
    """How a document breaks the rules."""

    UNPROTECTED = "unprotected"
    PASSWORD_BESIDE = "password_beside"  # noqa: S105
    TOO_WIDE = "too_wide"
    RIGHTS_UNKNOWN = "rights_unknown"
    OVERDUE = "overdue"


VIOLATIONS = pa.schema(
    [
        ("document_id", pa.int64()),
        ("document", pa.string()),
        ("file", pa.string()),
        ("sha256", pa.string()),
        ("rule", pa.string()),  # a `Breach`
        ("demanded", pa.string()),
        ("found", pa.string()),
        ("records", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Sum:
    """Documents, top-level files and records that break one rule."""

    documents: int
    files: int
    records: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A restricted folder as claimed, and in how many of its documents with personal data that is true."""

    folder: str
    readers: tuple[str, ...]
    documents: int
    true: int
    wider: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Check:
    """``documents``: how many with personal data were held against the rules; ``table``: `VIOLATIONS`."""

    documents: int
    breaking: int
    sums: Mapping[str, Sum]
    claims: tuple[Claim, ...]
    table: pa.Table

    def as_json(self) -> dict[str, Any]:
        """Everything but the table of documents, as JSON-able values."""
        return {
            "documents": self.documents,
            "breaking": self.breaking,
            "by_rule": {rule: asdict(found) for rule, found in self.sums.items()},
            "claims": [asdict(claim) for claim in self.claims],
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
