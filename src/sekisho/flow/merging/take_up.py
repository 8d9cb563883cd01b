"""`sekisho merges take`: the outcome of a matching becomes merges and questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from sekisho.clock import utc_now
from sekisho.errors import InputError
from sekisho.flow.fingerprint import of_file
from sekisho.flow.matching.holders import OFFICE_DIGITS
from sekisho.flow.matching.models import model_of
from sekisho.model import Item
from sekisho.persons.asking.desk import Desk, LeadsOf
from sekisho.persons.asking.standing import (
    AUTO,
    Kind,
)
from sekisho.persons.asking.states import ITEMS, said
from sekisho.persons.asking.take import CANDIDATES, Incoming, Taken, no_matching, take
from sekisho.register import columns, rows
from sekisho.register.several import all_numbers, leads
from sekisho.register.sheets import sheets
from sekisho.register.vaulted import no_register
from sekisho.report import tabular
from sekisho.report.progress import Phases
from sekisho.vault import Change, Merges, Take, Vault
from sekisho.wording import Text

TAKING = Text("Taking up", "照合結果の取り込み")
LOOKING = Text("was it taken up before?", "取り込み済みかの確認")


@dataclass(frozen=True, slots=True)
class TakenUp:
    """``made``: the taking up; ``again``: whether it is an earlier one, as the files are the same."""

    made: Take
    again: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """What `match` was given and what it gave. ``ask_from``: its policy; ``model``: the one it used, where kept.

    ``others``: whether known record ids may stand for other records than before.
    """

    records: Path
    matches: Path
    ask_from: float = 0.05
    model: Path | None = None
    others: bool = False


def take_up(vault: Vault, given: Matching, *, shown: bool = True) -> TakenUp:
    """Take the outcome of a matching up: merges, and questions. The same files again change nothing.

    All of it counts at the end, or nothing does. Raises InputError, VaultError.
    """
    vault.demand("merges.take")
    merges, register = vault.merges(), vault.register()
    if not register.imports():
        raise no_register()
    with Phases(TAKING, shown=shown) as tell:
        tell(LOOKING)
        digests = (of_file(given.records), of_file(given.matches))
        before = merges.takes()
        last = before[-1:]
        if last and (last[0].records_sha256, last[0].matches_sha256, last[0].account["ask_from"]) == (
            *digests,
            given.ask_from,
        ):
            return TakenUp(last[0], again=True)
        file = rows.read(given.records)
        if "record" not in file.mapping.values():
            raise _no_ids(given.records)
        merges.begin()
        number = len(before) + 1
        incoming = Incoming(
            _records(given.records, file), _candidates(given.matches), file.about, all_numbers(register)
        )
        taken = take(merges, number, incoming, tell)
        _look_at_others(taken, given)
    changes, differs = _of_touched(merges, taken, given, number, leads_of(vault))
    account = _account(given, file, taken) | {"differs": differs}
    paths = (str(given.records.resolve()), digests[0], str(given.matches.resolve()), digests[1])
    made = Take(number, *paths, utc_now(), version("sekisho"), account)
    merges.commit(made, taken.spans, changes)
    return TakenUp(made, again=False)


def _account(given: Matching, file: rows.Rows, taken: Taken) -> dict[str, Any]:
    model = model_of(given.model) if given.model else None
    return {
        "ask_from": given.ask_from,
        "model": {"version": model.version, "origin": asdict(model.origin)} if model else None,
        "columns": [asdict(column) for column in file.columns],
        "unused": list(file.unused),
        "counts": asdict(taken.counts),
        "standing": taken.standing,
    }


def _of_touched(
    merges: Merges, taken: Taken, given: Matching, number: int, leads_of: LeadsOf
) -> tuple[list[Change], int]:
    """What a matching changes about records that acts have touched; of how many it says other than people did."""
    rows = {row["record"]: row for some in taken.touched for row in some.to_dicts()}
    desk = Desk(rows, merges.kept(rows), merges.last_take(), leads_of)
    for record, row in rows.items():
        desk.do(record, Kind.TAKEN, "", {"take": number, "said": asdict(said(row, given.ask_from))})
    return desk.changes(), sum(_differs(desk, record) for record in rows)


def _differs(desk: Desk, record: str) -> bool:
    one = desk.standings[record]
    if one.said.outcome != AUTO:
        return False
    if one.merged is None:
        return bool(one.answers)
    return desk.lead(one.merged) != desk.lead(one.said.candidates[0].holder)


def _records(path: Path, file: rows.Rows) -> Iterator[pl.DataFrame]:
    """``record``, `ITEMS`, and ``more``: the columns that matching does not read, as they are written."""
    nothing = pl.lit(None, pl.List(pl.Struct({"label": pl.String, "text": pl.String}))).alias("more")
    office = pl.coalesce("office", pl.col(Item.BASIC_PENSION_NUMBER).str.slice(0, OFFICE_DIGITS))
    further = _further(path) if file.unused else None
    for batch in file.batches():
        if batch["record"].null_count():
            raise _no_ids(path)
        told = batch.with_columns(office=office).select("record", *ITEMS)
        more = told.with_columns(nothing) if further is None else told.hstack(next(further))
        yield more.select("record", *ITEMS, "more")


def _further(path: Path) -> Iterator[pl.DataFrame]:
    for sheet in sheets(path, _is_header):
        if not _is_header(sheet.labels):
            continue
        taken = {column.place for column in columns.mapping(sheet.labels, rows.COLUMNS)}
        places = [at for at, label in enumerate(sheet.labels) if at not in taken and label]
        texts = [pl.struct(label=pl.lit(sheet.labels[at]), text=pl.col(str(at)).str.strip_chars()) for at in places]
        told = pl.concat_list(texts).list.filter(pl.element().struct.field("text").fill_null("") != "")
        for batch in sheet.batches(places):
            yield batch.select(more=told)


def _is_header(labels: Sequence[str]) -> bool:
    """As `rows.read` tells one."""
    found = {column.item for column in columns.mapping(labels, rows.COLUMNS)}
    return bool({Item.BASIC_PENSION_NUMBER, Item.NAME, Item.NAME_KANA} & found)


def _candidates(path: Path) -> Iterator[pl.DataFrame]:
    """`CANDIDATES`, as `match` wrote them; raises InputError where it did not."""
    found = [sheet for sheet in sheets(path, _has_candidates) if _has_candidates(sheet.labels)]
    if not found:
        raise no_matching()
    for sheet in found:
        places = [sheet.labels.index(name) for name in CANDIDATES]
        for batch in sheet.batches(places):
            named = batch.rename({str(at): name for at, name in zip(places, CANDIDATES, strict=True)})
            told = named.select(pl.col(CANDIDATES).replace("", None))
            yield told.with_columns(record=_as_it_was(pl.col("record")))


def _has_candidates(labels: Sequence[str]) -> bool:
    return set(CANDIDATES) <= set(labels)


def _as_it_was(column: pl.Expr) -> pl.Expr:
    """A cell of a csv without the apostrophe that kept a spreadsheet from taking it for a formula."""
    inside = column.str.slice(1)
    guarded = column.str.starts_with("'") & inside.str.contains(f"^[{re.escape(''.join(tabular.FORMULA_BEGINS))}]")
    return pl.when(guarded).then(inside).otherwise(column)


def _look_at_others(taken: Taken, given: Matching) -> None:
    """Raises InputError where most of the known record ids stand for other records than before."""
    counts = taken.counts
    known = counts.changed + counts.same
    if not given.others and counts.other * 2 > known:
        raise InputError(
            Text(
                "{other:,} of {known:,} record ids that are known already stand for other persons than before.",
                "既知の記録番号{known:,}件のうち{other:,}件の氏名・生年月日等が以前と異なります。",
            ).fill(other=counts.other, known=known),
            Text(
                "Give other records ids of their own; --others takes them all the same.",
                "別の記録には別の番号（record）を付けてください。--others でそのまま取り込みます。",
            ),
        )


def leads_of(vault: Vault) -> LeadsOf:
    """Asks the vault's register for current numbers."""
    register = vault.register()
    return lambda some: leads(register, pl.Series(list(some), dtype=pl.String))


def _no_ids(path: Path) -> InputError:
    return InputError(
        Text("{file} does not give every record an id.", "{file} に記録番号のない行があります。").fill(file=path),
        Text(
            "A merge must name its record for good: add a column `record` and match again.",
            "統合は記録を番号で特定します。record 列を付けて照合し直してください。",
        ),
    )
