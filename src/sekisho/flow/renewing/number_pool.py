"""`sekisho reissue pool`: the numbers that the issuer supplies, each held against all that anybody ever had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl

from sekisho.errors import InputError
from sekisho.flow.fingerprint import of_file
from sekisho.flow.registering import replaced
from sekisho.frames import from_arrow
from sekisho.model import Item
from sekisho.register import new_numbers
from sekisho.register.new_numbers import Fault, KnownNumbers
from sekisho.register.sheets import named
from sekisho.register.states import NUMBER
from sekisho.vault import Vault
from sekisho.vault.reissues import POOL
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Supplied:
    """``pool``: its number, None where the file was taken before; ``taken`` numbers; ``left_out`` by fault."""

    pool: int | None
    taken: int
    left_out: dict[Fault, int]


def supply(vault: Vault, path: Path, offices: Sequence[str] = (), *, leave_out: bool = False) -> Supplied:
    """Take the issuer's numbers into the pool: all of them, or none where one cannot be given to anybody.

    ``offices``: what its numbers begin with, where that is known. ``leave_out``: leave out those that cannot, and take
    the others. Raises InputError, RightsError.
    """
    vault.demand(POOL)
    sha256 = of_file(path)
    if any(pool.sha256 == sha256 for pool in vault.numbers().pools()):
        return Supplied(None, 0, {})
    pool = new_numbers.read_pool(path)
    supplied = from_arrow(vault.numbers().every())["number"]
    known = KnownNumbers(supplied, _forgotten(vault, pool["number"]), _found(vault))
    judged = new_numbers.judged(pool, vault.register(), known, offices)
    found = judged.filter(pl.col("fault").is_not_null())
    left_out = {Fault(fault): n for fault, n in found.group_by("fault").len().sort("fault").iter_rows()}
    good = judged.filter(pl.col("fault").is_null())["number"].to_list()
    if (left_out and not leave_out) or not good:
        raise _faulty(path, found, left_out)
    account = {"rows": pool.height, "left_out": {str(fault): n for fault, n in left_out.items()}}
    return Supplied(vault.numbers().supply(good, sha256, version("sekisho"), account), len(good), left_out)


def spoiled(vault: Vault) -> pl.Series:
    """Numbers of the pool that turned out to be somebody's since they were supplied: nobody may get them."""
    free = from_arrow(vault.numbers().free())["number"]
    known = KnownNumbers(free.clear(), _forgotten(vault, free), _found(vault))
    return new_numbers.taken(vault.register(), known, free) if len(free) else free


def _forgotten(vault: Vault, numbers: pl.Series) -> pl.Series:
    """Those of the numbers that somebody had who was forgotten: of them only marks are left."""
    gone, mark = vault.perishable.forgotten(), vault.people().mark
    theirs = [number for number in numbers.drop_nulls() if mark(str(number)) in gone] if gone else []
    return pl.Series("number", theirs, dtype=pl.Int64)


def _found(vault: Vault) -> Iterator[pl.Series]:
    """Every number in the records of every scan, those of certificates too."""
    for about in vault.scans():
        for batch in vault.scan(about.scan).batches("records", [NUMBER, Item.CERTIFICATE_NUMBER]):
            yield from replaced.numbers_in(from_arrow(batch))


FAULTS = {
    Fault.UNREADABLE: Text("no number of ten digits", "10桁の番号でない"),
    Fault.NO_OFFICE: Text("of no office that issues numbers", "発行元のない番号"),
    Fault.NEVER: Text("a temporary number", "仮番号"),
    Fault.TWICE: Text("twice in the file", "ファイル内で重複"),
    Fault.SUPPLIED: Text("supplied before", "払い出し済み"),
    Fault.SOMEBODYS: Text("somebody's, or once was", "使用済み（過去の番号を含む）"),
    Fault.FOUND: Text("in a record that was found", "発見した記録に記載あり"),
}


def _faulty(path: Path, found: pl.DataFrame, left_out: dict[Fault, int]) -> InputError:
    if not left_out:
        said = Text("{file} holds no number.", "{file} に番号がありません。").fill(file=path)
    else:
        counted = [(FAULTS[fault], n) for fault, n in left_out.items()]
        which = Text(
            "; ".join(f"{one.en}: {n:,}" for one, n in counted), "、".join(f"{one.ja} {n:,}件" for one, n in counted)
        )
        said = Text(
            "{file} holds numbers that nobody may get: {which}. Rows {rows}.",
            "{file} に付番できない番号があります: {which}（{rows}行目）。",
        ).fill(file=path, which=which, rows=named(found["row"].to_list()))
    return InputError(
        said,
        Text(
            "Nothing was taken. Have the issuer send others, or take the rest with --leave-out.",
            "取り込んでいません。発行元に差し替えを求めるか、--leave-out で残りを取り込んでください。",
        ),
    )
