"""The locks that several formats have in common, and how a lock says what it is made of.

Which lock is worth what stands in docs/protection.md; each format's own locks are read in `office_locks`, `ole_locks`,
`edit_locks`, `odf_locks`, `pdf_locks`, `access_locks` and `zip_locks`.
"""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.model import NO_LOCK, Lock, Protection

RIGHTS_MANAGEMENT = Lock(Protection.STRONG, "rights management")
SHEET = Lock(Protection.EDIT_ONLY, "sheet protection")
WORKBOOK = Lock(Protection.EDIT_ONLY, "workbook protection")
DOCUMENT = Lock(Protection.EDIT_ONLY, "document protection")
WRITE_RESERVATION = Lock(Protection.EDIT_ONLY, "write reservation")

# passwords that the programs try by themselves, and save with where nobody gave one
EXCEL_DEFAULT = "VelvetSweatshop"
POWERPOINT_DEFAULT = "/01Hannes Ruescher/01"


def strongest(locks: Iterable[Lock]) -> Lock:
    """The one that keeps most people out; the first where several do."""
    return max(locks, key=lambda lock: lock.protection, default=NO_LOCK)


def for_anyone(lock: Lock) -> Lock:
    """The same lock where the program itself knows the password."""
    return Lock(Protection.OPEN_TO_ANYONE, lock.algorithm)


def hash_name(spelled: str) -> str:
    """``SHA512`` and ``SHA-512`` as ``SHA-512``."""
    name = spelled.upper().replace("-", "")
    return f"SHA-{name[3:]}" if name.startswith("SHA") else name
