"""Twins, families and persons listed twice: strangers who resemble somebody more than chance has it."""

import random

import numpy as np
import polars as pl
import pytest

from sekisho.persons.linkage import people
from sekisho.persons.linkage.doubles import counted, kinds
from sekisho.persons.linkage.link import Linker
from sekisho.persons.linkage.train import first_guess

DESIGN = people.DESIGN.of("family", "given", "birth", "sex")
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ"
PAIRS_OF_TWINS, ALONE = 600, 1_800


def _person(dice, like=None):
    family, birth = like or (
        "".join(dice.choices(KANA, k=5)),
        f"{dice.randint(1930, 1989)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
    )
    return family, "".join(dice.choices(KANA, k=4)), birth, dice.choice("MF")


def _rows(persons, number):
    return pl.DataFrame(
        {
            "name_kana": [f"{family} {given}" for family, given, _, _ in persons],
            "birth_date": [birth for _, _, birth, _ in persons],
            "sex": [sex for _, _, _, sex in persons],
        }
    ).with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias(number), alias=pl.lit(0, pl.Int8))


@pytest.fixture(scope="module")
def told():
    """Candidates of records of holders, and, from `ALONE` on, of twins of holders who are not in the register."""
    dice = random.Random(5)
    first = [_person(dice) for _ in range(PAIRS_OF_TWINS + ALONE)]
    holders = first + [_person(dice, (one[0], one[2])) for one in first[:PAIRS_OF_TWINS]]
    unknown = [_person(dice, (one[0], one[2])) for one in first[PAIRS_OF_TWINS:][:400]]
    with Linker(DESIGN) as linker:
        linker.know([_rows(holders, "holder")])
        records = _rows(first[PAIRS_OF_TWINS:] + unknown, "record")
        model = linker.train(records)
        return model, pl.concat(linker.link(records, model))


def test_a_twin_who_is_not_in_the_register_is_not_taken_for_the_one_who_is(told):
    _, found = told
    assert found.filter(pl.col("record") >= ALONE)["probability"].max() < 0.9
    assert (found.filter(pl.col("record") < ALONE)["probability"] > 0.99).sum() == ALONE


def test_as_many_doubles_are_counted_as_there_are(told):
    model, _ = told
    twins = model.doubles["1313"] + model.doubles["1311"]
    assert twins == pytest.approx(2 * PAIRS_OF_TWINS / (2 * PAIRS_OF_TWINS + ALONE), rel=0.4)


def test_pairs_that_chance_explains_are_no_doubles():
    rows = _rows([_person(random.Random(at)) for at in range(50)], "holder")
    with Linker(DESIGN) as linker:
        linker.know([rows])
        sample = linker.index.dictionary.numbered(linker.index.sample())
        model = first_guess(DESIGN, linker.index.dictionary, (sample, sample), 0.0)
        pairs = linker._pairs(linker._meet(rows.rename({"holder": "record"})))
    drawn, often = 10_000, 2_000
    seen = pl.DataFrame({"pattern": np.zeros(often, np.int64), "rarity": np.zeros(often), "holders": np.ones(often)})
    kind = kinds(DESIGN, pairs.patterns)[0]
    chance = seen.with_columns(rarity=pl.lit(_rarity_of_chance(model, pairs.patterns, often / drawn)))
    assert counted(DESIGN, model, pairs.patterns, chance, drawn)[kind] < 0.01
    surprise = seen.with_columns(rarity=pl.lit(40.0))
    assert counted(DESIGN, model, pairs.patterns, surprise, drawn)[kind] == pytest.approx(often / drawn, rel=0.15)


def _rarity_of_chance(model, patterns, share):
    """The rarity with which the first pattern comes by chance alone as often as ``share`` says."""
    logs = [np.log(model.u[one.name][patterns.level[one.name][0]]) for one in DESIGN.comparisons]
    rare = [one.name for one in DESIGN.comparisons if one.counts_rarity]
    among = sum(
        np.log(sum(u for u, level in zip(model.u[one.name], one.levels, strict=True) if level.rare))
        for one in DESIGN.comparisons
        if one.name in rare and one.levels[patterns.level[one.name][0]].rare
    )
    return float(sum(logs) - among - np.log(share))
