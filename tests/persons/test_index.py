from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pytest
from benchmarks.linkage.generate import Order, chunks
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.errors import NoMemoryError
from sekisho.persons.linkage import index as indexing
from sekisho.persons.linkage import link as linking
from sekisho.persons.linkage import people
from sekisho.persons.linkage.census import Census
from sekisho.persons.linkage.design import Block, Design
from sekisho.persons.linkage.index import Index
from sekisho.persons.linkage.link import Linker
from sekisho.persons.linkage.sieve import Sieve
from sekisho.vault.index import Index as Kept
from sekisho.wording import Text

HOLDERS, RECORDS = 4000, 1500
DESIGN = people.DESIGN.of("family", "given", "birth", "sex", "periods")
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def made():
    return next(chunks(Order(HOLDERS, RECORDS, seed=3)))


def _holders(made) -> pl.DataFrame:
    own = made.register.with_row_index("holder").with_columns(pl.col("holder").cast(pl.Int32), alias=pl.lit(0, pl.Int8))
    return pl.concat([own, people.other_names(own).with_columns(alias=pl.lit(1, pl.Int8))])


def _in_parts(made, size: int = 700) -> Iterator[pl.DataFrame]:
    return _holders(made).iter_slices(size)


def _records(made) -> pl.DataFrame:
    numbered = made.records.drop("record").with_row_index("record").with_columns(pl.col("record").cast(pl.Int32))
    return numbered.with_columns(alias=pl.lit(0, pl.Int8), periods=pl.col("period_from") + "/" + pl.col("period_to"))


def _found(linker: Linker, made, model) -> pl.DataFrame:
    found = pl.concat(linker.link(_records(made), model))
    return found.with_columns(pl.col("reasons").cast(pl.String)).sort("record", "holder")


@pytest.fixture(scope="module")
def whole(made):
    with Linker(DESIGN) as linker:
        linker.know([_holders(made)])
        model = linker.train(_records(made))
        return model, _found(linker, made, model)


def test_holders_in_many_small_parts_give_what_they_give_in_one(made, whole, monkeypatch):
    monkeypatch.setattr(indexing, "PART", 500)
    monkeypatch.setattr(linking, "MET", 100)
    monkeypatch.setattr(linking, "PIECE", 400)
    model, expected = whole
    with Linker(DESIGN) as linker:
        linker.know(_in_parts(made))
        assert linker.index.parts > 5
        assert _found(linker, made, model).equals(expected)


def test_a_kept_index_gives_what_it_gave_when_it_was_made(made, whole, tmp_path):
    model, expected = whole
    with Kept(tmp_path, KEY) as storage:
        index = Index(DESIGN, storage)
        index.add(_in_parts(made))
        index.count()
        index.save({"import": 1})
    with Kept(tmp_path, KEY) as storage:
        again = Index.load(DESIGN, storage)
        assert again is not None
        assert again.told == {"import": 1}
        with Linker(DESIGN, index=again) as linker:
            assert _found(linker, made, model).equals(expected)


def test_an_index_on_the_disk_tells_nobody_a_name_and_is_not_taken_when_a_bit_of_it_differs(made, tmp_path):
    with Kept(tmp_path, KEY) as storage:
        index = Index(DESIGN, storage)
        index.add(_in_parts(made))
        index.count()
        index.save({})
        assert storage.intact()
    told = made.register["name_kana"].str.split(" ").explode(empty_as_null=True).unique().head(50).to_list()
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert not [name for name in told for data in kept.values() if name.encode() in data]
    part = next(path for path in tmp_path.iterdir() if path.name.startswith("holders"))
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    with Kept(tmp_path, KEY) as storage:
        assert not storage.intact()
    with Kept(tmp_path, bytes(32)) as storage:
        assert Index.load(DESIGN, storage) is None


def test_holders_who_come_and_go_leave_what_knowing_the_rest_gives(made, whole):
    model, _ = whole
    rows = _holders(made)
    gone = pl.col("holder") % 7 == 0
    with Linker(DESIGN) as linker:
        linker.know([rows.filter(~gone | (pl.col("holder") % 2 == 0))])
        linker.index.retire(rows.filter(gone)["holder"].unique())
        linker.know([rows.filter(gone, pl.col("holder") % 14 == 7)])
        expected_rows = rows.filter(~gone | (pl.col("holder") % 14 == 7))
        found = _found(linker, made, model)
    with Linker(DESIGN) as linker:
        linker.know([expected_rows])
        expected = _found(linker, made, model)
    assert found.select("record", "holder").equals(expected.select("record", "holder"))
    assert (found["probability"] - expected["probability"]).abs().max() < 1e-6


