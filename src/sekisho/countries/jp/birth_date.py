"""Birth dates: Western, in eras, as digit codes, with parts unknown.

Unknown parts stay unknown (``1948-04-??``). An impossible day is no date: the text as written is kept, the normal
form is empty. An era year before the era began or after it ended (昭和65年) is counted on: clerks and machines that
were not told of the new era write it, and the day meant is certain. The text as written stands beside it, since a
wrong era is an error of its own.
"""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

ERAS = {
    **dict.fromkeys(("明治", "明", "M", "1"), 1867),
    **dict.fromkeys(("大正", "大", "T", "3"), 1911),
    **dict.fromkeys(("昭和", "昭", "S", "5"), 1925),
    **dict.fromkeys(("平成", "平", "H", "7"), 1988),
    **dict.fromkeys(("令和", "令", "R", "9"), 2018),
}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
EARLIEST, LATEST = 1850, 2100

_ERA = "明治|大正|昭和|平成|令和|明|大|昭|平|令|[MTSHR]"
_GAP = r"[-/.,・ ]"
_NO = r"\?+|\*+|x+|X+|×+|✕+|〇+|○+|●+|_+|-{2}|不明|不詳|未詳|某"
_YEAR = r"(?<y>\d{4}|\?{4}|\*{4}|[xX×]{4}|不明|不詳)"
_ERA_YEAR = rf"(?<era>{_ERA}|[13579]){_GAP}?(?<ey>\d{{1,2}}|元|{_NO})"
_REST = rf"(?:{_GAP}|年{_GAP}?)(?<m>\d{{1,2}}|{_NO})(?:月?日?$|(?:{_GAP}|月{_GAP}?)(?<d>\d{{1,2}}|{_NO})日?$)|年?$"


def normalise(column: pl.Series) -> pl.Series:
    """ISO, with ?? for what is unknown."""
    clean = columns.of(column, _clean())
    normal = pl.coalesce(_western(), _in_era(), _compact(), _in_words(_day_first(clean)), _serial())
    return columns.of(clean.rename(column.name), normal)


def _clean() -> pl.Expr:
    """Dashes folded; the hour, the weekday, the other calendar in brackets and words around the date removed."""
    bare = columns.dashed(columns.text()).str.replace_all(r"\s+", " ")
    bare = bare.str.replace(r"(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)$", "")
    bare = bare.str.replace(rf"^[(\[]({_ERA})[)\]]\s*", "$1")
    bare = bare.str.replace_all(r"[(\[][^()\[\]]*[)\]]", "").str.replace(
        r"^(?:西暦|A\.?D\.?|生年月日|誕生日|生)[: ]*", ""
    )
    bare = bare.str.replace(r"\s*(?:生まれ|生れ|うまれ|生|頃|ごろ|\(?[月火水木金土日]\)?曜日)+$", "").str.replace(
        r"^['=\"]+", ""
    )
    return bare.str.replace_all(r" ?([年月日]) ?", "$1").str.replace_all(r" ?([-/.]) ?", "$1").str.strip_chars('" ')


def _western() -> pl.Expr:
    found = columns.text().str.extract_groups(rf"^{_YEAR}(?:{_REST})").struct
    return _iso(found.field("y").str.replace(r"^\D+$", "????"), found.field("m"), found.field("d"))


def _in_era() -> pl.Expr:
    return _era_iso(columns.text().str.to_uppercase().str.extract_groups(rf"^{_ERA_YEAR}(?:{_REST})"))


def _era_iso(groups: pl.Expr) -> pl.Expr:
    era, year = groups.struct.field("era"), groups.struct.field("ey")
    number = pl.when(year == "元").then(pl.lit("1")).otherwise(year).cast(pl.Int32, strict=False)
    first = era.replace_strict(ERAS, default=None, return_dtype=pl.Int32)
    full = pl.when(number > 0).then((first + number).cast(pl.String))
    known = pl.when(year.str.contains(r"^\d|元")).then(full).otherwise(pl.when(era.is_not_null()).then(pl.lit("????")))
    return _iso(known, groups.struct.field("m"), groups.struct.field("d"))


