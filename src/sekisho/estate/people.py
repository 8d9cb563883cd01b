"""The invented persons: names in their real frequencies and readings, unique numbers, dates, addresses."""

from __future__ import annotations

from functools import cache

import polars as pl

from sekisho.countries import regions
from sekisho.estate.dice import Dice
from sekisho.estate.places import addresses

LATIN = (
    ("NGUYEN", "VAN AN", "グエン", "バンアン"), ("TRAN", "THI HOA", "チャン", "ティホア"),
    ("KIM", "MINSU", "キム", "ミンス"), ("PARK", "JIYOUNG", "パク", "ジヨン"), ("WANG", "LI", "ワン", "リー"),
    ("SILVA", "MARIA CLARA", "シルバ", "マリアクララ"), ("SANTOS", "JOSE", "サントス", "ホセ"),
    ("SMITH", "JOHN PAUL", "スミス", "ジョンポール"), ("GURUNG", "SITA", "グルン", "シタ"),
    ("DELA CRUZ", "ANNA", "デラクルス", "アンナ"),
)  # fmt: skip

# the common character and the variant that stands in some persons' family registers
VARIANTS = {"高": "髙", "崎": "﨑", "浜": "濵", "辺": "邉", "柳": "栁", "徳": "德", "恵": "惠", "斎": "齋", "吉": "𠮷"}

SHARE_LATIN = 0.004
SHARE_VARIANT = 0.02
DOMAINS = ("example.jp", "example.com", "mail.example.co.jp", "example.ne.jp")
AREAS = ("090", "080", "070", "098", "03", "073", "045", "06")
FOUR_IN_THE_MIDDLE = ("090", "080", "070", "03", "06")
PENSION_CODES = ("1150", "1350", "1450", "5350", "1170")  # old age, disability, survivors, ...
_FIRST_BIRTH, _LAST_BIRTH = -17_532, 9_130  # 1922-01-01 and 1994-12-31 in days from 1970-01-01

_HIRAGANA = {chr(c): chr(c + 0x60) for c in range(0x3041, 0x3097)}


def _katakana(text: str) -> str:
    return "".join(_HIRAGANA.get(c, c) for c in text)


def _writable(name: str) -> bool:
    try:
        name.encode("iso2022_jp")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _surnames() -> pl.DataFrame:
    """last, last_kana, last_latin, weight."""
    from japanese_personal_name_dataset import load_dataset

    _, _, names = load_dataset("opti", include_last_names=True)
    rows = [
        (kanji, _katakana(entry["reading"]), entry["en"].upper(), entry["count"])
        for kanji, entry in names.items()
        if _writable(kanji + entry["reading"])
    ]
    return pl.DataFrame(rows, schema=["last", "last_kana", "last_latin", "weight"], orient="row")


@cache
def _given(sex: str) -> pl.DataFrame:
    """first, first_kana, first_latin of one sex."""
    from japanese_personal_name_dataset import load_dataset

    men, women = load_dataset("opti")
    rows = [
        (kanji, _katakana(reading), entry["en"].upper())
        for reading, entry in (men if sex == "M" else women).items()
        for kanji in entry["kanji"]
        if kanji and _writable(kanji + reading)
    ]
    return pl.DataFrame(rows, schema=["first", "first_kana", "first_latin"], orient="row")


