"""The records of an incident's documents from all its scans, each with the body of records that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from sekisho.errors import InputError
from sekisho.flow.registering.person_envelopes import holders_of
from sekisho.flow.scanning.settle import settle
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents import account, belongs
from sekisho.incidents.assemble import Found
from sekisho.incidents.belongs import Belonging, belonging
from sekisho.incidents.bodies import NO_RECORDS, bodies_of, in_doubt
from sekisho.incidents.case import Known, Scope
from sekisho.incidents.facts import COLUMNS, facts
from sekisho.incidents.marks import marked
from sekisho.model import DOCUMENTS, DOUBTS, MATCHES, Item, State
from sekisho.persons.apart import apart
from sekisho.persons.settle import settle as settle_records
from sekisho.records.questions import standing, taken_for_nobody
from sekisho.register.states import as_number
from sekisho.register.vaulted import Vaulted
from sekisho.vault import Scan, Vault
from sekisho.wording import Tell, Text

SETTLING = Text("settling scan {n} again: the register changed", "走査{n}の再照合（台帳の変更のため）")
RECORDS_READ = Text("the records of its documents", "対象文書の記録")
TOGETHER = Text("persons who are in no register", "台帳にない人の名寄せ")
_PLACE = 40  # bits of a record's number below its scan's


@dataclass(frozen=True, slots=True)
class Gathered:
    """What `gather` found; ``loose``: the records that are on no holder, by batches; ``clusters``: `MATCHES` of those
    among them that have a body, with it as the person.
    """

    found: Found
    belonging: Belonging
    loose: list[pa.Table]
    clusters: pa.Table


def settled_for(vault: Vault, scopes: Sequence[Scope], tell: Tell) -> tuple[list[Scan], list[int]]:
    """The scans of ``scopes``, settled, and which of them had to be settled again: the register changed since.

    Raises InputError where one was never settled, VaultError where it is not there.
    """
    register = vault.register()
    mark = Vaulted(register).mark() if register.imports() else ""
    scans, again = [], []
    for number in sorted({scope.scan for scope in scopes}):
        scan = vault.scan(number)
        if not scan.about.finished or not scan.note("settled"):
            raise _unsettled(number)
        if mark and _is_stale(scan, mark):
            tell(SETTLING.fill(n=number))
            settle(vault, scan, register, shown=False)
            again.append(number)
        scans.append(scan)
    return scans, again


def gather(vault: Vault, scans: Sequence[Scan], said: Known, secret: bytes, tell: Tell) -> Gathered:
    """All records of the documents that belong to the incident, each once; raises VaultError, AccountError."""
    documents = ((one.about.scan, one.about.root, _documents(vault, one)) for one in scans)
    here = belonging(documents, said.documents, said.nobody_in)
    tell(RECORDS_READ)
    told, loose = [], []
    for scan in scans:
        for rows, some in _records(vault, scan, here):
            told.append(rows)
            loose.append(some)
    every = pl.concat(told) if told else NO_RECORDS
    led = _led(vault)
    tell(TOGETHER)
    holders = every["holder"].replace(led["number"], led["lead"]) if led.height else every["holder"]
    every = every.with_columns(holder=holders)
    clusters = _clusters(every, loose, len(scans) > 1, secret)
    bodies, every = bodies_of(every, clusters)
    unmatched = every.filter(pl.col("state") == str(State.UNMATCHED)).height
    account.hold_exposed(int(here.places["records"].sum()), every.height, unmatched, every["body"].null_count())
    open_records = in_doubt(loose, every)
    forgotten = _forgotten(vault, scans, bodies, every, open_records)
    unnamed = pl.col("body").is_in(forgotten.implode()).fill_null(value=False)
    open_records = open_records.filter(~unnamed)
    listed = every.filter(pl.col("holder").is_null() & pl.col("body").is_not_null() & ~unnamed).select(
        record_id=pl.col("rid"), person="body", state=pl.lit(str(State.CLUSTERED)), holder=pl.lit(None, pl.String),
        ask="ask", conflict=pl.lit(""),
    )  # fmt: skip
    shed = every.drop("rid", "holder", "person")
    found = Found(shed, bodies, here.places, open_records, led, forgotten)
    return Gathered(found, here, loose, to_arrow(listed))


def _documents(vault: Vault, scan: Scan) -> pa.Table:
    """Those of a scan, and whether rows of each may be persons of whom nobody said so yet."""
    documents = scan.read("documents", DOCUMENTS, list(belongs.COLUMNS))
    doubts = scan.read("doubts", DOUBTS, ["document_id", "doubt", "block"])
    asked = pa.array(taken_for_nobody(doubts, standing(vault.decisions())).to_arrow())
    return documents.append_column("in_doubt", pa.compute.is_in(documents["document_id"], value_set=asked))


def _records(vault: Vault, scan: Scan, here: Belonging) -> Iterator[tuple[pl.DataFrame, pa.Table]]:
    """Facts with matches, part by part, and the records as they are that are on no holder's number for sure."""
    docs = here.of_scan(scan.about.scan)
    if not docs.height:
        return
    places = here.places.select("doc", "sha256", document="called")
    matches = from_arrow(scan.read("matches", MATCHES, ["record_id", "person", "holder", "state", "ask"]))
    matches = matches.with_columns(pl.col("state").cast(pl.String), key=_apart(vault, scan, matches))
    wanted = pa.array(docs["document_id"].to_arrow())
    for part in scan.batches("records", list(COLUMNS)):
        mine = part.filter(pa.compute.is_in(part["document_id"], value_set=wanted))
        if not mine.num_rows:
            continue
        rows = facts(mine).join(docs, on="document_id").join(matches, on="record_id", how="left")
        rows = rows.with_columns(
            pl.lit(scan.about.scan, pl.Int64).alias("scan"),
            pl.col("state").fill_null(str(State.UNMATCHED)),
            pl.col("ask").fill_null(value=False),
            rid=pl.col("record_id") + (scan.about.scan << _PLACE),
        )
        unsure = rows.filter(pl.col("holder").is_null() | pl.col("ask"))["record_id"]
        some = mine.filter(pa.compute.is_in(mine["record_id"], value_set=pa.array(unsure.to_arrow())))
        number = pa.compute.add(some["record_id"], scan.about.scan << _PLACE)
        some = some.set_column(some.schema.get_field_index("record_id"), "record_id", number)
        yield marked(rows, places).drop("locator", "document_id"), some


