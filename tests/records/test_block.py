from __future__ import annotations

import json

import polars as pl

from sekisho.model import RECORDS, Frame, Place
from sekisho.records import locators
from sekisho.records.block import Block, fingerprint, other_key, records_of


def a_block(**columns: list[str | None]) -> Block:
    cells = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    place = Place(Frame.CELL, "Sheet1")
    where = locators.rows(place, pl.Series(range(1, cells.height + 1)), columns=(0, cells.width - 1))
    return Block("table", cells, where, {"name": ("A", "header 氏名 (A1)")}, fingerprint("table", columns))


def test_a_row_becomes_a_record_with_its_place_and_reason() -> None:
    block = a_block(name=["山田　太郎", None], **{other_key("備考"): ["転居", "名なし"]})
    table = records_of(block)
    assert table.schema == RECORDS
    (record,) = table.to_pylist()
    assert (record["name"], record["name_as_written"]) == ("山田太郎", "山田　太郎")
    assert record["other"] == [("other:備考", "転居")]
    assert record["locator"] == "Sheet1!A2:B2"
    assert json.loads(record["why"]) == {"name": ["A", "header 氏名 (A1)"]}


def test_a_name_alone_is_no_record() -> None:
    assert records_of(a_block(name=["山田太郎"])).num_rows == 0


def test_places_are_written_for_every_frame() -> None:
    def span(frame: Frame, base: str) -> str:
        return locators.span(Place(frame, base), 2, 3, (0, 27))

    assert span(Frame.CELL, "年金 一覧") == "'年金 一覧'!A3:AB4"
    assert span(Frame.LINE, "") == "L3:L4"
    assert span(Frame.PAGE, "7") == "p7:L3:L4"
    assert locators.span(Place(Frame.PATH, "$.people"), 3, 3) == "$.people[3]"
