"""Clerks and persons in any order, killed processes, two at once: counts close, the history leads to what stands."""

from __future__ import annotations

import csv
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sekisho.persons.asking.take as taking
from sekisho.errors import InputError, VaultError
from sekisho.flow.merging.answer import answer
from sekisho.flow.merging.ask import Wanted, back, letters, worklist
from sekisho.flow.merging.merges import export, history, status
from sekisho.flow.merging.second import confirm, proposals, split
from sekisho.flow.merging.take_up import Matching, take_up
from sekisho.flow.registering.register import import_file
from sekisho.persons.asking.standing import CLERKS, Kind, State, from_json, replayed
from sekisho.persons.asking.states import key_of, keyed
from sekisho.vault import Cost, Secret, Vault, store

SECRET = Secret.passphrase("a long enough passphrase")
HOLDERS, RECORDS = 12, 24
CLERKS_THERE = ("田中", "佐藤", "鈴木")


def number(holder: int) -> str:
    return f"8201-{holder:06}"


def put_register(folder: Path) -> Path:
    rows = [
        {
            "基礎年金番号": number(n),
            "氏名": f"架空 {n}郎",
            "生年月日": f"19{40 + n}-04-06",
            "住所": f"沖縄県那覇市旭町{n + 1}-9",
        }
        for n in range(HOLDERS)
    ]
    pl.DataFrame(rows).write_csv(folder / "holders.csv")
    return folder / "holders.csv"


def put_matching(folder: Path, dice: random.Random) -> Matching:
    """Records of which each has up to three candidates, with probabilities that add up to one at most."""
    records, matches = [], []
    for n in range(RECORDS):
        periods = dice.choice(["1970-01/1975-12", "1981-04/1982-03", ""])
        records.append(
            {
                "record": f"r{n}",
                "name_kana": f"カクウ {'アイウエオ'[n % 5]}",
                "birth_date": "1950-01-02",
                "periods": periods,
            }
        )
        first = dice.choice([0.99999, 0.9, 0.6, 0.3, 0.02])
        outcome = "auto" if first > 0.999 else "ask" if first >= 0.05 else "unresolved"
        left = 1.0
        for rank, holder in enumerate(dice.sample(range(HOLDERS), dice.randint(0, 3)), 1):
            share = first if rank == 1 else left * dice.random()
            left -= share
            row = {"record": f"r{n}", "holder": number(holder), "probability": share, "outcome": outcome, "rank": rank}
            matches.append({**row, "reasons": "name"})
    pl.DataFrame(records).write_csv(folder / "records.csv")
    pl.DataFrame(matches).write_parquet(folder / "matches.parquet")
    return Matching(folder / "records.csv", folder / "matches.parquet")


def filled(path: Path, **columns: Any) -> Path:
    """A csv with some columns filled in by functions without arguments."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row | {name: make() for name, make in columns.items()} for row in csv.DictReader(file)]
    pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String) if rows else None).write_csv(path)
    return path


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as vault:
        import_file(vault, put_register(tmp_path), shown=False)
        yield vault


class Day:
    """Something that somebody does, chosen by dice; what cannot be done then is refused and changes nothing."""

    def __init__(self, vault: Vault, folder: Path, dice: random.Random) -> None:
        self.vault, self.folder, self.dice = vault, folder, dice
        self.lists: list[Path] = []

    def step(self) -> None:
        ways = [
            self.give,
            self.write,
            self.answer,
            self.answer,
            self.decide,
            self.decide,
            self.split,
            self.back,
            self.take,
        ]
        way = self.dice.choice(ways)
        try:
            way(self.dice.choice(CLERKS_THERE))
        except InputError:
            assert way != self.take

    def give(self, who: str) -> None:
        to = self.folder / f"list{len(self.lists)}-{who}.csv"
        worklist(self.vault, Wanted(self.dice.randint(1, 6), who), to)
        self.lists.append(to)

    def write(self, _: str) -> None:
        to = self.folder / f"list{len(self.lists)}-.csv"
        letters(self.vault, Wanted(self.dice.randint(1, 4)), to)
        self.lists.append(to)

    def answer(self, who: str) -> None:
        if self.lists:
            path = self.dice.choice(self.lists)
            says = ["yes", "no", "?", "", "", ""]
            filled(path, answer=lambda: self.dice.choice(says), evidence=lambda: self.dice.choice(["手帳", "証言"]))
            answer(self.vault, path, path.stem.partition("-")[2] or who)

    def decide(self, who: str) -> None:
        listed = proposals(self.vault, self.folder / "p.csv", who, force=True)
        if listed.rows:
            confirm(
                self.vault,
                filled(self.folder / "p.csv", decision=lambda: self.dice.choice(["yes", "yes", "no", ""])),
                who,
            )

    def split(self, who: str) -> None:
        split(self.vault, f"r{self.dice.randrange(RECORDS)}", who, "another one's")

    def back(self, _: str) -> None:
        back(self.vault, self.dice.randint(1, 4))

    def take(self, _: str) -> None:
        take_up(self.vault, put_matching(self.folder, self.dice), shown=False)


def merged(vault: Vault, folder: Path) -> dict[str, tuple[str, str]]:
    export(vault, folder / "merged.parquet", force=True, shown=False)
    rows = pl.read_parquet(folder / "merged.parquet").iter_rows(named=True)
    return {row["record"]: (row["holder"], row["by"]) for row in rows}


def look(vault: Vault, folder: Path) -> None:
    """Everything that must hold whatever happened."""
    found = status(vault)
    assert sum(found.states.values()) == found.records == RECORDS
    stands = merged(vault, folder)
    assert len(stands) == found.states[State.AUTO] + found.states[State.MERGED]
    for kept in vault.merges().touched():
        acts = vault.merges().acts(kept.record)
        standing = from_json(kept.value)
        assert replayed(kept.record, ((act.kind, act.value) for act in acts)) == standing
        assert (kept.record in stands) == (standing.merged is not None)
        if standing.by == CLERKS:
            assert stands[kept.record] == (standing.merged, CLERKS)
            last = next(act for act in reversed(acts) if act.kind == Kind.CONFIRMED)
            proposal = next(act for act in reversed(acts) if act.kind == Kind.PROPOSED and act.value["kind"] == "merge")
            assert last.who != proposal.who
            assert last.value["hash"] == proposal.value["hash"]
            assert proposal.value["evidence"]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_the_counts_close_and_the_history_leads_to_what_stands(
    office: Vault, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    day = Day(office, tmp_path, dice)
    day.take("")
    for _ in range(30):
        day.step()
        look(office, tmp_path)
    touched = office.merges().touched()
    assert sum(len(office.merges().acts(kept.record)) for kept in touched) > 30
    assert all(history(office, kept.record) for kept in touched)


@pytest.mark.parametrize("rows", [3, 7, 1000])
def test_ranges_of_any_size_give_the_same(
    office: Vault, tmp_path: Path, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    matching = put_matching(tmp_path, random.Random(1))
    monkeypatch.setattr(taking, "RANGE_ROWS", rows)
    monkeypatch.setattr(taking, "GATHERED_ROWS", 5)
    monkeypatch.setattr(taking, "PART_ROWS", 4)
    first = take_up(office, matching, shown=False).made.account["counts"]
    monkeypatch.setattr(taking, "RANGE_ROWS", 5)
    again = take_up(office, put_matching(tmp_path, random.Random(2)), shown=False).made.account["counts"]
    assert first["records"] == first["new"] == again["changed"] + again["same"] == RECORDS
    look(office, tmp_path)
    best = pl.read_parquet(matching.matches).filter(outcome="auto", rank=1)
    assert merged(office, tmp_path) == {r: (h, "program") for r, h in best.select("record", "holder").iter_rows()}


OFFICE = """
import random, runpy, sys
from pathlib import Path

