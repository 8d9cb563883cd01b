import random

import numpy as np
import polars as pl
import pytest
from benchmarks.linkage.generate import Order, generate
from hypothesis import given
from hypothesis import strategies as st

from sekisho.errors import InputError
from sekisho.persons.linkage import declared, people
from sekisho.persons.linkage.clusters import clustered
from sekisho.persons.linkage.dedupe import dedupe
from sekisho.persons.linkage.kinds import KINDS, Sides, comparison
from sekisho.persons.linkage.link import Linker
from sekisho.wording import Text

DESIGN = {
    "columns": {
        "given": {"kind": "name", "heading": "Given name"},
        "family": "name",
        "born": "date",
        "town": "text",
        "code": "code",
        "card": "identifier",
        "sex": "category",
    },
    "blocks": [
        {"on": ["family", "born"]},
        {"on": ["given", "born"]},
        {"on": ["family.start", "code.area"]},
        {"on": ["card"]},
    ],
}
FAMILIES = ("Ortega", "Lindqvist", "O'Hara", "Müller", "Дмитриев", "Παππάς", "김", "佐々木", "Nguyen", "Fernández")
GIVEN = ("Ana", "José", "Sofia", "Ivan", "Елена", "Νίκος", "민준", "花子", "Linh", "Greta", "Olaf", "Marta")


def _places(kind, one, other):
    cleaned = [kind.clean(pl.Series(side, dtype=pl.String)) for side in (one, other)]
    return kind.compare(Sides(*cleaned, *(kind.key(side) if kind.key else side for side in cleaned)))


def _level(kind, one, other):
    return KINDS[kind].levels[_places(KINDS[kind], [one], [other]).item()].name


@pytest.mark.parametrize(
    ("kind", "one", "other", "level"),
    [
        ("name", "José", "JOSÉ ", "same"),
        ("name", "José", "Jose", "spelling"),
        ("name", "O'Hara", "o hara", "spelling"),
        ("name", "Παππάς", "Παππας", "spelling"),
        ("name", "ﾊﾅｺ", "ハナコ", "same"),
        ("name", "Katherine", "Kathreine", "edit"),
        ("name", "Дмитриев", "Дмитрев", "edit"),
        ("name", "Ana", "A.", "initial"),
        ("text", "Ana", "A.", "begins"),
        ("name", "Chris", "Christopher", "begins"),
        ("name", "Maria del Carmen", "Carmen", "word"),
        ("name", "Montgomery", "Montgommerie", "close"),
        ("name", "Jonson", "Johnstone", "alike"),
        ("name", "민준", "花子", "differ"),
        ("name", "...", "Ana", "missing"),
        ("name", None, "Ana", "missing"),
        ("code", "RH2 9PL", "rh2 9pl", "same"),
        ("code", "RH2 9PL", "RH2 9PI", "edit"),
        ("code", "RH2 9PL", "RH2 4AB", "area"),
        ("code", "6302", "6320", "edit"),
        ("code", "63020", "63299", "differ"),
        ("identifier", "530-4218", "5304218", "same"),
        ("identifier", "5304218", "5304281", "edit"),
        ("identifier", "5304218", "1111111", "differ"),
        ("category", "F", "f", "same"),
        ("category", "F", "M", "differ"),
        ("date", "19480406", "1948/4/6", "same"),
        ("date", "1948-04-06", "1948-84-06", "digit"),
        ("date", "1948-04-06", "1962-04-06", "two"),
        ("date", "soon", "1962-04-06", "missing"),
    ],
)
def test_values_of_each_kind_agree_in_levels(kind, one, other, level):
    assert _level(kind, one, other) == level
    assert _level(kind, other, one) == level


@pytest.mark.parametrize("kind", KINDS)
@given(column=st.lists(st.one_of(st.none(), st.text(max_size=12)), min_size=1, max_size=8))
def test_every_kind_takes_any_text(kind, column):
    made = KINDS[kind]
    cleaned = made.clean(pl.Series(column, dtype=pl.String))
    assert _places(made, column, column[::-1]).max() < len(made.levels)
    assert made.clean(cleaned).equals(cleaned)
    for part in made.parts.values():
        assert (part(cleaned).drop_nulls() < 1 << 15).all()
    assert comparison("any", Text("any", "any"), made).columns == ("any",)


