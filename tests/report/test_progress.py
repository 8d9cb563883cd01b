"""Long work says how far it is; short work and quiet work say nothing."""

from __future__ import annotations

import time

import pytest

from sekisho.report import progress
from sekisho.report.progress import Phases, Progress
from sekisho.wording import Text, speak

READING, FILES = Text("Reading", "読み取り"), Text("files", "ファイル")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_rate_and_time_left_follow_the_weight(clock: list[float]) -> None:
    with Progress(READING, FILES, total=10, weight=1000) as shown:
        clock[0] += 10
        shown.advance(5, 100)
        assert shown.line() == "Reading: 5 of 10 files, 0.5/s, 1:30 left"


def test_without_weight_each_step_weighs_the_same(clock: list[float]) -> None:
    shown = Progress(READING, FILES, total=4)
    clock[0] += 8
    shown.advance(1)
    assert shown.line() == "Reading: 1 of 4 files, 0.1/s, 0:24 left"


def test_what_was_done_before_counts_for_neither_rate_nor_time_left(clock: list[float]) -> None:
    shown = Progress(READING, FILES, total=10, begun=4)
    clock[0] += 8
    shown.advance(2)
    assert shown.line() == "Reading: 6 of 10 files, 0.2/s, 0:16 left"


def test_plain_lines_come_every_few_seconds_where_there_is_no_terminal(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress(READING, FILES, total=100) as shown:
        for _ in range(24):
            clock[0] += 0.5
            shown.advance()
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(("seconds", "shown"), [(1.9, True), (60, False)])
def test_short_or_quiet_work_says_nothing(
    clock: list[float], capsys: pytest.CaptureFixture[str], seconds: float, shown: bool
) -> None:
    with Progress(READING, FILES, total=2, shown=shown) as told:
        clock[0] += seconds
        told.advance()
    assert capsys.readouterr().err == ""


def test_a_phase_that_never_looks_up_is_told_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.01)
    speak("ja")
    with Phases(READING, shown=True) as tell:
        tell(Text("the tables", "集計表"))
        time.sleep(0.2)
    speak("en")
    assert capsys.readouterr().err.splitlines()[0] == "読み取り: 集計表、0秒経過"


def test_a_phase_says_its_rate_and_the_time_left_where_the_total_is_known(clock: list[float]) -> None:
    tell, rows = Phases(READING, shown=False), Text("rows", "行")
    tell(Text("the tables", "集計表"))
    clock[0] += 60
    tell(rows, 0, 3_000)
    assert tell.line() == "Reading: rows, 60 s"
    clock[0] += 10
    tell(rows, 1_000, 3_000)
    assert tell.line() == "Reading: rows 1,000 of 3,000, 100/s, 0:20 left, 70 s"
    tell(rows, 1_500)
    assert tell.line() == "Reading: rows 1,500, 150/s, 70 s"


@pytest.mark.parametrize("shown", [True, False])
def test_short_or_quiet_phases_say_nothing(capsys: pytest.CaptureFixture[str], shown: bool) -> None:
    with Phases(READING, shown=shown) as tell:
        tell(Text("the tables", "集計表"))
    assert capsys.readouterr().err == ""
