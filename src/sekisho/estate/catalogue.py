"""The mix of the estate: which layouts lie in which formats, how often, and with how many records.

The figures are those of scale 1; docs/estate.md says how smaller scales are made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from sekisho.estate.content import Draft
from sekisho.estate.layouts import forms, hosts, nested, prose, tables
from sekisho.estate.layouts.listing import NAMES_ONLY, WITH_ADDRESS, WITH_BIRTH, Hand
from sekisho.estate.slips import Slips

Layout = Callable[[pl.DataFrame, Hand], Draft]
USUAL = Slips()
PARTLY_DATED = Slips(day_unknown=0.1)
A, B, C = NAMES_ONLY, WITH_BIRTH, WITH_ADDRESS


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of file.

    ``records``: in all its files together. ``least``: what one file needs to show its layout. ``fill``: takes
    what is left of the records of its ``centre``, ``items`` and lock. ``dress``: what is put around the file.
    """

    layout: str
    make: Layout
    kind: str
    files: int
    records: int
    items: str = B
    least: int = 4
    extras: tuple[str, ...] = ()
    styles: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = False
    clerk: bool = False
    slips: Slips = USUAL
    dress: tuple[str, ...] = ()
    lock: str = ""
    centre: str = ""
    fill: bool = False


OKINAWA, TOKYO, WAKAYAMA = "沖縄事務センター", "記録突合センター（東京）", "和歌山事務センター"
CENTRES = (OKINAWA, TOKYO, WAKAYAMA)

# records at scale 1 by centre and items; 31,000, 1,167,000 and 52,000 in all
CELLS = {
    (OKINAWA, A): 15_000, (OKINAWA, B): 700_000, (OKINAWA, C): 25_000,
    (TOKYO, A): 15_000, (TOKYO, B): 460_000, (TOKYO, C): 25_000,
    (WAKAYAMA, A): 1_000, (WAKAYAMA, B): 7_000, (WAKAYAMA, C): 2_000,
}  # fmt: skip
LOCKED = {OKINAWA: 430_000, TOKYO: 265_000, WAKAYAMA: 5_000}  # of those with birth date
PERSONS = 1_014_653

SPLIT = {"number": "split", "name": "split", "birth": "split"}
HEADLESS = {"sex": "kanji", "number": "plain"}
PARTIAL = {"birth": "wareki"}

