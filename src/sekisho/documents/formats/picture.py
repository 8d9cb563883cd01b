"""Pictures (.png, .jpg, .tif, .gif, .bmp, .webp, .heic): read only with OCR (extra `ocr`)."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import ocr
from sekisho.documents.blocks import Flow
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"GIF87a", b"GIF89a")
_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")


def _recognise(head: Head) -> bool:
    start = bytes(head.data[:32])
    if start.startswith(_MAGICS):
        return True
    if start[:2] == b"BM":
        return int.from_bytes(start[14:18], "little") in (12, 40, 52, 56, 64, 108, 124) and start[6:10] == bytes(4)
    return (start[:4] == b"RIFF" and start[8:12] == b"WEBP") or (start[4:8] == b"ftyp" and start[8:12] in _BRANDS)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    if not limits.ocr:
        yield Gap(Reason.NO_TEXT)
        return
    flow = Flow()
    for number, page in enumerate(ocr.pages(bytes(blob.data)), start=1):
        yield from flow.contents(page, str(number), Frame.PAGE)
    if flow.empty:
        yield Gap(Reason.NO_TEXT)


FORMAT = Format(
    kind="picture",
    title=Text("picture", "画像"),
    suffixes=(".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".gif", ".bmp", ".webp", ".heic"),
    recognise=_recognise,
    read=_read,
    order=20,
    needs="ocr",
)
