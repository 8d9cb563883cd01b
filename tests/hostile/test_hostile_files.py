"""Hostile files, scanned together by the real program: each ends with a reason, none harms another or the run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.documents.test_every_format import EXAMPLES
from tests.hostile.hostile_files import FILES, LAUGHS, LIST, MARK, SECRET, infected, outside
from tests.hostile.hostile_run import Run, scanned

PACKAGES = ("xlsx", "docx", "odt", "ods", "pptx")
NEIGHBOURS = ("a.csv", "m/m.csv", "z.csv")
CANARIES = ("架空羅", "外部体参照郎", "9876-54")


def examples() -> dict[str, bytes]:
    made = {}
    for kind, make in EXAMPLES.items():
        try:
            made[kind] = make()
        except pytest.skip.Exception:
            continue
    return made


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def fill(at: Path) -> None:
    share = at / "share"
    for name, bad in FILES.items():
        write(share / "made" / name, bad.make(at))
    for name in NEIGHBOURS:
        write(share / name, (LIST + name).encode("cp932"))
    found = examples()
    for kind in PACKAGES:
        write(share / "laughs" / kind, infected(found[kind], LAUGHS, "&l11;"))
        write(share / "outside" / kind, infected(found[kind], outside(at), "&secret;"))
    with (share / "sparse.csv").open("wb") as file:
        file.truncate(5 << 30)


def fill_broken(at: Path) -> None:
    """Every format cut, cut short and with bytes flipped."""
    share, choose = at / "share", random.Random(0)
    for kind, data in examples().items():
        write(share / "cut" / kind, data[: len(data) // 2])
        write(share / "stub" / kind, data[:64])
        broken = bytearray(data)
        for _ in range(20):
            broken[choose.randrange(len(broken))] = choose.randrange(256)
        write(share / "flipped" / kind, bytes(broken))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    at = tmp_path_factory.mktemp("hostile")
    (at / "secret.csv").write_text(SECRET)
    fill(at)
    return scanned(at)


def test_the_run_ends_well_within_its_bound(run: Run) -> None:
    assert run.code == 0, run.complained
    assert run.seconds < 200  # a quarter of it on a quiet machine


@pytest.mark.parametrize("name", FILES)
def test_each_hostile_file_ends_as_it_should(run: Run, name: str) -> None:
    document = f"made/{name}"
    assert run.ends[document] in FILES[name].ends
    if FILES[name].records is not None:
        assert sum(row["document"] == document for row in run.records) == FILES[name].records


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_neighbours_are_read_to_the_last_record(run: Run, name: str) -> None:
    assert run.ends[name] == "READ "
    assert sum(row["document"] == name for row in run.records) == 2


def test_every_file_is_in_the_account(run: Run) -> None:
    share = run.at / "share"
    files = {str(path.relative_to(share)) for path in share.rglob("*") if path.is_file()}
    assert {document for document in run.ends if "!" not in document} == files


def test_no_reader_fails_unforeseen(run: Run) -> None:
    failed = [document for document, end in run.ends.items() if "parser_failed" in end]
    assert not failed


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_half_a_gigabyte_of_zeros_is_not_unpacked(run: Run, kind: str) -> None:
    assert run.ends[f"made/zeros.{kind}!zeros"] == "OVER_LIMIT ratio"


def test_a_file_beyond_the_limit_is_not_read(run: Run) -> None:
    assert run.ends["sparse.csv"] == "OVER_LIMIT too_large"


@pytest.mark.parametrize("kind", PACKAGES)
def test_entities_neither_grow_nor_reach_outside(run: Run, kind: str) -> None:
    assert len(run.ends[f"laughs/{kind}"]) > 1
    assert not [row for row in run.records if "外部体参照郎" in str(row)]


def test_members_that_point_elsewhere_stay_in_their_archive(run: Run) -> None:
    inside = [document for document in run.ends if document.startswith("made/names.zip!")]
    assert len(inside) == 3
    assert not [document for document in inside if "\0" in document]
    assert not Path("/etc/evil.csv").exists()


def test_nothing_is_written_but_vault_key_and_report_and_nothing_is_run(run: Run) -> None:
    assert not (run.at / MARK).exists()
    assert not any((run.at / "tmp").iterdir())
    own = {"share", "tmp", "vault", "key", "report.html", "secret.csv", "documents.csv", "records.csv"}
    assert {path.name for path in run.at.iterdir()} <= own


def test_no_person_is_on_the_screen_or_in_the_report(run: Run) -> None:
    shown = run.said + run.complained + (run.at / "report.html").read_text()
    assert not [canary for canary in CANARIES if canary in shown]
    assert "Traceback" not in run.complained


@pytest.mark.soak
def test_broken_files_of_every_format_end_with_a_reason(tmp_path: Path) -> None:
    fill_broken(tmp_path)
    run = scanned(tmp_path)
    assert run.code == 0, run.complained
    odd = ("parser_failed", "time", "memory")
    assert not {document: end for document, end in run.ends.items() if end.endswith(odd)}
    assert "Traceback" not in run.complained
