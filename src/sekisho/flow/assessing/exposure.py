"""`sekisho incident who | diff | reconcile`: whom a leak exposes, for who may see it, the look in the ledger first."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.actions.helpline import Answer, Standing, answer
from sekisho.errors import InputError
from sekisho.flow.assessing import count as counting
from sekisho.flow.assessing.case import known
from sekisho.flow.assessing.doubts import Doubts, doubts, numbers_of
from sekisho.flow.assessing.gate import reconciled
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents import copied
from sekisho.incidents.dealt import marks
from sekisho.incidents.difference import Difference
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import MASTER, NUMBERS, PLACED, PLACES, UNLISTED, Exposure, Master, version_of
from sekisho.incidents.reconcile import Reconciliation
from sekisho.register import lookup
from sekisho.register.listed import listed
from sekisho.register.lookup import Life
from sekisho.register.states import NUMBER, as_text
from sekisho.register.vaulted import Vaulted
from sekisho.report import tabular
from sekisho.vault import Vault, looks
from sekisho.vault.leak import Leak, Version
from sekisho.vault.looks import LEAK
from sekisho.wording import Text

VERSIONS, WHO, PERSONS = "incident.versions", "incident.who", "incident.persons"
_CALLED = ("name", "name_kana", "birth_date")
"""What records call who has no number in the register."""
_AS_CALLED = [(name, pa.string()) for name in _CALLED]
EXPOSED = pa.schema(
    [*(one.with_name("basic_pension_number") if one.name == "holder" else one for one in MASTER), *_AS_CALLED]
)
DIFFERS = pa.schema(
    [
        ("person", pa.int64()),
        ("number", pa.string()),
        *_AS_CALLED,
        ("what", pa.string()),
        ("detail", pa.string()),
        ("mark", pa.string()),
    ]
)
FAULTS = pa.schema(
    [
        ("row", pa.int64()),
        ("person", pa.int64()),
        ("number", pa.string()),
        *_AS_CALLED,
        ("fault", pa.string()),
        ("differs", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a version says of one person: ``exposure`` or none, and the ``doubts`` for which nobody may say "none".

    ``number``: the one they were found by, or have now. ``counted``: False where other documents belong by now.
    ``places``: the documents in which they stand, with how many records.
    """

    version: int
    number: str | None = field(repr=False)
    exposure: Exposure | None
    doubts: Doubts
    counted: bool
    places: tuple[tuple[str, int], ...] = field(default=(), repr=False)

    @property
    def answer(self) -> Answer:
        """What a caller would be told: not affected only where nothing at all speaks against it."""
        return answer(
            Standing(self.exposure is not None, doubts=[self.doubts] if self.doubts else (), current=self.counted)
        )


def versions(vault: Vault, incident: int) -> list[Version]:
    """All versions with their counts: the number of persons has a history. Raises InputError, RightsError."""
    vault.log(VERSIONS, incident=incident)
    leak = vault.leak(incident)
    version_of(leak)
    return leak.versions()


def who(vault: Vault, incident: int, what: str, version: int | None = None) -> Told:
    """What leaked of the person whom ``what`` means: any number they ever had, or words that one holder only fits.

    Raises InputError, RightsError, VaultError.
    """
    vault.demand(WHO)
    asked, life = _meant(vault, what)
    numbers = list(dict.fromkeys([*asked, *(numbers_of(life) if life else ())]))
    subjects = [*map(looks.holder, life.group if life else ()), *map(looks.number, lookup.numbers_in(numbers))]
    vault.looks().see(WHO, subjects, incident=incident)
    leak = vault.leak(incident)
    master = Master.load(leak, version)
    exposure = master.of_holder(numbers)
    unsure = doubts(vault, master, life, numbers) if life else Doubts(master.could_be(numbers), unknown=True)
    places = _places(leak, master.version, exposure) if exposure else ()
    is_whole = is_counted(known(vault, incident), master.about)
    return Told(master.version, next(iter(numbers), None), exposure, unsure, is_whole, places)


def diff(
    vault: Vault, incident: int, versions: tuple[int | None, int | None], to: Path | None = None, *, force: bool = False
) -> Difference:
    """The difference of two versions; ``to``: a file for the persons. Raises InputError, RightsError, UsageError."""
    _look(vault, incident, to, force=force)
    found = counting.compared(vault, incident, *versions)
    if to:
        tabular.write(to, found.rows.schema, [found.rows], force=force)
    return found


def reconcile(vault: Vault, incident: int, to: Path | None = None, *, force: bool = False) -> Reconciliation:
    """All that was made of the leak master against it; ``to``: a file that names the persons."""
    _look(vault, incident, to, force=force)
    found = reconciled(vault, incident)
    if to:
        tabular.write(to, DIFFERS, [_named(vault, incident, found)], force=force)
    return found


def write_persons(vault: Vault, incident: int, to: Path, version: int | None = None, *, force: bool = False) -> int:
    """Write every exposed person of a version to a file, with what leaked of them; gives how many."""
    tabular.look_at_target(to, force=force)
    about = version_of(vault.leak(incident), version)
    vault.looks().see_all(PERSONS, LEAK, about.number, incident=incident)
    of = vault.leak(incident).of(about.number)
    master = from_arrow(of.read("master", MASTER)).rename({"holder": "basic_pension_number"})
    named = to_arrow(master.join(_unlisted(of), on="person", how="left", maintain_order="left"), EXPOSED)
    return tabular.write(to, EXPOSED, [named], force=force)


