"""The register against a plain model of it: files, splits and undoings in any order."""

from __future__ import annotations

import secrets
import tempfile
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sekisho.register.bring_in import bring_in
from sekisho.register.lookup import by_number, lives
from sekisho.register.profile import changes, profile
from sekisho.register.since import CHANGES
from sekisho.register.take_back import split, undo
from sekisho.register.vaulted import Vaulted
from sekisho.vault import Cost, Register, Secret, Vault
from sekisho.wording import unheard

Row = tuple[int, int | None, str]  # number, at most one old number, name
NUMBERS = range(1, 9)


@dataclass
class Model:
    """Who has which number, and what is said of them."""

    holder: dict[int, int] = field(default_factory=dict)  # number -> holder
    said: dict[int, tuple[int, str | None]] = field(default_factory=dict)  # holder -> current number, name
    rows: dict[int, tuple[int | None, str]] = field(default_factory=dict)  # number -> old one, name of its last row
    apart: dict[int, int] = field(default_factory=dict)  # number -> holder whose it is not
    joined: list[tuple[int, set[int]]] = field(default_factory=list)  # who is somebody else now, with their numbers
    made: int = 0

    def take(self, rows: list[Row]) -> None:
        for number, old, _ in rows:
            mine, theirs = self.holder.get(number), self.holder.get(old or 0)
            if mine is not None and self.apart.get(old or 0) == mine:
                continue
            if mine is None and theirs is None:
                self.made += 1
            elif mine is not None and theirs not in (None, mine):
                self.join(theirs or 0, mine)
            self.holder |= dict.fromkeys({number, old or number}, mine or theirs or self.made)
        for number, old, name in reversed(rows):
            self.said[self.holder[number]] = (number, name)
            self.rows[number] = (old, name)

    def join(self, one: int, into: int) -> None:
        self.joined.append((one, {number for number, held in self.holder.items() if held == one}))
        self.holder = {number: into if held == one else held for number, held in self.holder.items()}
        self.apart = {number: into if held == one else held for number, held in self.apart.items()}
        del self.said[one]

    def split(self, number: int) -> None:
        source = self.holder[number]
        before = [(one, had) for one, had in self.joined if number in had and one not in self.said]
        self.made += not before
        beside = self.rows.get(number, (None, ""))[0] or number
        mine, theirs = before[-1] if before else (self.made, {number, beside})
        for along in theirs:
            if self.holder[along] == source and along != self.said[source][0]:
                self.holder[along], self.apart[along] = mine, source
        self.said[mine] = (0, None)

    def can_split(self, number: int) -> bool:
        return number in self.holder and self.said[self.holder[number]][0] != number


def rows_of(drawn: list[tuple[int, int, str]]) -> list[Row]:
    """Rows in which a number stands once, either as a current or as an old one."""
    seen: set[int] = set()
    rows: list[Row] = []
    for number, old, name in drawn:
        named = {number, old} - {0}
        if len(named) == 1 + (old > 0) and not named & seen:
            seen |= named
            rows.append((number, old or None, name))
    return rows


row = st.tuples(st.sampled_from(NUMBERS), st.integers(0, 8), st.sampled_from("一二三"))
files = st.lists(row, min_size=1, max_size=4).map(rows_of).filter(bool)
steps = st.lists(st.one_of(files, files, st.sampled_from(NUMBERS), st.just("undo")), min_size=2, max_size=6)


def text(number: int | None) -> str:
    return f"4701-{number:06}" if number else ""


def take(register: Register, folder: Path, rows: list[Row]) -> None:
    path = folder / "holders.csv"
    lines = [f"{text(number)},{text(old)},架空 {name},1950-01-01" for number, old, name in rows]
    path.write_text("\n".join(["基礎年金番号,旧番号,氏名,生年月日", *lines]) + "\n", encoding="utf-8")
    bring_in(register, path, secrets.token_hex(32), "test", unheard)


def same_people(register: Register, model: Model) -> None:
    """Numbers lead to the same holders, who are the same, in both; nobody else is there."""
    found = {number: by_number(register, text(number)) for number in NUMBERS}
    for number, holder in found.items():
        for other, holder_of_other in found.items():
            together = model.holder.get(number) is not None and model.holder.get(number) == model.holder.get(other)
            assert together == (holder is not None and holder == holder_of_other), (number, other)
    for number, mine in model.holder.items():
        holder = found[number]
        assert holder is not None
        (life,) = lives(register, [holder])
        shown = profile(life)
        current, name = model.said[mine]
        if not current:  # whoever was split off has one of their numbers
            current = next(n for n, held in model.holder.items() if held == mine and text(n) == shown.number)
            model.said[mine] = (current, name)
        assert shown.number == text(current)
        names = {fact.value["name"] for fact in shown.names if fact.now}
        assert not name or f"架空 {name}" in names
        assert changes(life)
    if register.imports():
        rows = pl.concat(list(Vaulted(register).batches()))
        assert set(rows["basic_pension_number"]) == {text(number) for number, _ in model.said.values()}
        led = {text(n) for n, holder in model.holder.items() if n != model.said[holder][0]}
        assert set(Vaulted(register).led()["number"]) == led


def in_step(register: Register, index: dict[int, str | None], number: int) -> None:
    """Bring an index of holders up to date by what changed since act ``number``."""
    for change in pl.concat([pl.DataFrame(schema=CHANGES), *Vaulted(register).since(number)]).to_dicts():
        assert index.get(change["holder"]) == change["before"]
        assert (change["holder"] in index) == (change["change"] != "new")
        index[change["holder"]] = change["number"]
        if change["change"] == "gone":
            del index[change["holder"]]


@settings(deadline=None, max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(steps)
def test_files_splits_and_undoings_in_any_order_leave_who_they_should(steps: list[list[Row] | int | str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        secret = Secret.passphrase("a long enough passphrase")
        with Vault.create(Path(name) / "vault", secret, Cost(64, 1, 1)) as vault:
            register = vault.register()
            before: list[tuple[int, Model]] = []
            model, index, seen = Model(), dict[int, str | None](), 0
            for step in steps:
                if isinstance(step, list):
                    before.append((register.next_number(), deepcopy(model)))
                    take(register, Path(name), step)
                    model.take(step)
                elif before and step == "undo":
                    number, model = before.pop()
                    undo(register, number, "誤り", "test")
                elif isinstance(step, int) and model.can_split(step):
                    before.append((register.next_number(), deepcopy(model)))
                    split(register, text(step), "別人", "test")
                    model.split(step)
                same_people(register, model)
                if register.imports():
                    in_step(register, index, seen)
                    seen = Vaulted(register).number
                    assert set(index.values()) == {text(n) for n, _ in model.said.values()}
