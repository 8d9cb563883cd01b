"""The number on every face of a letter, which people and machines read: it says which letter, which face, of how many.

It names nobody. Its check digits (ISO 7064, MOD 97-10) find every single wrong digit and every swap of two neighbours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

FACES = 1
"""A letter has one printed face."""
DIGITS = 16
_PARTS = (4, 8, 1, 1)  # incident, letter, face, faces


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a letter of an incident."""

    incident: int
    letter: int
    face: int = 1
    faces: int = FACES

    def __post_init__(self) -> None:
        parts = (self.incident, self.letter, self.face, self.faces)
        if any(not 0 < part < 10**digits for part, digits in zip(parts, _PARTS, strict=True)):
            raise ValueError(parts)

    @property
    def digits(self) -> str:
        """As the machine reads it."""
        parts = (self.incident, self.letter, self.face, self.faces)
        whole = "".join(f"{part:0{digits}}" for part, digits in zip(parts, _PARTS, strict=True))
        return f"{whole}{98 - int(whole) * 100 % 97:02}"

    @property
    def written(self) -> str:
        """As people read it: incident, letter, check digits."""
        return f"{self.incident:04}-{self.letter:08}-{self.digits[-2:]}"


def read(text: str) -> Face | None:
    """The face whose number this is, as a machine reads it or people write it; None where it is none."""
    plain = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{14}|\d{16}", plain, re.ASCII):
        return None
    incident, letter = int(plain[:4]), int(plain[4:12])
    face, faces = (int(plain[12]), int(plain[13])) if len(plain) == DIGITS else (1, FACES)
    try:
        found = Face(incident, letter, face, faces)
    except ValueError:
        return None
    return found if found.digits[-2:] == plain[-2:] else None


def read_all(texts: pl.Series) -> pl.DataFrame:
    """``incident``, ``letter``, ``face``, ``faces`` of many numbers as machines read them; null where one is none."""
    plain = texts.str.replace_all(r"[\s-]", "").str.zfill(DIGITS)  # a spreadsheet takes zeros off
    whole = pl.col("plain").str.slice(0, DIGITS - 2).cast(pl.Int64, strict=False)
    check = pl.col("plain").str.slice(DIGITS - 2).cast(pl.Int64, strict=False)
    fits = pl.col("plain").str.contains(r"^[0-9]{16}$") & (98 - (whole % 97) * 100 % 97 == check)
    ends = [sum(_PARTS[at + 1 :]) for at in range(len(_PARTS))]
    parts = [
        pl.when(fits).then(whole // 10**after % 10**digits).alias(name)
        for name, after, digits in zip(("incident", "letter", "face", "faces"), ends, _PARTS, strict=True)
    ]
    return pl.DataFrame({"plain": plain}).select(parts)
