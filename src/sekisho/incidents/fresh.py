"""Whether a version of the leak master holds all documents that belong to the incident as of now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sekisho.incidents.case import Known, Scope
from sekisho.vault.leak import Version

SCOPES = "scopes"
"""Where the account of a version says which documents it counted."""


def is_counted(known: Known, version: Version) -> bool:
    """False where other documents belong now, or are taken for ones that name nobody, than when it was made."""
    return bool(mark_of(known) == version.account.get(SCOPES, mark_of(Known())))


def mark_of(known: Known) -> str:
    """What stands for the documents that belong, and those that name nobody."""
    said = json.dumps([_plain(known.documents), _plain(known.nobody_in)])
    return hashlib.sha256(said.encode()).hexdigest()


def _plain(scopes: Sequence[Scope]) -> list[list[object]]:
    """Scopes in an order of their own, each once."""
    told = {(one.scan, one.folder or "", tuple(sorted(one.hashes or ()))) for one in scopes}
    return [[scan, folder, list(hashes)] for scan, folder, hashes in sorted(told)]
