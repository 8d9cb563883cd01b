"""`sekisho settle`: whose records are these? Held against a register where there is one, and kept with the scan."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from sekisho.model import HOLDERS, RECORDS
from sekisho.persons.settle import COLUMNS
from sekisho.persons.settle import settle as settle_records
from sekisho.register.read import Holders, read
from sekisho.vault import Scan, Vault


def settle(vault: Vault, scan: Scan, register: Path | None) -> Holders | None:
    """Match the records of ``scan`` and keep the matches in it, in place of earlier ones; gives what was read.

    The holders are kept beside them, so that a report needs no register. A person keeps the same number within the
    scan. Raises InputError for the register, AccountError, VaultError.
    """
    holders = read(register) if register else None
    secret = vault.secret_for(f"persons of scan {scan.about.scan}")
    matches = settle_records(scan.read("records", RECORDS, list(COLUMNS)), holders.table if holders else None, secret)
    table = holders.table if holders else HOLDERS.empty_table()
    scan.replace("holders", [scan.write("holders", table)], settled=False)
    scan.replace("matches", [scan.write("matches", matches)], settled=True, register=holders is not None)
    return holders


def holders_of(scan: Scan) -> pa.Table | None:
    """The holders that a settled scan was held against; None where there was no register."""
    return scan.read("holders", HOLDERS) if scan.note("register") else None
