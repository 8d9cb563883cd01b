from copy import deepcopy
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.persons.linkage import ongoing, people
from sekisho.persons.linkage.design import GROUPS
from sekisho.persons.linkage.index import Index, Memory
from sekisho.persons.linkage.link import Linker
from sekisho.persons.linkage.model import Model
from sekisho.persons.linkage.ongoing import Ongoing, Taken

TEXTS = ("name_kana", "birth_date", "sex")
SOME = people.DESIGN.of("family", "given", "birth", "sex")
CROWDED = replace(SOME, blocks=tuple(replace(block, most=3) for block in SOME.blocks))


def _model():
    """Any model will do, as long as it stays."""
    m = {one.name: [[level.start for level in one.levels]] * GROUPS for one in SOME.comparisons}
    u = {
        one.name: [0.0, *np.linspace(0.01, 1, len(one.levels) - 1) / (len(one.levels) / 2)] for one in SOME.comparisons
    }
    return Model(SOME.name, m, u, [0.7] * GROUPS, [0.02] * GROUPS, 0.1)


MODEL = _model()
NAMES = st.tuples(
    st.sampled_from(["サトウ", "サイトウ", "サドウ", "スズキ"]), st.sampled_from(["ハナ", "ハナコ", "タロウ"])
)
PERSONS = st.tuples(
    NAMES.map(" ".join), st.sampled_from(["1948-04-06", "1948-04-07", "1950-01-02"]), st.sampled_from(["F", "M", None])
)
WHO = st.integers(0, 9)
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "come": st.dictionaries(WHO, PERSONS, max_size=6),
            "go": st.sets(WHO, max_size=2),
            "records": st.dictionaries(WHO, PERSONS, max_size=6),
        }
    ),
    min_size=1,
    max_size=4,
)


def _rows(persons, name):
    frame = pl.DataFrame([[*one] for one in persons.values()], schema=dict.fromkeys(TEXTS, pl.String), orient="row")
    return frame.with_columns(pl.Series(name, list(persons), dtype=pl.Int32))


def _as_linked(rows):
    """Under their own names alone."""
    return rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("record"), alias=pl.lit(0, pl.Int8))


def _given(persons):
    return _rows(persons, "id").with_columns(pl.col("id").cast(pl.String))


def _all(linker, records):
    rows = _as_linked(_given(records))
    found = pl.concat(linker.link(rows, MODEL))
    return {(rows["id"][at], holder): p for at, holder, p in found.select("record", "holder", "probability").rows()}


class Register:
    """Holders who come, change and go, in an index."""

    def __init__(self, design, holders):
        self.index, self.holders = Index(design), {}
        self.step(holders, ())
        self.index.count()
        self.stood = deepcopy(self.index.census)

    def step(self, come, go):
        touched = pl.Series([*come, *(who for who in go if who in self.holders)], dtype=pl.Int32).unique()
        before = [who for who in touched if who in self.holders]
        if before:
            self.index.retire(pl.Series(before, dtype=pl.Int32))
        self.holders = {who: one for who, one in self.holders.items() if who not in go} | come
        if come:
            self.index.add([_rows(come, "holder").with_columns(alias=pl.lit(0, pl.Int8))])
        return touched

    def linker(self):
        return Linker(self.index.design, index=self.index, census=self.stood)


@pytest.fixture(scope="module", autouse=True)
def small_parts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ongoing, "PART", 3)
        yield


@pytest.mark.parametrize("design", [SOME, CROWDED], ids=["open", "crowded"])
@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(WHO, PERSONS, min_size=1), st.dictionaries(WHO, PERSONS, min_size=1), STEPS)
def test_step_by_step_gives_what_all_at_once_would_give(design, holders, records, steps):
    register = Register(design, holders)
    kept = Ongoing(storage := Memory(), TEXTS)
    with register.linker() as linker:
        kept.take(_given(records))
        kept.all_again(register.index, _as_linked, lambda rows, done, total: pl.concat(linker.link(rows, MODEL)))
        kept.commit()
    for step in steps:
        touched = register.step(step["come"], step["go"] - set(step["come"]))
        records |= step["records"]
        kept = Ongoing(storage, TEXTS)
        with register.linker() as linker:
            taken = kept.take(_given(step["records"])) if step["records"] else Taken()
            looked_at = kept.go_on(
                register.index, register.stood, taken, touched, _as_linked,
                lambda rows, done, total, linker=linker: pl.concat(linker.link(rows, MODEL)),
            )  # fmt: skip
            kept.commit()
            ids = dict(kept.ids().rows())
            known = {(ids[at], who): p for at, who, p in kept.found().select("record", "holder", "probability").rows()}
            assert known == _all(linker, records)
        assert len(looked_at) <= len(kept) == len(records)
        assert taken.new + taken.changed + taken.known == len(step["records"])
