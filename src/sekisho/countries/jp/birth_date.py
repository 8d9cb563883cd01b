"""Birth dates: Western, in eras, as digit codes, with parts unknown.

Unknown parts stay unknown (``1948-04-??``). An impossible day is no date: the text as written is kept, the normal
form is empty. An era year before the era began or after it ended (昭和65年) is counted on: clerks and machines that
were not told of the new era write it, and the day meant is certain. The text as written stands beside it, since a
wrong era is an error of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import polars as pl

from sekisho.countries import columns
from sekisho.countries.jp import _numerals
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

ERAS = {
    **dict.fromkeys(("明治", "明", "M", "m", "1"), 1867),
    **dict.fromkeys(("大正", "大", "T", "t", "3"), 1911),
    **dict.fromkeys(("昭和", "昭", "S", "s", "5"), 1925),
    **dict.fromkeys(("平成", "平", "H", "h", "7"), 1988),
    **dict.fromkeys(("令和", "令", "R", "r", "9"), 2018),
}
MONTHS = {
    name: str(i + 1)
    for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
EARLIEST, LATEST = 1850, 2100
UNKNOWN_YEAR = "????"

_ERA = "明治|大正|昭和|平成|令和|[明大昭平令MTSHRmtshr]"
_GAP = "[-/.,・ ]"
_NO = r"\?+|\*+|[xX]+|×+|✕+|〇+|○+|●+|_+|-{2}|不明|不詳|未詳|某"
_YEAR = r"(?<y>[0-9]{4}|\?{4}|\*{4}|[xX×]{4}|不明|不詳)"
_ERA_YEAR = rf"(?<era>{_ERA}|[13579]){_GAP}?(?<y>[0-9]{{1,2}}|元|{_NO})"
_REST = (
    rf"(?:{_GAP}|年{_GAP}?)(?<m>[0-9]{{1,2}}|{_NO})(?:月?日?$|(?:{_GAP}|月{_GAP}?)(?<d>[0-9]{{1,2}}|{_NO})日?$)|年?$"
)
_MONTH = rf"(?<m>{'|'.join(MONTHS)})[a-z]*\.?"
_PLAIN = (
    "^(?<y>[0-9]{4})[-./年](?<m>[0-9]{1,2})[-./月](?<d>[0-9]{1,2})日?$",
    rf"^(?<era>{_ERA})(?<y>[0-9]{{1,2}}|元)[-./年](?<m>[0-9]{{1,2}})[-./月](?<d>[0-9]{{1,2}})日?$",
)
"""What nearly all columns keep to: whole, without anything around."""
_MONTH_FIRST = "^(?<m>[0-9]{1,2})[/-](?<d>[0-9]{1,2})[/-](?<y>[0-9]{4})$"
_DAY_FIRST = "^(?<d>[0-9]{1,2})[/-](?<m>[0-9]{1,2})[/-](?<y>[0-9]{4})$"
_SPELLINGS = (
    rf"^{_YEAR}(?:{_REST})",
    rf"^{_ERA_YEAR}(?:{_REST})",
    "^(?<y>(?:18|19|20)[0-9]{2})(?<m>[0-9]{2})(?<d>[0-9]{2})$",
    rf"^(?<era>{_ERA}|[13579])[-. ]?(?<y>[0-9]{{1,2}})(?<m>[0-9]{{2}})(?<d>[0-9]{{2}})$",
    rf"^(?i:{_MONTH})[ -]?(?<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[ -](?<y>[0-9]{{4}})$",
    rf"^(?<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[ -]?(?i:{_MONTH}),?[ -](?<y>[0-9]{{4}})$",
)

_LOOKS = re.compile(
    r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$"
    rf"|(?i:{_ERA})[. ]?(?:[0-9]|元).*[0-9]"
    rf"|(?:明治|大正|昭和|平成|令和)\s?(?:元|[〇一二三四五六七八九十]+)年\s?[一二三四五六七八九十]"
    rf"|(?:18|19|20)[0-9]{{2}}\s*(?:{columns.DASH}|[/.年])"
    rf"\s*[0-9]{{1,2}}\s*(?:{columns.DASH}|[/.月])\s*[0-9]{{1,2}}日?(?:$| )"
    "|[13579][0-9]{6}$"
)


def normalise(column: pl.Series) -> pl.Series:
    """ISO, with ?? for what is unknown."""
    return columns.first_that_takes_it(column, _as_it_is, *_ways(*_PLAIN), _any)


@columns.way
def _as_it_is() -> pl.Expr:
    """ISO already, of a day that every month has."""
    return columns.matching(columns.text(), "^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])$")


def _any(column: pl.Series) -> pl.Series:
    """Every spelling, of values that hold a number or the year of an era."""
    clean = _clean(_dated(column))
    day_first = clean.str.contains(r"^(?:1[3-9]|2[0-9]|3[01])[/-][0-9]{1,2}[/-][0-9]{4}$").any()
    spellings = (*_SPELLINGS, _DAY_FIRST if day_first else _MONTH_FIRST)
    serials = clean.str.contains("^[0-9]{5}$").sum() * 2 > len(clean) - clean.null_count()
    return columns.first_that_takes_it(clean, *_ways(*spellings), _serial, *([_early_serial] * serials))


_LONGEST = 40


@columns.way
def _dated() -> pl.Expr:
    dated = columns.text().str.contains("[0-9]|[元年]") & (columns.text().str.len_chars() <= _LONGEST)
    return pl.when(dated).then(columns.text())


def _ways(*spellings: str) -> Iterator[Callable[[pl.Series], pl.Series]]:
    return map(_spelled_ways().__getitem__, spellings)


@cache
def _spelled_ways() -> Mapping[str, Callable[[pl.Series], pl.Series]]:
    """The way to read each spelling."""
    numbers, iso = _numbers(), _iso()
    return {each: _spelled(each, numbers, iso) for each in (*_PLAIN, *_SPELLINGS, _MONTH_FIRST, _DAY_FIRST)}


def _spelled(spelling: str, numbers: tuple[pl.Expr, ...], iso: pl.Expr) -> Callable[[pl.Series], pl.Series]:
    """One way to write a date, which names ``era``, ``y``, ``m`` and ``d`` or some of them."""
    said = columns.text().str.extract_groups(spelling).struct
    parts = [
        said.field(name) if f"<{name}>" in spelling else pl.lit(None, dtype=pl.String).alias(name)
        for name in ("era", "y", "m", "d")
    ]

    def way(column: pl.Series) -> pl.Series:
        found = column.to_frame("text").select(parts)
        if found["y"].null_count() == len(column):
            return found["y"]
        return found.select(numbers).select(iso).to_series()

    return way


@columns.way
def _clean() -> pl.Expr:
    """Dashes folded; the hour, the weekday, the other calendar in brackets and words around the date removed."""
    bare = columns.dashed(columns.text()).str.replace_all(r"\s+", " ")
    bare = bare.str.replace(r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$", "")
    bare = bare.str.replace(rf"^[(\[]({_ERA})[)\]]\s*", "$1")
    bare = bare.str.replace_all(r"[(\[][^()\[\]]*[)\]]", "")
    bare = bare.str.replace(r"^(?:西暦|A\.?D\.?|生年月日|誕生日|生)[: ]*", "").str.replace(r"^['=\"]+", "")
    bare = bare.str.replace("年月日?(?:不詳|不明)$", "年不詳月不詳日").str.replace(
        "([0-9]月)日(?:不詳|不明)$", "${1}不詳日"
    )
    bare = bare.str.replace(r"\s*(?:生まれ|生れ|うまれ|生|頃|ごろ|[月火水木金土日]曜日?)+$", "")
    bare = bare.str.replace_all(r" ?([年月日]) ?", "$1").str.replace_all(r" ?([-/.]) ?", "$1").str.strip_chars('" ')
    return _numerals.in_dates(bare)


def _counted(days_as: str) -> pl.Expr:
    days = columns.matching(columns.text(), days_as).cast(pl.Int32, strict=False)
    date = pl.date(1899, 12, 30) + pl.duration(days=days)
    return pl.when(days.is_between(366, 55_000)).then(date.dt.to_string("%Y-%m-%d"))


@columns.way
def _serial() -> pl.Expr:
    """Excel's count of days, where a date lost its format: five digits."""
    return _counted("^[0-9]{5}$")