def test_a_link_with_new_parts_alone_and_one_with_the_old_make_one_with_all(made, whole):
    model, expected = whole
    rows = _holders(made)
    old = pl.col("holder") < HOLDERS // 2
    with Linker(DESIGN) as linker:
        linker.know([rows.filter(old)], count=False)
        first = linker.know([rows.filter(~old)])
        new = pl.concat(linker.link(_records(made), model, since=first))
        every = pl.concat(linker.link(_records(made), model))
    assert every.select("record", "holder").sort("record", "holder").equals(expected.select("record", "holder"))
    weighs = [some.select("record", "holder", weight=pl.col("probability") / pl.col("none")) for some in (new, every)]
    both = weighs[0].join(weighs[1], on=["record", "holder"])
    assert both.height > 0
    assert both.select(((pl.col("weight") / pl.col("weight_right")) - 1).abs().max()).item() < 1e-6


COLUMNS = ("one", "other", "third")
values = st.one_of(st.none(), st.integers(0, 3))
rows_of_three = st.lists(st.tuples(values, values, values), min_size=1, max_size=60)


def _plain(rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.Int32), orient="row")


def _of_blocks(*on: tuple[str, ...], most: int) -> Design:
    return Design("plain", (), tuple(Block(one, most) for one in on), lambda rows: rows)


@settings(deadline=None)
@given(rows_of_three, rows_of_three, st.integers(1, 5))
def test_a_block_asks_for_what_is_known_and_not_too_many_share_however_it_is_counted(holders, records, most):
    design, known, asked = _of_blocks(("one", "other"), ("third",), most=most), _plain(holders), _plain(records)
    census = Census(rows=known.height)
    census.count(design, lambda _: known.iter_slices(7))
    asks = census.asks(design, asked)
    for at, block in enumerate(design.blocks):
        crowd = known.drop_nulls(block.on).group_by(block.on).len().filter(pl.col("len") > most).select(block.on)
        plain = asked.with_row_index().drop_nulls(block.on).join(crowd, on=block.on, how="anti")["index"]
        assert asks[f"asks_{at}"].arg_true().to_list() == sorted(plain.to_list())


@settings(deadline=None)
@given(rows_of_three, rows_of_three)
def test_no_row_that_a_block_brings_to_a_record_is_kept_back_by_the_sieve(holders, records):
    design, known, asked = _of_blocks(("one", "other"), ("third",), most=99), _plain(holders), _plain(records)
    census = Census(rows=known.height)
    census.count(design, lambda _: [known])
    sieve = Sieve(design, asked.hstack(census.asks(design, asked)))
    passed = sieve.passing(known.with_row_index())
    for at, block in enumerate(design.blocks):
        met = known.with_row_index().join(asked.drop_nulls(block.on), on=list(block.on), how="semi")["index"]
        assert set(met) <= set(passed.filter(f"may_{at}")["index"])


def test_a_pair_that_one_block_has_to_pass_over_is_met_by_another(made):
    blocks = (Block(("birth", "given_key"), most=1), Block(("birth", "family_key")))
    design = replace(DESIGN, blocks=blocks)
    twins = _holders(made).filter(alias=0).head(50)
    other_surname = "アオキ " + pl.col("name_kana").str.split(" ").list.last()
    twice = pl.concat([twins, twins.with_columns(holder=pl.col("holder") + 50, name_kana=other_surname)])
    records = twins.rename({"holder": "record"})
    with Linker(design) as linker:
        linker.know([twice])
        found = pl.concat(linker.link(records, linker.train(records)))
    assert found.filter(pl.col("record") == pl.col("holder")).height == 50


def test_records_that_need_too_much_memory_at_once_are_matched_in_smaller_lots(made, whole, monkeypatch):
    model, expected = whole
    meet, asked = Linker._meet, []

    def narrow(self, records, *more, **how):
        asked.append(records["record"].n_unique())
        if asked[-1] > 200:
            raise NoMemoryError(Text("", ""), Text("", ""))
        return meet(self, records, *more, **how)

    monkeypatch.setattr(Linker, "_meet", narrow)
    with Linker(DESIGN) as linker:
        linker.know([_holders(made)])
        assert _found(linker, made, model).equals(expected)
    assert max(asked) == RECORDS
    assert min(asked) <= 200
