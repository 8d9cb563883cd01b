"""The ledger: what was done and looked at, by whom, and how anybody can check it."""
