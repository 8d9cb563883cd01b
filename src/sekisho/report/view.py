"""What a page shows, ready to be written: counted values become titles, numbers and the lengths of bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.countries import regions
from sekisho.figures import Breakdown, Check, Line, Public, Region, Row, Shield
from sekisho.model import ITEM_TITLES, REASONS, Item, Outcome, Reason
from sekisho.report.tops import shown
from sekisho.report.words import ANNOUNCED, BREACHES, OTHER_ITEMS, OUTCOMES, PROTECTIONS, SHIELDS, STATES, words
from sekisho.wording import language, printable

LISTED = 15  # documents that break a rule
UNREAD = (Outcome.PARTLY_READ, Outcome.LOCKED, Outcome.UNREADABLE, Outcome.UNSUPPORTED, Outcome.OVER_LIMIT)
LOCKS_THAT_COUNT = ("WEAK", "STRONG")
_SHIELD_ORDER = (Shield.UNPROTECTED, Shield.UNDETERMINED, Shield.PROTECTED)


@dataclass(frozen=True, slots=True)
class About:
    """Which scan a report is about. ``root`` is shown only with paths; times are ISO 8601.

    ``tops``: what is shown for top folders that are called after somebody.
    """

    scan: int
    root: str
    begun: str
    made: str
    version: str
    tops: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a bar: which shield it stands for (its colour), its number and its share of the whole (0..1)."""

    kind: str
    number: int
    share: float
    start: float
    title: str


def number(value: int | None) -> str:
    """Thousands apart; a dash where there is none."""
    return "–" if value is None else f"{value:,}"


def percent(share: float | None) -> str:
    """One decimal; never 0 % or 100 % for what is not."""
    if share is None:
        return "–"
    rounded = round(share * 100, 1)
    if (rounded in (0.0, 100.0)) and share not in (0.0, 1.0):
        return "<0.1%" if share < 0.5 else ">99.9%"
    return f"{rounded:g}%"


