"""Reads pictures of text (extra ``ocr``): what stands where, then lines and tables as on any page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from sekisho.documents import pdf_cells, pdf_columns, pdf_text
from sekisho.documents.blocks import Block
from sekisho.documents.pdf_marks import Page, spread
from sekisho.errors import UnreadableError, UnsupportedError
from sekisho.model import Reason

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_PAGES, _MOST_PIXELS = 500, 120_000_000
_SURE = 0.5
_SIMPLIFIED = str.maketrans(
    "爱绪泽边岛广龙关实应", "愛緒澤辺島広龍関実応"
)  # what a reader of Chinese takes for Japanese characters
_KATAKANA = "ァ-ヶー"
_MISREAD = {"力": "カ", "二": "ニ", "ロ": "ロ", "夕": "タ", "工": "エ", "卜": "ト", "八": "ハ", "一": "ー"}
_BETWEEN_KATAKANA = re.compile(f"(?<=[{_KATAKANA}])[{''.join(_MISREAD)}](?=[{_KATAKANA}]|$)|^[力夕工](?=[{_KATAKANA}])")


def pages(data: bytes) -> Iterator[list[Block]]:
    """The blocks of each page of a picture file. Raises UnreadableError, UnsupportedError (extra not installed)."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as picture:
            for number, frame in enumerate(ImageSequence.Iterator(picture)):
                if number < _MOST_PAGES:
                    yield read(frame.convert("RGB"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise UnreadableError(Reason.DAMAGED, "picture") from error


def read(picture: Image) -> list[Block]:
    """The blocks of one page; raises UnsupportedError where the extra is not installed."""
    found = _engine()(picture)
    page = Page()
    if found.boxes is None:
        return []
    for box, text, sure in zip(found.boxes, found.txts, found.scores, strict=True):
        if sure >= _SURE and text.strip():
            xs, ys = [float(x) for x, _ in box], [float(y) for _, y in box]
            page.runs.append(spread(_mended(text), min(xs), min(ys), max(xs), max(ys)))
    tables, loose = pdf_cells.ruled(page)
    return list(pdf_text.in_order([*tables, *pdf_columns.parts(loose)]))


def _mended(text: str) -> str:
    text = text.translate(_SIMPLIFIED)
    return _BETWEEN_KATAKANA.sub(lambda found: _MISREAD[found[0]], text)


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ModuleNotFoundError as error:
        raise UnsupportedError(Reason.HELPER_MISSING, "rapidocr") from error
    return RapidOCR(params={"Global.log_level": "error"})
