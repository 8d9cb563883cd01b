"""`sekisho vault backup|restore|forget|hold`: copies of the vault to trust, and what must never come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import polars as pl

from sekisho.actors import Proposal, Who
from sekisho.errors import HeldError, InputError
from sekisho.flow.enter import enter_draft
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.flow.registering import holder_envelopes, person_envelopes
from sekisho.frames import from_arrow
from sekisho.incidents.master import NUMBERS
from sekisho.ledger.meet import drain
from sekisho.ledger.since import Standing, held_against, older, still
from sekisho.register import forget
from sekisho.register.forget import Gone
from sekisho.register.states import as_text
from sekisho.report.progress import Phases
from sekisho.vault import Secret, Vault, looks
from sekisho.vault.backups import backup, key_copies, restore
from sekisho.vault.backups.backup import Made
from sekisho.vault.backups.key_copies import Copied
from sekisho.vault.backups.repository import Manifest
from sekisho.vault.holds import INCIDENT, PERSON, Hold
from sekisho.vault.incidents import Incident, State
from sekisho.wording import Text

BACKING_UP = Text("Backup", "控えの作成")
RESTORING = Text("Restore", "復元")
Mark = str
"""Hexadecimal; says nothing without the vault's keys."""
FORGET, UNHOLD, RESTORE = "vault.forget", "vault.unhold", "vault.restore"
VERIFYING = Text("the ledger", "証跡の検証")


@dataclass(frozen=True, slots=True)
class Restored:
    """Backup ``number`` of a vault, looked at whole; ``keys``: how many came from the keys' own backup.

    ``made`` when, by ``program``; ``files`` in it; ``entries`` of the ledger up to which it goes.
    """

    number: int
    made: str
    program: str
    files: int
    entries: int
    keys: int | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which backup is to be restored and what it is held against: a ``checkpoint`` (a file), the witnesses, or neither.

    ``number``: None for the last; ``keys``: the folder of their own backup; ``older``: take one that is older, too.
    """

    folder: Path
    to: Path
    number: int | None = None
    keys: Path | None = None
    checkpoint: Path | None = None
    witness: bool = False
    older: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """An incident that was forgotten; ``copies_until``: the day until which a copy of its key may still be used."""

    incident: Incident
    copies_until: str | None


def back_up(vault: Vault, folder: Path, *, keep: int | None = None, shown: bool = True) -> Made:
    """Add a backup of the vault to those in ``folder``, while others work.

    Raises InputError, VaultError, RightsError.
    """
    vault.log("vault.backup", more={"of": "data"})
    drain(vault)
    with Phases(BACKING_UP, shown=shown) as tell:
        return backup.back_up(vault, folder, version("sekisho"), still=partial(still, vault), keep=keep, tell=tell)


def back_up_keys(vault: Vault, folder: Path, days: int) -> Copied:
    """Add a copy of the keys of incidents and persons to those in ``folder``; raises as `back_up` does."""
    vault.log("vault.backup", more={"of": "keys", "days": days})
    return key_copies.back_up(vault, folder, days)


def look_through(folder: Path, secret: Secret, number: int | None, *, shown: bool = True) -> Restored:
    """Read a backup to the last bit and write nothing; raises InputError, VaultError."""
    with Phases(RESTORING, shown=shown) as tell:
        return _said(*restore.check(folder, secret, number, tell))


def put_back(wanted: Wanted, secret: Secret, who: Who | None = None, *, shown: bool = True) -> Restored:
    """Have ``who`` make the vault of a backup anew: nothing is overwritten, or there before all of it was looked at.

    Raises InputError, VaultError, LedgerError where it was altered or is older than what it is held against;
    RightsError where nobody is signed in who may.
    """
    with (
        Phases(RESTORING, shown=shown) as tell,
        restore.restoring(wanted.folder, secret, wanted.to, wanted.number, tell) as draft,
        enter_draft(draft.folder, secret, who) as vault,
    ):
        tell(VERIFYING)
        standing = held_against(vault, wanted.checkpoint, witness=wanted.witness)
        if standing.missing and not wanted.older:
            raise older(draft.manifest.made, standing)
        said = {"backup": draft.number, "entries": standing.entries, "missing": standing.missing}
        vault.log(RESTORE, counts=said, more={"of": "data", "witnessed": standing.witnessed})
        back = key_copies.bring_back(vault, wanted.keys) if wanted.keys else None
        vault.finish_forgetting()
        forget_again(vault)
        holder_envelopes.seal_again(vault)
        person_envelopes.seal_again(vault)
    return replace(_said(draft.number, draft.manifest, back), standing=standing)


def bring_keys_back(vault: Vault, keys: Path) -> int:
    """Take the last copy of the keys in a folder in; what was forgotten stays so. Raises InputError, VaultError."""
    vault.log(RESTORE, more={"of": "keys"})
    back = key_copies.bring_back(vault, keys)
    vault.finish_forgetting()
    forget_again(vault)
    return back


def forget_incident(vault: Vault, number: int) -> Forgotten | Proposal:
    """Destroy an incident's key and drop its scans, or propose it; raises InputError, HeldError, RightsError."""
    found = vault.incidents().incident(number)
    vault.holds().demand_free(FORGET, INCIDENT, [str(number)])
    about = {"incident": number, "opened": found.opened, "state": str(found.state)}
    return approved_or_proposed(
        vault, FORGET, about, lambda: Forgotten(vault.forget_incident(number), vault.perishable.copies_until())
    )


