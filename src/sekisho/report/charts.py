"""Charts as lines of points, ready to be drawn: places in a picture, ticks and what each point says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

WIDTH, HEIGHT = 640, 330
LEFT, RIGHT, TOP, BOTTOM = 66, 14, 12, 44
Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Point:
    """A value to be drawn, with the interval that its own is known to lie in; shares of a scale."""

    x: float
    y: float
    title: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A point at its place in the picture."""

    x: float
    y: float
    title: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """Marks of one ``kind`` (its colour); ``joined``: drawn as a line."""

    kind: str
    title: str
    marks: tuple[Mark, ...]
    joined: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """``title``, ``scale``: value -> 0..1, ``ticks``: values and what is written there."""

    title: str
    scale: Scale
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn; ``diagonal``: the line on which both axes are equal."""

    title: str
    x_title: str
    y_title: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    diagonal: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def chart(
    title: str, x: Axis, y: Axis, lines: Sequence[tuple[str, str, Sequence[Point], bool]], *, diagonal: bool = False
) -> Chart:
    """``lines``: kind, title, points, whether joined."""

    def across(value: float) -> float:
        return LEFT + x.scale(value) * (WIDTH - LEFT - RIGHT)

    def down(value: float) -> float:
        return HEIGHT - BOTTOM - y.scale(value) * (HEIGHT - TOP - BOTTOM)

    def mark(point: Point) -> Mark:
        low, high = (None if value is None else down(value) for value in (point.low, point.high))
        return Mark(across(point.x), down(point.y), point.title, low, high)

    return Chart(
        title=title,
        x_title=x.title,
        y_title=y.title,
        x_ticks=tuple((across(value), said) for value, said in x.ticks),
        y_ticks=tuple((down(value), said) for value, said in y.ticks),
        lines=tuple(Line(kind, name, tuple(map(mark, points)), joined) for kind, name, points, joined in lines),
        diagonal=diagonal,
    )


def nines(low: float, high: float) -> Scale:
    """Probabilities by their log odds, from ``low`` to ``high``: .9, .99 and .999 lie equally far apart."""

    def odds(p: float) -> float:
        return log10(p / (1.0 - p))

    return lambda p: (odds(min(max(p, low), high)) - odds(low)) / (odds(high) - odds(low))


def powers(low: float, high: float) -> Scale:
    """Shares by their logarithm."""
    return lambda share: log10(min(max(share, low), high) / low) / log10(high / low)


def even(low: float, high: float) -> Scale:
    """Shares as they are."""
    return lambda share: (min(max(share, low), high) - low) / (high - low)