folder, seed = Path(sys.argv[2]), int(sys.argv[3])
test = runpy.run_path(sys.argv[1])
dice = random.Random(seed)
with test["Vault"].open(folder / "vault", test["SECRET"], write=True) as vault:
    day = test["Day"](vault, folder, dice)
    day.lists = sorted(folder.glob("list*.csv"))
    print("begun", flush=True)
    while True:
        day.step()
        total = sum(len(vault.merges().acts(kept.record)) for kept in vault.merges().touched())
        print(len(vault.merges().takes()), total, flush=True)
"""


@settings(deadline=None, max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_one_key_is_the_same_as_many(record: str) -> None:
    assert keyed(pl.DataFrame({"record": [record]}))["key"][0] == key_of(record)


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.soak)])
def test_kills_lose_nothing_that_was_acknowledged(office: Vault, tmp_path: Path, kills: int) -> None:
    Day(office, tmp_path, random.Random(0)).take("")
    office.close()
    dice = random.Random(7)
    for seed in range(kills):
        command = [sys.executable, "-c", OFFICE, __file__, str(tmp_path), str(seed)]
        told = (0, 0)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            assert run.stdout.readline() == "begun\n"
            for _ in range(dice.randint(2, 8)):
                told = tuple(map(int, run.stdout.readline().split()))  # type: ignore[assignment]
            time.sleep(dice.random() * 0.2)
            run.send_signal(signal.SIGKILL)
        for path in tmp_path.glob(".*.new"):
            path.unlink()
        with Vault.open(tmp_path / "vault", SECRET) as vault:
            look(vault, tmp_path)
            acts = sum(len(vault.merges().acts(kept.record)) for kept in vault.merges().touched())
            assert (len(vault.merges().takes()), acts) >= told


def test_while_one_process_writes_another_reads_and_a_second_writer_is_told_to_wait(
    office: Vault, tmp_path: Path
) -> None:
    take_up(office, put_matching(tmp_path, random.Random(3)), shown=False)
    with pytest.raises(VaultError):
        Vault.open(tmp_path / "vault", SECRET, write=True)
    with Vault.open(tmp_path / "vault", SECRET) as reader:
        merges = reader.merges()
        with merges.snapshot():
            before = merges.counts()
            worklist(office, Wanted(3, "田中"), tmp_path / "w.csv")
            assert merges.counts() == before
        assert merges.counts() != before
        assert sum(status(reader).states.values()) == RECORDS


def test_a_vault_made_before_there_were_merges_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Vault.create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as made:
        key = made.keys.key("database")
    for path in (tmp_path / "vault").glob("sekisho.db*"):
        path.unlink()
    with monkeypatch.context() as then:
        then.setattr(store, "VERSIONS", store.VERSIONS[:2])
        store.Store(tmp_path / "vault" / "sekisho.db", key).close()
    with Vault.open(tmp_path / "vault", SECRET, write=True) as vault:
        import_file(vault, put_register(tmp_path), shown=False)
        take_up(vault, put_matching(tmp_path, random.Random(3)), shown=False)
        look(vault, tmp_path)
