"""The encrypted directory that holds everything: keys, tables, the store."""

from sekisho.vault.house import Vault, is_vault, read_head
from sekisho.vault.keys import Cost, Secret
from sekisho.vault.merges import Act, Asked, Change, Kept, List, Merges, Take
from sekisho.vault.register import Entry, Finished, Kind, Register, Span
from sekisho.vault.scans import About, Dropped, Scan
from sekisho.vault.shelf import Part

__all__ = [
    "About",
    "Act",
    "Asked",
    "Change",
    "Cost",
    "Dropped",
    "Entry",
    "Finished",
    "Kept",
    "Kind",
    "List",
    "Merges",
    "Part",
    "Register",
    "Scan",
    "Secret",
    "Span",
    "Take",
    "Vault",
    "is_vault",
    "read_head",
]
