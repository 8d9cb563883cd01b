"""`sekisho helpline written`: who was promised an answer in writing, what it is now, and the address from before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.actions.helpline import Answer, Standing, answer
from sekisho.flow.assessing.case import known
from sekisho.flow.assessing.exposed import standings
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents import past
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import Master
from sekisho.register import lookup
from sekisho.register.contacts import contacts
from sekisho.report import tabular
from sekisho.vault import Vault, looks

WRITTEN = "helpline.written"
_CALLED = ("name", "name_kana", "birth_date")
COLUMNS = pa.schema(
    [
        ("call", pa.int64()),
        ("at", pa.string()),
        ("caller", pa.string()),
        *((name, pa.string()) for name in ("number", "name", "postal_code", "address", "address_certain", "flags")),
        ("answer", pa.string()),  # affected, not_affected, cannot_tell: as of the version
        ("version", pa.int64()),
    ]
)
"""A row for the first promise to each person; the letter says no more, as others may read it there."""


def written(vault: Vault, incident: int, to: Path, *, protected_too: bool = False, force: bool = False) -> int:
    """Write whom an answer in writing was promised to a file, in clear; gives how many.

    Raises UsageError, InputError, RightsError.
    """
    tabular.look_at_target(to, force=force)
    vault.demand(WRITTEN)
    told = from_arrow(vault.answers(incident).all()).filter(pl.col("answer") == Answer.IN_WRITING).drop_nulls("holder")
    once = told.unique("holder", keep="first", maintain_order=True)
    subjects = list(map(looks.number, lookup.numbers_in(once["holder"])))
    vault.looks().see(WRITTEN, subjects, {"persons": once.height}, incident=incident)
    return tabular.write(to, COLUMNS, [_told(vault, incident, once, protected_too=protected_too)], force=force)


def _told(vault: Vault, incident: int, once: pl.DataFrame, *, protected_too: bool) -> pa.Table:
    master = Master.load(vault.leak(incident))
    case = known(vault, incident)
    asked = once.select("call", "at", "caller", *_CALLED, number="holder")
    held = standings(vault, master, asked, counted=is_counted(case, master.about))
    first = case.first_infection or datetime.now(UTC)
    lived = contacts(vault.register(), held["number"].to_list(), first)
    both = held.hstack(lived.select("postal_code", "address", "certain", "deceased", "protected", "abroad", "lost"))
    flags = [pl.when(pl.col(name)).then(pl.lit(name)) for name in ("deceased", "protected", "abroad", "lost")]
    keep = pl.lit(protected_too) | ~pl.col("protected").fill_null(value=False)
    table = both.select(
        "call",
        "at",
        "caller",
        "number",
        "name",
        pl.when(keep).then(pl.col("postal_code")).alias("postal_code"),
        pl.when(keep).then(pl.col("address")).alias("address"),
        pl.when(pl.col("certain")).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("address_certain"),
        pl.concat_str(*flags, separator="+", ignore_nulls=True).alias("flags"),
        pl.col("standing").replace_strict(_ANSWERS, return_dtype=pl.String).alias("answer"),
        pl.lit(master.version, pl.Int64).alias("version"),
    )
    return to_arrow(table, COLUMNS)


_ANSWERS = {
    str(one): str(
        answer(Standing(one is past.Standing.EXPOSED, doubts=() if one is past.Standing.NOT_EXPOSED else (one,)))
    )
    for one in past.Standing
}
