"""JSON, XML, HTML, databases and column files: values whole or in runs, and what they hide."""

from __future__ import annotations

import datetime
import io
import json
import sqlite3
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.documents import access, helper, json_values, sql_dump, xml_values
from sekisho.documents.formats import (
    json_lines,
    mdb,
    nested_json,
    page,
    parquet,
    spreadsheet_2003,
    sql,
    sqlite,
    xml_tree,
)
from sekisho.errors import DocumentError, LockedError, OverLimitError, UnsupportedError
from sekisho.model import Blob, Format, Frame, Gap, Grid, Head, Limits, Member, Piece, Prose, Reason, Tree

PEOPLE = [{"番号": f"{i:010}", "氏名": f"山田{i}郎", "家族": [{"氏名": "花子"}]} for i in range(50)]


def read(part: Format, data: bytes | str) -> list[Piece]:
    raw = data.encode() if isinstance(data, str) else data
    return list(part.read(Blob("file", raw), Limits()))


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(json_like)
def test_a_small_json_is_one_tree(value: Any) -> None:
    (tree,) = read(nested_json.FORMAT, dumped(value))
    assert tree == Tree(value, tree.place if isinstance(tree, Tree) else None)


def test_a_large_array_comes_in_runs_that_keep_the_index() -> None:
    text = dumped({"meta": {"件数": 50}, "people": PEOPLE, "note": "写し"})
    found = [piece for piece in json_values.trees(text, large=0) if isinstance(piece, Tree)]
    assert [(tree.place.base, tree.place.first) for tree in found] == [("$.meta", 1), ("$.people", 1), ("$", 1)]
    assert found[1].value == PEOPLE
    assert found[2].value == {"note": "写し"}


def test_a_json_cut_short_gives_what_came_before_and_the_rest_as_text() -> None:
    text = dumped({"people": PEOPLE})[:1500]
    tree, prose, gap = read(nested_json.FORMAT, text)
    assert isinstance(tree, Tree)
    assert tree.value == PEOPLE[: len(tree.value)]
    assert len(tree.value) > 15
    assert isinstance(prose, Prose)
    assert text.endswith(prose.lines[-1])
    assert gap == Gap(Reason.TRUNCATED, "JSON")


def test_what_is_no_json_in_a_json_is_read_as_text() -> None:
    pieces = read(nested_json.FORMAT, '{"people": [{"氏名": "山田"},\n// 旧姓 鈴木\n{"氏名": "高橋"}]}')
    assert [piece.value for piece in pieces if isinstance(piece, Tree)] == [[{"氏名": "山田"}]]
    assert [list(piece.lines) for piece in pieces if isinstance(piece, Prose)] == [
        ["// 旧姓 鈴木", '{"氏名": "高橋"}]}']
    ]
    assert Gap(Reason.DAMAGED_PART, "JSON") in pieces


def test_a_doubled_key_loses_no_value() -> None:
    (tree,) = read(nested_json.FORMAT, '{"氏名": "山田", "氏名": "鈴木"}')
    assert isinstance(tree, Tree)
    assert sorted(tree.value.values()) == ["山田", "鈴木"]


def test_a_json_nested_without_end_is_refused() -> None:
    with pytest.raises(OverLimitError):
        read(nested_json.FORMAT, "[" * 200_000)


def test_json_lines_stand_at_their_line() -> None:
    text = "\n".join([dumped(PEOPLE[0]), "", dumped(PEOPLE[1]), "no json", dumped(PEOPLE[2])])
    prose, tree, gap = read(json_lines.FORMAT, text)
    assert isinstance(prose, Prose)
    assert (prose.place.first, list(prose.lines)) == (4, ["no json"])
    assert isinstance(tree, Tree)
    assert tree.value == [PEOPLE[0], None, PEOPLE[1], None, PEOPLE[2]]
    assert isinstance(gap, Gap)


def test_json_is_told_from_text_that_begins_alike() -> None:
    for text in ("[INFO] 開始しました\n", "[1] 参考文献\n[2] 参考文献\n", "{氏名}様\n", "[section]\nkey=value\n"):
        assert not nested_json.FORMAT.recognise(Head(text.encode(), "x.json"))
        assert not json_lines.FORMAT.recognise(Head(text.encode(), "x.json"))