def hold_list(vault: Vault, incident: int, path: Path, to: Path | None = None, *, force: bool = False) -> pl.DataFrame:
    """Every fault of a list that somebody made of the last version (`copied.FAULTS`); ``to``: a file for them."""
    _look(vault, incident, to, force=force)
    leak = vault.leak(incident)
    of = leak.of(version_of(leak).number)
    master = from_arrow(of.read("master", MASTER, ["person", "holder", "items"]))
    numbers = from_arrow(of.read("numbers", NUMBERS, ["number", "person"]))
    found = copied.held_against(listed(path), master, numbers, _known(vault, of, master))
    if to:
        named = found.join(_unlisted(of), on="person", how="left", maintain_order="left")
        tabular.write(to, FAULTS, [to_arrow(named, FAULTS)], force=force)
    return found


def _look(vault: Vault, incident: int, to: Path | None, *, force: bool) -> None:
    """A look at counts, or at all persons of the last version where they go to a file."""
    if to is None:
        vault.log(VERSIONS, incident=incident)
        return
    tabular.look_at_target(to, force=force)
    number = version_of(vault.leak(incident)).number
    vault.looks().see_all(PERSONS, LEAK, number, incident=incident)


def _meant(vault: Vault, what: str) -> tuple[list[str], Life | None]:
    """The number that somebody asks for, if any, and the holder whom they mean, whom the register may not have."""
    register, number = vault.register(), lookup.number_in(what)
    asked = [] if number is None else [_written(number)]
    if not register.imports():
        holders = []
    elif number is None:
        holders = lookup.search(register, what)
    else:
        holders = [found for found in (lookup.leads_to(register, number),) if found is not None]
    if len(holders) > 1 or not (holders or asked):
        raise _not_one(len(holders))
    return asked, lookup.lives(register, holders)[0] if holders else None


def _written(number: int) -> str:
    return str(pl.select(as_text(pl.lit(number))).item())


def _places(leak: Leak, version: int, exposure: Exposure) -> tuple[tuple[str, int], ...]:
    of = leak.of(version)
    mine = from_arrow(of.read("placed", PLACED, ["doc", "person"])).filter(person=exposure.person).group_by("doc").len()
    named = mine.join(from_arrow(of.read("places", PLACES, ["doc", "document"])), on="doc").sort("document")
    return tuple((document, int(count)) for document, count in named.select("document", "len").iter_rows())


def _named(vault: Vault, incident: int, found: Reconciliation) -> pa.Table:
    """Every difference with the person's last number, or what records call them."""
    leak = vault.leak(incident)
    rows = [_told(one.rows, str(one.kind), marks(one, leak.secret)) for one in found.findings]
    texts = dict.fromkeys(("holder", "detail", "what", "mark"), pl.String)
    every = pl.concat([pl.DataFrame(schema={"person": pl.Int64, **texts}), *rows], how="diagonal_relaxed")
    last = _last_known(leak, found.version, every["person"].drop_nulls())
    named = every.join(last, on="person", how="left", maintain_order="left")
    return to_arrow(named.with_columns(number=pl.coalesce("number", "holder")), DIFFERS)


def _last_known(leak: Leak, version: int, persons: pl.Series) -> pl.DataFrame:
    """``person`` with the last ``number`` known of each up to a version, else what records called them last."""
    found = [pl.DataFrame(schema={"person": pl.Int64, **dict.fromkeys(("number", *_CALLED), pl.String)})]
    lost = persons.unique()
    for at in range(version, 0, -1):
        of = leak.of(at)
        master = from_arrow(of.read("master", MASTER, ["person", "holder"])).rename({"holder": "number"})
        mine = master.filter(pl.col("person").is_in(lost.implode()))
        found.append(mine.join(_unlisted(of), on="person", how="left"))
        named = found[-1].filter(pl.any_horizontal(pl.exclude("person").is_not_null()))
        lost = lost.filter(~lost.is_in(named["person"].implode()))
        if not len(lost):
            break
    return pl.concat(found).filter(pl.any_horizontal(pl.exclude("person").is_not_null()))


def _unlisted(of: Leak) -> pl.DataFrame:
    """What records call who is in no register."""
    return from_arrow(of.read("unlisted", UNLISTED, ["person", *_CALLED])).unique("person")


def _told(rows: pl.DataFrame, kind: str, mark: pl.Series) -> pl.DataFrame:
    holder = pl.col("holder") if "holder" in rows.columns else pl.lit(None, pl.String).alias("holder")
    more = [name for name in rows.columns if name not in ("person", "holder")]
    said = [pl.concat_str(pl.lit(f"{name} "), pl.col(name).cast(pl.String)) for name in more]
    detail = pl.concat_str(said, separator=", ", ignore_nulls=True) if said else pl.lit("")
    return rows.select("person", holder, detail.alias("detail"), what=pl.lit(kind)).with_columns(mark.alias("mark"))


def _known(vault: Vault, of: Leak, master: pl.DataFrame) -> pl.DataFrame:
    """What is known of each exposed person: by the register, else by the records."""
    names = ["name", "name_kana", "birth_date", "sex"]
    told = [from_arrow(of.read("unlisted", UNLISTED, ["person", *names]))]
    if vault.register().imports():
        wanted = master.drop_nulls("holder").select("person", number="holder")
        holders = (from_arrow(Vaulted(vault.register()).holders().table).unique(NUMBER)).select(NUMBER, *names)
        told.append(wanted.join(holders, left_on="number", right_on=NUMBER).select("person", *names))
    return pl.concat(told)


def _not_one(count: int) -> InputError:
    return InputError(
        Text("{n:,} {n|holder fits|holders fit}.", "該当者が{n:,}人います。").fill(n=count),
        Text("Give a number, or more words.", "番号を指定するか、語を追加してください。"),
    )
