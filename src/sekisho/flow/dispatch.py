"""`sekisho sinks send`: hands parcels over to their sinks, once as each receiver sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.errors import RetryableError, SinkError, UsageError
from sekisho.report.progress import Progress
from sekisho.sinks import Sink, kinds, wait_after
from sekisho.vault import Vault
from sekisho.vault.parcels import SEND, Parcels, Queued, State
from sekisho.vault.sinks import SHOW
from sekisho.wording import Text, printable

SENDING, PARCELS = Text("Sending", "送付"), Text("parcels", "件の送付物")
MOST_IN_VAIN = 3
"""After so many tries in a row, parcels of a sink are left for the next time."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of the parcels that were due: how many, and those that failed for good. ``waiting``: all that are
    still queued, and when the next of them is due.
    """

    received: int
    put_off: int
    failed: tuple[Queued, ...]
    waiting: int
    next_due: str | None


def dispatch(vault: Vault, incident: int | None = None, *, shown: bool = True) -> Dispatched:
    """Hand over what is due, of one incident or of all; a parcel that is not taken keeps no other back.

    For a vault that is open to write. Raises RightsError, VaultError.
    """
    vault.demand(SEND)
    known = _Known(vault)
    due = [(parcels, one) for parcels in _parcels(vault, incident) for one in _due(parcels)]
    became: list[State | None] = []
    with Progress(SENDING, PARCELS, len(due), shown=shown) as progress:
        for parcels, one in progress.through(due):
            became.append(known.hand_over(parcels, one))
    failed = [one for at, (_, one) in enumerate(due) if became[at] is State.FAILED]
    left = waiting(vault, incident)
    return Dispatched(
        became.count(State.RECEIVED),
        became.count(State.QUEUED),
        tuple(_now(vault, one) for one in failed),
        len(left),
        min((one.due for one in left), default=None),
    )


def waiting(vault: Vault, incident: int | None = None) -> list[Queued]:
    """All parcels that are still queued."""
    return [one for parcels in _parcels(vault, incident) for one in parcels.all(State.QUEUED)]


def failures(vault: Vault, incident: int | None = None) -> list[Queued]:
    """All parcels that failed for good."""
    return [one for parcels in _parcels(vault, incident) for one in parcels.all(State.FAILED)]


def status(vault: Vault, incident: int | None = None) -> list[Queued]:
    """All parcels there ever were; that they were looked at is in the ledger. Raises RightsError."""
    vault.log(SHOW)
    return [one for parcels in _parcels(vault, incident) for one in parcels.all()]


def again(vault: Vault, number: int) -> Queued:
    """Queue a parcel that failed for good once more; raises UsageError where none of that number did."""
    for one in failures(vault):
        if one.number == number:
            vault.parcels(one.incident).again(one)
            return _now(vault, one)
    raise UsageError(
        Text("No parcel {n} failed.", "失敗した送付物{n}はありません。").fill(n=number),
        Text("`sekisho sinks status` lists them.", "`sekisho sinks status` で確かめてください。"),
    )


def _parcels(vault: Vault, incident: int | None) -> Iterator[Parcels]:
    if incident is not None:
        yield vault.parcels(incident)
        return
    for number in sorted(vault.incidents().readable()):
        yield vault.parcels(number)


def _due(parcels: Parcels) -> list[Queued]:
    parcels.sweep()
    return parcels.due()


class _Known:
    """The sinks, each made when it is first needed, and how often each was not to be had, one time after the other."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kinds = kinds()
        self._made: dict[str, Sink] = {}
        self._in_vain: Counter[str] = Counter()

    def hand_over(self, parcels: Parcels, one: Queued) -> State | None:
        """What became of it; None where its sink is not to be had, so that it was not even tried."""
        if self._in_vain[one.sink] >= MOST_IN_VAIN:
            return None
        try:
            receipt = self._sink(one.sink).send(parcels.parcel(one))
        except RetryableError as error:
            self._in_vain[one.sink] += 1
            return _put_off(parcels, one, error)
        except SinkError as error:
            parcels.failed(one, _said(error))
            return State.FAILED
        self._in_vain[one.sink] = 0
        parcels.received(one, printable(receipt.said))
        return State.RECEIVED

    def _sink(self, name: str) -> Sink:
        """Raises RetryableError where there is none of that name, or it was set up for another version."""
        if name not in self._made:
            try:
                address = self._vault.sinks().sink(name)
                self._made[name] = self._kinds[address.kind].make(address.settings)
            except UsageError as error:
                raise RetryableError(error.message, error.hint) from error
            except KeyError as error:
                raise _other_version(name) from error
        return self._made[name]


def _put_off(parcels: Parcels, one: Queued, error: RetryableError) -> State:
    wait = wait_after(one.tries, error.wait_seconds)
    if wait is None:
        parcels.failed(one, _said(error))
        return State.FAILED
    parcels.tried(one, _said(error), wait)
    return State.QUEUED


def _other_version(name: str) -> RetryableError:
    return RetryableError(
        Text("The sink {name} is of a kind that is not installed.", "送付先 {name} の種類は未導入です。").fill(
            name=name
        ),
        Text("Set it up again: `sekisho sinks set`.", "`sekisho sinks set` で設定し直してください。"),
    )


def _said(error: SinkError) -> str:
    return printable(str(error.message))


def _now(vault: Vault, one: Queued) -> Queued:
    return next(now for now in vault.parcels(one.incident).all() if now.number == one.number)
