"""The catalogue as a table for docs/estate.md; ``python -m sekisho.estate.mix`` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sekisho.estate.catalogue import COPIES, ENTRIES, Entry
from sekisho.estate.layouts.listing import NAMES_ONLY, WITH_BIRTH

_ITEMS = {NAMES_ONLY: "number, name", WITH_BIRTH: "+ birth date"}


def tables() -> str:
    """Two tables in Markdown: the files with personal data, and those beside them."""
    data = [entry for entry in ENTRIES if not entry.aside]
    aside = [entry for entry in ENTRIES if entry.aside]
    return "\n".join(
        [
            "### Files with personal data",
            "",
            "| layout | what it is | format | around it | items | files | records |",
            "|---|---|---|---|---|---|---|",
            *_rows(data),
            f"| copies | small files that lie a second time in another centre | as theirs | | | {COPIES} | |",
            f"| | | | | | **{sum(e.files for e in data) + COPIES}** | **1,250,000** |",
            "",
            "### Files beside them",
            "",
            "| layout | what it is | format | around it | files |",
            "|---|---|---|---|---|",
            *(f"| {e.layout} | {_what(e)} | {e.kind} | {_around(e)} | {e.files} |" for e in aside),
            f"| | | | | **{sum(e.files for e in aside)}** |",
            "",
        ]
    )


def _rows(entries: Iterable[Entry]) -> Iterator[str]:
    for e in entries:
        records = "the rest" if e.fill else f"{e.records:,}"
        items = _ITEMS.get(e.items, "+ birth date, address")
        yield f"| {e.layout} | {_what(e)} | {e.kind} | {_around(e)} | {items} | {e.files} | {records} |"


def _what(entry: Entry) -> str:
    """The first line of what the layout says of itself, and what the entry adds to it."""
    said = (entry.make.__doc__ or "").splitlines()[0].rstrip(".")
    more = [*entry.extras, *(f"{item} {style}" for item, style in entry.styles.items())]
    return said + (f" ({', '.join(more)})" if more else "")


def _around(entry: Entry) -> str:
    memo = [f"password: {entry.memo}"] if entry.memo else []
    return ", ".join([" in ".join(entry.dress), *memo]).strip(", ")


if __name__ == "__main__":
    print(tables())