def _people(count, seed):
    """Rows of invented persons, each with up to three further rows in which something is wrong."""
    dice = random.Random(seed)
    rows = []
    for person in range(count):
        true = {
            "Given name": dice.choice(GIVEN) + dice.choice(("", "", "lina", "mar")),
            "family": dice.choice(FAMILIES) + dice.choice(("", "ez", "son", "ova", "ström", "i")),
            "born": f"{dice.randint(1920, 2005)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            "town": dice.choice(("Vik", "São Tomé", "Kyjov", "Alzey", "札幌市")),
            "code": f"{dice.randint(10, 60)}-{dice.randint(100, 999)}",
            "card": str(dice.randint(10**7, 10**8)),
            "sex": dice.choice("FM"),
        }
        rows += [{**_spoiled(true, dice), "person": person} for _ in range(dice.randint(1, 4))]
    dice.shuffle(rows)
    return pl.DataFrame(rows)


def _spoiled(true, dice):
    row = dict(true)
    for column in dice.sample(sorted(row), dice.choice((0, 0, 1, 2))):
        text = row[column]
        at = dice.randrange(len(text))
        row[column] = dice.choice((None, text[:at] + text[at + 1 :] or None, text[:at] + "7" + text[at + 1 :]))
    return row


def _f1(found, true):
    def pairs(columns):
        sizes = pl.DataFrame({"found": found, "true": true}).group_by(columns).len()["len"].cast(pl.Int64)
        return (sizes * (sizes - 1) // 2).sum()

    return 2 * pairs(["found", "true"]) / (pairs(["found"]) + pairs(["true"]))


def test_rows_of_one_person_are_found_in_any_script_without_labels():
    rows = _people(1500, seed=1)
    found = dedupe(declared.design("people", DESIGN), rows)
    assert _f1(found.person, rows["person"]) > 0.98
    assert found.passed_over == 0
    assert (found.pairs["one"] < found.pairs["other"]).all()
    assert found.pairs["probability"].is_between(0.0, 1.0).all()
    assert found.pairs["reasons"].cast(pl.String).str.contains("Given name|born").mean() > 0.9


def test_two_tables_of_declared_columns_are_linked():
    rows = _people(1500, seed=2)
    last = rows["person"].is_last_distinct()
    plain = {"alias": pl.lit(0, pl.Int8)}
    holders = rows.filter(last).with_columns(holder=pl.int_range(pl.len(), dtype=pl.Int32), **plain)
    records = rows.filter(~last).with_columns(record=pl.int_range(pl.len(), dtype=pl.Int32), **plain)
    with Linker(declared.design("people", DESIGN)) as linker:
        linker.know([holders])
        found = pl.concat(linker.link(records, linker.train(records)))
    best = found.filter(pl.col("probability") > 0.5)
    same = records["person"].gather(best["record"]) == holders["person"].gather(best["holder"])
    assert same.mean() > 0.995
    assert same.sum() / records.height > 0.97


def test_records_of_persons_of_japan_find_each_other_without_a_register(tmp_path):
    generate(Order(6000, 4000, seed=5), tmp_path)
    known = pl.read_parquet(tmp_path / "register" / "part-*.parquet").with_columns(holder="basic_pension_number")
    truth = pl.read_parquet(tmp_path / "truth.parquet")
    others = pl.read_parquet(tmp_path / "records.parquet").join(truth, on="record", maintain_order="left")
    columns = ["name", "name_kana", "birth_date", "sex", "holder"]
    rows = pl.concat([known.select(columns), others.select(columns)]).with_row_index("row")
    person = rows.select(pl.coalesce("holder", pl.col("row").cast(pl.String))).to_series()
    found = dedupe(people.DESIGN.of("family", "given", "birth", "sex"), rows)
    same = person.gather(found.pairs["one"]) == person.gather(found.pairs["other"])
    assert same.filter(found.pairs["probability"] > 0.95).mean() > 0.99
    assert _f1(found.person, person) > 0.85


@pytest.mark.parametrize("height", [0, 1, 2])
def test_a_table_of_hardly_any_rows_has_hardly_any_duplicates(height):
    rows = _people(20, seed=3).unique("person", maintain_order=True).head(height)
    assert sorted(dedupe(declared.design("people", DESIGN), rows).person) == list(range(height))


def test_what_too_many_rows_share_is_counted_instead_of_paired_without_end():
    row = {"Given name": "Ana", "family": "Ortega", "born": "1900-01-01", "town": None, "code": None, "card": None}
    rows = pl.DataFrame([{**row, "sex": "F"}] * 30_000 + [{**row, "born": "1931-05-06", "sex": "F"}])
    found = dedupe(declared.design("people", DESIGN), rows)
    assert found.passed_over == 30_000
    assert found.pairs.is_empty()


def test_as_many_columns_as_a_design_may_have_are_told_apart():
    columns = {f"c{at}": "name" for at in range(18)}
    design = declared.design("wide", {"columns": columns, "blocks": [{"on": ["c17"]}]})
    rows = pl.DataFrame([{c: f"{c}x{at % 50 * 7919}" for c in columns} for at in range(100)])
    assert dedupe(design, rows).person.tolist() == [*range(50), *range(50)]


def test_a_column_that_says_nothing_does_not_matter():
    rows = _people(600, seed=4).with_columns(town=pl.lit(None, pl.String))
    assert _f1(dedupe(declared.design("people", DESIGN), rows).person, rows["person"]) > 0.96


def _clusters(pairs, size, threshold=0.9):
    one, other, p = (np.array(column) for column in zip(*pairs, strict=True))
    return clustered(one, other, p.astype(float), size, threshold).tolist()


def test_likely_pairs_hang_together_and_the_others_do_not():
    assert _clusters([(0, 2, 0.99), (2, 3, 0.95), (1, 4, 0.5)], 5) == [0, 1, 0, 0, 2]


def test_two_persons_are_not_joined_by_one_weak_bridge():
    trios = [(a + b, a + c, 0.9999) for a in (0, 3) for b, c in ((0, 1), (0, 2), (1, 2))]
    across = [(b, c, 0.001) for b in (0, 1, 2) for c in (3, 4, 5) if (b, c) != (2, 3)]
    assert _clusters([*trios, *across, (2, 3, 0.95)], 6) == [0, 0, 0, 1, 1, 1]
    assert _clusters([*trios, (2, 3, 0.9999)], 6) == [0] * 6


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19), st.floats(0, 1)), min_size=1, max_size=80))
def test_clusters_are_numbered_by_their_first_row_and_joined_only_by_likely_pairs(drawn):
    pairs = {(min(a, b), max(a, b)): p for a, b, p in drawn if a != b} or {(0, 1): 0.5}
    found = _clusters([(a, b, p) for (a, b), p in pairs.items()], 20)
    firsts = list(dict.fromkeys(found))
    assert firsts == list(range(len(firsts)))
    joined = {row for pair, p in pairs.items() if p >= 0.9 for row in pair}
    assert all(found.count(found[row]) == 1 for row in range(20) if row not in joined)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"columns": {"family": "name"}},
        {"columns": {"family": "novel"}, "blocks": [{"on": ["family"]}]},
        {"columns": {"family; drop": "name"}, "blocks": [{"on": ["family"]}]},
        {"columns": {"record": "name"}, "blocks": [{"on": ["record"]}]},
        {"columns": {"family": "name"}, "blocks": [{"on": ["given"]}]},
        {"columns": {"family": "name"}, "blocks": [{"on": ["family.year"]}]},
        {"columns": {"family": "name"}, "blocks": [{"on": []}]},
        {"columns": {"family": "name"}, "blocks": [{}]},
        {"columns": {"family": "name"}, "blocks": [{"on": ["family"], "most": 0}]},
        {"columns": {"family": "name"}, "blocks": [{"on": "family"}]},
        {"columns": {"family": 3}, "blocks": [{"on": ["family"]}]},
        {"columns": "family", "blocks": [{"on": ["family"]}]},
        {"columns": {"family": "name"}, "blocks": "family"},
        {"columns": {f"c{at}": "name" for at in range(19)}, "blocks": [{"on": ["c1"]}]},
    ],
)
def test_a_design_that_cannot_be_is_refused_with_an_example(told):
    with pytest.raises(InputError) as refused:
        declared.design("broken", told)
    assert "blocks" in str(refused.value.hint)


