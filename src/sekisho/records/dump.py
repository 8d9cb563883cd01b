"""Host dumps: lines of equal width without separators; where one field ends is told by all lines together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

FILLER = "\ue000"
"""Stands behind each full-width character, so that characters count as bytes do in cp932."""
_SAMPLE = 4000
_PLACES = 24
_BEYOND = 400
_CLASSES = (
    (f"[ \t]|\u3000{FILLER}?", " "),
    (r"[A-Za-z]", "A"),
    (r"[0-9]", "9"),
    ("[\uff61-\uff9f]", "K"),
    (r"[^\x00-\x7f]", "W"),
    (r"[^ A9KW]", "-"),
)
"""What kind of character stands somewhere: blank, letter, digit, half-width kana, full-width, sign."""


@dataclass(frozen=True, slots=True)
class Field:
    """A run of positions with one kind of content: ``kind`` is digit, kana, wide, letter or sign."""

    start: int
    end: int
    kind: str

    @property
    def width(self) -> int:
        """How many half-width positions."""
        return self.end - self.start


Shares = Sequence[dict[str, float]]
"""For each position, how much of the lines has which kind of character there."""


def widened(lines: pl.Series) -> pl.Series:
    """The lines with a filler behind each full-width character."""
    return lines.str.replace_all(r"([^\x00-\x7f\x{ff61}-\x{ff9f}])", f"${{1}}{FILLER}")


def sliced(wide: pl.Series, start: int, end: int | None) -> pl.Series:
    """What stands in some positions, without fillers and blanks around; null where nothing does."""
    text = wide.str.slice(start, None if end is None else end - start)
    clean = text.str.replace_all(FILLER, "").str.strip_chars(" \u3000\t")
    return clean.set(clean == "", None)


def classes(wide: pl.Series) -> pl.Series:
    """The lines with every character replaced by its kind; two blanks for a full-width one."""
    kinds = wide.str.replace_all(f"\u3000{FILLER}", "  ")
    for pattern, kind in _CLASSES:
        kinds = kinds.str.replace_all(pattern, kind)
    return kinds


def shares(kinds: pl.Series) -> Shares:
    """How the kinds are spread at each position; beyond its end a line is blank."""
    looked_at = sample(kinds)
    widest = looked_at.str.len_chars().max()
    width = widest if isinstance(widest, int) else 0
    found: list[dict[str, float]] = []
    padded = looked_at.str.pad_end(width, " ")
    for at in range(width):
        counts = padded.str.slice(at, 1).value_counts()
        found.append({kind: count / len(looked_at) for kind, count in counts.iter_rows()})
    return found


def fields(spread: Shares) -> list[Field]:
    """Runs of positions of one kind; a run of text ends where blanks do, at one place in nearly all lines."""
    labels = [_label(share) for share in spread]
    filled = [1.0 - share.get(" ", 0.0) for share in spread]
    found: list[Field] = []
    start = 0
    for i in range(1, len(labels) + 1):
        if i < len(labels) and not _border(labels, filled, start, i):
            continue
        found.extend(_field(labels, filled, start, i))
        start = i
    nexts = [*(field.start for field in found[1:]), None]
    return [_padded(field, after) for field, after in zip(found, nexts, strict=True)]


def _padded(field: Field, after: int | None) -> Field:
    """A text's field goes on to where the next begins: some name may be longer than those looked at."""
    if field.kind not in ("kana", "wide"):
        return field
    return Field(field.start, field.end + _BEYOND if after is None else after, field.kind)


_TEXT = {"K": "kana", "A": "letter", "W": "wide", "-": "sign"}


def _label(share: dict[str, float]) -> str:
    """The kind of one position: blank, digit, or the kind of text that is most often there."""
    blank, digit = share.get(" ", 0.0), share.get("9", 0.0)
    if blank > 0.995:
        return "blank"
    if digit + blank > 0.97 and digit > 0.5 * (1 - blank):
        return "digit"
    return _TEXT[max(_TEXT, key=lambda kind: share.get(kind, 0.0))]


def _border(labels: Sequence[str], filled: Sequence[float], start: int, i: int) -> bool:
    """Whether a new field begins at position ``i``."""
    before, here = labels[i - 1], labels[i]
    if filled[i] - filled[i - 1] > 0.45:
        gap = 3 if labels[start] == here == "wide" else 2 if labels[start] == here else 1
        return max(filled[max(start, i - gap) : i]) <= 0.05
    if (before == "digit") != (here == "digit"):
        return not _inside_text(labels, filled, start, i)
    return {before, here} == {"kana", "wide"}