@columns.way
def _early_serial() -> pl.Expr:
    """A day before 1927 among many that are counted so: four digits."""
    return _counted("^[0-9]{4}$")


def _numbers() -> tuple[pl.Expr, ...]:
    """The parts as numbers; what is none, or 0, is unknown."""
    number = pl.col("y").str.replace("元", "1").cast(pl.Int32, strict=False)
    month = pl.col("m").str.to_lowercase().str.slice(0, 3).replace(MONTHS).cast(pl.Int32, strict=False).fill_null(0)
    first = pl.col("era").replace_strict(ERAS, default=None, return_dtype=pl.Int32)
    return (
        pl.col("y").is_not_null().alias("said"),
        pl.when(pl.col("era").is_null()).then(number).when(number > 0).then(first + number).alias("y"),
        (pl.col("era").is_not_null() & (number == 0)).fill_null(value=False).alias("zero"),
        month.alias("m"),
        pl.col("d").cast(pl.Int32, strict=False).fill_null(0).alias("d"),
    )


def _iso() -> pl.Expr:
    """ISO where the calendar knows such a day."""
    y, m, d = pl.col("y"), pl.col("m"), pl.col("d")
    year = pl.when(y.is_null()).then(pl.lit(UNKNOWN_YEAR)).otherwise(y.cast(pl.String))
    text = pl.concat_str(year, pl.lit("-"), _two("m"), pl.lit("-"), _two("d"))
    known = (y.is_between(EARLIEST, LATEST) | (y.is_null() & (m > 0))) & ~pl.col("zero")
    return pl.when("said", known, m <= 12, d <= _last_day()).then(text)


def _two(name: str) -> pl.Expr:
    return pl.when(pl.col(name) > 0).then(pl.col(name).cast(pl.String).str.zfill(2)).otherwise(pl.lit("??"))


def _last_day() -> pl.Expr:
    y, m = pl.col("y").fill_null(2000), pl.col("m")
    leap = ((y % 4 == 0) & (y % 100 != 0)) | (y % 400 == 0)
    return pl.when(m.is_in([4, 6, 9, 11])).then(30).when(m == 2).then(28 + leap.cast(pl.Int32)).otherwise(31)


def looks(text: str) -> bool:
    """Whether it is written as a whole date with a year that a living person may have."""
    return _LOOKS.match(text) is not None


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
        "生まれた年月日",
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
        "昭和二十三年四月六日": "1948-04-06",
        "平成三十年十月二十日": "2018-10-20",
        "一九四八年四月六日": "1948-04-06",
        "昭和二三年一〇月三〇日": "1948-10-30",
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
        "昭和23年4月日不詳": "1948-04-??",
        "昭和23年月日不詳": "1948-??-??",
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
