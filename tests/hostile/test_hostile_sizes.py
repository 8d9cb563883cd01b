"""Very much in few bytes, or in many: each ends with a reason, within bounds of time, memory and output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.hostile import hostile_bombs as bombs
from tests.hostile.hostile_files import LIST, stray_quotes
from tests.hostile.hostile_quines import gz_quine, zip_quine
from tests.hostile.hostile_run import Run, scanned

WEIGHED = (
    "import resource, subprocess, sys\n"
    "code = subprocess.call(sys.argv[1:])\n"
    "most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
    "open('memory', 'w').write(str(most << 10))\n"
    "sys.exit(code)"
)  # starts a program and writes down the most that it or a child of it had in memory, in bytes
PERSON = "9876-543212,架空羅次郎,昭和26年2月3日\r\n"
MOST_MEMORY, MOST_OUTPUT = 2 << 30, 64 << 20  # bytes of one process; of vault, report and words together

FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.rar": (bombs.rar_bomb, "READ "),
    "bomb.rar!0": (bytes, "OVER_LIMIT ratio"),
    "bomb.7z": (bombs.seven_zip_bomb, "READ "),
    "bomb.7z!zeros.txt": (bytes, "OVER_LIMIT ratio"),
    "bomb.tar.xz": (bombs.tar_xz_bomb, "OVER_LIMIT ratio"),
    "bomb.xlsx": (bombs.workbook_bomb, "OVER_LIMIT ratio"),
    "overlapping.zip": (bombs.overlapping_zip, "READ "),
    "crowded.zip": (lambda: bombs.crowded_zip(20_000), "READ "),
    "names.tar": (bombs.odd_names, "READ "),
    "endless.gz": (gz_quine, "READ "),
    "endless.zip": (zip_quine, "READ "),
    "line.txt": (lambda: b"x" * (10 << 20), "READ "),
    "line.csv": (lambda: b"1234567890," * (1 << 20), "READ "),
    "line.json": (lambda: b'{"a": "' + b"x" * (10 << 20) + b'"}', "READ "),
    "quotes.csv": (stray_quotes, "READ "),
    "z.csv": (lambda: (LIST + PERSON).encode("cp932"), "READ "),
}


def written(at: Path) -> int:
    """Bytes that the run left behind, what was scanned not counted."""
    return sum(path.stat().st_size for path in at.rglob("*") if path.is_file() and path.parts[len(at.parts)] != "share")


def weighed(at: Path, *, seconds: float) -> Run:
    """`scanned`, within its bounds."""
    run = scanned(at, before=(sys.executable, "-c", WEIGHED))
    assert run.code == 0, run.complained
    assert run.seconds < seconds
    assert int((at / "memory").read_text()) < MOST_MEMORY
    assert written(at) + len(run.said) + len(run.complained) < MOST_OUTPUT
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    at = tmp_path_factory.mktemp("sizes")
    (at / "share").mkdir()
    for name, (make, _) in FILES.items():
        if "!" not in name:
            (at / "share" / name).write_bytes(make())
    return weighed(at, seconds=180)  # a tenth of it on a quiet machine


def inside(run: Run, container: str) -> Counter[str]:
    return Counter(end for document, end in run.ends.items() if document.startswith(f"{container}!"))


@pytest.mark.parametrize("name", FILES)
def test_each_ends_with_its_reason(run: Run, name: str) -> None:
    assert run.ends[name] == FILES[name][1]


def test_the_rest_of_the_run_is_unharmed(run: Run) -> None:
    found = Counter(row["document"] for row in run.records)
    assert found == {"quotes.csv": 50, "z.csv": 3}


def test_every_member_of_a_crowd_is_counted(run: Run) -> None:
    assert inside(run, "crowded.zip") == {"READ ": 20_000}


def test_members_that_overlap_are_not_unpacked(run: Run) -> None:
    assert inside(run, "overlapping.zip") == {"UNREADABLE damaged": 250}


@pytest.mark.parametrize("name", ["endless.gz", "endless.zip"])
def test_what_unpacks_to_itself_ends_at_the_limit_of_depth(run: Run, name: str) -> None:
    found = inside(run, name)
    assert found.pop("OVER_LIMIT too_deep") == 1
    assert found == {"READ ": 8}


def test_names_in_an_archive_are_names_and_links_are_not_followed(run: Run) -> None:
    assert inside(run, "names.tar") == {"READ ": 3, "LEFT_OUT link": 3}
    assert run.ends["names.tar!\\xff\\xfe\\x81.txt"] == "READ "
    assert not Path("/etc/evil.txt").exists()
    assert not Path("/tmp/evil.txt").exists()


def test_a_crowd_of_tiny_files_is_scanned_to_the_last(tmp_path: Path) -> None:
    fill_with_tiny_files(tmp_path, 4_000, kinds=50)
    run = weighed(tmp_path, seconds=90)
    assert Counter(run.ends.values()) == {"READ ": 4_000}
    assert len(run.records) == 80


def fill_with_tiny_files(at: Path, count: int, *, kinds: int) -> None:
    """``count`` files of ``kinds`` contents, one of which is of a person."""
    for number in range(count):
        path = at / "share" / f"{number // 1000}" / f"{number}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"基礎年金番号,氏名,生年月日\r\n{PERSON}" if number % kinds == 0 else f"memo {number % kinds}")


@pytest.mark.soak
def test_a_line_of_a_hundred_megabytes_is_read(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "line.txt").write_bytes(b"x" * (100 << 20))
    (tmp_path / "share" / "line.csv").write_bytes(b"1234567890," * (10 << 20))
    (tmp_path / "share" / "z.csv").write_text(LIST)
    run = weighed(tmp_path, seconds=280)
    assert run.ends["z.csv"] == "READ "
    assert {run.ends["line.txt"], run.ends["line.csv"]} <= {"READ ", "OVER_LIMIT memory", "PARTLY_READ memory"}


@pytest.mark.soak
def test_more_members_than_the_limit_end_at_it(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "crowded.zip").write_bytes(bombs.crowded_zip(200_000))
    (tmp_path / "share" / "z.csv").write_text(LIST)
    run = weighed(tmp_path, seconds=120)
    assert run.ends == {"crowded.zip": "OVER_LIMIT too_many_members", "z.csv": "READ "}


@pytest.mark.soak
def test_a_crowd_of_tiny_files_of_many_contents_is_scanned_to_the_last(tmp_path: Path) -> None:
    fill_with_tiny_files(tmp_path, 20_000, kinds=2_000)
    run = weighed(tmp_path, seconds=280)
    assert Counter(run.ends.values()) == {"READ ": 20_000}
    assert len(run.records) == 10
