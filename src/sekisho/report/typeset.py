"""Pages as PDF: our own templates set by typst, from data that never becomes source, in fonts that have every glyph.

A template is typst source that ends in ``.typ``; what it says of a person comes as ``data`` (JSON), which typst reads
as values: markup in a name is letters. Every page is PDF/A-2b with its fonts embedded, a title and a language.
A character that no font here has stops the run before a page is made: typst would print a box and say nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sekisho.errors import MissingPartError
from sekisho.wording import Text

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "templates"
MAIN = ("Noto Sans CJK JP", "IPAexGothic")
"""Families for running text, the best first."""
WIDER = ("IPAmjMincho", "Noto Serif CJK JP", "IPAexMincho")
"""Families for names that the main one lacks a glyph of, the widest first."""
STANDARD = "a-2b"
BREAK = "\u200b"
"""A place at which a line may be broken; it prints nothing."""
_PREAMBLE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, author: data.author)
#set text(lang: data.language, font: data.fonts, fallback: false, cjk-latin-spacing: none)
"""
_SELECTOR = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
_UNITS = re.compile(f".{_SELECTOR}", re.DOTALL)
_NEVER = re.compile("[\ue000-\uf8ff\ufff9-\uffff\u3013\U000f0000-\U0010ffff]")
"""What stands for a character that somebody's font has, or that was lost: no font of ours prints what was meant."""
_LOST = r"[?？□■▯▢\u2ff0-\u2fff\u31ef]"
"""What registers write for such a character: a mark in its place, or the parts of which it is made."""
_INVISIBLE = r"[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]"


class Press:
    """Sets one template; what it made ready for one page it has for the next. Not for several threads at once."""

    def __init__(self, template: str, folder: Path = TEMPLATES) -> None:
        """``template``: the name of a file in ``folder``, without ``.typ``; raises MissingPartError."""
        self.source = (_PREAMBLE + (folder / f"{template}.typ").read_text("utf-8")).encode()
        self._compiler = _typst().Compiler(self.source, root=folder, font_paths=_fonts())

    def pdf(self, data: Mapping[str, Any], *, tags: bool = True, at: datetime | None = None) -> bytes:
        """The pages that ``data`` makes: ``title``, ``author``, ``language`` and what the template reads.

        ``at``: when it was made, for the same bytes again. Raises MissingPartError where no font has a character.
        """
        text = json.dumps({**data, "fonts": families()}, ensure_ascii=False)
        _demand(text)
        made, warnings = self._compiler.compile_with_warnings(
            self.source,
            format="pdf",
            sys_inputs={"data": text},
            pdf_standards=[STANDARD],
            pdf_tags=tags,
            timestamp=(at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0),
        )
        if warnings:
            raise RuntimeError(warnings[0].message)
        assert isinstance(made, bytes)
        return made


@cache
def families() -> tuple[str, ...]:
    """The families that are installed here of `MAIN` (the best) and `WIDER`; raises MissingPartError."""
    there = set(_fonts().families())
    main = [family for family in MAIN if family in there]
    if not main:
        raise MissingPartError(
            Text("No font with Japanese letters is installed.", "日本語フォントがありません。"),
            Text("On Debian: apt-get install fonts-noto-cjk.", "Debian では apt-get install fonts-noto-cjk。"),
        )
    return (*main, *(family for family in WIDER if family in there))


def family_for(texts: pl.Series) -> pl.Series:
    """For each text, the first family that has every glyph of it, also of chosen variants; null where none has.

    A variant that no family has is printed in its common form, which is the same character. None has what was lost.
    """
    exact = _chosen(texts, _units(texts))
    bare = texts.str.replace_all(_SELECTOR, "")
    common = _chosen(bare, _units(bare))
    found = pl.when(~texts.str.contains(_LOST)).then(pl.coalesce(exact, common))
    return pl.select(found).to_series().alias("family")


def visible(texts: pl.Series) -> pl.Series:
    """The texts without what cannot be seen and may turn others round: control, bidirectional and zero-width ones."""
    return texts.str.normalize("NFC").str.replace_all(_INVISIBLE, "")


@cache
def coverage(family: str) -> frozenset[str]:
    """The characters, and characters with a selector of a variant, that a family has a glyph of."""
    from fontTools.ttLib import TTFont

    found = next(font for font in _fonts().fonts() if font.family == family and font.style == "normal")
    assert found.path
    with TTFont(found.path, fontNumber=found.index, lazy=True) as font:
        tables = font["cmap"]
        single = {chr(code) for code in tables.getBestCmap()}
        pairs = {
            chr(base) + chr(selector)
            for table in tables.tables
            if table.format == 14
            for selector, listed in table.uvsDict.items()
            for base, _ in listed
        }
    return frozenset(one for one in single | pairs if not _NEVER.match(one))


def _chosen(texts: pl.Series, units: Iterable[str]) -> pl.Series:
    """The first family for each text; ``units``: all characters in them, with their selectors."""
    wanted = set(units)
    ways = []
    for family in families():
        missing = sorted(wanted - coverage(family))
        fits = ~texts.str.contains_any(missing) if missing else texts.is_not_null()
        ways.append(pl.when(fits).then(pl.lit(family)))
    return pl.select(pl.coalesce(ways)).to_series()


def _units(texts: pl.Series) -> set[str]:
    whole = "\n".join(texts.drop_nulls().unique())
    return {*_UNITS.findall(whole), *_UNITS.sub("", whole)} - {"\n"}


def _demand(text: str) -> None:
    """Raises MissingPartError for characters that no font has; only their codes are named."""
    there = frozenset().union(*(coverage(family) for family in families()))
    missing = sorted({one for one in _bare(text) if one not in there})
    if missing:
        codes = ", ".join(f"U+{ord(one):04X}" for one in missing[:10])
        raise MissingPartError(
            Text("No font here has: {codes}.", "次の文字を持つフォントがありません: {codes}。").fill(codes=codes),
            Text("Install a font that has them.", "その文字を持つフォントを追加してください。"),
        )


def _bare(text: str) -> Sequence[str]:
    return sorted(set(re.sub(_SELECTOR, "", text)) - {BREAK})


@cache
def _fonts() -> typst.Fonts:
    found: typst.Fonts = _typst().Fonts(include_system_fonts=True, include_embedded_fonts=False)
    return found


def _typst() -> Any:
    try:
        import fontTools
        import typst
    except ImportError as error:
        raise MissingPartError(
            Text("Typesetting is not installed here.", "組版機能がインストールされていません。"),
            Text("pip install 'sekisho[letters]'", "pip install 'sekisho[letters]'"),
        ) from error
    del fontTools
    return typst
