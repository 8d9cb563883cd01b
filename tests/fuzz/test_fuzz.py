"""Broken files of every kind end with a reason that the reader gives; none ends its child, its memory or its time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from tests.documents.test_every_format import EXAMPLES
from tests.fuzz import mutate, reading

from sekisho.documents.child import examined
from sekisho.estate.make import make
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.sources import folder

SHORT, LONG = 2, 60  # broken copies of each seed
UNFORESEEN = ("parser_failed", "time", "memory")
FOUND = Path(__file__).with_name("found")  # files that once ended their child, by what they were called
SECONDS = int(os.environ.get("SEKISHO_FUZZ_SECONDS", "600"))  # of a guided run, all kinds together


def ends(at: Path) -> dict[str, str]:
    """The reason with which each document of a folder ended, in a child as in a scan."""
    wants = Wants(limits=reading.LIMITS)
    ended = {}
    for _, findings in examined(folder.files(at, folder.Rules()), partial(examine, wants=wants), wants.limits):
        ended.update(
            zip(findings.documents["document"].to_pylist(), findings.documents["reason"].to_pylist(), strict=True)
        )
    return ended


def write_broken(seeds: dict[str, bytes], at: Path, copies: int, seed: int) -> None:
    for name, data in seeds.items():
        suffix = name if "." in name else f".{name}"
        for number in range(copies):
            (at / f"{number:03}-{suffix}").write_bytes(mutate.broken(data, random.Random(f"{seed} {name} {number}")))


def unforeseen(at: Path) -> dict[str, str]:
    return {document: reason for document, reason in ends(at).items() if reason in UNFORESEEN}


def test_broken_copies_of_every_kind_end_with_a_reason(tmp_path: Path) -> None:
    seeds = reading.seeds(EXAMPLES, pytest.skip.Exception)
    assert len(seeds) > 40
    write_broken(seeds, tmp_path, SHORT, seed=1)
    assert unforeseen(tmp_path) == {}


def test_what_was_found_once_is_not_found_again(tmp_path: Path) -> None:
    assert unforeseen(FOUND) == {}


def test_sectors_that_follow_each_other_in_a_circle_are_damage_and_cost_no_memory() -> None:
    circle = FOUND / "circle.xls"
    assert ends(FOUND)[circle.name] == "damaged"


@pytest.mark.soak
def test_many_broken_copies_of_every_kind_and_of_an_estate_end_with_a_reason(tmp_path: Path) -> None:
    make(tmp_path / "made", 0.002, 7)
    seeds = {**reading.seeds(EXAMPLES, pytest.skip.Exception), **reading.of_estate(tmp_path / "made" / "estate")}
    seed = random.SystemRandom().randrange(1 << 32)
    at = tmp_path / "broken"
    at.mkdir()
    write_broken(seeds, at, LONG, seed)
    assert unforeseen(at) == {}, f"seed {seed}"


@pytest.mark.soak
def test_bytes_that_take_new_ways_through_our_readers_end_with_a_reason(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    seeds = reading.seeds(EXAMPLES, pytest.skip.Exception)
    each = max(5, SECONDS // len(seeds))
    failed = {}
    for kind, data in seeds.items():
        run = guided(tmp_path / kind, kind, data, each)
        if run.returncode:
            failed[kind] = [run.stderr[-2000:], *(path.read_bytes()[:200] for path in (tmp_path / kind).glob("*-*"))]
    assert failed == {}


def guided(at: Path, kind: str, data: bytes, seconds: int) -> subprocess.CompletedProcess[str]:
    """A guided run from one seed."""
    corpus = at / "corpus"
    corpus.mkdir(parents=True)
    (corpus / "seed").write_bytes(data)
    bounds = [f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=3000", f"-max_len={reading.LARGEST}"]
    command = [sys.executable, "-m", "tests.fuzz.guided", f"a.{kind}", str(corpus), *bounds, f"-artifact_prefix={at}/"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 300)


def test_a_guided_run_can_be_begun(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    run = guided(tmp_path / "csv", "csv", b"a,b\n1,2\n", 1)
    assert run.returncode == 0, run.stderr
