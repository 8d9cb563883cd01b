"""How a matching went, as frozen values: what was merged, what that promises, and what came true of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Tally:
    """Records of which some are ``taken`` (merged, or above some probability).

    ``right``: how many of the taken are expected to be right, by their probabilities; ``expected``: how many records
    are expected to have a holder among their candidates. Of records whose holder is known from labels: ``labelled``
    are taken, ``came_true`` of them rightly, and ``held`` have a holder, taken or not.
    """

    records: int
    taken: int
    right: float
    expected: float
    labelled: int
    came_true: int
    held: int

    @property
    def precision(self) -> float | None:
        """The share of the taken expected to be right."""
        return self.right / self.taken if self.taken else None

    @property
    def recall(self) -> float | None:
        """The share taken rightly of all that are expected to have a holder among their candidates."""
        return self.right / self.expected if self.expected else None

    @property
    def true_precision(self) -> float | None:
        """The share of the labelled ones taken that came true."""
        return self.came_true / self.labelled if self.labelled else None

    @property
    def true_recall(self) -> float | None:
        """The share taken rightly of the labelled records that have a holder, also of those without a candidate."""
        return self.came_true / self.held if self.held else None

    def as_json(self) -> dict[str, Any]:
        """The counts and the shares."""
        return asdict(self) | {
            "precision": self.precision,
            "recall": self.recall,
            "true_precision": self.true_precision,
            "true_recall": self.true_recall,
        }


@dataclass(frozen=True, slots=True)
class Bin:
    """Records whose best candidate has a probability from ``low`` to below ``high``; all of them are taken."""

    low: float
    high: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class Reach:
    """What is had by taking every record from ``probability`` on."""

    probability: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are alike in ``dimension`` (sex, cohort, name, script); those merged are taken."""

    dimension: str
    name: str
    outcomes: Mapping[str, int]
    none: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Moved:
    """What another policy would do: ``wrong`` is the share of merges that may be wrong; those merged are taken."""

    wrong: float
    outcomes: Mapping[str, int]
    tally: Tally


@dataclass(frozen=True, slots=True)
class LevelShare:
    """How often true pairs (``m``, by group where they differ) and strangers (``u``) agree at one level."""

    comparison: Text
    level: Text
    m: tuple[float, ...]
    u: float
    rare: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """One m of the model that was given (``last``) and of one learned from the records at hand (``now``).

    ``group``: of records, where m is learned apart.
    """

    comparison: Text
    level: Text
    group: int | None
    last: float
    now: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How a given model differs from what the records at hand teach.

    ``trained``: when (ISO 8601), from so many ``records``. ``last_held``, ``now_held``: the share of records with a
    holder, by group. ``shifts``: the largest differences of m.
    """

    trained: str
    records: int
    last_held: tuple[float, ...]
    now_held: tuple[float, ...]
    shifts: tuple[Shift, ...]

    def as_json(self) -> dict[str, Any]:
        """docs/match.md says what each value means."""
        return asdict(self) | {
            "shifts": [
                asdict(one) | {"comparison": str(one.comparison), "level": str(one.level)} for one in self.shifts
            ]
        }


@dataclass(frozen=True, slots=True)
class Matching:
    """A matching: records = the outcomes + ``none``. ``wrong``, ``ask_from``: its policy. ``labels``: how many known.

    ``held``: the share of records that have a holder, by group of records, as the model has it. ``drift``: of a model
    that was given, how it differs from what these records teach.
    """

    records: int
    holders: int
    outcomes: Mapping[str, int]
    none: int
    wrong: float
    ask_from: float
    labels: int
    tally: Tally
    bins: tuple[Bin, ...]
    reaches: tuple[Reach, ...]
    groups: tuple[Group, ...]
    policies: tuple[Moved, ...]
    levels: tuple[LevelShare, ...]
    held: tuple[float, ...]
    drift: Drift | None = None

    def as_json(self) -> dict[str, Any]:
        """docs/match.md says what each value means."""

        def told(one: Bin | Reach | Group | Moved) -> dict[str, Any]:
            return asdict(one) | {"tally": one.tally.as_json()}

        return {
            "records": self.records,
            "holders": self.holders,
            "outcomes": {**self.outcomes, "none": self.none},
            "policy": {"wrong": self.wrong, "ask_from": self.ask_from},
            "labels": self.labels,
            "merged": self.tally.as_json(),
            "calibration": [told(one) for one in self.bins],
            "by_probability": [told(one) for one in self.reaches],
            "groups": [told(one) for one in self.groups],
            "policies": [told(one) for one in self.policies],
            "levels": [
                asdict(one) | {"comparison": str(one.comparison), "level": str(one.level)} for one in self.levels
            ],
            "held": list(self.held),
            "drift": self.drift.as_json() if self.drift else None,
        }
