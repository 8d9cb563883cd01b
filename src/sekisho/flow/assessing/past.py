"""`sekisho incident review`: changes made for exposed persons since the first infection, to be looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.countries.known import normalise
from sekisho.errors import InputError
from sekisho.flow.assessing.case import known
from sekisho.flow.assessing.exposed import standings
from sekisho.flow.fingerprint import of_file
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents import past
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import Master
from sekisho.incidents.past import OUTCOMES, Cleared, Reviewed
from sekisho.model import Item
from sekisho.register import changes as changes_file
from sekisho.register import lookup
from sekisho.register.contacts import contacts
from sekisho.report import tabular
from sekisho.vault import Vault, looks
from sekisho.vault.changes import TABLE, Changes, File, Outcome
from sekisho.wording import Text

TAKE, REVIEW, LIST = "incident.changes", "incident.review", "incident.review_list"
WORKLIST = pa.schema(
    [
        (name, pa.string())
        for name in (
            *("entry", "exposed", "time", "number", "name", "kinds", "when", "steps", "old_postal_code", "old_address"),
            *("old_address_certain", "changed_to_address", "changed_to_account", "office", "reference", "pending"),
            *("flags", "since_version", "outcome", "note"),
        )
    ]
)


@dataclass(frozen=True, slots=True)
class Worklist:
    """``reviewed`` as of a ``version``; ``new``: entries that it brought; ``gone``: listed once, and no more.

    ``outcomes``: the last one of each entry that has one. ``since``: by entry, the version that brought it.
    """

    version: int
    first_infection: datetime | None
    files: tuple[File, ...]
    reviewed: Reviewed
    new: int
    gone: tuple[str, ...]
    outcomes: dict[str, Outcome]
    since: dict[str, int]

    def open(self) -> int:
        """How many changes nobody has cleared yet."""
        settled = {
            entry for entry, one in self.outcomes.items() if one.outcome not in (Cleared.OPEN, Cleared.UNREACHED)
        }
        return sum(entry not in settled for entry in self.reviewed.worklist["entry"])


def take(vault: Vault, incident: int, path: Path, when: str = "") -> tuple[File, bool]:
    """Keep a file of changes with an incident; gives it, and whether it was kept before. Raises InputError."""
    vault.demand(TAKE)
    kept = vault.changes(incident)
    sha256 = of_file(path)
    before = next((file for file in kept.files() if file.sha256 == sha256 and file.account["when"] == when), None)
    if before:
        return before, True
    zone = known(vault, incident).zone
    found = changes_file.read(path, zone, when)
    number = kept.take(found.table, sha256, {**found.account(), "zone": zone, "when": when})
    return kept.files()[number - 1], False


def review(vault: Vault, incident: int) -> Worklist:
    """Hold all changes that are kept against the last version of the leak master; what it lists stays listed.

    Raises InputError where nothing was counted or taken in, AccountError, RightsError.
    """
    vault.demand(REVIEW)
    kept = vault.changes(incident)
    if not kept.files():
        raise _no_file()
    master = Master.load(vault.leak(incident))
    first, reviewed = held_against(vault, incident, master)
    seen = vault.looks().at(_subjects(reviewed.worklist))
    counts = {"changes": reviewed.account.rows, "listed": reviewed.account.listed}
    new = kept.listed(reviewed.worklist["entry"], master.version, counts, seen)
    since = kept.entries()
    gone = tuple(sorted(since.keys() - set(reviewed.worklist["entry"])))
    return Worklist(master.version, first, tuple(kept.files()), reviewed, new, gone, kept.outcomes(), since)


def held_against(vault: Vault, incident: int, master: Master) -> tuple[datetime | None, Reviewed]:
    """When it began, and all changes that are kept, held against a version of the leak master."""
    kept, case = vault.changes(incident), known(vault, incident)
    told = standings(vault, master, _rows(kept), counted=is_counted(case, master.about))
    return case.first_infection, past.review(told, case.first_infection, kept.secret)


def own_addresses(vault: Vault, incident: int, master: Master) -> pl.DataFrame:
    """``holder`` and ``address``: to where somebody's was changed since, as they asked for themselves.

    Of nobody of whom any other change on the worklist is not settled, or was not theirs.
    """
    outcomes = {entry: one.outcome for entry, one in vault.changes(incident).outcomes().items()}
    if Cleared.OWN not in outcomes.values():
        return pl.DataFrame(schema={"holder": pl.Int64, "address": pl.String})
    work = held_against(vault, incident, master)[1].worklist
    told = work.select(
        holder="holder_id",
        address=address_known(work["new_address"]),
        outcome=pl.Series([outcomes.get(entry, "") for entry in work["entry"]], dtype=pl.String),
    )
    unsettled = told.filter(~pl.col("outcome").is_in([str(Cleared.OWN), str(Cleared.NOT_CONCERNED)]))
    own = told.filter(outcome=str(Cleared.OWN)).select("holder", "address").drop_nulls()
    return own.join(unsettled, on="holder", how="anti").unique()


def address_known(written: pl.Series) -> pl.Series:
    """Addresses in their normal form, null where there is none."""
    return normalise(Item.ADDRESS, written).alias("address")


def export(vault: Vault, incident: int, to: Path, *, protected_too: bool = False, force: bool = False) -> int:
    """Write the worklist to a file, in clear, with the address from before the first infection; gives its rows.

    Raises UsageError, InputError, RightsError.
    """
    tabular.look_at_target(to, force=force)
    vault.demand(LIST)
    found = review(vault, incident)
    work = found.reviewed.worklist
    vault.looks().see(LIST, _subjects(work), {"entries": work.height}, incident=incident)
    table = _written(vault, found, protected_too=protected_too)
    return tabular.write(to, WORKLIST, [table], force=force)


def came_of(vault: Vault, incident: int, outcomes: Sequence[tuple[str, str, str]]) -> int:
    """Record what came of entries: entry, outcome, note; gives how many. Raises InputError, RightsError."""
    kept = vault.changes(incident)
    listed = kept.entries()
    for entry, outcome, _ in outcomes:
        if entry not in listed:
            raise _no_entry()
        if outcome not in OUTCOMES:
            raise _no_outcome()
    kept.came_of(outcomes)
    return len(outcomes)


def filled_in(path: Path) -> list[tuple[str, str, str]]:
    """The outcomes that stand in a worklist that was filled in; rows without one are left out. Raises InputError."""
    rows = (row for _, row in tabular.read(path, ("entry", "outcome", "note")))
    said = ((row["entry"].strip(), row["outcome"].strip(), tabular.as_it_was(row["note"]).strip()) for row in rows)
    return [one for one in said if one[1]]


def _rows(kept: Changes) -> pl.DataFrame:
    parts = [
        from_arrow(kept.rows_of(part)).with_columns(file=pl.lit(file.number, pl.Int64))
        for file, part in zip(kept.files(), kept.parts(TABLE), strict=True)
    ]
    return pl.concat(parts)


def _subjects(work: pl.DataFrame) -> list[str]:
    """Whom a look at a worklist is at."""
    holders = [looks.holder(one) for one in work["holder_id"].drop_nulls().unique().sort()]
    strangers = work.filter(pl.col("holder_id").is_null())["number"].drop_nulls().unique().sort()
    return [*holders, *map(looks.number, lookup.numbers_in(strangers))]


def _written(vault: Vault, found: Worklist, *, protected_too: bool) -> pa.Table:
    work = found.reviewed.worklist
    lived = _contacts(vault, work["number"].to_list(), found.first_infection)
    both = work.hstack(lived)
    shown = pl.lit(protected_too) | ~pl.col("is_protected").fill_null(value=False)
    flags = [pl.when(pl.col(f"is_{name}")).then(pl.lit(name)) for name in ("deceased", "protected", "abroad", "lost")]
    last = found.outcomes
    told = both.select(
        "entry",
        pl.col("standing").alias("exposed"),
        "time",
        pl.coalesce("number", "number_written").alias("number"),
        pl.coalesce("held_name", "name").alias("name"),
        "kinds",
        pl.col("when_written").alias("when"),
        "steps",
        pl.when(shown).then(pl.col("held_postal_code")).alias("old_postal_code"),
        pl.when(shown).then(pl.coalesce("held_address", "old_address")).alias("old_address"),
        pl.when(pl.col("is_certain")).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("old_address_certain"),
        pl.when(shown).then(pl.col("new_address")).alias("changed_to_address"),
        pl.col("new_account").alias("changed_to_account"),
        "office",
        "reference",
        pl.when(pl.col("done") == "pending").then(pl.lit("yes")).otherwise(pl.lit("")).alias("pending"),
        pl.concat_str(*flags, separator="+", ignore_nulls=True).alias("flags"),
        pl.col("entry").replace_strict(found.since, return_dtype=pl.Int64).cast(pl.String).alias("since_version"),
        pl.Series("outcome", [last[e].outcome if e in last else "" for e in work["entry"]], dtype=pl.String),
        pl.Series("note", [last[e].note if e in last else "" for e in work["entry"]], dtype=pl.String),
    )
    return to_arrow(told, WORKLIST)


def _contacts(vault: Vault, numbers: Sequence[str | None], before: datetime | None) -> pl.DataFrame:
    """Where they lived before; nothing where nobody knows before what."""
    names = ("held_name", "held_postal_code", "held_address")
    flags = ("is_certain", "is_deceased", "is_protected", "is_abroad", "is_lost")
    if before is None or not vault.register().imports():
        empty = {**dict.fromkeys(names, pl.String), **dict.fromkeys(flags, pl.Boolean)}
        return pl.DataFrame({name: [None] * len(numbers) for name in empty}, schema=empty)
    told = contacts(vault.register(), [number or "" for number in numbers], before)
    return told.select(
        *(pl.col(name.removeprefix("held_")).alias(name) for name in names),
        *(pl.col(name.removeprefix("is_")).alias(name) for name in flags),
    )


def _no_file() -> InputError:
    return InputError(
        Text("No file of changes was taken in yet.", "変更のファイルがまだ取り込まれていません。"),
        Text("`sekisho incident review FILE` takes one in.", "`sekisho incident review ファイル` で取り込みます。"),
    )


def _no_entry() -> InputError:
    return InputError(
        Text("That is no entry of the worklist.", "作業一覧にない番号です。"),
        Text("`sekisho incident review --list` shows them.", "`sekisho incident review --list` で確かめてください。"),
    )


def _no_outcome() -> InputError:
    return InputError(
        Text("That is no outcome.", "結果の値が正しくありません。"),
        Text("One of: {some}.", "次のいずれかです: {some}").fill(some=", ".join(OUTCOMES)),
    )
