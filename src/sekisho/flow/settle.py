"""`sekisho settle`: whose records are these? Held against a register where there is one, and kept with the scan."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sekisho.errors import not_opened
from sekisho.flow.fingerprint import of_code
from sekisho.model import HOLDERS, RECORDS
from sekisho.persons.settle import COLUMNS
from sekisho.persons.settle import settle as settle_records
from sekisho.register.read import Holders, read
from sekisho.report.progress import Phases
from sekisho.vault import Scan, Vault
from sekisho.wording import Tell, Text

REGISTER = Text("Register", "台帳")
SETTLING = Text("Settling", "照合")
KEEPING = Text("writing to the vault", "保管庫への書き込み")
RECORDS_READ = Text("reading the records", "記録の読み込み")
LOOKING = Text("was it read before?", "読み込み済みかの確認")
FROM_THE_VAULT = Text("the same file as before, from the vault", "前回と同じファイルのため保管庫から取得")


def settle(vault: Vault, scan: Scan, register: Path | None, *, shown: bool = True) -> Holders | None:
    """Match the records of ``scan`` and keep the matches in it, in place of earlier ones; gives what was read.

    The holders are kept beside them, so that a report needs no register; a register that any scan was held against
    before is taken from there. A person keeps the same number within the scan. ``shown``: whether progress is told.
    Raises InputError for the register, AccountError, VaultError.
    """
    with Phases(REGISTER, shown=shown) as tell:
        holders = _keep_holders(vault, scan, register, tell)
    secret = vault.secret_for(f"persons of scan {scan.about.scan}")
    with Phases(SETTLING, shown=shown) as tell:
        tell(RECORDS_READ)
        records = scan.read("records", RECORDS, list(COLUMNS))
        matches = settle_records(records, holders.table if holders else None, secret, tell)
        del records
        tell(KEEPING)
        scan.replace("matches", [scan.write("matches", matches)], settled=True)
    return holders


def _keep_holders(vault: Vault, scan: Scan, register: Path | None, tell: Tell) -> Holders | None:
    """The holders, kept with ``scan`` in place of earlier ones; it is unsettled from then on."""
    if register is None:
        scan.replace("holders", [], settled=False, register=False, register_read=None)
        return None
    tell(LOOKING)
    mark = _fingerprint(register)
    kept = _scan_with(vault, mark)
    if kept is not None:
        tell(FROM_THE_VAULT)
        holders = Holders.recalled(kept.read("holders", HOLDERS), kept.note("register_read"))
    else:
        holders = read(register, tell)
    if kept is None or kept.about.scan != scan.about.scan:
        tell(KEEPING)
        said = {**holders.account(), "fingerprint": mark}
        scan.replace(
            "holders", [scan.write("holders", holders.table)], settled=False, register=True, register_read=said
        )
    return holders


def _fingerprint(register: Path) -> str:
    """Of the file's content and of all that reads it; raises InputError."""
    try:
        with register.open("rb") as file:
            return f"{hashlib.file_digest(file, 'sha256').hexdigest()} {of_code('register', 'countries')}"
    except OSError as error:
        raise not_opened(register, error) from error


def _scan_with(vault: Vault, mark: str) -> Scan | None:
    """The newest scan that was held against the register of this fingerprint."""
    scans = (vault.scan(about.scan) for about in reversed(vault.scans()))
    return next((scan for scan in scans if (scan.note("register_read") or {}).get("fingerprint") == mark), None)


def holders_of(scan: Scan, columns: Sequence[str] | None = None) -> pa.Table | None:
    """The holders that a settled scan was held against, or some columns; None where there was no register."""
    return scan.read("holders", HOLDERS, columns) if scan.note("register") else None