@pytest.mark.parametrize("text", ["columns = [", "\x00"])
def test_a_file_that_is_no_design_is_refused(tmp_path, text):
    (tmp_path / "design.toml").write_text(text)
    with pytest.raises(InputError):
        declared.read(tmp_path / "design.toml")
    with pytest.raises(InputError):
        declared.read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "born", [None, pl.Series("born", ["never"] * 200), pl.Series("born", [["1948-04-06"]] * 200)], ids=str
)
def test_a_column_that_is_not_there_or_of_another_kind_is_refused(born):
    design = declared.design("people", {"columns": {"born": "date"}, "blocks": [{"on": ["born"]}]})
    rows = pl.DataFrame({"other": ["x"] * 200})
    with pytest.raises(InputError) as refused:
        dedupe(design, rows if born is None else rows.with_columns(born))
    assert "born" in str(refused.value)


def test_two_equal_initials_are_no_equal_names_but_a_name_of_one_kanji_is_one():
    names = pl.Series(["A.", "А.", "誠", "a", "Ann", "Ann"])
    others = pl.Series(["A.", "А.", "誠", "Ann", "A", "Ann"])
    kind = KINDS["name"]
    sides = Sides(names, others, kind.key(kind.clean(names)), kind.key(kind.clean(others)))
    levels = [kind.levels[at].name for at in kind.compare(sides)]
    assert levels == ["initial", "initial", "same", "initial", "initial", "same"]