def _compact() -> pl.Expr:
    """19480406, S230406, 昭和230406, 5230406."""
    western = columns.text().str.extract_groups(r"^(?<y>(?:18|19|20)\d{2})(?<m>\d{2})(?<d>\d{2})$").struct
    era = columns.text().str.to_uppercase()
    groups = era.str.extract_groups(rf"^(?<era>{_ERA}|[13579])[-. ]?(?<ey>\d{{1,2}})(?<m>\d{{2}})(?<d>\d{{2}})$")
    return pl.coalesce(_iso(western.field("y"), western.field("m"), western.field("d")), _era_iso(groups))


def _day_first(column: pl.Series) -> bool:
    """Whether 13/04/1948 stands anywhere in the column, which settles what 06/04/1948 means."""
    return bool(column.str.contains(r"^(?:1[3-9]|2\d|3[01])[/-]\d{1,2}[/-]\d{4}$").any())


def _in_words(day_first: bool) -> pl.Expr:
    """April 6, 1948; 6 Apr 1948; 06-Apr-48 is refused; 04/06/1948 is month first unless the column says otherwise."""
    text = columns.text().str.to_lowercase().str.replace_all(r"(\d)(?:st|nd|rd|th)\b", "$1")
    month = rf"(?<m>{'|'.join(MONTHS)})[a-z]*\.?"
    forward = text.str.extract_groups(rf"^{month}[ -]?(?<d>\d{{1,2}}),?[ -](?<y>\d{{4}})$").struct
    backward = text.str.extract_groups(rf"^(?<d>\d{{1,2}})[ -]?{month},?[ -](?<y>\d{{4}})$").struct
    pair = ("d", "m") if day_first else ("m", "d")
    digits = text.str.extract_groups(rf"^(?<{pair[0]}>\d{{1,2}})[/-](?<{pair[1]}>\d{{1,2}})[/-](?<y>\d{{4}})$").struct
    names = {name: str(i + 1) for i, name in enumerate(MONTHS)}
    worded = [
        _iso(g.field("y"), g.field("m").replace_strict(names, default=None), g.field("d")) for g in (forward, backward)
    ]
    return pl.coalesce(*worded, _iso(digits.field("y"), digits.field("m"), digits.field("d")))


def _serial() -> pl.Expr:
    """Excel's count of days, where a date lost its format: five digits."""
    days = columns.matching(columns.text(), r"^\d{5}$").cast(pl.Int32, strict=False)
    date = pl.date(1899, 12, 30) + pl.duration(days=days)
    return pl.when(days.is_between(366, 55_000)).then(date.dt.to_string("%Y-%m-%d"))


