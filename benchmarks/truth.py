"""Holds an export against the truth of an invented estate.

    python -m benchmarks.truth ESTATE --records records.parquet --documents documents.parquet

ESTATE is the folder that holds ``truth/``, or that folder itself. A record is *found* if a record of the same
document is matched to it on an identifying item; *complete* if all items are equal and none is extra; *false* if
no true record matches it.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.matching import ITEMS, differences, match, places, read_records, renamed
from benchmarks.tables import by_sekisho, counted, differing

BARS = {"found": 99.5, "complete": 99.0, "false": 0.1, "outcome": 100.0, "protection": 100.0}
TABLE_BAR = 0.5  # percent that a cell of the table may be off


def truth_folder(estate: Path) -> Path:
    return estate / "truth" if (estate / "truth").is_dir() else estate


def hold(estate: Path, records: Path, documents: Path) -> dict[str, Any]:
    """Everything that is measured, as a JSON-able value."""
    folder = truth_folder(estate)
    true_documents, got_documents = _read_documents(folder / "documents.parquet"), _read_documents(documents)
    truth, found = read_records(folder / "records.parquet"), read_records(records)
    names = renamed(true_documents, got_documents)
    got_documents, found = (f.with_columns(pl.col("document").replace(names)) for f in (got_documents, found))
    known = true_documents.join(got_documents, on="document")["document"]
    truth = truth.with_columns(place=places(truth, known))
    found = found.with_columns(place=places(found, known))
    pairs = match(truth, found)
    held = truth.join(pairs, on="row", how="left").join(
        true_documents.select("document", "layout", "kind"), on="document"
    )
    false = found.join(pairs.select(row="found"), on="row", how="anti")
    return {
        "records": _totals(truth, found, pairs, false),
        "documents": _documents(true_documents, got_documents),
        "decoys": _decoys(true_documents, found),
        "table": _table((truth, true_documents), (found, got_documents)),
        "layouts": _layouts(held, false, true_documents),
        "failures": _failures(truth, found, pairs, held),
        "false": _examples(false.select("document", "locator", *ITEMS, "others"), 10),
    }


def _read_documents(path: Path) -> pl.DataFrame:
    """The documents of an export or of a truth; what a truth made elsewhere need not tell is empty."""
    frame = pl.read_parquet(path)
    texts = ("kind", "layout", "outcome", "reason", "protection", "algorithm")
    return frame.with_columns(
        pl.col(c).cast(pl.String) if c in frame.columns else pl.lit("").alias(c) for c in texts
    ).with_columns(pl.col("password_beside").fill_null(False))


def share(part: int, whole: int) -> float:
    return round(100 * part / whole, 3) if whole else 100.0


def _totals(truth: pl.DataFrame, found: pl.DataFrame, pairs: pl.DataFrame, false: pl.DataFrame) -> dict[str, Any]:
    """Counts, and their shares in percent: of the true records, for false ones of the exported."""
    complete = int(pairs["complete"].sum())
    return {
        "true": truth.height,
        "exported": found.height,
        "found": pairs.height,
        "complete": complete,
        "false": false.height,
        "found_percent": share(pairs.height, truth.height),
        "complete_percent": share(complete, truth.height),
        "false_percent": share(false.height, found.height),
    }


def _table(true: tuple[pl.DataFrame, pl.DataFrame], got: tuple[pl.DataFrame, pl.DataFrame]) -> dict[str, Any]:
    """How far the cells of the table are off, counted from the exported records and their persons."""
    if "person" not in got[0].columns:
        return {"cells": 0, "within": None, "worst": []}
    cells = counted(*true)
    off = differing(cells, counted(*got))
    beyond = sum(cell["off"] > TABLE_BAR for cell in off)
    whole = 3 * cells.height
    return {"cells": whole, "within": share(whole - min(beyond, whole), whole), "worst": off[:20]}


def _documents(true: pl.DataFrame, got: pl.DataFrame) -> dict[str, Any]:
    both = true.join(got, on="document", how="left", suffix="_got")
    said: dict[str, Any] = {
        "true": true.height,
        "got": got.height,
        "missing": _examples(true.join(got, on="document", how="anti").select("document", "kind", "layout"), 20),
        "unexpected": _examples(got.join(true, on="document", how="anti").select("document", "kind", "outcome"), 20),
    }
    for column in ("outcome", "reason", "protection", "password_beside"):
        same = both[column].eq_missing(both[f"{column}_got"])
        said[column] = share(int(same.sum()), true.height)
        wrong = both.filter(~same).select("document", "layout", column, f"{column}_got")
        said[f"{column}_wrong"] = _examples(wrong, 20)
    return said


def _decoys(true: pl.DataFrame, found: pl.DataFrame) -> dict[str, Any]:
    empty = true.filter(pl.col("records") == 0).select("document", "layout")
    hit = (
        found.join(empty, on="document").group_by("document", "layout").len("records").sort("records", descending=True)
    )
    return {
        "documents": empty.height,
        "with_records": hit.height,
        "records": int(hit["records"].sum()),
        "examples": _examples(hit, 20),
    }


def _layouts(held: pl.DataFrame, false: pl.DataFrame, documents: pl.DataFrame) -> list[dict[str, Any]]:
    wrong = false.join(documents.select("document", "layout", "kind"), on="document", how="left")
    counted = wrong.group_by("layout", "kind").len("false")
    rows = (
        held.group_by("layout", "kind")
        .agg(
            pl.len().alias("records"),
            found=(pl.col("complete").is_not_null().mean() * 100).round(2),
            complete=(pl.col("complete").fill_null(False).mean() * 100).round(2),
        )
        .join(counted, on=["layout", "kind"], how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("false").fill_null(0))
        .sort("complete", "found", "layout", "kind", nulls_last=False)
    )
    return rows.to_dicts()


def _failures(
    truth: pl.DataFrame, found: pl.DataFrame, pairs: pl.DataFrame, held: pl.DataFrame
) -> list[dict[str, Any]]:
    """For each layout what goes wrong, most often first, with an example."""
    where = held.select("row", "layout", "kind", "document", "locator")
    lost = held.filter(pl.col("complete").is_null()).select(
        "row", item=pl.lit("record"), how=pl.lit("lost"), true=pl.col("whole").str.replace_all("\x1f+", " "),
        got=pl.lit(None, pl.String),
    )  # fmt: skip
    wrong = pl.concat([differences(truth, found, pairs), lost]).join(where, on="row")
    grouped = wrong.group_by("layout", "kind", "item", "how").agg(
        pl.len().alias("times"), pl.col("document", "locator", "true", "got").first()
    )
    return grouped.sort("times", "layout", descending=[True, False]).to_dicts()


def _examples(frame: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if v not in (None, "")} for row in frame.head(most).to_dicts()]


def table(estate: Path) -> pl.DataFrame:
    """The truth's own table, as `benchmarks.tables` counts it."""
    folder = truth_folder(estate)
    return counted(read_records(folder / "records.parquet"), pl.read_parquet(folder / "documents.parquet"))


