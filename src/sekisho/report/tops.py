"""Top folders are shown even where names of files are not; one that is called after somebody is shown by a number."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import Item
from sekisho.wording import Text

ITEMS = (Item.NAME, Item.NAME_KANA, Item.BASIC_PENSION_NUMBER, Item.MY_NUMBER, Item.PHONE, Item.EMAIL)
_LEAST = 3  # characters of a name that is looked for
_MOST = 64
_FOLDER = Text("folder {n}", "フォルダー{n}")


def called_after_somebody(documents: pa.Table, records: pa.Table) -> dict[str, str]:
    """The top folders of ``documents`` (column ``file``) in which an item of ``records`` stands, and what is shown."""
    tops = sorted({path.split("/", 1)[0] for path in documents["file"].to_pylist() if "/" in path})
    pieces = [(at, piece) for at, top in enumerate(tops) for piece in set(_pieces(_plain(top)))]
    frame = pl.DataFrame(pieces, {"top": pl.Int64, "piece": pl.String}, orient="row")
    found = frame.join(_values(records), left_on="piece", right_on="value", how="semi")
    hidden = [tops[at] for at in found["top"].unique().sort()]
    return {top: str(_FOLDER.fill(n=n)) for n, top in enumerate(hidden, 1)}


def renamed(documents: pa.Table, tops: Mapping[str, str]) -> pa.Table:
    """``documents`` with other names for some top folders in the column ``file``."""
    if not tops:
        return documents
    files = pa.array([shown(path, tops) for path in documents["file"].to_pylist()], pa.string())
    return documents.set_column(documents.schema.get_field_index("file"), "file", files)


def shown(path: str, tops: Mapping[str, str]) -> str:
    """A path with another name for its top folder, where there is one."""
    top, slash, rest = path.partition("/")
    return f"{tops.get(top, top)}/{rest}" if slash else path


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "")


def _pieces(text: str) -> Iterator[str]:
    for start in range(len(text)):
        for end in range(start + _LEAST, min(len(text), start + _MOST) + 1):
            yield text[start:end]


def _values(records: pa.Table) -> pl.DataFrame:
    """Every value that stands in a record, written as folders are compared (column ``value``)."""
    columns = [pl.from_arrow(pc.unique(records[str(item)].cast(pa.string()))) for item in ITEMS]
    values = pl.concat([pl.Series("value", column, pl.String) for column in columns]).drop_nulls()
    plain = values.str.replace_all(r"[\s-]", "").unique()
    return plain.filter(plain.str.len_chars() >= _LEAST).to_frame("value")
