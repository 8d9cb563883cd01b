"""The mix of the estate: which layouts lie in which formats, how often, and with how many records.

The figures are those of scale 1; docs/estate.md says how smaller scales are made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from sekisho.estate.content import Draft
from sekisho.estate.dress import SHUT
from sekisho.estate.layouts import decoys, forms, hosts, nested, prose, tables
from sekisho.estate.layouts.listing import NAMES_ONLY, WITH_ADDRESS, WITH_BIRTH, Hand
from sekisho.estate.slips import Slips

Layout = Callable[[pl.DataFrame, Hand], Draft]
USUAL = Slips()
NUMBERED = Slips(number_missing=0.0)  # a sentence about a number has one
PARTLY_DATED = Slips(day_unknown=0.1)
KANA_ONLY = Slips(kana_only=0.2)
A, B, C = NAMES_ONLY, WITH_BIRTH, WITH_ADDRESS


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of file.

    ``records``: in all its files together. ``least``: what one file needs to show its layout. ``fill``: takes
    what is left of the records of its ``centre``, ``items`` and lock. ``dress``: what is put around the file,
    from the inside out. ``memo``: where its password lies. ``ending``: of the
    name, where it is not that of the format. ``aside``: not among the files with personal data.
    """

    layout: str
    make: Layout
    kind: str
    files: int
    records: int = 0
    items: str = B
    least: int = 4
    extras: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    styles: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = False
    clerk: bool = False
    slips: Slips = USUAL
    dress: tuple[str, ...] = ()
    memo: str = ""
    ending: str = ""
    centre: str = ""
    fill: bool = False
    aside: bool = False

    @property
    def shut(self) -> bool:
        """Whether a password is needed to read it."""
        return any(step in SHUT or step == "zip_one_open" for step in self.dress)


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
FILES = 949
COPIES = 12  # files that lie a second time in another folder

SPLIT = {"number": "split", "name": "split", "birth": "split"}
HEADLESS = {"sex": "kanji", "number": "plain"}
PARTIAL = {"birth": "wareki"}
WHOLE_ADDRESS = ("number", "name", "birth", "address")
ENGLISH = {
    "number": "hyphen", "name": "narrow", "kana": "full", "birth": "slash", "sex": "letter", "postal": "hyphen",
    "address": "whole",
}  # fmt: skip
TICKS = {"birth": "ticks", "sex": "ticks"}
WITH_SEX = ("number", "name", "kana", "birth", "sex")
JOINED = ("number", "name_and_kana", "birth_and_sex")

