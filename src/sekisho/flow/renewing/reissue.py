"""`sekisho reissue`: new numbers for those whose number leaked, from the issuer's pool to the core system and back."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.actions import reissue
from sekisho.actions.reissue import DIFFERS, Answer, Former, Plan
from sekisho.actors import Proposal
from sekisho.errors import InputError, UsageError
from sekisho.flow.assessing.gate import Stamp, opened
from sekisho.flow.fingerprint import of_file
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.flow.registering import holder_envelopes
from sekisho.flow.renewing.number_pool import spoiled
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.master import MASTER
from sekisho.model import Item
from sekisho.register import bring_in, new_numbers
from sekisho.register.rows import Rows
from sekisho.register.states import NUMBER, as_number, as_text
from sekisho.register.vaulted import Vaulted
from sekisho.report import tabular
from sekisho.vault import Vault, looks
from sekisho.vault.acts import canonical
from sekisho.vault.reissues import Alert, Standing
from sekisho.wording import Tell, Text, unheard

GIVE, EXPORT, ACKNOWLEDGE, WORKLIST = "reissue.give", "reissue.export", "reissue.acknowledge", "reissue.worklist"
ALERTS, PLAN = "reissue.alerts", "reissue.plan"
IMPORTING = Text("Acknowledgement", "回答の取り込み")
ANSWERS = {
    Answer.TAKEN: Text("taken", "反映済み"),
    Answer.REFUSED: Text("refused: nobody ever gets it, its person waits for another", "拒否（欠番・再付番待ち）"),
    Answer.AGAIN: Text("known already", "処理済み"),
    Answer.UNCLEAR: Text("neither yes nor no", "結果不明"),
    Answer.OTHER_NUMBER: Text("another number than was given", "付番と異なる番号"),
    Answer.NOT_ASKED: Text("numbers that we never sent", "連携していない番号"),
    Answer.CONTRADICTS: Text("says two things of one", "矛盾する回答"),
}


def plan(vault: Vault, incident: int) -> Plan:
    """Who would get a number now, and who not and why; nothing is given. Raises ReconciliationError, RightsError."""
    vault.demand(PLAN)
    stamp = opened(vault, incident, PLAN)
    made = _planned(vault, stamp, spoiled(vault))
    vault.log(PLAN, incident=incident, counts={"version": stamp.version, "ready": len(made.ready)})
    return made


def give(vault: Vault, incident: int) -> Plan | Proposal:
    """Give everybody who is reachable a number, once another actor approved exactly that; gives what was done.

    Raises ReconciliationError, InputError where nobody is to get one, RightsError, ApprovalError.
    """
    vault.demand(GIVE)
    stamp = opened(vault, incident, GIVE)
    gone = spoiled(vault)
    made = _planned(vault, stamp, gone)
    if not made.ready:
        raise _nobody_ready(made)
    whom = hashlib.sha256(canonical(made.ready)).hexdigest()
    payload = {"incident": incident, "version": stamp.version, "persons": len(made.ready), "whom": whom}

    def do() -> Plan:
        counts = {"version": stamp.version, "numbers": len(made.ready), "waiting": made.waiting.height}
        with vault.act(GIVE, incident=incident, counts=counts, about=whom.encode(), more=_more(stamp)):
            vault.numbers().spoil(gone)
            vault.reissues(incident).give(made.ready, stamp.version)
        return made

    return approved_or_proposed(vault, GIVE, payload, do)


def _planned(vault: Vault, stamp: Stamp, spoiled: pl.Series) -> Plan:
    """``spoiled``: numbers of the pool that nobody may get any more."""
    columns = ["person", "holder", "number_of_items", "items", "was"]
    master = from_arrow(vault.leak(stamp.incident).of(stamp.version).read("master", MASTER, columns))
    tellings = from_arrow(vault.tellings(stamp.incident).all())
    given = from_arrow(vault.reissues(stamp.incident).all())
    free = from_arrow(vault.numbers().free()).join(spoiled.to_frame(), on="number", how="anti").height
    return reissue.plan(master, tellings, given, _former(vault), free, stamp.version)


def _former(vault: Vault) -> Former:
    register = vault.register()
    led = Vaulted(register).led()["number"] if register.imports() else pl.Series("number", dtype=pl.String)
    return Former(from_arrow(vault.numbers().succeeded())["old"], pl.select(as_number(pl.lit(led))).to_series())


def _more(stamp: Stamp) -> dict[str, str]:
    return {"made_of": stamp.made_of}


WORKED = pa.schema([("old_number", pa.string()), ("number_of_items", pa.int64()), ("why", pa.string())])


def worklist(vault: Vault, incident: int, to: Path, *, force: bool = False) -> int:
    """Write who should get a number and cannot yet, and why, to a file, in clear; gives how many.

    Raises UsageError, RightsError, ReconciliationError.
    """
    vault.demand(WORKLIST)
    tabular.look_at_target(to, force=force)
    stamp = opened(vault, incident, WORKLIST)
    waiting = _planned(vault, stamp, spoiled(vault)).waiting.with_columns(old_number=as_text(pl.col("old")))
    subjects = [looks.number(str(old)) for old in waiting["old"].drop_nulls()]
    counts = {"persons": waiting.height, "version": stamp.version}
    vault.looks().see(WORKLIST, subjects, counts, incident=incident)
    table = to_arrow(waiting, WORKED)
    return tabular.write(to, WORKED, [table], force=force)


@dataclass(frozen=True, slots=True)
class Exported:
    """Which export of the incident it is, how many numbers, and the parcel that carries them."""

    export: int
    numbers: int
    parcel: int


def export(vault: Vault, incident: int, sink: str) -> Exported:
    """Queue a file of all that were given since the last one, for the core system; raises InputError, RightsError.

    ``sink``: by which it leaves the house (`sekisho sinks send`).
    """
    vault.demand(EXPORT)
    vault.sinks().sink(sink)
    stamp = opened(vault, incident, EXPORT)
    reissues, parcels = vault.reissues(incident), vault.parcels(incident)
    given = from_arrow(reissues.all(Standing.GIVEN))
    if not given.height:
        raise InputError(
            Text("No number was given since the last export.", "前回の出力以降に付番がありません。"),
            Text("`sekisho reissue give` gives them.", "`sekisho reissue give` で付番します。"),
        )
    kept = parcels.keep({"numbers.csv": _numbers_file(given), "certificates.csv": _certificates(vault, given)})
    seen = vault.looks().at(looks.number(str(old)) for old in given["old"])
    counts = {"numbers": given.height}
    with vault.act(EXPORT, incident=incident, counts=counts, more=_more(stamp), seen=seen) as act:
        number = reissues.export()
        act.counts["export"] = number
        parcel = parcels.put(sink, f"reissue-{incident}-{number:04}", "new_numbers", kept)
    return Exported(number, given.height, parcel)


def _numbers_file(given: pl.DataFrame) -> bytes:
    told = given.sort("old").select(old_number=as_text(pl.col("old")), new_number=as_text(pl.col("number")))
    return _csv(told)


def _certificates(vault: Vault, given: pl.DataFrame) -> bytes:
    """The certificate numbers that were found in records, and what each becomes: it holds the person's number."""
    became = given.select(old=as_text(pl.col("old")), new=as_text(pl.col("number")))
    written = pl.col("certificate").str
    found = [pl.DataFrame(schema={"certificate": pl.String})]
    for about in vault.scans():
        for batch in vault.scan(about.scan).batches("records", [Item.CERTIFICATE_NUMBER]):
            some = from_arrow(batch).select(certificate=pl.col(Item.CERTIFICATE_NUMBER)).drop_nulls().unique()
            found.append(some.filter(written.slice(0, 11).is_in(became["old"].implode())))
    both = pl.concat(found).unique().with_columns(old=written.slice(0, 11)).join(became, on="old")
    told = both.select(old_certificate="certificate", new_certificate=pl.col("new") + written.slice(11))
    return _csv(told.sort("old_certificate"))


