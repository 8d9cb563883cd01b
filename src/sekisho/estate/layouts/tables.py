"""Lists of persons as offices keep them: titles above, notes below, headers of two rows, several on a sheet."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sekisho.estate.columns import Column
from sekisho.estate.content import Book, Draft, Row, Sheet
from sekisho.estate.layouts.listing import Hand, Listing, listing, placed
from sekisho.estate.layouts.office import CLERKS, day, extension, telephone


def plain(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A header and its rows."""
    made = listing(rows, hand.columns())
    return _draft(hand, [made.heads], made)


def titled(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A title, the office and its telephone above; a total and a note below."""
    made = listing(rows, hand.columns())
    dice = hand.dice
    above: list[Row] = [
        (hand.title,),
        (f"作成日 {day(dice)}",),
        (f"作成者：{dice.pick(CLERKS)}（{extension(dice)}）", None, f"TEL {telephone(dice)}"),
        (),
        made.heads,
    ]
    below: list[Row] = [("合計", f"{rows.height}件"), (), ("※ 本リストは照会用です。取扱注意。",)]
    return _draft(hand, above, made, below)


def headless(rows: pl.DataFrame, hand: Hand) -> Draft:
    """No header at all."""
    return _draft(hand, [], listing(rows, hand.columns()))


def english(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Headers in English, as a system made abroad exports them."""
    columns = hand.columns()
    heads = [_ENGLISH[item] for column in columns for item in column.truth]
    return _draft(hand, [heads], listing(rows, columns))


def stray_quotes(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A remark column in which a few quotation marks stand alone."""
    columns = hand.columns()
    odd = pl.int_range(pl.len()) % 40 == 7
    text = pl.when(odd).then(pl.lit('"要確認')).otherwise(pl.lit("済"))
    columns.append(Column(("備考",), (text,), {"other:備考": text}))
    made = listing(rows, columns)
    return _draft(hand, [made.heads], made)


def two_row_header(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Groups above the headers, merged over what they hold."""
    made = listing(rows, hand.columns())
    starts = [i for i in range(made.width) if i == 0 or made.groups[i] != made.groups[i - 1]]
    ends = [*[s - 1 for s in starts[1:]], made.width - 1]
    upper = [made.groups[i] if i in starts else None for i in range(made.width)]
    merged = [(1, s, 1, e) for s, e in zip(starts, ends, strict=True) if e > s]
    return _draft(hand, [(hand.title,), tuple(upper), made.heads], made, merged=[*merged, (0, 0, 0, made.width - 1)])


def repeated_header(rows: pl.DataFrame, hand: Hand) -> Draft:
    """The header again every page, as a printout has it, with the page number."""
    made = listing(rows, hand.columns())
    page = hand.dice.pick((20, 25, 40))
    cells: list[Row] = []
    for start in range(0, len(made.body), page):
        cells += [(hand.title, None, f"{start // page + 1}頁"), made.heads, *made.body[start : start + page]]
    said = made.says.with_columns(row=pl.col("row") + (pl.col("row") // page + 1) * 2)
    return Draft(_book(hand, cells), placed(said, SHEET, 0, 0, made.width - 1))


def several_tables(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Two or three lists below each other on one sheet, each under its own title, in columns of its own."""
    pieces = _cut(rows, min(3, rows.height))
    cells: list[Row] = []
    said = []
    for i, piece in enumerate(pieces):
        made = listing(piece, hand.columns())
        cells += [(f"{i + 1}．{hand.dice.pick(('未統合', '照会中', '処理済', '返戻'))}分",), made.heads]
        said.append(placed(made.says, SHEET, len(cells), 0, made.width - 1))
        cells += [*made.body, ("小計", f"{piece.height}件"), ()]
    return Draft(_book(hand, cells), pl.concat(said, how="diagonal"))


def side_by_side(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Two lists beside each other, an empty column between them."""
    left, right = (listing(piece, hand.columns()) for piece in _cut(rows, 2))
    gap = left.width + 1
    blank: Row = (None,) * left.width
    cells: list[Row] = [(*left.heads, None, *right.heads)]
    for i in range(max(len(left.body), len(right.body))):
        first = left.body[i] if i < len(left.body) else blank
        cells.append((*first, None, *right.body[i]) if i < len(right.body) else first)
    said = [placed(left.says, SHEET, 1, 0, left.width - 1), placed(right.says, SHEET, 1, gap, gap + right.width - 1)]
    return Draft(_book(hand, cells), pl.concat(said, how="diagonal"))


def with_sample(rows: pl.DataFrame, hand: Hand) -> Draft:
    """The first row below the header is an example of how to fill in (記入例)."""
    columns = hand.columns()
    made = listing(rows, columns)
    sample = listing(rows.head(1).with_columns(**_SAMPLE), columns).body[0]
    mark: Row = ("記入例", *sample[1:]) if hand.numbered else (*sample, "←記入例")
    return _draft(hand, [made.heads, mark], made)


def several_sheets(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A sheet for each office, one of them hidden."""
    columns = hand.columns()
    sheets, said = [], []
    for i, piece in enumerate(_cut(rows, min(3, rows.height))):
        made = listing(piece, columns)
        title = ("那覇", "コザ", "名護", "平良")[i]
        sheets.append(Sheet(title, [made.heads, *made.body], hidden=i == 1))
        said.append(placed(made.says, title, 1, 0, made.width - 1))
    return Draft(Book(tuple(sheets), hand.title), pl.concat(said, how="diagonal"))


def hidden_parts(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Some rows and a column are hidden, as a filter leaves them."""
    made = listing(rows, hand.columns())
    sheet = Sheet(SHEET, [made.heads, *made.body], hidden_rows=tuple(range(2, len(made.body), 3)), hidden_columns=(1,))
    return Draft(Book((sheet,), hand.title), placed(made.says, SHEET, 1, 0, made.width - 1))


def transposed(rows: pl.DataFrame, hand: Hand) -> Draft:
    """The items stand in the first column, a person in every further one."""
    made = listing(rows, hand.columns())
    cells = [(head, *values) for head, values in zip(made.heads, zip(*made.body, strict=True), strict=True)]
    said = made.says.with_columns(
        pl.lit(SHEET).alias("sheet"),
        left=pl.col("row") + 1,
        right=pl.col("row") + 1,
        row=pl.lit(0),
        bottom=pl.lit(made.width - 1),
    )
    return Draft(_book(hand, cells), said)


def commented(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A cell comment names one more person; the other comments say nothing of anybody."""
    made = listing(rows.head(-1), hand.columns())
    other = rows.tail(1)
    number, last, first, born = other.select("basic_pension_number", "last", "first", "birth_date").row(0)
    text = f"同一人の可能性あり\n基礎年金番号 {number}\n氏名 {last}　{first}\n生年月日 {born}"
    sheet = Sheet(SHEET, [made.heads, *made.body], comments={(1, 1): text, (0, 0): "H27.4.1 確認済"})
    said = other.select("person", "basic_pension_number", "birth_date", name=pl.lit(f"{last}{first}".replace(" ", "")))
    spot = said.with_columns(pl.lit(SHEET).alias("sheet"), row=pl.lit(1, pl.Int64), left=pl.lit(1), right=pl.lit(1))
    return Draft(
        Book((sheet,), hand.title), pl.concat([placed(made.says, SHEET, 1, 0, made.width - 1), spot], how="diagonal")
    )


SHEET = "Sheet1"
_ENGLISH = {
    "basic_pension_number": "Basic Pension Number", "name": "Name", "name_kana": "Kana", "birth_date": "Date of Birth",
    "sex": "Sex", "postal_code": "Postal Code", "address": "Address", "phone": "Phone",
}  # fmt: skip
_SAMPLE = {
    "basic_pension_number": pl.lit("1234-567890"), "last": pl.lit("年金"), "first": pl.lit("太郎"),
    "last_kana": pl.lit("ネンキン"), "first_kana": pl.lit("タロウ"), "birth_date": pl.lit("1950-01-01"),
    "phone": pl.lit("03-0000-0000"),
}  # fmt: skip


def _book(hand: Hand, cells: Sequence[Row]) -> Book:
    return Book((Sheet(SHEET, cells),), hand.title)


def _draft(
    hand: Hand, above: list[Row], made: Listing, below: list[Row] | None = None,
    merged: list[tuple[int, int, int, int]] | None = None,
) -> Draft:  # fmt: skip
    sheet = Sheet(SHEET, [*above, *made.body, *(below or [])], merged=tuple(merged or ()))
    return Draft(Book((sheet,), hand.title), placed(made.says, SHEET, len(above), 0, made.width - 1))


def _cut(rows: pl.DataFrame, pieces: int) -> list[pl.DataFrame]:
    size = -(-rows.height // pieces)
    return [rows.slice(start, size) for start in range(0, rows.height, size)]
