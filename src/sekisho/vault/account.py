"""The account of a scan closes: what went in is what came out, or the difference is named."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from sekisho.errors import AccountError
from sekisho.frames import from_arrow
from sekisho.model import DOCUMENTS, RECORDS, Outcome
from sekisho.vault.intake import FILES
from sekisho.vault.scans import Scan
from sekisho.wording import Text


def close(scan: Scan, listed: int) -> None:
    """Hold the tables of ``scan`` against each other and the ``listed`` files; raises AccountError."""
    documents = _frame(scan.read("documents", DOCUMENTS, ["document_id", "document", "file", "outcome", "records"]))
    files = scan.read("files", FILES, ["file"]).num_rows
    _same(Text("listed files", "一覧のファイル"), listed, Text("finished files", "処理済みのファイル"), files)
    tops = documents.filter(pl.col("document") == pl.col("file"))
    _same(
        Text("files", "ファイル"), files, Text("files with an outcome", "結果のあるファイル"), tops["file"].n_unique()
    )
    _same(Text("files", "ファイル"), files, Text("outcomes of files", "ファイルの結果"), tops.height)
    known = documents.filter(pl.col("outcome").is_in([str(o) for o in Outcome])).height
    _same(Text("documents", "文書"), documents.height, Text("outcomes", "結果"), known)
    ids = documents["document_id"].n_unique()
    _same(Text("documents", "文書"), documents.height, Text("document ids", "文書の番号"), ids)
    _records_of_documents(documents, _rows_by_document(scan))


def _records_of_documents(documents: pl.DataFrame, rows: pl.DataFrame) -> None:
    said, kept = int(documents["records"].sum() or 0), int(rows["rows"].sum())
    _same(Text("records by document", "文書別の記録"), said, Text("records kept", "保存した記録"), kept)
    both = documents.join(rows, on="document_id", how="full", coalesce=True).fill_null(0)
    agree = both.filter(pl.col("records") == pl.col("rows")).height
    _same(Text("documents", "文書"), both.height, Text("documents whose records agree", "記録数の合う文書"), agree)


def _rows_by_document(scan: Scan) -> pl.DataFrame:
    counts = [_frame(part).group_by("document_id").len("rows") for part in scan.batches("records", ["document_id"])]
    none = _frame(RECORDS.empty_table().select(["document_id"])).group_by("document_id").len("rows")
    return pl.concat([none, *counts]).group_by("document_id").agg(pl.col("rows").sum().cast(pl.Int64))


def _frame(table: pa.Table) -> pl.DataFrame:
    return from_arrow(table).with_columns(pl.col(pl.Categorical).cast(pl.String))


def _same(left: Text, is_left: int, right: Text, is_right: int) -> None:
    if is_left != is_right:
        said = Text(
            "The account does not close: {left} {is_left}, {right} {is_right}, difference {difference}.",
            "集計が合いません: {left} {is_left}、{right} {is_right}、差 {difference}。",
        )
        raise AccountError(
            said.fill(left=left, is_left=is_left, right=right, is_right=is_right, difference=is_left - is_right),
            Text(
                "This is a fault of sekisho: please report it. No table is made from this scan.",
                "sekisho の不具合です。ご報告ください。この走査から表は作成しません。",
            ),
        )
