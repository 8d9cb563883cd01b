"""How far a long piece of work is: rate and time left, once it has taken over two seconds; always on standard error.

A bar on a terminal, a plain line every few seconds elsewhere, nothing where it was not asked for.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextvars import copy_context
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from sekisho.wording import Text

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

T = TypeVar("T")

PATIENCE_SECONDS = 2.0
LINE_SECONDS = 5.0
DRAW_SECONDS = 0.25


class Progress:
    """One piece of work of ``total`` steps (files, records...), each of which weighs what it is told to.

    Use as a context; ``advance`` as things get done. ``weight`` (bytes, say) drives the estimate where given; a
    ``total`` of 0 is one that is not known. ``begun``: so many steps were done before.
    """

    def __init__(
        self, title: Text, unit: Text, total: int = 0, weight: int = 0, *, begun: int = 0, shown: bool = True
    ) -> None:
        self._title = title
        self._unit = unit
        self._total = total
        self._weight = weight
        self._done = self._before = begun
        self._weight_done = 0
        self._begun = time.monotonic()
        self._last_line = self._begun
        self._shown = shown
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def through(self, things: Iterable[T], steps: int = 1) -> Iterator[T]:
        """``things``, each of which is so many ``steps``, the last one what is left of the total."""
        for thing in things:
            yield thing
            self.advance(min(steps, self._total - self._done) if self._total else steps)

    def advance(self, steps: int = 1, weight: int = 0) -> None:
        """So many more are done."""
        self._done += steps
        self._weight_done += weight
        now = time.monotonic()
        if not self._shown or now - self._begun < PATIENCE_SECONDS:
            return
        if sys.stderr.isatty():
            self._draw()
        elif now - self._last_line >= LINE_SECONDS:
            self._last_line = now
            print(self.line(), file=sys.stderr, flush=True)

    def line(self) -> str:
        """How far it is, in words; without a total, how much there is so far."""
        seconds = max(time.monotonic() - self._begun, 1e-6)
        share = self._share()
        of = Text(" of {n}", "/{n}").fill(n=self._total) if self._total else Text("", "")
        now = share - (self._before / self._total if self._total and not self._weight else 0.0)
        left = _left(seconds * (1 - share) / now) if now > 0 else Text("", "")
        said = Text("{title}: {done}{of} {unit}, {rate:.1f}/s{left}", "{title}: {done}{of}{unit}、毎秒{rate:.1f}{left}")
        rate = (self._done - self._before) / seconds
        return str(said.fill(title=self._title, done=self._done, of=of, unit=self._unit, rate=rate, left=left))

    def _share(self) -> float:
        done, total = (self._weight_done, self._weight) if self._weight else (self._done, self._total)
        return min(done / total, 1.0) if total else 0.0

    def _draw(self) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
            self._bar.add_task("", total=1.0)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self._share(), description=self.line())


def _left(seconds: float) -> Text:
    minutes, rest = divmod(round(seconds), 60)
    return Text(", {m}:{s:02} left", "、残り{m}分{s:02}秒").fill(m=minutes, s=rest)


class Phases:
    """One piece of work whose phases take as long as they take; each is told as it begins, and how far it is.

    Use as a context, and call it with the phase (`wording.Tell`).
    A thread shows it, since a phase may be one call that never looks up.
    """

    def __init__(self, title: Text, *, shown: bool = True) -> None:
        self._title = title
        self._shown = shown
        self._phase = Text("", "")
        self._begun = self._phase_begun = time.monotonic()
        self._done = self._total = 0
        self._over = Event()
        self._thread = Thread(target=copy_context().run, args=(self._show,), daemon=True)  # in the language of the run

    def __enter__(self) -> Self:
        if self._shown:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._shown:
            self._thread.join()

    def __call__(self, phase: Text, done: int = 0, total: int = 0) -> None:
        """``phase`` begins, or is so far."""
        if phase != self._phase:
            self._phase, self._phase_begun = phase, time.monotonic()
        self._done, self._total = done, total

    def line(self) -> str:
        """Which phase it is in and how long it has taken so far; its rate and the time left, where they are known."""
        now = time.monotonic()
        said = Text("{title}: {phase}{far}, {seconds:.0f} s", "{title}: {phase}{far}、{seconds:.0f}秒経過")
        if not str(self._phase):  # none has begun yet
            said = Text("{title}: {seconds:.0f} s", "{title}: {seconds:.0f}秒経過")
        return str(said.fill(title=self._title, phase=self._phase, far=self._far(now), seconds=now - self._begun))

    def _far(self, now: float) -> Text:
        if not self._done:
            return Text("", "")
        seconds = max(now - self._phase_begun, 1e-6)
        done, rate = self._done, self._done / seconds
        if not self._total:
            return Text(" {done:,}, {rate:,.0f}/s", " {done:,}、毎秒{rate:,.0f}").fill(done=done, rate=rate)
        left = _left(seconds * max(self._total - done, 0) / done)
        said = Text(" {done:,} of {total:,}, {rate:,.0f}/s{left}", " {done:,}/{total:,}、毎秒{rate:,.0f}{left}")
        return said.fill(done=done, total=self._total, rate=rate, left=left)

    def _show(self) -> None:
        if self._over.wait(PATIENCE_SECONDS):
            return
        if sys.stderr.isatty():
            self._draw()
            return
        print(self.line(), file=sys.stderr, flush=True)
        while not self._over.wait(LINE_SECONDS):
            print(self.line(), file=sys.stderr, flush=True)

    def _draw(self) -> None:
        from rich.console import Console
        from rich.status import Status

        with Status(self.line(), console=Console(stderr=True)) as status:
            while not self._over.wait(DRAW_SECONDS):
                status.update(self.line())