def numbers(n: int, dice: Dice, first: int = 1, offices: int = 60) -> pl.Series:
    """``n`` different basic pension numbers: an office code (a region's, then 01..60), then a serial.

    ``first``: the first office of each region, and how many ``offices`` it has.
    """
    drawn = dice.raw(n + n // 50 + 20)
    issuing = _issuing_regions()
    codes = issuing.gather(drawn % len(issuing)) * 100 + (drawn // 47 % offices) + first
    return _written(codes * 1_000_000 + drawn // 2820 % 1_000_000, n)


def temporary_numbers(n: int, dice: Dice) -> pl.Series:
    """``n`` different numbers of the kind that is not tied to a person yet."""
    return _written(9_900_000_000 + dice.raw(n + n // 50 + 20) % 100_000_000, n)


def _written(values: pl.Series, n: int) -> pl.Series:
    digits = values.unique(maintain_order=True).head(n).cast(pl.String).str.zfill(10)
    return digits.str.slice(0, 4) + "-" + digits.str.slice(4)


def _issuing_regions() -> pl.Series:
    """The codes of the regions whose offices issue numbers to persons."""
    codes = (int(code) for country in regions.regions() for code in country.issuers if code < "90")
    return pl.Series(sorted(codes), dtype=pl.UInt64)


def _births(n: int, dice: Dice) -> pl.Series:
    """ISO dates from 1922-01-01 to 1994-12-31, thinner at the far end."""
    share = 1 - (dice.column(n, 1 << 30) / (1 << 30)) ** 1.3
    days = (share * (_LAST_BIRTH - _FIRST_BIRTH)).cast(pl.Int32) + _FIRST_BIRTH
    return days.cast(pl.Date).dt.to_string("%Y-%m-%d")


def _named(n: int, dice: Dice) -> pl.DataFrame:
    last = _surnames()[dice.weighted(n, _surnames()["weight"].to_list())].drop("weight")
    sex = dice.chances(n, 0.51).replace_strict({True: "F", False: "M"}, return_dtype=pl.String)
    men, women = (_given(s)[dice.column(n, _given(s).height)] for s in ("M", "F"))
    first = [pl.when(sex == "M").then(men[c]).otherwise(women[c]).alias(c) for c in men.columns]
    return pl.select(*last.get_columns(), *first, sex=sex)


def _with_variants(people: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    varied = pl.col("last").str.replace_many(VARIANTS)
    return people.with_columns(last=pl.when(dice.chances(people.height, SHARE_VARIANT)).then(varied).otherwise("last"))


def _with_latin(people: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """A few persons whose legal name is in Latin letters; the Japanese name they use stands in ``alias``."""
    n = people.height
    foreign = dice.chances(n, SHARE_LATIN)
    table = pl.DataFrame(LATIN, schema=["last", "first", "last_kana", "first_kana"], orient="row")
    drawn = table[dice.column(n, len(LATIN))]
    alias = pl.when(foreign).then(pl.concat_str("last", "first"))
    names = [pl.when(foreign).then(drawn[c]).otherwise(c).alias(c) for c in table.columns]
    return people.with_columns(alias=alias, foreign=foreign).with_columns(names)


def _check_digit(eleven: pl.Expr) -> pl.Expr:
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    total = pl.sum_horizontal(eleven.str.slice(i, 1).cast(pl.Int64) * w for i, w in enumerate(weights)) % 11
    return pl.when(total <= 1).then(0).otherwise(11 - total).cast(pl.String)


def _digits(n: int, count: int, dice: Dice) -> pl.Series:
    return dice.column(n, 10**count).cast(pl.String).str.zfill(count)


def _phones(n: int, dice: Dice) -> pl.Expr:
    """Numbers that nobody has: their middle part begins with 0, which is never given out."""
    area = pl.Series(AREAS).gather(dice.weighted(n, (5, 4, 2, 3, 2, 1, 1, 1)))
    middle, last = _digits(n, 2, dice), _digits(n, 4, dice)
    four = pl.lit(area).is_in(FOUR_IN_THE_MIDDLE)
    return area + pl.when(four).then(pl.lit("-00")).otherwise(pl.lit("-0")) + middle + "-" + last


def people(n: int, dice: Dice) -> pl.DataFrame:
    """``n`` persons, one a row; every text in normal form.

    person (0..n-1), basic_pension_number, pension_code, certificate_number, my_number, last, first, last_kana,
    first_kana, last_latin, first_latin, alias (null for most), foreign, sex, birth_date, postal_code,
    prefecture, city, town, chome, banchi, go, building, room, phone, email.
    """
    named = _with_latin(_with_variants(_named(n, dice.stream("names")), dice.stream("variants")), dice.stream("latin"))
    eleven, tail = _digits(n, 11, dice.stream("my number")), _digits(n, 2, dice.stream("mail"))
    domains = pl.Series(DOMAINS).gather(dice.stream("domain").column(n, len(DOMAINS)))
    codes = pl.Series(PENSION_CODES).gather(dice.stream("code").weighted(n, (80, 6, 8, 2, 4)))
    local = pl.concat_str("first_latin", "last_latin", separator=".").str.to_lowercase().str.replace_all(" ", "")
    return (
        named.hstack(addresses(n, dice.stream("addresses")))
        .with_columns(
            person=pl.int_range(n, dtype=pl.Int64),
            basic_pension_number=numbers(n, dice.stream("numbers")),
            pension_code=codes,
            my_number=eleven + _check_digit(pl.lit(eleven)),
            birth_date=_births(n, dice.stream("births")),
            phone=_phones(n, dice.stream("phones")),
            email=local + tail + "@" + domains,
        )
        .with_columns(certificate_number=pl.concat_str("basic_pension_number", "pension_code", separator="-"))
    )
