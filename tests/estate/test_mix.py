from __future__ import annotations

from pathlib import Path

from sekisho.estate.mix import tables

DOCS = Path(__file__).parents[2] / "docs"


def test_the_mix_is_written_down_as_it_is() -> None:
    assert tables() in (DOCS / "estate.md").read_text("utf-8")


def test_an_office_keeps_mostly_workbooks_not_csv() -> None:
    from sekisho.estate.catalogue import ENTRIES, FILES

    workbooks = sum(e.files for e in ENTRIES if e.kind in ("xlsx", "xlsm", "xls", "ods") and not e.aside)
    delimited = sum(e.files for e in ENTRIES if e.kind.startswith(("csv", "tsv")) and not e.aside)
    assert workbooks > FILES / 2
    assert delimited < FILES / 5
