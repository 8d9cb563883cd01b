"""What holds for every file format, whoever wrote it: it lies in the folder, so it is tested here.

An example of a format is a function in a module `examples_*.py` beside this file that has a dict ``EXAMPLES``
from kind to function; it gives real bytes of that kind, or skips where they can only be had from elsewhere.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from sekisho import parts
from sekisho.errors import DocumentError, UnsupportedError, WrongPasswordError
from sekisho.model import Blob, Format, Gap, Grid, Head, Limits, Member, Piece, Prose, Reason, Tree

LIMITS = Limits(output_bytes=64 << 20, seconds=20, members=1000)


def formats() -> dict[str, Format]:
    found = [part for part in parts.find("sekisho.documents.formats", "FORMAT").values() if isinstance(part, Format)]
    return {part.kind: part for part in sorted(found, key=lambda part: part.order)}


def examples() -> dict[str, Callable[[], bytes]]:
    found: dict[str, Callable[[], bytes]] = {}
    for path in sorted(Path(__file__).parent.glob("examples_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.update(module.EXAMPLES)
    return found


FORMATS, EXAMPLES = formats(), examples()
READ = [kind for kind, part in FORMATS.items() if part.reads and part.needs != "ocr"]
BY_NAME = {"docuworks"}  # has no mark of its own
NAMED = [kind for kind, part in FORMATS.items() if not part.reads]


@cache
def example(kind: str) -> bytes:
    if kind not in EXAMPLES:
        pytest.skip("it has no example: another test says so")
    return EXAMPLES[kind]()


def named(kind: str, data: bytes) -> Blob:
    suffix = next(iter(FORMATS[kind].suffixes), "")
    return Blob(f"example{suffix}", data)


def read(kind: str, data: bytes) -> Iterator[Piece]:
    return FORMATS[kind].read(named(kind, data), LIMITS)


def survives(kind: str, data: bytes) -> None:
    """Asking and reading end in pieces or in a DocumentError, never in anything else."""
    blob = named(kind, data)
    head = Head(blob.data, blob.name)
    for part in FORMATS.values():
        assert part.recognise(head) in (True, False)
    try:
        FORMATS[kind].lock(blob)
        for piece in read(kind, data):
            if isinstance(piece, Member):
                piece.load(None)
    except (DocumentError, WrongPasswordError):
        pass


def test_every_format_has_an_example_and_every_example_a_format() -> None:
    assert set(EXAMPLES) == set(FORMATS)


@pytest.mark.parametrize("kind", READ)
def test_every_format_reads_its_example(kind: str) -> None:
    pieces = list(read(kind, example(kind)))
    assert any(isinstance(piece, Grid | Prose | Tree | Member) for piece in pieces)
    assert not [piece for piece in pieces if isinstance(piece, Gap) and piece.reason != Reason.UNREAD_PART]


@pytest.mark.parametrize("kind", NAMED)
def test_a_format_that_is_only_named_says_so(kind: str) -> None:
    with pytest.raises(UnsupportedError, match=Reason.NO_READER):
        list(read(kind, example(kind)))


@pytest.mark.parametrize("kind", READ)
def test_the_cells_of_every_grid_are_text_in_numbered_columns(kind: str) -> None:
    for piece in read(kind, example(kind)):
        if isinstance(piece, Grid):
            assert piece.cells.columns == [str(i) for i in range(piece.cells.width)]
            assert all(dtype == pl.String for dtype in piece.cells.dtypes)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_example_is_taken_for_its_own_kind_whatever_it_is_called(kind: str) -> None:
    data = example(kind)
    for name in (named(kind, data).name, *(("example", "example.bin") if kind not in BY_NAME else ())):
        told = [part for part in FORMATS.values() if part.recognise(Head(data, name))]
        assert told, f"{name} is not recognised"
        assert told[0].kind == kind
        assert [part.kind for part in told if part.order == told[0].order] == [kind], "two formats claim it"


@pytest.mark.parametrize("kind", FORMATS)
def test_no_format_takes_nothing_for_its_own_and_reading_it_ends(kind: str) -> None:
    assert not FORMATS[kind].recognise(Head(b"", ""))
    survives(kind, b"")


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_survives_being_cut_short(kind: str) -> None:
    data = example(kind)
    for length in {1, 7, 100, *(len(data) * tenth // 10 for tenth in (1, 3, 5, 7, 9)), len(data) - 1}:
        survives(kind, data[:length])


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_survives_flipped_bytes(kind: str) -> None:
    data = example(kind)
    choose = random.Random(kind)
    for _ in range(12):
        broken = bytearray(data)
        for _ in range(choose.choice((1, 3, 30))):
            broken[choose.randrange(len(broken))] = choose.randrange(256)
        survives(kind, bytes(broken))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_says_what_it_is_in_both_languages(kind: str) -> None:
    part = FORMATS[kind]
    assert part.title.en
    assert part.title.ja
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in part.suffixes)
