"""How Japanese offices write values: eras, half-width kana, full-width digits. Expressions over whole columns."""

from __future__ import annotations

import polars as pl

ERAS = (
    ("1989-01-08", 1989, "平成", "H", "7"),
    ("1926-12-25", 1926, "昭和", "S", "5"),
    ("1912-07-30", 1912, "大正", "T", "3"),
)

_OLD_FIRST = [name for _, _, name, _, _ in reversed(ERAS)]
WIDE = dict(zip("0123456789-()", "０１２３４５６７８９－（）", strict=True))
_WIDE_LETTERS = {chr(c): chr(c + 0xFEE0) for c in range(ord("A"), ord("Z") + 1)} | {" ": "　"}
_FULL = (
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴパピプペポ"
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォッャュョー"
)
_HALF = (
    "ｶﾞ ｷﾞ ｸﾞ ｹﾞ ｺﾞ ｻﾞ ｼﾞ ｽﾞ ｾﾞ ｿﾞ ﾀﾞ ﾁﾞ ﾂﾞ ﾃﾞ ﾄﾞ ﾊﾞ ﾋﾞ ﾌﾞ ﾍﾞ ﾎﾞ ｳﾞ ﾊﾟ ﾋﾟ ﾌﾟ ﾍﾟ ﾎﾟ "
    + " ".join("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｯｬｭｮｰ")
).split()
HALF_KANA = dict(zip(_FULL, _HALF, strict=True))
HIRAGANA = {chr(c + 0x60): chr(c) for c in range(0x3041, 0x3097)}


def wide(text: pl.Expr) -> pl.Expr:
    """Digits, hyphens and brackets in full width."""
    return text.str.replace_many(WIDE)


def wide_letters(text: pl.Expr) -> pl.Expr:
    """Latin capitals and blanks in full width."""
    return text.str.replace_many(_WIDE_LETTERS)


def half_kana(text: pl.Expr) -> pl.Expr:
    """Katakana in half width."""
    return text.str.replace_many(HALF_KANA).str.replace_all("　", " ")


def hiragana(text: pl.Expr) -> pl.Expr:
    """Katakana as hiragana."""
    return text.str.replace_many(HIRAGANA)


def _by_era(birth: pl.Expr, column: int) -> pl.Expr:
    """The ``column`` of ERAS for each date; dates are compared as text, so unknown parts do no harm."""
    (since, *first), (before, *second), (_, *third) = ERAS
    return (
        pl.when(birth >= since).then(pl.lit(first[column]))
        .when(birth >= before).then(pl.lit(second[column]))
        .otherwise(pl.lit(third[column]))
    )  # fmt: skip


def era_name(birth: pl.Expr) -> pl.Expr:
    """昭和."""
    return _by_era(birth, 1)


def era_letter(birth: pl.Expr) -> pl.Expr:
    """S."""
    return _by_era(birth, 2)


def era_year(birth: pl.Expr) -> pl.Expr:
    """The year of the era as an integer."""
    return birth.str.slice(0, 4).cast(pl.Int64) - _by_era(birth, 0) + 1


def part(birth: pl.Expr, at: int) -> pl.Expr:
    """Month (5) or day (8) without its leading zero; ``00`` where unknown."""
    return (
        birth.str.slice(at, 2)
        .str.replace("??", "00", literal=True)
        .str.replace(r"^0(\d)$", "$1")
        .str.replace("^0$", "00")
    )


def wareki(birth: pl.Expr) -> pl.Expr:
    """昭和23年4月6日; an unknown day is written 日不詳, an unknown month and day 月日不詳."""
    year = era_year(birth).cast(pl.String).str.replace("^1$", "元")
    head = pl.concat_str(era_name(birth), year, pl.lit("年"))
    return (
        pl.when(birth.str.slice(5, 2) == "??").then(head + "月日不詳")
        .when(birth.str.slice(8, 2) == "??").then(head + part(birth, 5) + "月日不詳")
        .otherwise(head + part(birth, 5) + "月" + part(birth, 8) + "日")
    )  # fmt: skip


def era_short(birth: pl.Expr, mark: str = ".") -> pl.Expr:
    """S23.4.6."""
    return pl.concat_str(
        era_letter(birth), era_year(birth).cast(pl.String), pl.lit(mark), part(birth, 5), pl.lit(mark), part(birth, 8)
    )


def era_ticked(birth: pl.Expr) -> pl.Expr:
    """□大正　☑昭和　□平成　23年4月6日, as a form has it."""
    boxes = [
        pl.when(era_name(birth) == era).then(pl.lit(f"☑{era}　")).otherwise(pl.lit(f"□{era}　")) for era in _OLD_FIRST
    ]
    year = era_year(birth).cast(pl.String)
    return pl.concat_str(*boxes, year, pl.lit("年"), part(birth, 5), pl.lit("月"), part(birth, 8), pl.lit("日"))


def era_code(birth: pl.Expr) -> pl.Expr:
    """5230406: era digit, then year, month and day in two digits each; 00 where unknown."""
    year = era_year(birth).cast(pl.String).str.zfill(2)
    rest = (birth.str.slice(5, 2) + birth.str.slice(8, 2)).str.replace_all("??", "00", literal=True)
    return pl.concat_str(_by_era(birth, 3), year, rest)


def slashed(birth: pl.Expr, mark: str = "/") -> pl.Expr:
    """1948/04/06; 00 where unknown."""
    return birth.str.replace_all("-", mark, literal=True).str.replace_all("??", "00", literal=True)
