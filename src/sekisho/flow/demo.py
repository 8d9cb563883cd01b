"""`sekisho demo`: invents an estate with its register and its truth."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from sekisho.errors import InputError, MissingPartError, UsageError
from sekisho.estate.aftermath.make import Case
from sekisho.estate.aftermath.make import make as make_case
from sekisho.estate.make import Estate, make, planned
from sekisho.estate.plan import Task
from sekisho.report.progress import Progress
from sekisho.wording import Text

T = TypeVar("T")
WRITERS = ("docx", "pptx", "reportlab", "xlwt")
SMALLEST, LARGEST = 0.0001, 10.0


def demo(folder: Path, scale: float, seed: int, shown: bool = True) -> Estate:
    """Make an estate in ``folder``, which must be empty or not there; ``shown``: whether progress is told.

    Raises UsageError, InputError, MissingPartError.
    """
    return _made(make, folder, scale, seed, shown=shown)


def case(folder: Path, scale: float, seed: int, shown: bool = True) -> Case:
    """The same with all that follows from its leak; raises UsageError, InputError, MissingPartError."""
    return _made(make_case, folder, scale, seed, shown=shown)


def _made(
    make: Callable[[Path, float, int, Callable[[Task], None]], T], folder: Path, scale: float, seed: int, *, shown: bool
) -> T:
    _check(folder, scale)
    tasks = planned(scale, seed)
    title, unit = Text("Inventing", "作成"), Text("files", "ファイル")
    with Progress(title, unit, len(tasks), sum(1 + t.records for t in tasks), shown=shown) as progress:
        return make(folder, scale, seed, lambda task: progress.advance(1, 1 + task.records))


def _check(folder: Path, scale: float) -> None:
    if not SMALLEST <= scale <= LARGEST:
        bounds = Text("Give one from {low} to {high}.", "{low} から {high} の値を指定してください。")
        raise UsageError(
            Text("The scale {scale} is out of bounds.", "規模 {scale} は範囲外です。").fill(scale=scale),
            bounds.fill(low=SMALLEST, high=LARGEST),
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        there = Text("{folder} is there already and not empty.", "{folder} は既に存在し、空ではありません。")
        raise InputError(
            there.fill(folder=folder),
            Text(
                "Name a new folder; nothing is overwritten.", "新しいフォルダーを指定してください（上書きしません）。"
            ),
        )
    missing = [name for name in WRITERS if find_spec(name) is None]
    if missing:
        raise MissingPartError(
            Text("Writers are not installed: {names}", "書き出しに必要な部品がありません: {names}").fill(
                names=", ".join(missing)
            ),
            Text("Install them: pip install 'sekisho[demo]'", "導入してください: pip install 'sekisho[demo]'"),
        )