def test_xml_becomes_nested_values_without_name_spaces() -> None:
    text = (
        '<?xml version="1.0" encoding="Shift_JIS"?><a:persons xmlns:a="urn:x"><a:person id="1"><name>髙橋①</name>'
        "<memo>旧<b>姓</b>あり</memo></a:person><a:person id='2'><name>鈴木</name></a:person><none/></a:persons>"
    )
    (tree,) = read(xml_tree.FORMAT, text.encode("cp932"))
    assert isinstance(tree, Tree)
    assert tree.value == {
        "persons": {
            "person": [
                {"@id": "1", "name": "髙橋①", "memo": {"b": "姓", "#text": "旧\nあり"}},
                {"@id": "2", "name": "鈴木"},
            ],
            "none": None,
        }
    }


def test_a_large_xml_comes_in_runs_that_keep_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    persons = "".join(f"<person><name>山田{i}郎</name></person>" for i in range(100))
    data = f"<root><title>名簿</title><persons>{persons}</persons></root>".encode()
    monkeypatch.setattr(xml_values, "LARGE", 0)
    monkeypatch.setattr(xml_values, "_RUN", 30)
    found = [tree for tree in xml_values.trees(data) if isinstance(tree, Tree)]
    assert [tree.place.first for tree in found] == [1, 31, 61, 91, 1]
    assert {tree.place.base for tree in found[:-1]} == {"$.root.persons.person"}
    assert [p["name"] for tree in found[:-1] for p in tree.value] == [f"山田{i}郎" for i in range(100)]
    assert found[-1].value["root"]["title"] == "名簿"