def forget_person(vault: Vault, number: str) -> Mark | Proposal:
    """Take a person out of the register for good, and destroy their keys, or propose it.

    Raises InputError, HeldError, RightsError.
    """
    register = vault.register()
    gone = forget.whom(register, _holder(vault, number))
    mark = mark_of(vault, gone)
    vault.holds().demand_free(FORGET, PERSON, [vault.people().mark(str(one)).hex() for one in gone.numbers])
    _look_unexposed(vault, gone)
    return approved_or_proposed(vault, FORGET, {"person": mark}, lambda: _forget_person(vault, gone))


def _look_unexposed(vault: Vault, gone: Gone) -> None:
    """Raises HeldError where an incident that is open exposes them: nobody could tell or answer them any more."""
    numbers = pl.DataFrame({"n": gone.numbers}, {"n": pl.Int64}).select(as_text(pl.col("n"))).to_series()
    for one in vault.incidents().all():
        leak = vault.leak(one.number) if one.state is State.OPEN else None
        if leak is None or not (versions := leak.versions()):
            continue
        named = from_arrow(leak.of(versions[-1].number).read("numbers", NUMBERS, ["number"]))["number"]
        if named.is_in(numbers.implode()).any():
            vault.refused(FORGET, why="exposed", incident=one.number)
            raise _exposed(one.number)


def _exposed(incident: int) -> HeldError:
    return HeldError(
        Text(
            "Incident {n}, which is open, exposes this person: they have to be told.",
            "対応中の事案{n}の対象者であり、本人への通知が必要なため消去できません。",
        ).fill(n=incident),
        Text(
            "Close it first: `sekisho incident close {n}`.", "先に終了してください: `sekisho incident close {n}`"
        ).fill(n=incident),
        "exposed",
    )


def _forget_person(vault: Vault, gone: Gone, action: str = FORGET) -> Mark:
    register, mark = vault.register(), mark_of(vault, gone)
    vault.demand(action)
    register.sweep()  # what an earlier one wrote that was killed or refused
    parts = forget.without(register, gone.holders)
    subjects = [*map(looks.holder, gone.holders), *(looks.number(str(number)) for number in gone.numbers)]
    vault.forget_person(gone.holders, gone.numbers, parts, subjects, action)
    return mark


def who_is_meant(vault: Vault, number: str) -> Mark:
    """What stands for a person in a proposal to forget them, or in a hold; raises InputError."""
    return mark_of(vault, forget.whom(vault.register(), _holder(vault, number)))


def mark_of(vault: Vault, gone: Gone) -> Mark:
    """The blind index of the first number that a person ever had; of who has none, of their place."""
    return vault.people().mark(str(gone.numbers[0]) if gone.numbers else f"holder {gone.holders[0]}").hex()


def _holder(vault: Vault, number: str) -> int:
    holder = holder_envelopes.by_number(vault, number)
    if holder is None:
        raise InputError(
            Text("No holder has the number.", "該当する番号の人は台帳にいません。"),
            Text("Give any number they ever had.", "現在または過去の番号を指定してください。"),
        )
    return holder


def forget_again(vault: Vault) -> int:
    """Forget persons of an older register who were forgotten since, as the keys' own backup says; gives how many."""
    marks, register, done = vault.perishable.forgotten(), vault.register(), 0
    if not marks:
        return 0
    for holder in {holder for number, holder in forget.led(register) if vault.people().mark(str(number)) in marks}:
        gone = forget.whom(register, holder)
        if gone.numbers:
            _forget_person(vault, gone, RESTORE)
            done += 1
    return done


def hold_person(vault: Vault, number: str, reason: str) -> Hold:
    """Put a person of the register under legal hold; raises InputError, RightsError."""
    return vault.holds().place(PERSON, who_is_meant(vault, number), reason)


def hold_incident(vault: Vault, number: int, reason: str) -> Hold:
    """Put an incident under legal hold; raises InputError, RightsError."""
    return vault.holds().place(INCIDENT, str(vault.incidents().incident(number).number), reason)


def end_hold(vault: Vault, number: int, reason: str) -> Hold | Proposal:
    """End a hold, or propose it; raises InputError, RightsError."""
    about = {"hold": vault.holds().stands(number).number, "why": reason}
    return approved_or_proposed(vault, UNHOLD, about, lambda: vault.holds().release(number, reason))


def holds(vault: Vault) -> list[Hold]:
    """Every hold that ever was, oldest first."""
    return vault.holds().all()


def _said(number: int, manifest: Manifest, keys: int | None = None) -> Restored:
    return Restored(number, manifest.made, manifest.program, len(manifest.files), manifest.entries, keys)
