"""What a version of the leak master counts: persons, records, files, and what may still come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow
from sekisho.incidents.assemble import Assembled, Found
from sekisho.incidents.belongs import Belonging
from sekisho.incidents.difference import Difference


def tally(
    tables: Mapping[str, pa.Table], found: Found, belonging: Belonging, differs: Difference, made: Assembled
) -> dict[str, Any]:
    """What a version counts, for its account: nobody's data."""
    master, facts = from_arrow(tables["master"]), found.facts
    return {
        "persons": master.height,
        "persons_by_state": _counts(master, "state"),
        "persons_by_class": {
            name: int(master["classes"].str.split("+").list.contains(name).sum()) for name in _classes(master)
        },
        "records": facts.height,
        "records_by_state": _counts(facts, "state"),
        "records_of_persons": int(master["records"].sum()),
        "files": _files(belonging.places.join(facts.select("doc").unique(), on="doc", how="semi")),
        "files_in_all": _files(belonging.places),
        "documents": belonging.places.height,
        "documents_seen_twice": belonging.twice,
        "scans": sorted(belonging.places["scan"].unique()),
        "may_still_come": _may_still_come(tables, belonging),
        "difference": {"persons_before": differs.before, **differs.counts(), "split": made.split},
    }


def _files(places: pl.DataFrame) -> int:
    return places.select("scan", "file").n_unique()


def _classes(master: pl.DataFrame) -> list[str]:
    return sorted(set(master["classes"].unique().str.split("+").explode(empty_as_null=True).drop_nulls()) - {""})


def _may_still_come(tables: Mapping[str, pa.Table], belonging: Belonging) -> dict[str, Any]:
    unread, open_records = from_arrow(tables["unread"]), from_arrow(tables["open"])
    return {
        "documents": unread.height,
        "documents_ruled_out": belonging.ruled_out(),
        "documents_by_outcome": _counts(unread, "outcome"),
        "bytes": int(unread["size"].sum()),
        "records": open_records.height,
        "records_by_state": _counts(open_records, "state"),
        "records_of_nobody": int(open_records["person"].is_null().sum()),
    }


def _counts(rows: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(rows.group_by(column).len().sort(column).iter_rows())
