"""How everybody stands who is in the register or in a leak master, read once and kept in memory for quick answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from sekisho.actions.standings import Source, Standings
from sekisho.flow.assessing.case import known as known_of
from sekisho.flow.assessing.doubts import doubted, exposed_of
from sekisho.flow.assessing.past import address_known, own_addresses
from sekisho.frames import from_arrow
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import NUMBERS, Master
from sekisho.register.contacts import contacts
from sekisho.register.current import numbers
from sekisho.register.ever import people
from sekisho.register.roots import Roots
from sekisho.register.states import as_number, as_text
from sekisho.vault import Register, Vault
from sekisho.vault.incidents import Incident, State
from sekisho.vault.reissues import REPLACED

DAMAGE = "damage"
"""An incident by which nothing became known to anybody."""
_NONE = pl.Series("holder", dtype=pl.Int64)


@dataclass(frozen=True, slots=True)
class Basis:
    """What standings rest on: the last act on the register, incidents with their states, versions and facts in all.

    ``outcomes``: how many there are of looking into changes.
    """

    act: int
    incidents: tuple[tuple[int, str, bool], ...]
    versions: int
    facts: int
    outcomes: int


def basis(vault: Vault) -> Basis:
    """What they would rest on now."""
    incidents = vault.incidents()
    here = incidents.readable()
    every = tuple((one.number, str(one.state), one.number in here) for one in incidents.all())
    readable = [number for number, _, is_here in every if is_here]
    versions = sum(len(vault.leak(number).versions()) for number in readable)
    facts = sum(vault.case(number).count() for number in readable)
    outcomes = sum(vault.changes(number).said() for number in readable)
    return Basis(vault.register().next_number() - 1, every, versions, facts, outcomes)


def numbers_replaced(vault: Vault) -> int:
    """How many numbers have a successor; to count them takes longer than `basis`."""
    counts = vault.numbers().counts()
    return sum(counts.get(state, 0) for state in REPLACED)


def load(vault: Vault) -> Standings:
    """How everybody stands now; raises VaultError."""
    register = vault.register()
    led = _led(register)
    return Standings(led, [_source(vault, register, led, one) for one in counted(vault)], replaced(vault))


def counted(vault: Vault) -> Iterator[Incident]:
    """The incidents that say something of how somebody stands.

    An open one that nobody has counted yet, and one whose key is not here, say that nobody can tell.
    """
    for one in vault.incidents().all():
        readable = vault.incidents().is_readable(one.number)
        if one.state is State.FORGOTTEN or (readable and known_of(vault, one.number).kind == DAMAGE):
            continue
        if one.state is State.OPEN or not readable or vault.leak(one.number).versions():
            yield one


def master_of(vault: Vault, one: Incident) -> Master | None:
    """The last version of its leak master; None where nobody counted yet, or nobody can read it."""
    if not vault.incidents().is_readable(one.number) or not vault.leak(one.number).versions():
        return None
    return Master.load(vault.leak(one.number))


def replaced(vault: Vault) -> pl.Series:
    """The numbers that have a successor."""
    return from_arrow(vault.numbers().replaced())["old"].alias("number")


def _source(vault: Vault, register: Register, led: pl.DataFrame, one: Incident) -> Source:
    """What the last version of its leak master says of everybody."""
    master = master_of(vault, one)
    if master is None:
        return Source(one.number, 0, _nobody(), None, _NONE)
    led_to = from_arrow(vault.leak(one.number).of(master.version).read("numbers", NUMBERS))
    hits = led_to.select("person", number=as_number(pl.col("number")))
    joined = pl.concat_str(pl.col("items", "other_items").replace("", None), separator="+", ignore_nulls=True)
    items = from_arrow(master.table.select(["person", "items", "other_items"])).select("person", items=joined)
    exposed = hits.drop_nulls("number").join(items, on="person").select("number", "items")
    known = known_of(vault, one.number)
    first = known.first_infection
    asked = led.join(exposed, on="number", how="semi").unique("holder", keep="any")
    moved = _NONE if first is None else moved_since(vault, one.number, master, _written(asked["number"]), first)
    doubtful = _doubtful(register, master) if is_counted(known, master.about) else None
    return Source(one.number, master.version, exposed, doubtful, moved)


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema={"number": pl.Int64, "items": pl.String})


def _led(register: Register) -> pl.DataFrame:
    """``number`` and ``holder``: every number of the register, and who has it now."""
    roots = Roots(register)
    found = [pl.DataFrame(schema={"number": pl.Int64, "holder": pl.Int64})]
    for some in numbers(register):
        told = some.filter(pl.col("number") >= 0)
        found.append(told.with_columns(holder=pl.Series(roots.now(told["holder"].to_numpy()), dtype=pl.Int64)))
    return pl.concat(found)


def _written(numbers: pl.Series) -> list[str]:
    return numbers.to_frame("number").select(as_text(pl.col("number"))).to_series().to_list()


def moved_since(vault: Vault, incident: int, master: Master, asked: Sequence[str], first: datetime) -> pl.Series:
    """The holders of some numbers whose address the register has said to be another one since.

    Not whose address is the one that they asked for themselves, as the review of changes found.
    """
    since = contacts(vault.register(), asked, first).filter("changed_since").drop_nulls("holder")
    if not since.height:
        return _NONE
    now = since.select("holder", address=address_known(since["new_address"]))
    return now.join(own_addresses(vault, incident, master), on=["holder", "address"], how="anti")["holder"]


def _doubtful(register: Register, master: Master) -> pl.Series | None:
    """The holders who may be exposed though no number of theirs is.

    None where a document was not read to its end, which could be anybody's.
    """
    if master.unread.num_rows:
        return None
    whom = people(register)
    return doubted(master, whom, exposed_of(master, whom))