def _csv(table: pl.DataFrame) -> bytes:
    made = io.BytesIO()
    table.write_csv(made)
    return made.getvalue()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the answers came to, by kind; ``rows`` that somebody has to look into, ``strays`` of another width than the
    header, ``unreadable`` without both numbers, each as a spreadsheet counts them; ``waiting``: numbers of which the
    core system has said nothing yet; ``in_force``: that the register has taken over since.
    """

    answers: dict[Answer, int]
    rows: tuple[int, ...]
    strays: tuple[int, ...]
    unreadable: tuple[int, ...]
    waiting: int
    in_force: int


def acknowledge(vault: Vault, incident: int, path: Path, tell: Tell = unheard) -> Acknowledged:
    """Hold the core system's answers against what it was told: what it took is in force, in the register too.

    What differs changes nothing and is named. The same file twice changes nothing. Raises InputError, RightsError.
    """
    vault.demand(ACKNOWLEDGE)
    answers = new_numbers.read_answers(path)
    reissues = vault.reissues(incident)
    found = reissue.held_against(answers.table, from_arrow(reissues.asked()))
    counts = {Answer(answer): n for answer, n in found.group_by("comes_to").len().sort("comes_to").iter_rows()}
    said = {str(answer): n for answer, n in counts.items()}
    with vault.act(ACKNOWLEDGE, incident=incident, counts=said, about=of_file(path).encode()):
        for answer, state in ((Answer.TAKEN, Standing.TAKEN), (Answer.REFUSED, Standing.REFUSED)):
            reissues.become(state, found.filter(comes_to=answer)["number"].unique(maintain_order=True))
    in_force = put_in_force(vault, incident, tell)
    odd = found.filter(pl.col("comes_to").is_in([*DIFFERS, Answer.UNCLEAR]))["row"]
    waiting = reissues.all(Standing.EXPORTED).num_rows
    return Acknowledged(counts, tuple(odd), answers.strays, answers.unreadable, waiting, in_force)


def put_in_force(vault: Vault, incident: int, tell: Tell = unheard) -> int:
    """Have the register lead old numbers that the core system replaced to the new ones; gives how many.

    After a kill the next call goes on: what the register has already changes nothing.
    """
    reissues, register = vault.reissues(incident), vault.register()
    taken = from_arrow(reissues.all(Standing.TAKEN)).sort("old")
    if not taken.height or not register.imports():
        return 0
    pairs = taken.select(as_text(pl.col("number")), as_text(pl.col("old")))
    file = Rows.of(f"reissue-{incident}", [NUMBER, "old_numbers"], pairs)
    bring_in.take_in(register, file, hashlib.sha256(_csv(pairs)).hexdigest(), _program(), tell)
    holder_envelopes.keep_in_step(vault)
    with vault.act("reissue.in_force", incident=incident, counts={"numbers": taken.height}):
        reissues.become(Standing.IN_FORCE, taken["number"])
    return taken.height


def alerts(vault: Vault) -> list[Alert]:
    """Every time that a replaced number turned up, once the look is in the ledger. Raises RightsError."""
    vault.demand(ALERTS)
    found = vault.numbers().alerts()
    subjects = [looks.number(str(one.old)) for one in found if one.old is not None]
    vault.looks().see(ALERTS, subjects, {"alerts": len(found)})
    return found


def _program() -> str:
    return version("sekisho")


def _nobody_ready(made: Plan) -> UsageError:
    if made.lacking:
        return UsageError(
            Text("The pool is used up: {n:,} numbers are needed.", "番号が不足しています: あと{n:,}件必要です。").fill(
                n=made.lacking
            ),
            Text(
                "Ask the issuer for more: `sekisho reissue pool FILE`; who waits stands on the worklist.",
                "発行元に依頼し、`sekisho reissue pool ファイル` で取り込んでください（残りは作業リストへ）。",
            ),
        )
    return UsageError(
        Text("Nobody who is reachable needs a new number.", "付番できる対象者がいません。"),
        Text(
            "`sekisho reissue plan` says where everybody stands.", "`sekisho reissue plan` で内訳を確かめてください。"
        ),
    )
