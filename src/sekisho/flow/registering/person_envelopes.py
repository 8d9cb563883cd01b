"""Keeps the persons of a settled scan in envelopes, to be found by number, or by name and birth date.

Of everybody in a small scan; in a large one of those who were asked for, until callers are to be found in it. Exposures
need only name persons by the numbers that the scan gave them. To find somebody here is no look yet: whoever shows them
says so in the ledger first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.countries import known as countries
from sekisho.flow.registering import holder_envelopes
from sekisho.frames import from_arrow
from sekisho.model import HOLDERS, MATCHES, Item, State
from sekisho.persons.alike import alike
from sekisho.persons.known import COLUMNS, known
from sekisho.register import lookup
from sekisho.register.states import NUMBER, as_number
from sekisho.report.progress import Progress
from sekisho.vault import Scan, Vault
from sekisho.vault.people import Called, Person
from sekisho.wording import Text

NOTE = "people"
FINDABLE, SCANS = Text("Making callers findable", "検索の準備"), Text("scans", "回の走査")
_TOLD = ("person", NUMBER, Item.NAME, Item.NAME_KANA, Item.BIRTH_DATE, Item.ADDRESS, "numbers")


def keep(vault: Vault, scan: Scan) -> int:
    """Seal the persons of a settled scan who are new in it or have changed; gives how many.

    Of a large scan those who have envelopes: everybody, where `keep_everybody` saw to it.
    """
    said = scan.note(NOTE) or {"complete": False}
    few = pc.count_distinct(scan.read("matches", MATCHES, ["person"])["person"]).as_py() <= holder_envelopes.most()
    return _keep(vault, scan, whole=few or said["complete"])


def keep_everybody(vault: Vault, scans: Iterable[int], *, shown: bool = True) -> None:
    """Seal everybody in some scans, however large, so that nobody is searched for in all of them."""
    left = [scan for scan in map(vault.scan, scans) if scan.note("settled") and not _complete(scan)]
    with Progress(FINDABLE, SCANS, len(left), shown=shown) as progress:
        for scan in progress.through(left):
            _keep(vault, scan, whole=True)


def _keep(vault: Vault, scan: Scan, *, whole: bool) -> int:
    envelopes = vault.people(scan.about.scan)
    there, sealed = envelopes.holders(), 0
    if there:
        envelopes.drop(envelopes.without_key())
    if whole or there:
        told = _told(vault, scan)
        wanted = told if whole else told.filter(pl.col("person").is_in(list(there)))
        envelopes.drop(there.difference(wanted["person"]))
        changed = set(envelopes.differing(_persons(wanted))) if there else set(wanted["person"])
        sealed = envelopes.put(one for one in _persons(wanted) if one.holder in changed)
    scan.commit((), **{NOTE: {"matches": _matches(scan), "complete": whole}})
    return sealed


def seal_again(vault: Vault) -> None:
    """Seal those anew whose keys are not here, from what the scans hold. For a vault that was just restored."""
    for scan in _settled(vault):
        if vault.people(scan.about.scan).without_key():
            keep(vault, scan)


def by_number(vault: Vault, scan: Scan, text: str) -> list[Person]:
    """The persons of a settled scan whom a number leads to, an old one of a holder of the vault's register too."""
    number = lookup.number_in(text)
    if number is None:
        return []
    numbers = [str(number)] if holder_envelopes.knows(vault, number) else _numbers_of(vault, number)
    return _found(vault, scan, numbers, lambda: _has_any(_numbers_of(vault, number)))


def by_name(vault: Vault, scan: Scan, whom: Called) -> list[Person]:
    """The persons of a settled scan who are called so, as the register, else most of their records, say."""
    same = (pl.col(Item.NAME) == whom.name) | (pl.col(Item.NAME_KANA) == whom.reading)
    return _found(vault, scan, whom, lambda: same & (pl.col(Item.BIRTH_DATE) == whom.birth_date))


def by_town(vault: Vault, scan: Scan, town: str, whom: Collection[str], birth_date: str | None) -> list[Person]:
    """The persons of a settled scan who live there, as far as it knows, and are called so (or born on that day).

    ``whom``: ways to write a name, or its reading; none for everybody.
    """
    fits = pl.col(Item.ADDRESS).str.contains(town, literal=True)
    if whom:
        fits &= pl.col(Item.NAME).is_in(list(whom)) | pl.col(Item.NAME_KANA).is_in(list(whom))
    if birth_date:
        fits &= pl.col(Item.BIRTH_DATE) == birth_date
    return list(_persons(_told(vault, scan).filter(fits)))


