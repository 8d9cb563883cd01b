"""What was learned: how often true pairs (m) and strangers (u) agree at each level; how many records have a holder."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sekisho.errors import InputError
from sekisho.persons.linkage.design import GROUPS, MISSING, Design
from sekisho.wording import Text

FORMAT = 3
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was learned from: when (ISO 8601), how many rows, and ``labels``: records of a known holder.

    No holders: from the rows of one table.
    """

    trained: str = ""
    records: int = 0
    holders: int = 0
    labels: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """``m``: comparison -> shares of levels among true pairs, a row for each group; ``u``: among strangers.

    ``held``: the share of each group's records whose holder is among those looked at. ``alias``: the share of true
    pairs of each group that meet under another name of theirs (m), and the register's other names a holder (u).
    ``doubles``: kind (`doubles.kinds`) -> the share of persons who have such a double among the holders.
    """

    design: str
    m: dict[str, list[list[float]]]
    u: dict[str, list[float]]
    held: list[float]
    alias_m: list[float]
    alias_u: float
    doubles: dict[str, float] = field(default_factory=dict)
    levels: dict[str, list[str]] = field(default_factory=dict)
    origin: Origin = field(default_factory=Origin)

    def of(self, design: Design, origin: Origin) -> Model:
        """The model with what it was learned for, and from."""
        return replace(self, levels=_levels(design), origin=origin)

    def look_at(self, design: Design) -> None:
        """Raises InputError where the model was learned for another design than this one."""
        if any(self.levels.get(name) != levels for name, levels in _levels(design).items()):
            raise InputError(
                Text(
                    "The model was learned for other columns or levels than these tables and this version have.",
                    "このモデルの項目・水準は、今回の表またはこの版のものと一致しません。",
                ),
                Text("Leave --model out: a new one is learned.", "--model を省くと新しく学習します。"),
            )

    def to_json(self) -> str:
        """The model as JSON, to be kept and compared with the next."""
        return json.dumps({"format": FORMAT, "version": self.version, **asdict(self)}, indent=1)

    @property
    def version(self) -> str:
        """Differs between models of different levels or numbers, whenever they were learned."""
        numbers = {name: value for name, value in asdict(self).items() if name != "origin"}
        return hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()[:12]

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model that was kept; raises InputError where it is none."""
        try:
            kept = json.loads(text)
            if kept.pop("format") != FORMAT:
                raise ValueError
            version, origin = kept.pop("version"), Origin(**kept.pop("origin"))
            model = cls(**kept, origin=origin)
            if model.version != version:
                raise ValueError
            return model
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                Text("This is no model of this version.", "この版のモデルではありません。"),
                Text("Leave --model out: a new one is learned.", "--model を省くと新しく学習します。"),
            ) from error


def _levels(design: Design) -> dict[str, list[str]]:
    return {one.name: [level.name for level in one.levels] for one in design.comparisons}


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct patterns: ``code``, and of each the ``level`` by comparison, the ``group``, ``alias``: another name."""

    code: Ints
    level: dict[str, Ints]
    group: Ints
    alias: Ints


def told_apart(design: Design, codes: Ints) -> Patterns:
    """What each pattern code says."""
    left, level = codes.copy(), {}
    for one in design.comparisons:
        left, level[one.name] = np.divmod(left, len(one.levels))
    alias, group = np.divmod(left, GROUPS)
    return Patterns(codes, level, group, alias)


def weights(design: Design, model: Model, patterns: Patterns) -> Floats:
    """The log likelihood ratio of each pattern, without the rarity of the very values."""
    met = np.array(model.alias_m)[patterns.group]
    other = np.log(np.maximum(met, 1e-12) / max(model.alias_u, 1e-12))
    total: Floats = np.where(patterns.alias > 0, other, np.log1p(-met))
    for one in design.comparisons:
        total += one_weight(design, model, patterns, one.name)
    return total


def one_weight(design: Design, model: Model, patterns: Patterns, name: str) -> Floats:
    """What one comparison adds to the weight of each pattern."""
    one = next(c for c in design.comparisons if c.name == name)
    u = _log_u(model.u[name], [level.rare for level in one.levels])
    ratio: Floats = np.log(np.maximum(np.array(model.m[name]), 1e-12)) - u
    ratio[:, MISSING] = 0.0
    found: Floats = ratio[patterns.group if one.apart else 0, patterns.level[name]]
    return found


def _log_u(u: list[float], rare: list[bool]) -> Floats:
    """Log u; of levels that count by the value's own frequency only their share among those of an equal key."""
    shares, is_rare = np.maximum(np.array(u), 1e-12), np.array(rare)
    shares[is_rare] /= max(shares[is_rare].sum(), 1e-12)
    logs: Floats = np.log(shares)
    return logs


def reasons(design: Design, patterns: Patterns) -> list[str]:
    """Each pattern in words: what agrees and how, comparison by comparison; what is not known is not named."""
    said = [[] for _ in patterns.code]  # type: list[list[str]]
    for one in design.comparisons:
        for words, level in zip(said, patterns.level[one.name], strict=True):
            if level != MISSING:
                words.append(f"{one.title}: {one.levels[level].said}")
    for words, alias in zip(said, patterns.alias, strict=True):
        if alias:
            words.append(str(Text("under another name", "別の氏名で一致")))
    return ["; ".join(words) for words in said]