def _apart(vault: Vault, scan: Scan, matches: pl.DataFrame) -> pl.Series:
    """A text for each match on a holder whom a number alone does not name; null for all others."""
    none = pl.Series("key", [None], dtype=pl.String).new_from_index(0, matches.height)
    holders = holders_of(scan)
    if holders is None:
        return none
    keys = apart(holders, vault.secret_for(f"persons of scan {scan.about.scan}"))
    return matches.join(keys, on="person", how="left", maintain_order="left")["key"] if keys.height else none


def _clusters(every: pl.DataFrame, loose: Sequence[pa.Table], jointly: bool, secret: bytes) -> pl.DataFrame:
    """``rid``, ``cluster`` (a text) and what is said of it, of the records that are on no holder.

    Those of several scans are put together anew: one person may stand in more than one.
    """
    mine = every.filter(pl.col("state") != str(State.SETTLED))
    if not jointly:
        name = pl.concat_str(pl.col("scan").cast(pl.String), pl.lit(" "), pl.col("person").cast(pl.String))
        return mine.select("rid", cluster=name, now="state", doubt="ask")
    wanted = pa.array(mine["rid"].to_arrow())
    columns = ["record_id", *map(str, Item)]
    held = [some.select(columns).filter(pa.compute.is_in(some["record_id"], value_set=wanted)) for some in loose]
    if not held:
        return mine.select("rid", cluster=pl.lit("", pl.String), now="state", doubt="ask")
    matches = from_arrow(settle_records(pa.concat_tables(held), None, secret))
    return matches.select(
        rid="record_id", cluster=pl.col("person").cast(pl.String), now=pl.col("state").cast(pl.String), doubt="ask"
    )


def _led(vault: Vault) -> pl.DataFrame:
    """Every old number of the vault's register, and the one that it leads to."""
    register = vault.register()
    if not register.imports():
        return pl.DataFrame(schema={"number": pl.String, "lead": pl.String})
    return Vaulted(register).led().unique("number", keep="last")


def _forgotten(
    vault: Vault, scans: Sequence[Scan], bodies: pl.DataFrame, every: pl.DataFrame, loose: pl.DataFrame
) -> pl.Series:
    """The bodies of persons who were forgotten after each scan in which they stand, by a number that was theirs."""
    marks = {scan.about.scan: vault.perishable.forgotten(scan.about.begun) for scan in scans}
    anywhere = set().union(*marks.values())
    if not anywhere:
        return pl.Series("body", [], dtype=pl.Int64)
    mark = vault.people().mark
    clusters = bodies.filter(pl.col("holder").is_null()).select("body")
    written = loose.select("body", holder="number").drop_nulls().join(clusters, on="body")
    led = bodies.drop_nulls("holder").select("body", "holder")
    named = pl.concat([led, written.select("body", "holder")]).unique()
    digits = named.with_columns(number=as_number(pl.col("holder"))).drop_nulls("number")
    sealed = [(body, mark(str(number))) for body, number in digits.select("body", "number").iter_rows()]
    some = [(body, one) for body, one in sealed if one in anywhere]
    stands: dict[int, set[int]] = {}
    theirs = every.filter(pl.col("body").is_in([body for body, _ in some])).select("body", "scan").unique()
    for body, scan in theirs.iter_rows():
        stands.setdefault(body, set()).add(scan)
    gone = {body for body, one in some if all(one in marks[scan] for scan in stands[body])}
    return pl.Series("body", sorted(gone), dtype=pl.Int64)


def _is_stale(scan: Scan, mark: str) -> bool:
    """Whether it was held against the vault's register as it was before, or against none; a file's counts as it is."""
    said = (scan.note("register_read") or {}).get("fingerprint", "")
    if not said:
        return True
    register, _, _ = said.rpartition(" ")
    return " " in register and register != mark


def _unsettled(number: int) -> InputError:
    return InputError(
        Text("Scan {n} is not finished or not settled.", "走査{n}は完了または照合されていません。").fill(n=number),
        Text(
            "Say whose its records are: `sekisho settle --scan {n}`.",
            "`sekisho settle --scan {n}` で照合してください。",
        ).fill(n=number),
    )
