"""The encrypted directory that holds everything: keys, tables, the store."""

from sekisho.vault.house import Vault, is_vault, read_head
from sekisho.vault.keys import Cost, Secret
from sekisho.vault.scans import About, Dropped, Part, Scan

__all__ = ["About", "Cost", "Dropped", "Part", "Scan", "Secret", "Vault", "is_vault", "read_head"]
