from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import msoffcrypto
import pikepdf
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from sekisho.cli._main import main
from sekisho.estate.make import make
from sekisho.model import HOLDERS

SHEETS = ("xlsx", "xlsm", "xls", "ods")


def files_of(documents: pl.DataFrame) -> pl.DataFrame:
    return documents.filter(~pl.col("document").str.contains("!", literal=True))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_truth_names_every_file_on_disk_and_no_other(folder: Path, documents: pl.DataFrame) -> None:
    root = folder / "estate"
    on_disk = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert set(files_of(documents)["document"]) == on_disk
    assert documents["document"].n_unique() == documents.height


def test_the_records_of_the_documents_add_up(documents: pl.DataFrame, records: pl.DataFrame) -> None:
    counted = records["document"].value_counts()
    both = documents.join(counted, on="document", how="left").with_columns(pl.col("count").fill_null(0))
    assert (both["records"] == both["count"]).all()
    assert documents["records"].sum() == records.height


def test_every_kind_of_lock_and_every_outcome_is_there(documents: pl.DataFrame) -> None:
    assert set(documents["protection"]) == {"NONE", "OPEN_TO_ANYONE", "EDIT_ONLY", "WEAK", "STRONG"}
    assert set(documents["outcome"]) == {"READ", "PARTLY_READ", "LOCKED", "UNSUPPORTED"}
    assert set(documents["reason"]) == {"", "empty", "no_text", "password_unknown", "unknown_kind"}


def test_locked_workbooks_open_with_the_password_of_the_truth(folder: Path, documents: pl.DataFrame) -> None:
    locked = files_of(documents).filter(pl.col("protection") == "STRONG", pl.col("kind") == "xlsx")
    assert locked.height >= 3
    for document, password in locked.select("document", "password").rows():
        office = msoffcrypto.OfficeFile(io.BytesIO((folder / "estate" / document).read_bytes()))
        office.load_key(password=password)
        opened = io.BytesIO()
        office.decrypt(opened)
        opened.seek(0)
        assert CalamineWorkbook.from_filelike(opened).sheet_names


def test_locked_pdfs_open_with_their_password_only(folder: Path, documents: pl.DataFrame) -> None:
    pdfs = files_of(documents).filter(pl.col("kind") == "pdf", pl.col("protection").is_in(["WEAK", "STRONG"]))
    assert pdfs.height >= 3
    for document, password in pdfs.select("document", "password").rows():
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(folder / "estate" / document)
        pikepdf.open(folder / "estate" / document, password=password).close()


def test_a_password_lies_beside_or_is_handed_over_or_is_lost(folder: Path, documents: pl.DataFrame) -> None:
    handed = set((folder / "passwords.txt").read_text("utf-8").split())
    locked = documents.filter(pl.col("password") != "")
    assert set(locked.filter("password_beside")["password"]).isdisjoint(handed)
    assert set(locked.filter(pl.col("outcome") == "LOCKED")["password"]).isdisjoint(handed)
    told = locked.filter(~pl.col("password_beside"), pl.col("outcome") != "LOCKED")
    assert set(told["password"]) == handed
    assert locked.filter("password_beside").height >= 4


def test_what_nobody_can_open_counts_no_records(documents: pl.DataFrame) -> None:
    assert documents.filter(pl.col("outcome") == "LOCKED")["records"].sum() == 0


def test_a_copied_file_counts_twice(folder: Path, documents: pl.DataFrame) -> None:
    names = [d for d in files_of(documents)["document"] if (folder / "estate" / d).stat().st_size]
    copies: dict[str, list[str]] = {}
    for name in names:
        copies.setdefault(digest(folder / "estate" / name), []).append(name)
    twice = [pair for pair in copies.values() if len(pair) == 2]
    assert twice
    for first, second in twice:
        counts = [documents.filter(pl.col("document").str.starts_with(n))["records"].sum() for n in (first, second)]
        assert counts[0] == counts[1] > 0


def test_the_numbers_of_the_truth_stand_in_the_sheets(
    folder: Path, documents: pl.DataFrame, records: pl.DataFrame
) -> None:
    plain = files_of(documents).filter(
        pl.col("kind").is_in(SHEETS), pl.col("protection") == "NONE", pl.col("records") > 0
    )
    for document in plain["document"]:
        book = CalamineWorkbook.from_path(folder / "estate" / document)
        cells = [c for n in book.sheet_names for row in book.get_sheet_by_name(n).to_python() for c in row]
        text = "".join(_digits(c) for c in cells)
        numbers = records.filter(pl.col("document") == document)["basic_pension_number"].drop_nulls()
        seen = [n.replace("-", "").lstrip("0") in text for n in numbers]
        assert sum(seen) >= len(seen) - 1, document  # one person of a layout stands in a comment


def _digits(cell: object) -> str:
    import unicodedata

    text = str(int(cell)) if isinstance(cell, float) else unicodedata.normalize("NFKC", str(cell))
    return text.replace("-", "")


def test_no_decoy_holds_a_record_and_there_are_many(documents: pl.DataFrame) -> None:
    decoys = ("products", "slips", "offices", "extensions", "statistics", "template", "form_template", "manual", "log")
    assert documents.filter(pl.col("layout").is_in(decoys))["records"].sum() == 0
    assert set(decoys) <= set(documents["layout"])


def test_each_file_with_room_for_it_says_that_all_are_invented(folder: Path, documents: pl.DataFrame) -> None:
    zipped = files_of(documents).filter(pl.col("kind").is_in(("docx", "pptx", "xlsx", "ods", "odt")))
    import zipfile

    for document in zipped.filter(pl.col("protection") == "NONE")["document"]:
        with zipfile.ZipFile(folder / "estate" / document) as package:
            parts = [n for n in package.namelist() if n in ("docProps/core.xml", "meta.xml")]
            assert "架空" in package.read(parts[0]).decode() or "invented" in package.read(parts[0]).decode()


def test_the_register_holds_more_than_the_affected_but_not_all_of_them(folder: Path, records: pl.DataFrame) -> None:
    register = pl.read_parquet(folder / "register.parquet")
    assert register.columns == HOLDERS.names
    assert pl.read_csv(folder / "register.csv", infer_schema=False).height == register.height
    persons = pl.read_parquet(folder / "truth" / "persons.parquet")
    assert register.height > 1.15 * persons.height
    assert set(records["person"]) <= set(persons["person"])
    unknown = persons["holder"].null_count()
    assert 0 < unknown < 0.005 * persons.height


def test_a_person_stands_in_about_one_and_a_quarter_records(records: pl.DataFrame) -> None:
    assert 1.15 < records.height / records["person"].n_unique() < 1.3


def test_the_same_seed_gives_the_same_truth_byte_for_byte(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make(tmp_path / name, 0.0005, 3)
    for part in ("truth/documents.parquet", "truth/records.parquet", "truth/persons.parquet", "register.csv"):
        assert (tmp_path / "one" / part).read_bytes() == (tmp_path / "two" / part).read_bytes()


def test_the_command_makes_an_estate_and_never_overwrites_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["demo", str(tmp_path / "new"), "--scale", "0.0005", "--json", "--quiet"]
    assert main(call) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["files"] >= said["with_records"] > 0
    assert main(call) == 3
    assert "not empty" in json.loads(capsys.readouterr().err)["error"]["message"]


def test_a_scale_out_of_bounds_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", str(tmp_path / "new"), "--scale", "50", "--lang", "ja"]) == 2
    assert "範囲外" in capsys.readouterr().err