def report(said: dict[str, Any], most: int) -> str:
    """The same for people."""
    records, documents, decoys = said["records"], said["documents"], said["decoys"]
    lines = [
        f"records   true {records['true']:,}  exported {records['exported']:,}  found {records['found_percent']} %  "
        f"complete {records['complete_percent']} %  false {records['false_percent']} % ({records['false']})",
        f"documents true {documents['true']:,}  got {documents['got']:,}  outcome {documents['outcome']} %  reason "
        f"{documents['reason']} %  protection {documents['protection']} %  "
        f"password_beside {documents['password_beside']} %",
        f"decoys    {decoys['documents']:,} documents without records; "
        f"{decoys['with_records']} of them gave {decoys['records']}",
        f"table     {said['table']['within']} % of {said['table']['cells']} cells within {TABLE_BAR} %",
        "",
        f"{'layout':<24}{'kind':<10}{'records':>9}{'found':>8}{'complete':>9}{'false':>7}",
    ]
    for row in said["layouts"]:
        if row["complete"] != 100 or row["false"]:
            shown = [str(row[c]) for c in ("records", "found", "complete", "false")]
            lines.append(
                f"{row['layout']!s:<24}{row['kind']!s:<10}{shown[0]:>9}{shown[1]:>8}{shown[2]:>9}{shown[3]:>7}"
            )
    for title, rows in (("failures", said["failures"]), ("false", said["false"]), ("table", said["table"]["worst"])):
        lines += ["", title, *(f"  {_line(row)}" for row in rows[:most])]
    for key in ("missing", "unexpected", "outcome_wrong", "reason_wrong", "protection_wrong", "password_beside_wrong"):
        if documents[key]:
            lines += ["", f"documents: {key}", *(f"  {_line(row)}" for row in documents[key])]
    if decoys["examples"]:
        lines += ["", "decoys taken for records", *(f"  {_line(row)}" for row in decoys["examples"])]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    return "  ".join(f"{k}={v}" for k, v in row.items() if v is not None).replace("\x1e", " | ")


def holds(said: dict[str, Any]) -> bool:
    """Whether every bar is met."""
    records, documents = said["records"], said["documents"]
    return (
        records["found_percent"] >= BARS["found"]
        and records["complete_percent"] >= BARS["complete"]
        and records["false_percent"] <= BARS["false"]
        and not said["decoys"]["records"]
        and documents["outcome"] >= BARS["outcome"]
        and documents["protection"] >= BARS["protection"]
    )


def _call() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("estate", type=Path)
    parser.add_argument("--records", type=Path, help="records.parquet as exported")
    parser.add_argument("--documents", type=Path, help="documents.parquet as exported")
    parser.add_argument(
        "--table", action="store_true", help="show the truth's own table, and whether sekisho counts the same"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--examples", type=int, default=30, help="how many failures are shown")
    parser.add_argument("--hold", action="store_true", help="exit with 1 where a bar is missed")
    return parser.parse_args()


def _show_table(estate: Path) -> int:
    cells = table(estate)
    with pl.Config(tbl_rows=-1, fmt_str_lengths=200, tbl_width_chars=200):
        print(cells.sort("table", "side", "records", descending=[False, False, True]))
    off = differing(cells, by_sekisho(truth_folder(estate)))
    print("sekisho counts the same" if not off else f"sekisho counts otherwise: {off[:10]}")
    return 1 if off else 0


def main() -> int:
    call = _call()
    if call.table:
        return _show_table(call.estate)
    said = hold(call.estate, call.records, call.documents)
    print(json.dumps(said, ensure_ascii=False, indent=1) if call.json else report(said, call.examples))
    return 0 if holds(said) or not call.hold else 1


if __name__ == "__main__":
    sys.exit(main())
