"""How probable is it that a profile is about a holder? Fellegi-Sunter weights, learned from the numbers that are right.

Under a number the pair is the holder's own, or a stranger's (a slip, a relative's number): both classes are learned by
expectation-maximisation. Without it a holder competes with all that fit as well by chance, as counted on the register,
with other candidates and with being nobody's: p_i = A_i / (K + (1-h) + sum A_j), A = h m / (N u), K the odds of the
number. h, the share of profiles that have a holder, is learned apart for each thing that a number may say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from sekisho.persons.linkage import kinds, people, splits
from sekisho.persons.meet import PARTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MISSING, SAME, NEAR, DIFFER = range(4)
_BIRTHS = {level.name: at for at, level in enumerate(people.BIRTH.levels)}
_SAME_NAME = {"same", "kana", "spelling", "kanji", "variant", "homophone"}  # of `people.NAME_LEVELS`
_DIFFERENT_NAME = {"others", "differ"}
_NAME_LEVEL = np.array(
    [
        MISSING if level.name == "missing" else SAME if level.name in _SAME_NAME
        else DIFFER if level.name in _DIFFERENT_NAME else NEAR
        for level in people.NAME_LEVELS
    ]
)  # fmt: skip

# first guesses: of the right person and of a stranger under one number
_M = {"family": [0, 0.93, 0.02, 0.05], "given": [0, 0.97, 0.02, 0.01], "sex": [0, 0.997, 0, 0.003]}
_U = {"family": [0, 0.5, 0.02, 0.48], "given": [0, 0.003, 0.03, 0.967], "sex": [0, 0.5, 0, 0.5]}
_M_BIRTH = {"same": 0.975, "partly": 0.005, "swapped": 0.001, "digit": 0.005, "near": 0.002, "era": 0.002,
            "two": 0.003, "differ": 0.007}  # fmt: skip
_U_BIRTH = {"same": 5e-5, "partly": 1e-3, "swapped": 3e-5, "digit": 1.2e-3, "near": 1.5e-4, "era": 1.5e-4, "two": 3e-3,
            "differ": 0.994}  # fmt: skip
_TWINS = 0.01  # of strangers under one number
_STRANGERS = 0.005  # of numbers that are a holder's
_GUESSES_COUNT = 500.0  # pairs, against what is learned
_ROUNDS = 40

_NEAR_BY_CHANCE = 5e-6  # of numbers: two digits from another one at most
_NEAR_IF_WRONG = np.array([1.0, 0.95, 0.2])  # of wrong numbers: as near to the right one
_FAR = np.array([0.0, np.log(0.05), np.log(0.8)])
LATIN = r"^[\x00-\x7F]*$"
_SIDES = ("birth", "birth_right")
PARTLY = _BIRTHS["partly"]
"""Further levels of birth dates disagree."""
_AT_HOME, _MOVED = 0.85, 0.05  # addresses that are still the same; that differ, but for slips in the name besides
_AT_HOME_BY_CHANCE = {"twins": 0.3, "one name": 1e-3, "else": 1e-5}  # relatives live together
_TWIN = 0.003  # of holders who have a twin of a like name
_LEARNED = 0.3  # a name that only a record says counts less than the register's
_SLIP_BY_CHANCE = {"name": 0.1, "kana": 0.03}  # of names that begin or end alike: one character differs
_WHOLE, _PART, _DAY = (10_000.0, 1e-5), (1_000.0, 1e-3), (30_000.0, 1 / 30_000)
"""What is thought of names, parts of them and days before any is counted: as so many holders would tell, this share."""


@dataclass(frozen=True, slots=True)
class Population:
    """How many holders there are, and how many of them were counted to tell how common a part of a name is."""

    holders: int
    sample: int


@dataclass(frozen=True, slots=True)
class Weights:
    """``m`` and ``u``: comparison -> shares of its levels among the right and among strangers under one number.

    ``strangers``: the share of numbers of holders that stand beside somebody else.
    """

    m: dict[str, Floats]
    u: dict[str, Floats]
    strangers: float

    def log_odds(self, levels: dict[str, Ints]) -> Floats:
        """That pairs under one number are the holder's own."""
        total = np.full(len(next(iter(levels.values()))), np.log((1 - self.strangers) / self.strangers))
        for name, level in levels.items():
            total += _logs(self.m[name], self.u[name])[level]
        return total


