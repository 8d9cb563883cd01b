"""How good a matching is, as one HTML page that stands alone; counts and shares only, nobody's data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Any

from sekisho.matching import Bin, Drift, Group, LevelShare, Matching, Tally
from sekisho.report import charts
from sekisho.report.charts import Axis, Chart, Point
from sekisho.report.interval import clopper_pearson
from sekisho.report.page import written
from sekisho.report.view import Slice, number
from sekisho.report.words import words

_COLOURS = {"auto": "protected", "ask": "undetermined", "unresolved": "unprotected", "none": "plain"}
_TICKS = (0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
_WRONG = (0.000001, 0.00001, 0.0001, 0.001, 0.01, 0.1)
_FULL = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """What came true of what was promised: ``low``, ``high``: 95 % interval; ``over``: promised too much for chance."""

    share: float
    low: float
    high: float
    over: bool


def render(made: Matching, about: dict[str, str]) -> str:
    """The page in the language of the run; ``about``: ``made`` (ISO 8601) and ``version``."""
    return written("matching.html.j2", view(made) | {"about": about})


def view(made: Matching) -> dict[str, Any]:
    """What the page shows."""
    counts = {**made.outcomes, "none": made.none}
    return {
        "made": made,
        "counts": counts,
        "outcomes": tuple(_slices(counts, made.records)),
        "titles": {name: _say(f"match_{name}") for name in counts},
        "verdict": _verdict(made.tally),
        "bins": [(one, came_true(one.tally)) for one in made.bins],
        "over": [one for one in made.bins if (held := came_true(one.tally)) and held.over],
        "calibration": _calibration(made.bins),
        "moved": _moved(made),
        "groups": tuple(_groups(made.groups)),
        "levels": tuple(_levels(made.levels)),
        "held_apart": tuple(_held(made.drift)) if made.drift else (),
        "shifts": tuple((one, _group(one.group)) for one in made.drift.shifts) if made.drift else (),
        "interval": came_true,
        "exact": exact,
        "between": between,
        "per_ten_thousand": per_ten_thousand,
    }


def came_true(tally: Tally) -> Held | None:
    """What came true of those taken, where it is known of any."""
    if not tally.labelled or tally.precision is None:
        return None
    low, high = clopper_pearson(tally.came_true, tally.labelled)
    return Held(tally.came_true / tally.labelled, low, high, high < tally.precision)


def exact(share: float | None) -> str:
    """A percentage with two digits of what is missing to 100, as many nines as there are."""
    if share is None:
        return "–"
    rest = min(share, 1.0 - share)
    if rest < 1e-12:
        return "100%" if share > 0.5 else "0%"
    return f"{share:.{max(1, ceil(-log10(rest)) - 1)}%}"


def between(low: float, high: float) -> str:
    """From where to where, as percentages."""
    return f"{exact(low)} – {exact(high)}"


def per_ten_thousand(share: float | None) -> str:
    """A small share of wrong ones, of 10,000."""
    if share is None:
        return "–"
    return f"{share * 10_000:.2g}" if share < 0.01 else f"{share * 10_000:,.0f}"


def _say(name: str) -> str:
    return str(words()[name])


def _slices(counts: dict[str, int], records: int) -> Iterator[Slice]:
    start = 0.0
    for name, count in counts.items():
        share = count / records if records else 0.0
        yield Slice(_COLOURS[name], count, share, start, _say(f"match_{name}"))
        start += share


def _verdict(tally: Tally) -> tuple[str, bool]:
    """What is to be said of the merges first, and whether it is fine."""
    held, wrong = came_true(tally), tally.taken - tally.right
    if held is None:
        said = words()["match_verdict_expected"]
        return str(said.fill(wrong=f"{wrong:.1f}", n=number(tally.taken))), True
    said = words()["match_verdict_true"].fill(
        wrong=number(tally.labelled - tally.came_true),
        n=number(tally.labelled),
        low=per_ten_thousand(1 - held.high),
        high=per_ten_thousand(1 - held.low),
        expected=per_ten_thousand(wrong / tally.taken),
    )
    return str(said), not held.over


def _calibration(bins: Sequence[Bin]) -> Chart | None:
    """Promised against came true, where that is known."""
    points = []
    for one in bins:
        held = came_true(one.tally)
        if held and one.tally.precision is not None:
            title = f"{exact(one.tally.precision)} → {exact(held.share)} ({number(one.tally.labelled)})"
            points.append(Point(one.tally.precision, held.share, title, held.low, held.high))
    scale, ticks = charts.nines(_TICKS[0], 0.999999), [(p, f"{p:g}") for p in _TICKS]
    across, down = Axis(_say("match_promised"), scale, ticks), Axis(_say("match_came_true"), scale, ticks)
    lines = [("plain", _say("match_came_true"), points, False)]
    return charts.chart(_say("match_calibration"), across, down, lines, diagonal=True) if points else None


def _moved(made: Matching) -> Chart | None:
    """How many records are merged against how many of the merges are wrong: expected, and true."""
    expected, true = [], []
    for one in made.reaches:
        tally = one.tally
        if not tally.taken or tally.precision is None:
            continue
        x, title = tally.taken / made.records, f"{one.probability:g}: {number(tally.taken)}"
        expected.append(Point(x, 1 - tally.precision, title))
        if held := came_true(tally):
            true.append(Point(x, 1 - held.share, title, 1 - held.high, 1 - held.low))
    if not expected:
        return None
    least = max(0.0, min(point.x for point in expected) - 0.05)
    most = min(_FULL, max(point.x for point in expected) + 0.05)
    steps = [least + (most - least) * at / 4 for at in range(5)]
    across = Axis(_say("match_share_taken"), charts.even(least, most), [(p, f"{p:.0%}") for p in steps])
    down = Axis(_say("match_share_wrong"), charts.powers(_WRONG[0], _WRONG[-1]), [(p, f"{p:g}") for p in _WRONG])
    lines = [("plain", _say("match_expected"), expected, True)]
    lines += [("unprotected", _say("match_true"), true, False)] if true else []
    return charts.chart(_say("match_moved"), across, down, lines)


def _groups(groups: Sequence[Group]) -> Iterator[tuple[str, list[tuple[str, Group]]]]:
    for dimension in dict.fromkeys(one.dimension for one in groups):
        rows = [(_name(one), one) for one in groups if one.dimension == dimension]
        yield _say(f"match_by_{dimension}"), rows


def _name(group: Group) -> str:
    if group.name.isdecimal():
        return str(words()["match_decade"].fill(year=group.name))
    return _say(f"match_{group.dimension}_{group.name}")


def _group(group: int | None) -> str:
    return "" if group is None else _say(f"match_group_{group}")


def _held(drift: Drift) -> Iterator[tuple[str, float, float]]:
    for group, (last, now) in enumerate(zip(drift.last_held, drift.now_held, strict=True)):
        yield _group(group), last, now


def _levels(levels: Sequence[LevelShare]) -> Iterator[tuple[str, list[LevelShare]]]:
    for comparison in dict.fromkeys(one.comparison for one in levels):
        yield str(comparison), [one for one in levels if one.comparison == comparison]
