"""The columns of what `sekisho export` writes, and what they mean; docs/export.md is made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from sekisho.model import ITEM_TITLES, Item
from sekisho.wording import Text

MAP = pa.map_(pa.string(), pa.string())

_DOCUMENT = Text("path from the scanned folder, `!` before a member", "走査フォルダーからのパス。格納物の前に `!`")
_PERSON = Text(
    "number of the person, random, stable within a scan; empty where it is not known whose the record is",
    "人の番号（無作為、走査内で不変）。誰の記録か不明なら空",
)
_STATE = Text("settled (on a holder), clustered, unmatched", "settled（台帳の人）・clustered・unmatched")
_ASK = Text("whether a human must decide", "人の判断を要するか")
_HOLDER = Text("the register's number of the person", "台帳での番号")

_FORMS: Mapping[Item, Text] = {
    Item.BASIC_PENSION_NUMBER: Text("NNNN-NNNNNN", "NNNN-NNNNNN"),
    Item.CERTIFICATE_NUMBER: Text("NNNN-NNNNNN-NNNN", "NNNN-NNNNNN-NNNN"),
    Item.MY_NUMBER: Text("12 digits", "12桁"),
    Item.NAME: Text("NFKC, no spaces", "NFKC、空白なし"),
    Item.NAME_KANA: Text("full-width katakana, no spaces", "全角カタカナ、空白なし"),
    Item.BIRTH_DATE: Text("ISO 8601; unknown parts as in 1948-04-??", "ISO 8601。不明部分は 1948-04-?? のように"),
    Item.SEX: Text("M or F", "M または F"),
    Item.POSTAL_CODE: Text("NNN-NNNN", "NNN-NNNN"),
    Item.ADDRESS: Text("NFKC, without the postal code", "NFKC、郵便番号なし"),
    Item.PHONE: Text("digits, with hyphens as written", "数字。ハイフンは記載どおり"),
    Item.EMAIL: Text("lower case", "小文字"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export."""

    name: str
    type: pa.DataType
    meaning: Text


def _item(item: Item) -> Column:
    said = Text("{title}: {form}", "{title}: {form}").fill(title=ITEM_TITLES[item], form=_FORMS[item])
    return Column(item, pa.string(), said)


def _as_written(item: Item) -> Column:
    said = Text("{title}, as written", "{title}（記載どおり）").fill(title=ITEM_TITLES[item])
    return Column(f"{item}_as_written", pa.string(), said)


DOCUMENTS = (
    Column("document", pa.string(), _DOCUMENT),
    Column("kind", pa.string(), Text("format, told by content", "形式（内容による）")),
    Column("outcome", pa.string(), Text("what became of it", "処理結果")),
    Column("reason", pa.string(), Text("why; empty where it was simply read", "その理由。読み取れたなら空")),
    Column("protection", pa.string(), Text("strongest lock on the way in", "保護（最も強い鍵）")),
    Column("algorithm", pa.string(), Text("of that lock", "その方式")),
    Column(
        "password_beside",
        pa.bool_(),
        Text("whether a password that lay about opens it", "近くにあったパスワードで開くか"),
    ),
    Column("size", pa.int64(), Text("bytes", "バイト数")),
    Column("sha256", pa.string(), Text("of its bytes", "内容のハッシュ")),
    Column("records", pa.int64(), Text("records found in it, members not counted", "記録の件数（格納物を含まず）")),
)

RECORDS = (
    Column("document", pa.string(), _DOCUMENT),
    Column("locator", pa.string(), Text("place in the document", "文書内の位置")),
    *map(_item, Item),
    Column(
        "other",
        MAP,
        Text(
            "other labelled values as written: class or `other:` and header; JSON in csv and xlsx",
            "その他の項目（記載どおり）。区分名または `other:` と見出し。csv・xlsx では JSON",
        ),
    ),
    Column("person", pa.int64(), _PERSON),
    Column("state", pa.string(), _STATE),
    Column("ask", pa.bool_(), _ASK),
    Column("conflict", pa.string(), Text("items that disagree with the holder", "台帳と食い違う項目")),
    Column(
        "probability",
        pa.float64(),
        Text(
            "that the holder is the record's; empty where it is on none",
            "台帳の人である確率。台帳の人に当たらなければ空",
        ),
    ),
)
AS_WRITTEN = tuple(map(_as_written, Item))

PERSONS = (
    Column("person", pa.int64(), _PERSON),
    Column("state", pa.string(), _STATE),
    Column("holder", pa.string(), _HOLDER),
    *map(_item, Item),
    Column(
        "other_names",
        pa.string(),
        Text(
            "further names in the records (an alias, a former name), as written",
            "記録中の別の名前（通称・旧姓など、記載どおり）",
        ),
    ),
    Column("records", pa.int64(), Text("records of the person", "延べ記録の件数")),
    Column("ask", pa.bool_(), Text("whether a human must decide about any of them", "人の判断を要する記録があるか")),
    Column("conflict", pa.bool_(), Text("whether any of them disagrees with the holder", "台帳と食い違う記録があるか")),
)

EXPOSURES = (
    Column("person", pa.int64(), _PERSON),
    Column("holder", pa.string(), _HOLDER),
    Column("state", pa.string(), _STATE),
    Column("ask", pa.bool_(), _ASK),
    Column("number_of_items", pa.int64(), Text("how many of the known items", "既知の項目の数")),
    Column("items", pa.string(), Text("which, all records together, joined by +", "その項目（+ 区切り）")),
    Column("other_items", pa.string(), Text("classes of other items, joined by +", "その他の項目の区分（+ 区切り）")),
    Column("records", pa.int64(), Text("records of the person", "延べ記録の件数")),
    Column("files", pa.int64(), Text("files that hold them", "ファイルの個数")),
    Column("documents", pa.int64(), Text("documents that hold them", "含む文書の数")),
    Column("protected_records", pa.int64(), Text("records behind a lock that counts", "保護ありの記録")),
    Column("unprotected_records", pa.int64(), Text("records behind none", "保護なしの記録")),
    Column("undetermined_records", pa.int64(), Text("records behind a lock of unknown scheme", "判定不能の記録")),
    Column("worst_protection", pa.string(), Text("the worst of them", "最も弱い保護")),
    Column("first_document", pa.string(), Text("the first document by name", "名前順で最初の文書")),
)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "documents": DOCUMENTS,
    "records": RECORDS,
    "persons": PERSONS,
    "exposures": EXPOSURES,
}


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The columns as Arrow sees them."""
    return pa.schema([(column.name, column.type) for column in columns])
