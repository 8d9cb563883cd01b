"""Addresses, without the postal code that may stand before them."""

from __future__ import annotations

import re

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

PREFECTURES = (
    "北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県|東京都|神奈川県|新潟県|富山県|石川県|福井県|山梨県|長野県|"
    "岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県|和歌山県|鳥取県|島根県|岡山県|広島県|山口県|徳島県|香川県|愛媛県|高知県|福岡県|"
    "佐賀県|長崎県|熊本県|大分県|宮崎県|鹿児島県|沖縄県"
)
POSTAL = "^(?:〒\\s*)?\\d{3}[-\u2010-\u2015\u2212\u30fc]\\d{4}\\s*|^〒\\s*\\d{7}\\s*"
_CITY = r"[^\d\s-]{1,6}?[市区町村郡]"
_BEGINS = re.compile(rf"(?!\d)(?:(?:{PREFECTURES})\s?[^\d\s]{{1,7}}[市区町村郡]|{_CITY}[^\s]{{1,20}}?(?:\d|丁目|番地))")


def normalise(column: pl.Series) -> pl.Series:
    """The address in one line; blanks between prefecture, city and the rest of it go."""
    return columns.first_that_takes_it(column, _plain, _any)


@columns.way
def _plain() -> pl.Expr:
    """Words in kanji or kana up to a number, single blanks only behind it."""
    return columns.matching(columns.text(), r"^[一-鿿ぁ-ゖァ-ヺ]{2}[^\s\d:]*\d\S*(?: \S+)*$")


@columns.way
def _any() -> pl.Expr:
    line = columns.text().str.replace_all(r"\s+", " ").str.replace(POSTAL, "").str.strip_chars()
    line = line.str.replace(r"^(?:住所|所在地)[: ]+", "")
    whole = line.str.replace(rf"^({PREFECTURES}) ", "$1").str.replace(rf"^((?:{PREFECTURES})?{_CITY}) ", "$1")
    whole = whole.str.replace(rf"^((?:{PREFECTURES})?{_CITY}) ", "$1").str.replace(
        r"^(\D*[\p{Han}\p{Hiragana}\p{Katakana}ー]) (\d)", "$1$2"
    )
    holds_a_word = whole.str.contains(r"[\p{Han}\p{Hiragana}\p{Katakana}]{2}|[\p{L}\p{M}]{3}")
    is_nothing = whole.str.contains(
        r"^(?:同上|不明|不詳|なし|無し|未定|転居先不明|住所不定|該当なし|ditto|none|unknown|null)$"
    )
    return pl.when(holds_a_word & ~is_nothing).then(whole)


_POSTAL = re.compile(POSTAL)


def looks(text: str) -> bool:
    """Whether it begins like an address: a prefecture and more, or a city and a house number."""
    return _BEGINS.match(_POSTAL.sub("", text)) is not None


IDENTIFIER = Identifier(
    item=Item.ADDRESS,
    title=Text("address", "住所"),
    headers=(
        "住所",
        "現住所",
        "住所地",
        "住居",
        "住居所",
        "居住地",
        "住民登録地",
        "住民登録住所",
        "居所",
        "住所居所",
        "住所又は居所",
        "住所または居所",
        "居住地住所",
        "所在地",
        "所在地住所",
        "ご住所",
        "御住所",
        "住民票住所",
        "住所氏名",
        "現在の住所",
        "送付先住所",
        "通知先住所",
        "連絡先住所",
        "届出住所",
        "自宅住所",
        "本人住所",
        "住所漢字",
        "全住所",
        "居住先",
        "番地まで住所",
        "ジュウショ",
        "じゅうしょ",
        "jusho",
        "jyusho",
        "juusho",
        "address",
        "homeaddress",
        "residentialaddress",
        "mailingaddress",
        "streetaddress",
        "postaladdress",
        "fulladdress",
        "residence",
        "addr",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.STRONG,
    examples={
        "東京都千代田区千代田1-1": "東京都千代田区千代田1-1",
        "〒100-0001 東京都千代田区千代田1-1": "東京都千代田区千代田1-1",
        "東京都 千代田区 千代田1-1": "東京都千代田区千代田1-1",
        "東京都千代田区千代田１丁目１番地 千代田荘１０１": "東京都千代田区千代田1丁目1番地 千代田荘101",
        "沖縄県那覇市泉崎1-2-3\nハイツ泉崎202": "沖縄県那覇市泉崎1-2-3 ハイツ泉崎202",
        "Königstraße 12, 70173 Stuttgart": "Königstraße 12, 70173 Stuttgart",
        "ул. Тверская, д. 1, Москва": "ул. Тверская, д. 1, Москва",
    },
    counter_examples=("〒100-0001", "同上", "1-2-3", "不明"),
    parts={
        "都道府県": "prefecture",
        "都道府県名": "prefecture",
        "県": "prefecture",
        "県名": "prefecture",
        "府県": "prefecture",
        "都道府県市区町村": "city",
        "住所都道府県": "prefecture",
        "市区町村": "city",
        "市町村": "city",
        "市区町村名": "city",
        "市町村名": "city",
        "市区郡町村": "city",
        "市区郡": "city",
        "市郡": "city",
        "郡市区町村": "city",
        "住所市区町村": "city",
        "町域": "street",
        "町名": "street",
        "町字": "street",
        "大字": "street",
        "字": "street",
        "町丁目": "street",
        "丁目": "street",
        "丁目番地": "street",
        "番地": "street",
        "番地等": "street",
        "番地号": "street",
        "丁目番地号": "street",
        "町名番地": "street",
        "町域番地": "street",
        "町村番地": "street",
        "以下住所": "street",
        "それ以降の住所": "street",
        "以降住所": "street",
        "その他住所": "street",
        "住所番地": "street",
        "住所下段": "street",
        "号": "street",
        "建物": "building",
        "建物名": "building",
        "建物名等": "building",
        "建物名部屋番号": "building",
        "建物部屋番号": "building",
        "アパートマンション名": "building",
        "マンション名": "building",
        "マンション名等": "building",
        "アパート名": "building",
        "アパートマンション": "building",
        "アパートマンション名等": "building",
        "部屋番号": "building",
        "号室": "building",
        "方書": "building",
        "様方": "building",
        "住所建物": "building",
        "住所建物名": "building",
        "住所方書": "building",
        "ビル名": "building",
        "住所1": "prefecture",
        "住所2": "street",
        "住所3": "building",
        "番地以降": "street",
        "番地以下": "street",
        "市区町村以降": "city",
        "市区町村以下": "city",
        "住所続き": "building",
        "addr1": "prefecture",
        "addr2": "street",
        "addr3": "building",
        "address1": "prefecture",
        "address2": "street",
        "address3": "building",
        "addressline1": "prefecture",
        "addressline2": "street",
        "addressline3": "building",
        "prefecture": "prefecture",
        "pref": "prefecture",
        "state": "prefecture",
        "city": "city",
        "municipality": "city",
        "town": "street",
        "street": "street",
        "building": "building",
        "apartment": "building",
        "apt": "building",
    },
)