def _logs(m: Floats, u: Floats) -> Floats:
    found: Floats = np.log(np.maximum(m, 1e-9) / np.maximum(u, 1e-9))
    found[MISSING] = 0.0
    return found


def _guesses(of: dict[str, list[float]], births: dict[str, float]) -> dict[str, Floats]:
    birth = np.array([births.get(level.name, 0.0) for level in people.BIRTH.levels])
    return {**{name: np.array(shares) for name, shares in of.items()}, "birth": birth / birth.sum()}


def learn(levels: dict[str, Ints], agreeing: dict[str, float]) -> Weights:
    """From pairs under one number, and how many more are known to agree in each comparison."""
    strangers_births = {**_U_BIRTH, "same": _TWINS}
    m, u = _guesses(_M, _M_BIRTH), _guesses(_U, strangers_births)
    first_m, first_u = m, u
    share = _STRANGERS
    more = max(agreeing.values(), default=0.0)
    code, size = np.zeros(len(next(iter(levels.values()))), np.int64), 1
    for name, level in levels.items():
        code, size = code + size * level, size * len(m[name])
    codes, counts = np.unique(code, return_counts=True)
    patterns = {}
    for name in levels:
        codes, patterns[name] = np.divmod(codes, len(m[name]))
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(Weights(m, u, share).log_odds(patterns), -600, 600)))
        own, strange = counts * p, counts * (1 - p)
        m = {name: _shares(level, own, first_m[name], agreeing[name]) for name, level in patterns.items()}
        u = u | {"family": _shares(patterns["family"], strange, first_u["family"], 0.0)}
        share = (strange.sum() + _GUESSES_COUNT * _STRANGERS) / (counts.sum() + more + _GUESSES_COUNT)
    return Weights(m, u, float(share))


def _shares(level: Ints, mass: Floats, guess: Floats, agreeing: float) -> Floats:
    found = np.bincount(level, mass, minlength=len(guess)) + _GUESSES_COUNT * guess
    found[SAME] += agreeing
    found[MISSING] = 0.0
    return found / found.sum()  # type: ignore[no-any-return]


def levels_under_a_number(pairs: pl.DataFrame) -> dict[str, Ints]:
    """How the items of pairs under one number agree.

    A surname or given name is the same where names begin or end alike (`meet.PARTS`), and near where only the first or
    last kanji is. Only names of which one side tells the kanji and the other the kana are taken apart.
    """
    alike = {side: _shared(pairs, side, PARTS) for side in ("left", "right")}
    letter = {side: _shared(pairs, side, [("name", 1)]) for side in alike}
    slip, same = _slips(pairs), all_alike(pairs)
    family, given = (
        np.where(same | alike[side], SAME, np.where(slip | letter[side], NEAR, DIFFER)) for side in ("left", "right")
    )
    family, given = (np.where(_comparable(pairs), level, MISSING) for level in (family, given))
    apart = _in_other_scripts(pairs)
    levels = _apart(pairs.filter(pl.lit(apart)))
    family[apart], given[apart] = levels["family"], levels["given"]
    return {"family": family, "given": given, "sex": sexes(pairs), "birth": births(pairs)}