def size(count: int) -> str:
    """Bytes in the largest unit that leaves a whole number."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024:
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} TB"


def stacked(parts: Mapping[str, int]) -> list[Slice]:
    """A whole bar by shield, the worst first."""
    whole = sum(parts.values())
    slices: list[Slice] = []
    start = 0.0
    for shield in _SHIELD_ORDER:
        part = parts.get(shield, 0)
        if part:
            share = part / whole
            slices.append(Slice(str(shield), part, share, start, str(SHIELDS[shield])))
            start += share
    return slices


def item_names(items: Iterable[str]) -> list[str]:
    """The titles of items, exact or announced."""
    exact = {str(item): title for item, title in ITEM_TITLES.items()}
    return [str(ANNOUNCED.get(item) or exact[item]) for item in items]


def page(made: Breakdown, check: Check | None, about: About, *, with_paths: bool) -> dict[str, Any]:
    """Everything that the internal page shows."""
    return {
        "about": about,
        "made": made,
        "with_paths": with_paths,
        "unprotected_share": _share(made.totals.unprotected.records, made.totals.all.records),
        "open_documents": sum(one.documents for one in made.endings if one.outcome in UNREAD),
        "ask": _ask(made),
        "has_undetermined": made.totals.undetermined.records > 0,
        "table": [_row(row, made) for row in made.announced],
        "exact": [_row(row, made) for row in made.table],
        "rates": _rates(made),
        "locks": _locks(made),
        "by_number": _by_number(made),
        "centres": [_centre(one.name, one.counts, made) for one in made.centres],
        "issuers": _issuers(made.issuers),
        "residences": _residences(made.residences),
        "endings": [_ending(one) for one in sorted(made.endings, key=_ending_order)],
        "standings": [(str(STATES[one.state]), one) for one in made.standings],
        "conflicts": _conflicts(made),
        "check": check,
        "breaches": [(str(BREACHES[rule]), found) for rule, found in check.sums.items()] if check else [],
        "breaking": _breaking(check, about, with_paths) if check else [],
    }


def public_page(made: Public, about: About) -> dict[str, Any]:
    """Everything that the public page shows."""
    of_records = _filled(made.record_columns, made.records_by_items)
    of_persons = _filled(made.person_columns, made.persons_by_items)
    return {
        "about": about,
        "made": made,
        "record_columns": [_column(made.record_columns[at]) for at in of_records],
        "person_columns": [_column(made.person_columns[at]) for at in of_persons],
        "records_by_items": _named(made.records_by_items, _items_named, of_records),
        "persons_by_items": _named(made.persons_by_items, _items_named, of_persons),
        "records_by_centre": _named(
            made.records_by_centre, lambda name: printable(name[0]) or str(words()["root"]), of_records
        ),
        "persons_by_issuer": _named(
            _sorted(made.persons_by_issuer, lambda code: (not code, code)), lambda name: _issuer(name[0])
        ),
        "persons_by_residence": _named(
            _sorted(made.persons_by_residence, _place_of_residence), lambda name: _residence(name[0])
        ),
        "rates": _public_rates(made),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ask(made: Breakdown) -> dict[str, int]:
    return {
        "records": sum(one.ask_records for one in made.standings),
        "persons": sum(one.ask_persons for one in made.standings),
    }


def _row(row: Row, made: Breakdown) -> dict[str, Any]:
    notes = sorted(row.notes.items(), key=lambda note: list(OTHER_ITEMS).index(note[0]))
    return {
        "names": item_names(row.items),
        "counts": row.counts,
        "notes": [(str(OTHER_ITEMS[name]), count) for name, count in notes],
        "bar": _part_of(row.counts, made.totals.all.records),
    }


def _part_of(split: Any, whole: int) -> list[Slice]:
    """The records of a part, by shield, as long as their share of the whole."""
    share = split.all.records / whole if whole else 0
    parts = stacked({shield: split.of(shield).records for shield in Shield})
    return [Slice(one.kind, one.number, one.share * share, one.start * share, one.title) for one in parts]


def _rates(made: Breakdown) -> list[dict[str, Any]]:
    persons = {str(shield): sum(getattr(one, shield) for one in made.combinations) for shield in Shield}
    records = {str(shield): made.totals.of(shield).records for shield in Shield}
    rows = (
        ("by_files", made.worst_files, "files"),
        ("by_records", records, "records"),
        ("by_persons", persons, "persons"),
    )
    return [
        {"title": str(words()[title]), "bar": stacked(parts), "unit": str(words()[f"unit_{unit}"])}
        for title, parts, unit in rows
    ]


def _locks(made: Breakdown) -> list[dict[str, Any]]:
    order = list(PROTECTIONS)
    rows = sorted(made.locks, key=lambda one: (order.index(one.protection), one.password_beside))
    return [
        {
            "title": str(PROTECTIONS[one.protection]),
            "lock": one,
            "shield": str(SHIELDS[_shield(one)]),
            "kind": _shield(one),
        }
        for one in rows
    ]


def _shield(lock: Any) -> Shield:
    if lock.password_beside:
        return Shield.UNPROTECTED
    if lock.protection in LOCKS_THAT_COUNT:
        return Shield.PROTECTED
    return Shield.UNDETERMINED if lock.protection == "UNDETERMINED" else Shield.UNPROTECTED


def _by_number(made: Breakdown) -> list[dict[str, Any]]:
    most = max(made.persons_by_number_of_items.values(), default=1)
    return [
        {"title": str(words()["n_items"].fill(n=n)), "persons": persons, "share": persons / most}
        for n, persons in made.persons_by_number_of_items.items()
    ]


def _centre(name: str, counts: Any, made: Breakdown) -> dict[str, Any]:
    shown = printable(name) or str(words()["root"])
    return {"name": shown, "counts": counts, "bar": _part_of(counts, made.totals.all.records)}


def _issuers(found: Sequence[Region]) -> list[dict[str, Any]]:
    return _ranked([(_issuer(one.code), one) for one in sorted(found, key=lambda one: (not one.code, one.code))])


def _residences(found: Sequence[Region]) -> list[dict[str, Any]]:
    ordered = sorted(found, key=lambda one: _place_of_residence(one.code))
    return _ranked([(_residence(one.code), one) for one in ordered])


def _place_of_residence(code: str) -> int:
    """Its place in the official order; what is not known comes last."""
    order = list(regions.residences())
    return order.index(code) if code in order else len(order)


def _ranked(found: Sequence[tuple[str, Region]]) -> list[dict[str, Any]]:
    most = max((one.persons for _, one in found), default=0) or 1
    return [{"title": title, "persons": one.persons, "share": one.persons / most} for title, one in found]


def _issuer(code: str) -> str:
    if not code:
        return str(words()["no_number"])
    known = regions.issuer(code)
    name = str(known.name)
    if not name:
        return str(words()["no_issuer"].fill(code=printable(code)))
    return f"{code} {name}" if known.confirmed else f"{code} {name} (?)"


def _residence(code: str) -> str:
    return str(regions.residences()[code]) if code in regions.residences() else str(words()["no_residence"])


def _ending_order(one: Any) -> tuple[int, str]:
    return list(OUTCOMES).index(one.outcome), one.reason


def _ending(one: Any) -> dict[str, Any]:
    reason = str(REASONS[Reason(one.reason or "")])
    return {"outcome": str(OUTCOMES[one.outcome]), "reason": reason, "ending": one, "open": one.outcome in UNREAD}


def _conflicts(made: Breakdown) -> list[tuple[str, int]]:
    rows = ((str(ITEM_TITLES[Item(item)]), count) for item, count in made.conflicts.items())
    return sorted(rows, key=lambda row: -row[1])


def _breaking(check: Check, about: About, with_paths: bool) -> list[dict[str, Any]]:
    rows = check.table.sort_by([("records", "descending"), ("document_id", "ascending")]).slice(0, LISTED).to_pylist()
    return [
        {
            "name": printable(row["document"])
            if with_paths
            else _masked(shown(row["document"], about.tops), row["sha256"] or ""),
            "rule": str(BREACHES[row["rule"]]),
            "demanded": printable(row["demanded"]) if with_paths or row["rule"] != "too_wide" else "",
            "found": _found(row, with_paths),
            "records": row["records"],
        }
        for row in rows
    ]


def _found(row: Mapping[str, Any], with_paths: bool) -> str:
    if row["found"] in PROTECTIONS:
        return str(PROTECTIONS[row["found"]])
    return printable(row["found"]) if with_paths or row["rule"] == "overdue" else ""


def _masked(document: str, sha256: str) -> str:
    """The top folder, the ending and the first digits of the SHA-256 by which `sekisho export documents` has it."""
    folder = f"{document.split('/', 1)[0]}/" if "/" in document else ""
    ending = document.rpartition(".")[2] if "." in document.rpartition("/")[2] else ""
    known = f".{ending}" if ending.isascii() and ending.isalnum() and len(ending) <= 5 else ""
    return printable(f"{folder}…{known} {sha256[:12]}".strip())


def _column(shields: Sequence[str]) -> dict[str, str]:
    if len(shields) == len(Shield):
        return {"title": str(words()["all"]), "kind": "all"}
    between = "・" if language() == "ja" else " / "
    return {"title": between.join(str(SHIELDS[shield]) for shield in shields), "kind": shields[0]}


def _public_rates(made: Public) -> list[dict[str, Any]]:
    rates = [("by_files", stacked(made.worst_files), "files")]
    if len(made.record_columns) > 1 and made.records_by_items:
        sums = map(sum, zip(*(line.cells for line in made.records_by_items), strict=True))
        rates.append(
            ("by_records", stacked({c[0]: n for c, n in zip(made.record_columns, sums, strict=True)}), "records")
        )
    return [{"title": str(words()[t]), "bar": bar, "unit": str(words()[f"unit_{unit}"])} for t, bar, unit in rates]


def _sorted(lines: Sequence[Line], place: Callable[[str], Any]) -> list[Line]:
    """By what the place of their names is; all the others together come last."""
    named = [(place(line.name[0]), line) for line in lines if line.name]
    return [line for _, line in sorted(named, key=lambda one: one[0])] + [line for line in lines if line.name is None]


def _filled(columns: Sequence[Sequence[str]], lines: Sequence[Line]) -> list[int]:
    """The places of the columns; without that of unknown schemes, where there are none."""
    unknown = (Shield.UNDETERMINED,)
    return [at for at, one in enumerate(columns) if tuple(one) != unknown or any(line.cells[at] for line in lines)]


def _items_named(items: Iterable[str]) -> str:
    return ("・" if language() == "ja" else ", ").join(item_names(items))


def _named(lines: Sequence[Line], name: Any, columns: Sequence[int] = (0,)) -> list[dict[str, Any]]:
    most = max((line.total for line in lines), default=0) or 1
    return [
        {
            "title": str(words()["others"]) if line.name is None else name(line.name),
            "cells": [line.cells[at] for at in columns],
            "total": line.total,
            "share": line.total / most,
        }
        for line in lines
    ]