def test_own_entities_are_resolved_and_those_outside_are_not(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("外部の秘密")
    text = (
        f'<!DOCTYPE r [<!ENTITY own "社会保険"><!ENTITY out SYSTEM "file://{secret}">]><r><a>&own;</a><b>&out;</b></r>'
    )
    pieces = read(xml_tree.FORMAT, f'<?xml version="1.0"?>{text}')
    assert "社会保険" in str(pieces)
    assert "秘密" not in str(pieces)


def test_entities_that_grow_do_not() -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha" * 10}">' for i in range(12))
    for body in ("<r>&l11;</r>", '<r a="&l11;"/>'):
        text = f'<?xml version="1.0"?><!DOCTYPE r [{laughs}]>{body}'
        try:
            pieces = read(xml_tree.FORMAT, text)
        except DocumentError:
            continue
        assert any(isinstance(piece, Gap) for piece in pieces)
        assert len(str(pieces)) < 1000


def test_an_xml_cut_short_is_read_as_far_as_it_goes() -> None:
    tree, gap = read(xml_tree.FORMAT, "<?xml version='1.0'?><r><p>山田</p><p>鈴")
    assert isinstance(tree, Tree)
    assert tree.value["r"]["p"][0] == "山田"
    assert gap == Gap(Reason.TRUNCATED, "XML")


HTML = """<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">
<title>名簿</title><style>p{}</style><script>var x = 1;</script></head><body><!-- 旧担当分 -->
<h1>対象者<br>一覧</h1><table><tr><td><table><caption>第一表</caption>
<tr><th colspan="2">氏名</th><th rowspan="2">番号</th></tr><tr><td>姓</td><td>名</td></tr>
<tr><td>髙橋</td><td>一<b>郎</b></td><td>0123-456789</td></tr></table></td><td>右の欄</td></tr></table>
<form><input type="hidden" name="number" value="0123-456790"><input type="submit" value="送信"></form>
<dl><dt>氏名</dt><dd>鈴木花子</dd></dl></body></html>"""


def test_a_page_gives_its_tables_text_and_hidden_fields_in_order() -> None:
    pieces = read(page.FORMAT, HTML.encode("cp932"))
    prose = [list(piece.lines) for piece in pieces if isinstance(piece, Prose)]
    assert prose == [["名簿", "対象者", "一覧", "第一表"], ["右の欄", "number: 0123-456790"], ["旧担当分"]]
    grids = [piece.cells.rows() for piece in pieces if isinstance(piece, Grid)]
    assert grids == [
        [("氏名", None, "番号"), ("姓", "名", None), ("髙橋", "一郎", "0123-456789")],
        [("氏名", "鈴木花子")],
    ]


@pytest.mark.parametrize("declared", ["Shift_JIS", "utf-8", "no-such-charset"])
def test_a_page_that_names_a_wrong_charset_is_read_by_its_bytes(declared: str) -> None:
    text = f'<html><head><meta charset="{declared}"></head><body><p>髙橋一郎様の年金記録</p></body></html>'
    for encoding in ("cp932", "utf-8"):
        (prose,) = read(page.FORMAT, text.encode(encoding))
        assert isinstance(prose, Prose)
        assert list(prose.lines) == ["髙橋一郎様の年金記録"]


def test_a_workbook_saved_as_html_or_xml_is_known_by_its_content() -> None:
    html = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>山田</td></tr></table></html>'
    assert page.FORMAT.recognise(Head(html.encode("cp932"), "list.xls"))
    assert page.FORMAT.recognise(Head(html.encode("utf-16"), "list.xls"))


def test_an_excel_2003_xml_workbook_keeps_places_dates_and_comments() -> None:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    text = (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><Worksheet ss:Name="名簿"><Table><Row ss:Index="3">'
        '<Cell ss:Index="2"><Data ss:Type="String">山田</Data><Comment><ss:Data>旧姓あり</ss:Data></Comment></Cell>'
        '<Cell><Data ss:Type="DateTime">1948-04-06T00:00:00.000</Data></Cell></Row></Table>'
        "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>"
    )
    (grid,) = read(spreadsheet_2003.FORMAT, text)
    assert isinstance(grid, Grid)
    assert grid.hidden
    assert grid.cells.rows()[2] == (None, "山田", "1948-04-06")
    assert grid.notes == {(2, 1): "旧姓あり"}


def database(*statements: str, journal: str = "delete", path: Any = ":memory:") -> bytes:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        data = connection.serialize()
    connection.close()
    return data


def test_every_table_of_a_database_comes_with_its_column_names() -> None:
    data = database(
        'CREATE TABLE "加入 者" (番号 TEXT, 金額 REAL, 年 INTEGER, 写し BLOB)',
        "INSERT INTO \"加入 者\" VALUES ('0012', 100.0, 1948, X'255044462D312E34'), ('0013', 0.5, NULL, NULL)",
        "CREATE TABLE 空 (a)",
        "CREATE VIEW 表示 AS SELECT * FROM 空",
    )
    pieces = read(sqlite.FORMAT, data)
    grids = {piece.place.base: piece.cells.rows() for piece in pieces if isinstance(piece, Grid)}
    assert grids == {
        "加入 者": [("番号", "金額", "年", "写し"), ("0012", "100", "1948", None), ("0013", "0.5", None, None)],
        "空": [("a",)],
    }
    (member,) = [piece for piece in pieces if isinstance(piece, Member)]
    assert member.load(None).data == b"%PDF-1.4"


def test_a_database_with_a_write_ahead_log_opens_without_it(tmp_path: Any) -> None:
    data = database("CREATE TABLE t (a)", "INSERT INTO t VALUES ('山田')", journal="wal", path=tmp_path / "x.db")
    (grid,) = read(sqlite.FORMAT, data)
    assert isinstance(grid, Grid)
    assert grid.cells.rows() == [("a",), ("山田",)]


def test_a_large_table_comes_in_runs_of_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_RUN", 10)
    data = database("CREATE TABLE t (a)", *(f"INSERT INTO t VALUES ({i})" for i in range(25)))
    grids = [piece for piece in read(sqlite.FORMAT, data) if isinstance(piece, Grid)]
    assert [(grid.place.first, grid.cells.height) for grid in grids] == [(1, 11), (12, 10), (22, 5)]


def test_columns_of_every_type_become_text() -> None:
    frame = pl.DataFrame(
        {
            "番号": ["0012", None],
            "整数": [1, 2],
            "実数": [3.0, 2.5],
            "日付": [datetime.date(1948, 4, 6), None],
            "時刻": [
                datetime.datetime.fromisoformat("1948-04-06"),
                datetime.datetime.fromisoformat("1948-04-06T01:30"),
            ],
            "真偽": [True, None],
            "一覧": [["a", "b"], None],
            "構造": [{"x": "山田"}, {"x": None}],
            "バイト": [b"abc", b"\xff"],
            "無": [None, None],
        }
    )
    out = io.BytesIO()
    frame.write_parquet(out)
    (grid,) = read(parquet.FORMAT, out.getvalue())
    assert isinstance(grid, Grid)
    assert grid.cells.rows() == [
        tuple(frame.columns),
        ("0012", "1", "3", "1948-04-06", "1948-04-06", "true", '["a", "b"]', '{"x": "山田"}', "abc", None),
        (None, "2", "2.5", None, "1948-04-06 01:30:00", None, "null", '{"x": null}', "ff", None),
    ]


def test_a_parquet_of_several_runs_has_one_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_RUN", 10)
    out = io.BytesIO()
    pq.write_table(pl.DataFrame({"a": list(range(25))}).to_arrow(), out)
    grids = [piece for piece in read(parquet.FORMAT, out.getvalue()) if isinstance(piece, Grid)]
    assert [(grid.place.first, grid.cells.height) for grid in grids] == [(1, 11), (12, 10), (22, 5)]
    assert grids[0].cells.rows()[:2] == [("a",), ("0",)]


def test_an_encrypted_parquet_is_locked() -> None:
    with pytest.raises(LockedError):
        read(parquet.FORMAT, b"PARE" + b"\0" * 100 + b"PARE")


def test_an_access_database_without_its_helper_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "_PATH", "/nonexistent")
    with pytest.raises(UnsupportedError) as error:
        read(mdb.FORMAT, b"\0\1\0\0" + access.JET + b"\0" * 100)
    assert error.value.reason == Reason.HELPER_MISSING


