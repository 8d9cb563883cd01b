"""OLE compound files: what is cut out of one and written anew is the same, and embedded ones do not hide their host."""

from __future__ import annotations

import io
import os

import olefile
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.documents import compound, ole
from sekisho.model import Head, Member

names = st.text(st.characters(codec="ascii", min_codepoint=48, max_codepoint=122), min_size=1, max_size=20)
contents = st.one_of(st.binary(max_size=200), st.integers(4000, 9000).map(os.urandom))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(names.map(str.lower), contents, min_size=1, max_size=12))
def test_every_stream_comes_back_as_it_was_written(streams: dict[str, bytes]) -> None:
    written = compound.written({(name,): data for name, data in streams.items()})
    with olefile.OleFileIO(io.BytesIO(written), raise_defects=olefile.DEFECT_INCORRECT) as file:
        assert {name: file.openstream([name]).read() for (name,) in file.listdir()} == streams


def test_a_large_file_with_storages_comes_back_too() -> None:
    streams = {("a", "b", str(i)): os.urandom(300_000) for i in range(30)}
    with olefile.OleFileIO(io.BytesIO(compound.written(streams))) as file:
        assert all(file.openstream(list(path)).read() == data for path, data in streams.items())


def test_a_storage_cut_out_is_a_file_of_its_own() -> None:
    host = compound.written({("WordDocument",): b"w", ("ObjectPool", "_1", "Workbook"): b"sheet" * 1000})
    with ole.open_ole(host) as file:
        (member,) = [piece for piece in ole.objects(file, "ObjectPool") if isinstance(piece, Member)]
    inner = member.load(None).data
    assert ole.named(Head(inner, ""), "Workbook")
    with ole.open_ole(inner) as file:
        assert ole.stream(file, "Workbook") == b"sheet" * 1000


def test_what_is_embedded_does_not_tell_what_a_file_is() -> None:
    host = compound.written({("Workbook",): b"x", ("MBD1", "WordDocument"): b"y"})
    assert ole.named(Head(host, ""), "Workbook")
    assert not ole.named(Head(host, ""), "WordDocument")


def test_a_file_cut_short_is_known_by_the_names_that_are_left() -> None:
    host = compound.written({("WordDocument",): b"x" * 5000})
    assert ole.named(Head(host, ""), "WordDocument")
    cut = host[: host.index("WordDocument".encode("utf-16-le")) + 200]
    assert ole.named(Head(cut, ""), "WordDocument")
