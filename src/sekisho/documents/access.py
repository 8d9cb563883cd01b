"""Access databases, read by mdbtools (Debian package ``mdbtools``)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sekisho.documents import delimited, helper
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Frame, Gap, Grid, Limits, Reason

JET, ACE = b"Standard Jet DB\0", b"Standard ACE DB\0"


def read(blob: Blob, limits: Limits) -> Iterator[Grid | Gap]:
    """The tables of a database, column names first."""
    with helper.in_memory(blob.data) as descriptor:
        run = partial(helper.output, descriptor=descriptor, limits=limits)
        for name in run("mdb-tables").decode("utf-8", "replace").split("\n"):
            if not name:
                continue
            try:
                data = run("mdb-export", name)
            except UnreadableError:
                yield Gap(Reason.DAMAGED_PART, "table")
                continue
            yield from delimited.grids(data, ",", Frame.CELL, name)
