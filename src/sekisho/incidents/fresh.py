"""Whether a version of the leak master holds all documents that belong to the incident as of now."""

from __future__ import annotations

from sekisho.incidents.case import Known
from sekisho.vault.leak import Version

_OF_DOCUMENTS = frozenset({"documents", "nobody_in", "withdrawn"})


def is_counted(known: Known, version: Version) -> bool:
    """False where documents were added, or taken for ones that name nobody, since it was made."""
    scans = {scope.scan for scope in known.documents}
    later = any(one.kind in _OF_DOCUMENTS and one.at > version.at for one in known.facts)
    return not later and scans <= set(version.account.get("scans", ()))
