"""Pictures of text, read by the real OCR where its extra and a Japanese font are at hand."""

from __future__ import annotations

import io
import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from sekisho.documents import kinds
from sekisho.model import Blob, Gap, Limits, Prose, Reason

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
LINES = ("氏名：山本 健太", "生年月日：昭和23年4月6日", "基礎年金番号：1234-567890")


@pytest.fixture(scope="module")
def picture() -> bytes:
    if find_spec("rapidocr") is None or not FONT.exists():
        why = "needs the extra ocr and Debian's fonts-noto-cjk"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(FONT), 40)
    sheet = Image.new("RGB", (1200, 500), "white")
    for row, text in enumerate(LINES):
        ImageDraw.Draw(sheet).text((100, 100 + row * 110), text, font=font, fill="black")
    out = io.BytesIO()
    sheet.save(out, "png")
    return out.getvalue()


def read(data: bytes, *, ocr: bool) -> list[object]:
    blob = Blob("scan.png", data)
    fmt = kinds.recognised(blob)
    assert fmt is not None
    return list(fmt.read(blob, Limits(ocr=ocr)))


def test_a_picture_gives_its_lines_where_asked(picture: bytes) -> None:
    (page,) = read(picture, ocr=True)
    assert isinstance(page, Prose)
    said = "\n".join(page.lines).replace(" ", "").replace(":", "：")
    assert all(line.replace(" ", "") in said for line in LINES)


def test_a_picture_is_never_read_and_empty_where_nobody_asked(picture: bytes) -> None:
    (gap,) = read(picture, ocr=False)
    assert isinstance(gap, Gap)
    assert gap.reason is Reason.NO_TEXT
