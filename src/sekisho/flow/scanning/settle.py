"""`sekisho settle`: whose records are these? Held against a register where there is one, and kept with the scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.flow.fingerprint import of_code, of_file
from sekisho.flow.registering import person_envelopes, replaced
from sekisho.frames import from_arrow
from sekisho.model import HOLDERS, RECORDS, Item
from sekisho.persons.settle import COLUMNS
from sekisho.persons.settle import settle as settle_records
from sekisho.register.read import Holders, read
from sekisho.register.vaulted import Vaulted
from sekisho.report.progress import Phases
from sekisho.vault import Part, Register, Scan, Vault
from sekisho.wording import Tell, Text

NUMBERS = (Item.BASIC_PENSION_NUMBER, Item.CERTIFICATE_NUMBER)
REGISTER = Text("Register", "台帳")
SETTLING = Text("Settling", "照合")
SEALING = Text("sealing what identifies persons", "本人を特定する項目の暗号化")
KEEPING = Text("writing to the vault", "保管庫への書き込み")
RECORDS_READ = Text("reading the records", "記録の読み込み")
LOOKING = Text("was it read before?", "読み込み済みかの確認")
FROM_THE_VAULT = Text("the same file as before, from the vault", "前回と同じファイルのため保管庫から取得")


def settle(vault: Vault, scan: Scan, register: Path | Register | None, *, shown: bool = True) -> Holders | None:
    """Match the records of ``scan`` and keep the matches in it, in place of earlier ones; gives what was read.

    Until all of it is done the scan stays settled as it was. The holders are kept beside the matches, so that a report
    needs no register; a register that any scan was held against before is taken from there. The old numbers of the
    vault's own lead to their holders. A person keeps the same number within the scan. ``shown``: whether progress is
    told. Raises InputError for the register, AccountError, VaultError.
    """
    with Phases(REGISTER, shown=shown) as tell:
        held = _held(vault, scan, register, tell)
    secret = vault.secret_for(f"persons of scan {scan.about.scan}")
    with Phases(SETTLING, shown=shown) as tell:
        tell(RECORDS_READ)
        records = scan.read("records", RECORDS, list(COLUMNS))
        replaced.in_scan(vault, scan, from_arrow(records.select(list(NUMBERS))))
        if isinstance(register, Register):
            records = _under_current_numbers(records, Vaulted(register).led())
        matches = settle_records(records, held.holders.table if held.holders else None, secret, tell)
        del records
        tell(KEEPING)
        scan.replace({**held.parts, "matches": [scan.write("matches", matches)]}, settled=True, **held.notes)
        tell(SEALING)
        person_envelopes.keep(vault, scan)
    return held.holders


@dataclass(frozen=True, slots=True)
class _Held:
    """What a scan is held against; ``parts`` and ``notes``: what is to be kept with it in place of earlier ones."""

    holders: Holders | None
    parts: Mapping[str, Sequence[Part]] = field(default_factory=dict)
    notes: Mapping[str, object] = field(default_factory=dict)


def _held(vault: Vault, scan: Scan, register: Path | Register | None, tell: Tell) -> _Held:
    if register is None:
        return _Held(None, {"holders": []}, {"register": False, "register_read": None})
    tell(LOOKING)
    mark = _fingerprint(register)
    kept = _scan_with(vault, mark)
    if kept is not None:
        tell(FROM_THE_VAULT)
        holders = Holders.recalled(kept.read("holders", HOLDERS), kept.note("register_read"))
    else:
        holders = Vaulted(register).holders() if isinstance(register, Register) else read(register, tell)
    if kept is not None and kept.about.scan == scan.about.scan:
        return _Held(holders)
    tell(KEEPING)
    said = {**holders.account(), "fingerprint": mark}
    return _Held(
        holders, {"holders": [scan.write("holders", holders.table)]}, {"register": True, "register_read": said}
    )


def _under_current_numbers(records: pa.Table, led: pl.DataFrame) -> pa.Table:
    """The records with each old number, in ``led``, replaced by the one that it leads to."""
    place = records.schema.get_field_index(Item.BASIC_PENSION_NUMBER)
    number = pl.Series(pl.from_arrow(records.column(place)))
    if not led.height:
        return records
    now = number.replace(led["number"], led["lead"]).to_arrow(compat_level=pl.CompatLevel.oldest())
    return records.set_column(place, records.schema.field(place), now.cast(pa.string()))


def _fingerprint(register: Path | Register) -> str:
    """Of what the register holds and of all that reads it; raises InputError."""
    if isinstance(register, Register):
        return f"{Vaulted(register).mark()} {of_code('register', 'countries')}"
    return f"{of_file(register)} {of_code('register', 'countries')}"


def _scan_with(vault: Vault, mark: str) -> Scan | None:
    """The newest scan that was held against the register of this fingerprint."""
    scans = (vault.scan(about.scan) for about in reversed(vault.scans()))
    return next((scan for scan in scans if (scan.note("register_read") or {}).get("fingerprint") == mark), None)