_TABLES = [
    Entry("plain", tables.plain, "xlsx", 120, 36_000),
    Entry("plain", tables.plain, "xlsx", 30, 6_000, C),
    Entry("plain", tables.plain, "xlsx", 10, 3_000, A),
    Entry("plain", tables.plain, "xls", 50, 15_000),
    Entry("plain", tables.plain, "ods", 8, 1_200),
    Entry("plain", tables.plain, "csv", 30, 30_000),
    Entry("plain", tables.plain, "csv-utf8", 8, 4_000, C),
    Entry("plain", tables.plain, "csv-bom", 8, 4_000),
    Entry("plain", tables.plain, "csv-utf16", 3, 900),
    Entry("plain", tables.plain, "csv-euc", 4, 1_200),
    Entry("plain", tables.plain, "csv-jis", 3, 600),
    Entry("plain", tables.plain, "tsv", 6, 1_800),
    Entry("plain", tables.plain, "tsv-utf16", 4, 800),
    Entry("titled", tables.titled, "xlsx", 60, 15_000, numbered=True),
    Entry("titled", tables.titled, "xls", 20, 4_000),
    Entry("titled", tables.titled, "xlsx", 12, 2_000, C),
    Entry("titled", tables.titled, "csv", 8, 2_400),
    Entry("two_row_header", tables.two_row_header, "xlsx", 30, 6_000, styles={"birth": "split", "name": "split"}),
    Entry("two_row_header", tables.two_row_header, "xls", 10, 1_500, C, styles={"name": "split"}),
    Entry("repeated_header", tables.repeated_header, "xlsx", 15, 6_000, least=45),
    Entry("repeated_header", tables.repeated_header, "csv", 5, 3_000, least=45),
    Entry("several_tables", tables.several_tables, "xlsx", 25, 3_000, least=9),
    Entry("side_by_side", tables.side_by_side, "xlsx", 8, 800, least=8),
    Entry(
        "split_columns", tables.plain, "xlsx", 20, 5_000, styles=SPLIT
    ),
    Entry("split_columns", tables.plain, "csv", 8, 3_000, C, styles={"name": "split", "address": "split"}),
    Entry("address_with_postal", tables.plain, "xlsx", 8, 1_200, C, styles={"address": "with_postal"}),
    Entry("headless", tables.headless, "csv", 15, 9_000, least=20, styles=HEADLESS),
    Entry("headless", tables.headless, "xlsx", 10, 2_500, least=20, styles=HEADLESS),
    Entry("zeros_lost", tables.plain, "xlsx", 20, 5_000, styles={"number": "integer"}),
    Entry("zeros_lost", tables.plain, "csv", 8, 3_000, styles={"number": "integer"}),
    Entry("several_sheets", tables.several_sheets, "xlsx", 25, 6_000, least=12),
    Entry("hidden_parts", tables.hidden_parts, "xlsx", 8, 1_200, least=6),
    Entry("with_sample", tables.with_sample, "xlsx", 10, 1_000),
    Entry("commented", tables.commented, "xlsx", 6, 600),
    Entry("transposed", tables.transposed, "xlsx", 5, 60, least=3),
    Entry("clerk", tables.plain, "xlsx", 20, 3_000, clerk=True, numbered=True),
    Entry("money", tables.plain, "xlsx", 20, 4_000, extras=("bank", "amount", "code")),
    Entry("work", tables.plain, "xlsx", 10, 1_500, extras=("work", "firm", "qualified", "salary")),
    Entry("health", tables.plain, "xlsx", 8, 800, extras=("health", "remark")),
    Entry("two_names", tables.plain, "xlsx", 8, 800, extras=("alias", "relation")),
    Entry("partial_dates", tables.plain, "xlsx", 8, 1_600, styles=PARTIAL, slips=PARTLY_DATED, least=12),
    Entry(
        "partial_dates", tables.plain, "csv", 4, 1_200, styles={"birth": "code"}, slips=PARTLY_DATED, least=12
    ),
    Entry("certificates", tables.plain, "xlsx", 10, 1_500, extras=("certificate",)),
    Entry("my_numbers", tables.plain, "xlsx", 6, 600, extras=("my_number", "email")),
    Entry("kana_only", tables.plain, "csv", 6, 1_800, extras=("kana",), slips=Slips(kana_only=0.2), least=12),
]
_FORMS = [
    Entry("form_beside", forms.beside, "xlsx", 25, 120, C, least=1),
    Entry("form_beside", forms.beside, "xls", 8, 24, least=1),
    Entry("form_below", forms.below, "xlsx", 12, 48, least=1),
    Entry("form_pairs", forms.pairs, "xlsx", 10, 60, C, least=1),
    Entry("form_cards", forms.cards, "xlsx", 8, 160, least=4),
    Entry("form_beside", forms.beside, "docx", 10, 20, C, least=1),
]
_HOSTS = [
    Entry("fixed_width", hosts.dump, "dump", 8, 8_000, least=30),
    Entry("print_file", hosts.report, "text", 6, 4_000, least=20),
]
_NESTED = [
    Entry("nested_japanese", nested.japanese, "json", 8, 1_600, C),
    Entry("nested_english", nested.english, "json", 4, 800),
    Entry("nested_english", nested.english, "ndjson", 3, 900),
]
_PROSE = [
    Entry("letter", prose.letter, "docx", 40, 40, C, least=1),
    Entry("letter", prose.letter, "odt", 4, 4, C, least=1),
    Entry("letter", prose.letter, "rtf", 4, 4, least=1),
    Entry("memo", prose.memo, "docx", 15, 60, least=3),
    Entry("memo", prose.memo, "text", 10, 40, least=3),
    Entry("memo", prose.memo, "text-utf8", 5, 20, C, least=3),
    Entry("labelled_lines", prose.items, "text", 6, 30, C, least=2),
    Entry("labelled_lines", prose.items, "text-jis", 3, 9, least=2),
    Entry("labelled_lines", prose.items, "text-euc", 3, 9, least=2),
    Entry("list_in_text", tables.titled, "docx", 15, 300),
    Entry("list_in_text", tables.plain, "html", 10, 1_500),
    Entry("list_in_text", tables.two_row_header, "html-sjis", 5, 500),
    Entry("list_in_text", tables.plain, "odt", 3, 60),
    Entry("list_in_text", tables.plain, "rtf", 3, 60),
]
_FILLERS = [
    Entry("names_only", tables.plain, "csv", 2, 0, A, centre=OKINAWA, fill=True),
    Entry("names_only", tables.titled, "xlsx", 2, 0, A, centre=TOKYO, fill=True),
    Entry("names_only", tables.plain, "xlsx", 1, 0, A, centre=WAKAYAMA, fill=True),
    Entry("large_list", tables.plain, "xlsx", 3, 0, B, centre=OKINAWA, fill=True),
    Entry("large_list", tables.plain, "csv", 3, 0, B, centre=OKINAWA, fill=True),
    Entry("large_dump", hosts.dump, "dump", 2, 0, B, centre=TOKYO, fill=True, least=30),
    Entry("large_list", tables.titled, "xlsx", 3, 0, B, centre=TOKYO, fill=True),
    Entry("large_list", tables.plain, "xls", 1, 0, B, centre=WAKAYAMA, fill=True),
    Entry("address_list", tables.plain, "xlsx", 2, 0, C, centre=OKINAWA, fill=True),
    Entry("address_list", tables.plain, "csv", 2, 0, C, centre=TOKYO, fill=True),
    Entry("address_list", tables.plain, "xlsx", 1, 0, C, centre=WAKAYAMA, fill=True),
    Entry("locked_list", tables.plain, "xlsx", 2, 0, B, centre=OKINAWA, fill=True, lock="office"),
    Entry("locked_list", tables.plain, "xlsx", 2, 0, B, centre=TOKYO, fill=True, lock="office"),
    Entry("locked_list", tables.plain, "xlsx", 1, 0, B, centre=WAKAYAMA, fill=True, lock="office"),
]

ENTRIES = [*_TABLES, *_FORMS, *_HOSTS, *_NESTED, *_PROSE, *_FILLERS]