def differing(vault: Vault) -> Iterator[tuple[int, int]]:
    """Scans, and of how many persons their envelopes say something else than what the scan holds."""
    for scan in _settled(vault):
        complete, envelopes = _complete(scan), vault.people(scan.about.scan)
        there = envelopes.holders()
        if complete is None or not (there or complete):
            continue
        told = _told(vault, scan)
        wanted = told if complete else told.filter(pl.col("person").is_in(list(there)))
        wrong = {*envelopes.differing(_persons(wanted)), *there.difference(wanted["person"])}
        if wrong:
            yield scan.about.scan, len(wrong)


def holders_of(scan: Scan, columns: Sequence[str] | None = None) -> pa.Table | None:
    """The holders that a settled scan was held against, or some columns; None where there was no register."""
    return scan.read("holders", HOLDERS, columns) if scan.note("register") else None


def _found(vault: Vault, scan: Scan, asked: Called | Sequence[str], told: Callable[[], pl.Expr]) -> list[Person]:
    """Whom the blind index leads to where it can tell, else whom ``told`` finds in what the scan holds."""
    envelopes, complete = vault.people(scan.about.scan), _complete(scan)
    if complete is not None and not envelopes.cannot_tell(asked):
        found = envelopes.by_name(asked) if isinstance(asked, Called) else envelopes.by_numbers(asked)
        if found or complete:
            return sorted(found, key=lambda one: one.holder)
    every = _told(vault, scan)
    here = every.filter(told())
    if complete is not None:
        meant = list(_persons(alike(every, here)))
        there = envelopes.holders([one.holder for one in meant])
        envelopes.put(one for one in meant if one.holder not in there)
    return list(_persons(here))


def _told(vault: Vault, scan: Scan) -> pl.DataFrame:
    """What a settled scan knows of its persons, but for those who were forgotten since; a row each, in their order.

    ``numbers`` (Int64): those of who is known from records only are all that these give.
    """
    matches = scan.read("matches", MATCHES)
    found = from_arrow(known(scan.batches("records", list(COLUMNS)), matches, holders_of(scan)))
    bare = {item: countries.normalise(item, found[item]) for item in (Item.NAME, Item.NAME_KANA)}
    own = found.select("person", number=as_number(pl.coalesce("holder", NUMBER)))
    clustered = from_arrow(matches).filter(pl.col("state").cast(pl.String) == State.CLUSTERED)
    given = [
        from_arrow(batch).join(clustered, on="record_id").select("person", number=as_number(pl.col(NUMBER)))
        for batch in scan.batches("records", ["record_id", NUMBER])
    ]
    numbers = pl.concat([own, *given]).drop_nulls().unique().sort("person", "number")
    led = numbers.group_by("person", maintain_order=True).agg(numbers="number")
    told = found.with_columns(**bare).join(led, on="person", how="left", maintain_order="left").select(_TOLD)
    gone = vault.perishable.forgotten(scan.about.begun)
    if not gone:
        return told
    mark = vault.people().mark
    theirs = [person for person, number in numbers.iter_rows() if mark(str(number)) in gone]
    return told.filter(~pl.col("person").is_in(theirs))


def _persons(told: pl.DataFrame) -> Iterator[Person]:
    for person, number, name, name_kana, birth_date, address, numbers in told.iter_rows():
        yield Person(person, number, name, name_kana, birth_date, address, tuple(map(str, numbers or ())))


def _complete(scan: Scan) -> bool | None:
    """Whether everybody in it has envelopes; None where these are of an earlier settling, or none was made."""
    said = scan.note(NOTE)
    if not said or not scan.note("settled") or said["matches"] != _matches(scan):
        return None
    return bool(said["complete"])


def _matches(scan: Scan) -> list[str]:
    return [part.sha256 for part in scan.parts("matches")]


def _settled(vault: Vault) -> Iterator[Scan]:
    """The settled scans that can be read."""
    for about in vault.scans():
        scan = vault.scan(about.scan)
        if scan.note("settled"):
            yield scan


def _numbers_of(vault: Vault, number: int) -> list[str]:
    """A number, and all others of the holder of the vault's register whom it leads to."""
    register = vault.register()
    holder = lookup.leads_to(register, number)
    lives = [] if holder is None else lookup.lives(register, [holder])
    led = (now for life in lives for now in holder_envelopes.now(register, life))
    return list({str(number), *(one for now in led for one in now.numbers)})


def _has_any(numbers: Sequence[str]) -> pl.Expr:
    return pl.col("numbers").list.eval(pl.element().is_in([int(one) for one in numbers])).list.any()