def _iso(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The three as ISO where the calendar knows such a day; what is no number, or 0, is unknown."""
    m, d = (part.cast(pl.Int32, strict=False).fill_null(0) for part in (month, day))
    y = year.cast(pl.Int32, strict=False)
    leap_year = pl.when(y.is_null()).then(2000).otherwise(y)
    last = (
        pl.when(m.is_in([4, 6, 9, 11]))
        .then(30)
        .when(m == 2)
        .then(pl.when(_is_leap(leap_year)).then(29).otherwise(28))
        .otherwise(31)
    )
    possible = m.is_between(0, 12) & (d >= 0) & (d <= last) & (y.is_between(EARLIEST, LATEST) | y.is_null())
    parts = [year, pl.lit("-"), *_two(m), pl.lit("-"), *_two(d)]
    said_something = year.is_not_null() & ((year != "????") | (m > 0))
    return pl.when(said_something & possible).then(pl.concat_str(*parts))


def _two(number: pl.Expr) -> tuple[pl.Expr]:
    return (pl.when(number > 0).then(number.cast(pl.String).str.zfill(2)).otherwise(pl.lit("??")),)


def _is_leap(year: pl.Expr) -> pl.Expr:
    return ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)


def looks(column: pl.Series) -> pl.Series:
    """Which values are whole dates with a year that a living person may have, in other than bare digits."""
    digits = r"^(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
    apart = (
        rf"(?i)^(?:{_ERA})[. ]?(?:\d|元).*\d|^(?:18|19|20)\d\d\s*[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}日?(?:$| )"
    )
    written = columns.of(column, columns.dashed(columns.text()).str.contains(digits + "|" + apart))
    return written & normalise(column).is_not_null()


IDENTIFIER = Identifier(
    item=Item.BIRTH_DATE,
    title=Text("birth date", "生年月日"),
    headers=(
        "生年月日",
        "誕生日",
        "誕生年月日",
        "出生年月日",
        "出生日",
        "生まれ",
        "生れ",
        "生まれた日",
        "生年月",
        "生年",
        "s/h年月日",
        "生年月日和暦",
        "生年月日西暦",
        "和暦生年月日",
        "西暦生年月日",
        "お誕生日",
        "ご生年月日",
        "バースデー",
        "セイネンガッピ",
        "せいねんがっぴ",
        "ｾｲﾈﾝｶﾞﾂﾋﾟ",
        "セイネンガツピ",
        "seinengappi",
        "birthdate",
        "dateofbirth",
        "dob",
        "birthday",
        "birth",
        "born",
        "dateborn",
        "bdate",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.STRONG,
    examples={
        "1948-04-06": "1948-04-06",
        "1948/4/6": "1948-04-06",
        "1948.4.6": "1948-04-06",
        "1948年4月6日": "1948-04-06",
        "19480406": "1948-04-06",
        "昭和23年4月6日": "1948-04-06",
        "昭和２３年４月６日": "1948-04-06",
        "昭和 23 年 4 月 6 日": "1948-04-06",
        "昭和 23 4 6": "1948-04-06",
        "S23.4.6": "1948-04-06",
        "S23/04/06": "1948-04-06",
        "s23-04-06": "1948-04-06",
        "昭23.4.6": "1948-04-06",
        "昭和元年12月26日": "1926-12-26",
        "平成元年1月8日": "1989-01-08",
        "㍻1年1月8日": "1989-01-08",
        "令和2年2月29日": "2020-02-29",
        "大正12年9月1日": "1923-09-01",
        "明治45年7月29日": "1912-07-29",
        "5230406": "1948-04-06",
        "5-23-04-06": "1948-04-06",
        "5 23 4 6": "1948-04-06",
        "S230406": "1948-04-06",
        "昭和230406": "1948-04-06",
        "5 230406": "1948-04-06",
        "7 11201": "1989-12-01",
        "昭和65年1月2日": "1990-01-02",
        "昭和23年4月?日": "1948-04-??",
        "昭和23年4月不詳": "1948-04-??",
        "昭和23年不詳月不詳日": "1948-??-??",
        "1948年4月": "1948-04-??",
        "1948-04-??": "1948-04-??",
        "1948-??-??": "1948-??-??",
        "1948-04-00": "1948-04-??",
        "19480400": "1948-04-??",
        "19480000": "1948-??-??",
        "昭和23年": "1948-??-??",
        "昭和23年4月6日(1948年)": "1948-04-06",
        "1948年(昭和23年)4月6日": "1948-04-06",
        "(昭和)23年4月6日": "1948-04-06",
        "S23.4.6生": "1948-04-06",
        "1948-04-06 00:00:00": "1948-04-06",
        "April 6, 1948": "1948-04-06",
        "6 Apr 1948": "1948-04-06",
        "04/06/1948": "1948-04-06",
        "13/04/1948": "1948-04-13",
        "17629": "1948-04-06",
    },
    counter_examples=(
        "1948-02-30",
        "昭和23年13月1日",
        "48/4/6",
        "不詳",
        "1234567890",
        "230406",
        "昭和",
        "2999-01-01",
        "03-1234-5678",
    ),
    parts={
        "元号": "era",
        "年号": "era",
        "生年元号": "era",
        "和暦元号": "era",
        "生年月日年号": "era",
        "元号コード": "era",
        "年号コード": "era",
        "生年月日元号": "era",
        "生年月日年": "year",
        "生年月日月": "month",
        "生年月日日": "day",
        "年": "year",
        "月": "month",
        "日": "day",
        "生月": "month",
        "生日": "day",
        "誕生年": "year",
        "誕生月": "month",
        "生まれ年": "year",
        "生まれ月": "month",
        "生まれ日": "day",
        "出生年": "year",
        "出生月": "month",
        "birthyear": "year",
        "birthmonth": "month",
        "yearofbirth": "year",
        "monthofbirth": "month",
        "dayofbirth": "day",
        "year": "year",
        "month": "month",
        "day": "day",
        "era": "era",
    },
)