TABLES = [
    Entry("plain", tables.plain, "xlsx", 36, 14_000),
    Entry("plain", tables.plain, "xlsx", 15, 4_000, C),
    Entry("plain", tables.plain, "xlsx", 10, 3_000, A),
    Entry("plain", tables.plain, "xlsm", 12, 2_400),
    Entry("plain", tables.plain, "xls", 34, 10_000),
    Entry("plain", tables.plain, "ods", 8, 1_200),
    Entry("plain", tables.plain, "csv", 23, 25_000),
    Entry("plain", tables.plain, "csv-utf8", 8, 4_000, C),
    Entry("plain", tables.plain, "csv-bom", 8, 4_000),
    Entry("plain", tables.plain, "csv-utf16", 3, 900),
    Entry("plain", tables.plain, "csv-euc", 4, 1_200),
    Entry("plain", tables.plain, "csv-jis", 3, 600),
    Entry("plain", tables.plain, "tsv", 6, 1_800),
    Entry("plain", tables.plain, "tsv-utf16", 4, 800),
    Entry("titled", tables.titled, "xlsx", 28, 8_000, numbered=True),
    Entry("titled", tables.titled, "xls", 15, 3_000),
    Entry("titled", tables.titled, "xlsx", 8, 1_600, C),
    Entry("titled", tables.titled, "csv", 8, 2_400),
    Entry("two_row_header", tables.two_row_header, "xlsx", 18, 5_000, styles={"birth": "split", "name": "split"}),
    Entry("two_row_header", tables.two_row_header, "xls", 10, 1_500, C, styles={"name": "split"}),
    Entry("repeated_header", tables.repeated_header, "xlsx", 12, 6_000, least=45),
    Entry("repeated_header", tables.repeated_header, "csv", 5, 3_000, least=45),
    Entry("several_tables", tables.several_tables, "xlsx", 14, 2_000, least=9),
    Entry("side_by_side", tables.side_by_side, "xlsx", 8, 800, least=8),
    Entry("split_columns", tables.plain, "xlsx", 12, 4_000, styles=SPLIT),
    Entry("split_columns", tables.plain, "csv", 8, 3_000, C, styles={"name": "split", "address": "split"}),
    Entry("joined_columns", tables.plain, "xlsx", 8, 1_600, shown=JOINED),
    Entry("joined_columns", tables.plain, "xlsx", 8, 1_200, C, shown=WHOLE_ADDRESS, styles={"address": "with_postal"}),
    Entry("headless", tables.headless, "csv", 14, 9_000, least=20, styles=HEADLESS),
    Entry("headless", tables.headless, "xlsx", 10, 2_500, least=20, styles=HEADLESS),
    Entry("zeros_lost", tables.plain, "xlsx", 12, 4_000, styles={"number": "integer"}),
    Entry("zeros_lost", tables.plain, "csv", 8, 3_000, styles={"number": "integer"}),
    Entry("several_sheets", tables.several_sheets, "xlsx", 14, 5_000, least=12),
    Entry("hidden_parts", tables.hidden_parts, "xlsx", 8, 1_200, least=6),
    Entry("with_sample", tables.with_sample, "xlsx", 10, 1_000),
    Entry("commented", tables.commented, "xlsx", 6, 600),
    Entry("transposed", tables.transposed, "xlsx", 5, 60, least=3),
    Entry("clerk", tables.plain, "xlsx", 10, 2_000, clerk=True, numbered=True),
    Entry("money", tables.plain, "xlsx", 12, 3_000, extras=("bank", "amount", "code")),
    Entry("work", tables.plain, "xlsx", 10, 1_500, extras=("work", "firm", "qualified", "salary")),
    Entry("health", tables.plain, "xlsx", 8, 800, extras=("health", "remark")),
    Entry("two_names", tables.plain, "xlsx", 8, 800, extras=("alias", "relation")),
    Entry("partial_dates", tables.plain, "xlsx", 8, 1_600, styles=PARTIAL, slips=PARTLY_DATED, least=12),
    Entry("partial_dates", tables.plain, "csv", 4, 1_200, styles={"birth": "code"}, slips=PARTLY_DATED, least=12),
    Entry("certificates", tables.plain, "xlsx", 10, 1_500, extras=("certificate",)),
    Entry("my_numbers", tables.plain, "xlsx", 6, 600, extras=("my_number", "email")),
    Entry(
        "kana_only", tables.plain, "csv", 6, 1_800, shown=("number", "kana", "name", "birth"), slips=KANA_ONLY, least=12
    ),
    Entry("print_list", tables.titled, "pdf", 26, 3_900),
    Entry("print_list", tables.repeated_header, "pdf", 8, 1_600, least=45),
    Entry("wrapped_cells", tables.plain, "pdf-narrow", 8, 800, least=6),
    Entry("english_headers", tables.english, "xlsx", 6, 1_200, styles=ENGLISH),
    Entry("english_headers", tables.english, "csv-utf8", 3, 900, C, styles=ENGLISH),
    Entry("stray_quotes", tables.stray_quotes, "csv-unquoted", 3, 1_200, least=50),
    Entry("wrong_ending", tables.plain, "html-sjis", 4, 800, ending=".xls"),
    Entry("wrong_ending", tables.plain, "csv", 3, 600, ending=".txt"),
    Entry("wrong_ending", tables.plain, "xlsx", 2, 400, ending=".bak"),
    Entry("database", tables.plain, "sqlite", 3, 1_500, extras=("amount",)),
    Entry("database", tables.plain, "parquet", 2, 2_000),
]
FORMS = [
    Entry("form_beside", forms.beside, "xlsx", 8, 40, C, least=1),
    Entry("form_beside", forms.beside, "xls", 8, 24, least=1),
    Entry("form_ticks", forms.beside, "xlsx", 4, 12, styles=TICKS, shown=WITH_SEX, least=1),
    Entry("form_sheets", forms.own_sheets, "xlsx", 4, 24, least=3),
    Entry("form_below", forms.below, "xlsx", 12, 48, least=1),
    Entry("form_pairs", forms.pairs, "xlsx", 10, 60, C, least=1),
    Entry("form_cards", forms.cards, "xlsx", 8, 160, least=4),
    Entry("form_beside", forms.beside, "docx", 10, 20, C, least=1),
    Entry("form_fields", forms.beside, "pdf-form", 6, 6, C, least=1),
]
HOSTS = [
    Entry("fixed_width", hosts.dump, "dump", 8, 8_000, least=30),
    Entry("fixed_in_bytes", hosts.kanji_dump, "dump", 4, 3_000, least=30),
    Entry("print_file", hosts.report, "text", 6, 4_000, least=20),
]
NESTED = [
    Entry("nested_japanese", nested.japanese, "json", 6, 1_200, C),
    Entry("nested_english", nested.english, "json", 4, 800),
    Entry("nested_english", nested.english, "ndjson", 3, 900),
    Entry("nested_japanese", nested.japanese, "xml", 8, 1_600),
    Entry("nested_english", nested.english, "xml-attributes", 3, 450, C),
]
PROSE = [
    Entry("letter", prose.letter, "docx", 26, 26, C, least=1, slips=NUMBERED),
    Entry("letter", prose.letter, "pdf", 12, 12, C, least=1, slips=NUMBERED),
    Entry("letter", prose.letter, "odt", 4, 4, C, least=1, slips=NUMBERED),
    Entry("letter", prose.letter, "rtf", 4, 4, least=1, slips=NUMBERED),
    Entry("memo", prose.memo, "docx", 12, 48, least=3, slips=NUMBERED),
    Entry("memo", prose.memo, "text", 8, 32, least=3, slips=NUMBERED),
    Entry("memo", prose.memo, "text-utf8", 5, 20, C, least=3, slips=NUMBERED),
    Entry("memo", prose.memo, "pptx", 6, 24, least=3, slips=NUMBERED),
    Entry("word_parts", prose.word_parts, "docx", 6, 42, least=6, slips=NUMBERED),
    Entry("labelled_lines", prose.items, "text", 6, 30, C, least=2, slips=NUMBERED),
    Entry("labelled_lines", prose.items, "text-jis", 3, 9, least=2, slips=NUMBERED),
    Entry("labelled_lines", prose.items, "text-euc", 3, 9, least=2, slips=NUMBERED),
    Entry("list_in_text", tables.titled, "docx", 12, 240),
    Entry("list_in_text", tables.plain, "html", 8, 1_200),
    Entry("list_in_text", tables.two_row_header, "html-sjis", 5, 500),
    Entry("list_in_text", tables.plain, "odt", 3, 60),
    Entry("list_in_text", tables.plain, "rtf", 3, 60),
    Entry("list_in_text", tables.plain, "pptx", 4, 40),
    Entry("list_in_text", tables.plain, "odp", 2, 16),
    Entry("mail", prose.mail, "eml-jis", 14, 28, least=1, slips=NUMBERED),
    Entry("mail", prose.mail, "eml", 10, 20, C, least=1, slips=NUMBERED),
]
INSIDE = [
    Entry("plain", tables.plain, "xlsx", 8, 2_000, dress=("mail",)),
    Entry("titled", tables.titled, "xls", 6, 900, dress=("mail_jis",)),
    Entry("plain", tables.plain, "xlsx", 3, 450, dress=("mbox",)),
    Entry("plain", tables.plain, "csv", 5, 2_500, dress=("zip",)),
    Entry("plain", tables.plain, "xlsx", 4, 800, C, dress=("zip_sjis",)),
    Entry("plain", tables.plain, "csv", 2, 1_000, dress=("zip", "zip")),
    Entry("plain", tables.plain, "xlsx", 2, 300, dress=("zip", "mail")),
    Entry("plain", tables.plain, "csv", 2, 1_000, dress=("7z",)),
    Entry("fixed_width", hosts.dump, "dump", 3, 3_000, dress=("lzh",), least=30),
    Entry("plain", tables.plain, "tsv", 2, 1_000, dress=("tar_gz",)),
    Entry("fixed_width", hosts.dump, "dump", 2, 2_000, dress=("gz",), least=30),
    Entry("plain", tables.plain, "xlsx", 2, 600, dress=("iso",)),
    Entry("plain", tables.plain, "csv", 2, 800, dress=("tar_bz2",)),
    Entry("plain", tables.plain, "csv", 2, 800, dress=("tar_xz",)),
    Entry("plain", tables.plain, "xlsx", 3, 600, dress=("slides",)),
    Entry("plain", tables.plain, "xlsx", 3, 600, dress=("pdf_attachment",)),
]
OPEN_LOCKS = [
    Entry("plain", tables.plain, "xlsx", 6, 1_200, dress=("sheet",)),
    Entry("plain", tables.plain, "xlsx", 2, 400, dress=("velvet",)),
    Entry("print_list", tables.titled, "pdf", 3, 300, dress=("pdf_owner",)),
    Entry("plain", tables.plain, "csv", 2, 400, dress=("zip_one_locked",)),
]
SMALL_LOCKED = [
    Entry("memo", prose.memo, "docx", 1, 4, slips=NUMBERED, dress=("office",), least=3, centre=OKINAWA),
    Entry("print_list", tables.titled, "pdf", 1, 120, dress=("pdf_r6",), memo="list", centre=TOKYO),
    Entry("print_list", tables.titled, "pdf", 1, 120, dress=("pdf_r4",), centre=OKINAWA),
    Entry("plain", tables.plain, "xlsx", 1, 300, dress=("zip_one_open",), memo="note", centre=OKINAWA),
    Entry("plain", tables.plain, "csv", 1, 300, dress=("zip_aes", "mail_with_password"), centre=TOKYO),
]
FILLERS = [
    Entry("names_only", tables.plain, "csv", 2, 0, A, centre=OKINAWA, fill=True),
    Entry("names_only", tables.titled, "xlsx", 2, 0, A, centre=TOKYO, fill=True),
    Entry("names_only", tables.plain, "xlsx", 1, 0, A, centre=WAKAYAMA, fill=True),
    Entry("large_list", tables.plain, "xlsx", 3, 0, B, centre=OKINAWA, fill=True),
    Entry("large_list", tables.plain, "csv", 3, 0, B, centre=OKINAWA, fill=True),
    Entry("large_dump", hosts.dump, "dump", 1, 0, B, centre=TOKYO, fill=True, least=30),
    Entry("large_list", tables.titled, "xlsx", 4, 0, B, centre=TOKYO, fill=True),
    Entry("large_list", tables.plain, "xls", 1, 0, B, centre=WAKAYAMA, fill=True),
    Entry("address_list", tables.plain, "xlsx", 2, 0, C, centre=OKINAWA, fill=True),
    Entry("address_list", tables.plain, "csv", 2, 0, C, centre=TOKYO, fill=True),
    Entry("address_list", tables.plain, "xlsx", 1, 0, C, centre=WAKAYAMA, fill=True),
    Entry("locked_list", tables.plain, "xlsx", 1, 0, B, centre=OKINAWA, fill=True, dress=("office",)),
    Entry("locked_list", tables.plain, "csv", 1, 0, B, centre=OKINAWA, fill=True, dress=("zip_aes",)),
    Entry("locked_list", tables.titled, "xlsx", 1, 0, B, centre=TOKYO, fill=True, dress=("office",)),
    Entry("locked_list", tables.plain, "csv", 1, 0, B, centre=TOKYO, fill=True, dress=("7z_aes",)),
    Entry("locked_list", tables.plain, "xlsx", 1, 0, B, centre=WAKAYAMA, fill=True, dress=("office",), memo="name"),
]
_DECOYS = [
    (decoys.products, "xlsx", 8), (decoys.products, "csv", 6), (decoys.slips, "xlsx", 5), (decoys.slips, "csv", 4),
    (decoys.brands, "xlsx", 4), (decoys.brands, "csv", 3), (decoys.office_codes, "csv", 2),
    (decoys.offices, "xlsx", 5), (decoys.offices, "pdf", 3), (decoys.extensions, "xls", 4),
    (decoys.statistics, "xlsx", 8), (decoys.statistics, "pptx", 3), (decoys.template, "xlsx", 6),
    (decoys.form_template, "docx", 6), (decoys.form_template, "pdf", 3), (decoys.manual, "docx", 5),
    (decoys.manual, "pdf", 4), (decoys.manual, "html", 2), (decoys.log, "text-utf8", 6), (decoys.invoice, "xlsx", 5),
    (decoys.invoice, "pdf", 4), (decoys.postal_codes, "csv", 3), (decoys.assets, "xlsx", 5),
    (decoys.calendar, "xls", 4), (decoys.notice, "eml-jis", 8), (decoys.notice, "eml", 4),
    (decoys.settings, "json", 3), (decoys.settings, "xml", 3), (decoys.assets, "sqlite", 2), (decoys.scan, "pdf", 6),
]  # fmt: skip
ASIDE = [
    Entry("lost_password", tables.plain, "xlsx", 2, 100, dress=("office",), memo="unknown", aside=True),
    Entry("lost_password", tables.plain, "csv", 1, 100, dress=("zip_crypto",), memo="unknown", aside=True),
    Entry("lost_password", tables.titled, "pdf", 1, 50, dress=("pdf_r3",), memo="unknown", aside=True),
    *(Entry(make.__name__, make, kind, files, aside=True) for make, kind, files in _DECOYS),
    Entry("nothing", decoys.nothing, "empty", 2, aside=True),
    Entry("noise", decoys.noise, "noise", 2, aside=True),
]

ENTRIES = [*TABLES, *FORMS, *HOSTS, *NESTED, *PROSE, *INSIDE, *OPEN_LOCKS, *SMALL_LOCKED, *FILLERS, *ASIDE]