def nothing_in_common(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether names do not even begin or end with the same kanji or two kana."""
    some = [("name", 1), ("kana", 2)]
    found: NDArray[np.bool_] = _comparable(pairs) & ~_shared(pairs, "left", some) & ~_shared(pairs, "right", some)
    return found


def _shared(pairs: pl.DataFrame, side: str, parts: Sequence[tuple[str, int]]) -> NDArray[np.bool_]:
    """Whether names in some script begin (``left``) or end alike."""

    def end(item: str, length: int) -> pl.Expr:
        return pl.col(item).str.slice(0, length) if side == "left" else pl.col(item).str.slice(-length)

    alike = (
        (end(item, length) == end(f"{item}_right", length)) & (pl.col(item).str.len_chars() >= length)
        for item, length in parts
    )
    return pairs.select(pl.any_horizontal(alike).fill_null(value=False)).to_series().to_numpy()


def _comparable(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether both sides tell the name in one script."""
    latin = pl.col("name").str.contains(LATIN) == pl.col("name_right").str.contains(LATIN)
    kana = pl.col("kana").is_not_null() & pl.col("kana_right").is_not_null()
    return pairs.select(latin.fill_null(value=False) | kana).to_series().to_numpy()


def all_alike(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether a name or reading is the same and none differs."""
    alike = pl.any_horizontal(pl.col(item) == pl.col(f"{item}_right") for item in ("name", "kana"))
    differ = pl.any_horizontal(pl.col(item) != pl.col(f"{item}_right") for item in ("name", "kana"))
    return pairs.select((alike & ~differ.fill_null(value=False)).fill_null(value=False)).to_series().to_numpy()


def _in_other_scripts(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether one side tells kanji alone and the other kana alone."""
    ways = [
        pl.col(f"name{one}").is_not_null() & ~pl.col(f"name{one}").str.contains(LATIN)
        & pl.col(f"kana{one}").is_null() & pl.col(f"name{other}").is_null() & pl.col(f"kana{other}").is_not_null()
        for one, other in (("", "_right"), ("_right", ""))
    ]  # fmt: skip
    return pairs.select(pl.any_horizontal(ways).fill_null(value=False)).to_series().to_numpy()


def _apart(pairs: pl.DataFrame) -> dict[str, Ints]:
    """The levels of surname and given name, each distinct pair of names taken apart once."""
    if not pairs.height:
        return {"family": np.zeros(0, np.int64), "given": np.zeros(0, np.int64)}
    distinct = pairs.select("name", "name_right", "kana", "kana_right").unique()
    sides: dict[str, pl.DataFrame] = {}
    for item, script in (("name", "kanji"), ("kana", "kana")):
        halves = splits.apart(pl.concat([distinct[item], distinct[f"{item}_right"].alias(item)]), script)
        sides |= {script: halves.head(distinct.height), f"{script}_right": halves.tail(distinct.height)}
    found = distinct.with_columns(
        pl.Series(part, _NAME_LEVEL[_name_levels({side: halves[part] for side, halves in sides.items()})])
        for part in ("family", "given")
    )
    on = distinct.columns
    joined = pairs.select(on).join(found, on=on, how="left", nulls_equal=True, maintain_order="left")
    return {part: joined[part].to_numpy() for part in ("family", "given")}


def _name_levels(sides: dict[str, pl.Series]) -> Ints:
    pairs = pl.DataFrame(sides)
    distinct = pairs.unique()
    leveled = distinct.with_columns(people.name_level(distinct).alias("level"))
    joined = pairs.join(leveled, on=pairs.columns, how="left", nulls_equal=True, maintain_order="left")
    return joined["level"].to_numpy().astype(np.int64)


def births(pairs: pl.DataFrame) -> Ints:
    """The level of each pair of birth dates."""
    one, other = pairs["birth"], pairs["birth_right"]
    return people.BIRTH.compare(kinds.Sides(one, other, one, other)).to_numpy().astype(np.int64)


def sexes(pairs: pl.DataFrame) -> Ints:
    """The level of each pair of sexes."""
    same = pairs["sex"] == pairs["sex_right"]
    return pl.select(pl.when(same).then(SAME).when(~same).then(DIFFER).otherwise(MISSING)).to_series().to_numpy()


def by_chance(pairs: pl.DataFrame, weights: Weights, population: Population) -> Floats:
    """Log m / (N u) of pairs that met otherwise: how much more they agree than any of N holders would by chance."""
    m, u = _names(pairs, weights, population)
    alike = np.log(m) - np.log(u) + _of_birth(pairs, weights, population) - np.log(max(population.holders, 1))
    surname = pairs["way"].str.ends_with("left").to_numpy()
    alike = np.where(surname, np.minimum(alike, np.log(m / _TWIN)), alike)
    sex = _logs(weights.m["sex"], np.array([1, 0.5, 1, 0.5]))[sexes(pairs)]
    total: Floats = alike + sex + _of_address(pairs) + _of_number(pairs)
    return total


def _of_address(pairs: pl.DataFrame) -> Floats:
    same = pl.col("address") == pl.col("address_right")
    relatives = pl.when(pl.col("way").str.ends_with("left")).then(_AT_HOME_BY_CHANCE["twins"])
    one_name = pl.col("way").is_in(["name", "kana"])
    by_chance = relatives.when(one_name).then(_AT_HOME_BY_CHANCE["one name"]).otherwise(_AT_HOME_BY_CHANCE["else"])
    home = pl.when(same).then((_AT_HOME / by_chance).log()).when(~same).then(np.log(_MOVED)).otherwise(0.0)
    return pairs.select(home).to_series().to_numpy()


def _share(count: str, holders: int, guess: tuple[float, float]) -> pl.Expr:
    """The share of holders who bear a value; three quarters of one are the right one, who is no stranger."""
    weight, share = guess
    return ((pl.col(count).fill_null(0) - 0.75).clip(0) + weight * share) / (holders + weight)


def _of_birth(pairs: pl.DataFrame, weights: Weights, population: Population) -> Floats:
    """A date known in part agrees with all of its year or month."""
    level = births(pairs)
    chance = np.array([_U_BIRTH.get(name, 1.0) for name in _BIRTHS])
    found = _logs(weights.m["birth"], chance)[level]
    day = pairs.select(_share("of_birth", population.holders, _DAY)).to_series().to_numpy()
    found = np.where(level == _BIRTHS["same"], np.log(weights.m["birth"][_BIRTHS["same"]] / day), found)
    parts = {(0, 4): 60, (5, 2): 12, (8, 2): 30}
    known = [
        pl.when(pl.any_horizontal(pl.col(side).str.slice(*at).str.contains("?", literal=True) for side in _SIDES))
        .then(0.0).otherwise(np.log(many)) for at, many in parts.items()
    ]  # fmt: skip
    partly = pairs.select(pl.sum_horizontal(known)).to_series().to_numpy()
    return np.where(level == _BIRTHS["partly"], partly, found)


def _names(pairs: pl.DataFrame, weights: Weights, population: Population) -> tuple[Floats, Floats]:
    """How often names of one person agree as these do, and of strangers."""
    family, given = (dict(enumerate(weights.m[part])) for part in ("family", "given"))
    slip, all_same = pl.lit(_slips(pairs)), pl.lit(all_alike(pairs))
    by_surname, in_part = pl.col("way").str.ends_with("left"), pl.col("way").str.contains("_")
    other_given = pl.when(slip).then(given[NEAR]).otherwise(given[DIFFER])
    other_family = pl.when(slip).then(family[NEAR]).otherwise(family[DIFFER])
    part = pl.when(by_surname).then(family[SAME] * other_given).otherwise(other_family * given[SAME])
    whole = family[SAME] * pl.when(all_same).then(given[SAME]).otherwise(given[NEAR])
    learned = pl.when(pl.col("way") == "learned").then(_LEARNED).otherwise(1.0)
    bearers = pl.min_horizontal(
        pl.when(pl.col(item) == pl.col(f"{item}_right")).then(_share(f"of_{item}", population.holders, _WHOLE))
        for item in ("name", "kana")
    )
    in_kanji = pl.col("way").str.starts_with("name")
    slips = pl.when(in_kanji).then(_SLIP_BY_CHANCE["name"]).otherwise(_SLIP_BY_CHANCE["kana"])
    of_part = _share("of_part", population.sample, _PART) * pl.when(slip).then(slips).otherwise(1.0)
    found = pairs.select(
        m=pl.when(in_part).then(part).otherwise(whole * learned), u=pl.when(in_part).then(of_part).otherwise(bearers)
    )
    return found["m"].to_numpy(), found["u"].to_numpy()


def _slips(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether names or readings are one letter apart."""
    apart = np.zeros(pairs.height, dtype=bool)
    for item, _ in PARTS:
        one, other = (pairs[side].fill_null("").to_list() for side in (item, f"{item}_right"))
        distance = cpdist(one, other, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
        told = pairs.select(pl.all_horizontal(pl.col(item, f"{item}_right").is_not_null())).to_series()
        apart |= (distance == 1) & told.to_numpy()
    return apart


def _of_number(pairs: pl.DataFrame) -> Floats:
    group, near = pairs["group"].to_numpy(), pairs["near"].to_numpy()
    found: Floats = np.where(near, np.log(_NEAR_IF_WRONG / _NEAR_BY_CHANCE)[group], _FAR[group])
    return found