def _inside_text(labels: Sequence[str], filled: Sequence[float], start: int, i: int) -> bool:
    """House numbers in an address make no field: digits that come and go inside text that is seldom filled."""
    return labels[start] in ("wide", "kana", "letter") and i - start >= 4 and filled[i] < 0.97 and filled[i - 1] < 0.98


def _field(labels: Sequence[str], filled: Sequence[float], start: int, end: int) -> Iterator[Field]:
    """The field, of the kind that most of its characters are; a header's letters beyond the names count little."""
    weights = dict.fromkeys(("digit", "kana", "wide", "letter", "sign"), 0.0)
    for label, share in zip(labels[start:end], filled[start:end], strict=True):
        if label != "blank":
            weights[label] += share
    if not any(weights.values()):
        return
    while labels[end - 1] == "blank":
        end -= 1
    while labels[start] == "blank":
        start += 1
    yield Field(start, end, max(weights, key=lambda kind: weights[kind]))


_SEPARATED = r"[,\t;|]"
_PACKED = r"\d{8}|\d[ｦ-ﾟァ-ヴ]|[ｦ-ﾟ]\s*\d|\d{4}-?\d{6}.*[ｦ-ﾟ]{3}|[ｦ-ﾟ]{3}.*\d{6}"


def packed(lines: pl.Series) -> pl.Series:
    """Which lines may be of a dump: a long run of digits, or digits against kana, and no separators."""
    return lines.str.contains(_PACKED) & ~lines.str.contains(_SEPARATED)


def sample(wide: pl.Series) -> pl.Series:
    """Enough of the lines to tell the fields by."""
    return wide if len(wide) <= _SAMPLE else wide.gather_every(len(wide) // _SAMPLE + 1)


def joined(wide: pl.Series, found: Sequence[Field]) -> list[Field]:
    """Digits parted only by a hyphen or a point in all lines, or led by an era's letter, are one field."""
    result: list[Field] = []
    for field in found:
        last = result[-1] if result else None
        if last is not None and last.end == field.start and _goes_on(wide, last, field):
            result[-1] = Field(last.start, field.end, "digit")
        else:
            result.append(field)
    return _phones(wide, result)


def _phones(wide: pl.Series, found: Sequence[Field]) -> list[Field]:
    """Digits and hyphens side by side that are phone numbers in all lines, wherever their hyphens stand."""
    result: list[Field] = []
    for field in found:
        run = [field]
        while result and result[-1].end == run[0].start and {result[-1].kind, field.kind} <= {"digit", "sign"}:
            run.insert(0, result.pop())
        whole = Field(run[0].start, field.end, "digit")
        result += [whole] if len(run) > 1 and _all(wide, whole, _PHONE) else run
    return result


_PHONE = r"^0\d{1,4}-\d{1,4}-\d{4}$"


def _goes_on(wide: pl.Series, last: Field, field: Field) -> bool:
    if last.kind == "letter" and last.width == 1 and field.kind == "digit":
        return _all(wide, last, r"^[MTSHRmtshr]$")
    if last.kind == "digit" and field.kind == "sign" and field.width == 1:
        return _all(wide, field, r"^[-./]$")
    return last.kind == field.kind == "digit" and _all(wide, Field(field.start - 1, field.start, "sign"), r"^[-./]$")


def _all(wide: pl.Series, field: Field, pattern: str) -> bool:
    values = sliced(wide, field.start, field.end).drop_nulls()
    return bool(len(values)) and bool(values.str.contains(pattern).all())


def fits_most(kinds: pl.Series, spread: Shares) -> pl.Series:
    """Which lines have digits where most lines have them: header and trailer records do not."""
    places = [at for at, share in enumerate(spread) if share.get("9", 0.0) > 0.6][:_PLACES]
    if not places:
        return pl.Series([True]).new_from_index(0, len(kinds))
    frame = kinds.alias("kinds").to_frame()
    here = [pl.col("kinds").str.slice(at, 1) for at in places]
    digits = pl.sum_horizontal((kind == "9").cast(pl.Int32) for kind in here)
    others = pl.sum_horizontal(kind.is_in(["A", "K", "W", "-"]).cast(pl.Int32) for kind in here)
    return frame.select((digits * 3 >= len(places)) & (others * 20 <= len(places))).to_series()