def test_places_inside_values_count_as_paths() -> None:
    (tree,) = read(nested_json.FORMAT, dumped(PEOPLE))
    assert isinstance(tree, Tree)
    assert (tree.place.frame, tree.place.base, tree.place.first) == (Frame.PATH, "$", 1)


MYSQL = """-- MySQL dump 10.13
CREATE TABLE `人` (
  `番号` varchar(20) NOT NULL DEFAULT '',
  `金額` decimal(10,2) DEFAULT NULL,
  PRIMARY KEY (`番号`),
  KEY `i` (`番号`,`金額`)
) ENGINE=InnoDB;
INSERT INTO `人` VALUES ('0123-456789',100.50),('山田\\'太\\n郎; (x)',NULL),
('it''s',-1);
INSERT INTO `db`.`人` (`番号`,`金額`) VALUES ('鈴木',0);
"""
POSTGRES = """-- PostgreSQL database dump
SET client_encoding = 'UTF8';
COPY public.person (id, name) FROM stdin;
1\t山田\\t太郎
2\t\\N
\\.

INSERT INTO other VALUES (1, 'C:\\');
"""


def test_the_rows_of_a_mysql_dump_stand_below_their_columns() -> None:
    grid, prose = read(sql.FORMAT, MYSQL)
    assert isinstance(grid, Grid)
    assert grid.cells.rows() == [
        ("番号", "金額"),
        ("0123-456789", "100.50"),
        ("山田'太\n郎; (x)", None),
        ("it's", "-1"),
        ("鈴木", "0"),
    ]
    assert isinstance(prose, Prose)


def test_the_rows_of_a_postgres_dump_stand_below_their_columns() -> None:
    person, other, _ = read(sql.FORMAT, POSTGRES)
    assert isinstance(person, Grid)
    assert isinstance(other, Grid)
    assert person.cells.rows() == [("id", "name"), ("1", "山田\t太郎"), ("2", None)]
    assert other.cells.rows() == [("1", "C:\\")]


@pytest.mark.parametrize("text", [MYSQL, POSTGRES])
def test_a_dump_read_in_small_runs_gives_the_same_rows(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [piece.cells.rows() for piece in read(sql.FORMAT, text) if isinstance(piece, Grid)]
    for size in (40, 90, 200):
        monkeypatch.setattr(sql_dump, "_CHUNK", size)
        runs = [piece.cells.rows() for piece in read(sql.FORMAT, text) if isinstance(piece, Grid)]
        assert runs == whole


def test_text_that_speaks_of_sql_is_no_dump() -> None:
    for text in ("INSERT と書かれた札を差し込む。\n", "-- 署名 --\n山田太郎\n", "SELECT name FROM t;\n"):
        assert not sql.FORMAT.recognise(Head(text.encode(), "x.sql"))
