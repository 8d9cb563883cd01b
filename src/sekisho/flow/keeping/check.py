"""`sekisho vault check`: every file of a vault and every entry of its ledger, looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.errors import LedgerError, VaultError
from sekisho.flow.assessing.told import told, untold
from sekisho.flow.proving.attributed import untrue
from sekisho.flow.registering import person_envelopes
from sekisho.ledger.meet import folder_of, meet, signer_of
from sekisho.ledger.note import NoteError
from sekisho.ledger.verify import verify_now
from sekisho.report.progress import Phases
from sekisho.vault import Vault
from sekisho.vault.check import CHECKING, DAMAGE, Fault, Kind, look


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: files, bytes, entries of the ledger; and what is wrong, damage first."""

    files: int
    size: int
    entries: int
    faults: Sequence[Fault]

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged or missing."""
        return not any(fault.kind in DAMAGE for fault in self.faults)


def check(vault: Vault, *, shown: bool = True) -> Checked:
    """Look at everything, and change nothing; raises RightsError, VaultError."""
    vault.demand("vault.check")
    with Phases(CHECKING, shown=shown) as tell:
        found = look(vault, tell)
    in_doubt = _persons(vault) if found.sound else []
    if found.sound:  # a damaged store is not written to
        vault.log("vault.check")
    entries, wrong = _ledger(vault)
    wrong += [] if any(one.kind in DAMAGE for one in wrong) else [*_attributed(vault), *_facts(vault)]
    faults = sorted([*found.faults, *in_doubt, *wrong], key=lambda fault: (list(Kind).index(fault.kind), fault.file))
    return Checked(found.files, found.size, entries, faults)


def _ledger(vault: Vault) -> tuple[int, list[Fault]]:
    """Entries, and what is wrong: with the log by itself, then with how it fits to the store."""
    folder, name = folder_of(vault), folder_of(vault).name
    try:
        log, verdict = verify_now(folder, signer_of(vault).verifier)
    except NoteError:
        return 0, [Fault(Kind.DAMAGED, f"{name}/checkpoint")]
    wrong = [Fault(Kind.DAMAGED, f"{name}/{one.path}", _entries(one.first, one.last)) for one in verdict.faults]
    wrong += [Fault(Kind.LEFT_BEHIND, f"{name}/{one}") for one in verdict.leftover]
    try:
        meet(vault)
    except (LedgerError, VaultError) as error:
        wrong = wrong or [Fault(Kind.DAMAGED, name, str(error.message))]
    return log.size, wrong


def _persons(vault: Vault) -> list[Fault]:
    """Scans whose persons would be found as somebody else, or not at all."""
    name = "sekisho.db"
    try:
        return [Fault(Kind.DAMAGED, name, f"scan {n}: {m} persons") for n, m in person_envelopes.differing(vault)]
    except VaultError as error:
        return [Fault(Kind.DAMAGED, name, str(error.message))]


def _facts(vault: Vault) -> list[Fault]:
    """Facts of incidents that are not what the ledger holds of them."""
    name, readable = "sekisho.db", sorted(vault.incidents().readable())
    try:
        entries = told(vault) if readable else {}
        wrong = [(n, fact) for n in readable for fact in untold(vault, n, entries.get(n, {}))]
        return [Fault(Kind.DAMAGED, name, f"incident {n}: fact {fact}") for n, fact in wrong]
    except (LedgerError, VaultError) as error:
        return [Fault(Kind.DAMAGED, name, str(error.message))]


def _attributed(vault: Vault) -> list[Fault]:
    """Entries in the name of actors who did not sign in, and a list of actors that is not theirs."""
    name = folder_of(vault).name
    try:
        found = list(untrue(vault))
    except (LedgerError, VaultError) as error:
        return [Fault(Kind.DAMAGED, "sekisho.db", str(error.message))]
    of_list = [Fault(Kind.DAMAGED, "sekisho.db", why) for seq, why in found if seq < 0]
    return of_list + [Fault(Kind.DAMAGED, name, f"{seq}: {why}") for seq, why in found if seq >= 0]


def _entries(first: int, last: int) -> str:
    return "" if first < 0 else f"{first}" if first == last else f"{first}-{last}"
