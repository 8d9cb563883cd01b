"""The encrypted directory that holds everything: keys, tables, the store."""

from sekisho.vault.house import Vault
from sekisho.vault.keys.head import is_vault, kinds_of_secret, read_head
from sekisho.vault.keys.keyring import Keyring
from sekisho.vault.keys.secret import Cost, Secret
from sekisho.vault.keys.slots import Slot
from sekisho.vault.looks import Look, Looks
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
    "Keyring",
    "Kind",
    "List",
    "Look",
    "Looks",
    "Merges",
    "Part",
    "Register",
    "Scan",
    "Secret",
    "Slot",
    "Span",
    "Take",
    "Vault",
    "is_vault",
    "kinds_of_secret",
    "read_head",
]
