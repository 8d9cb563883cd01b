"""Which witnesses must cosign the ledger: kept in the store, where nobody changes it unseen."""

from __future__ import annotations

from sekisho.vault.store import Store


class LedgerPolicy:
    """The policy (C2SP tlog-policy) and all that held before it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def written(self) -> str:
        """The policy that holds; empty where none was ever set."""
        found = self._store.rows("SELECT written FROM ledger_policies ORDER BY policy DESC LIMIT 1")
        return str(found[0][0]) if found else ""

    def write(self, policy: str, witnesses: int) -> None:
        """Set the policy; raises RightsError, VaultError."""
        with self._store.act("ledger.policy", counts={"witnesses": witnesses}, about=policy.encode()):
            self._store.run("INSERT INTO ledger_policies (written) VALUES (?)", (policy,))
