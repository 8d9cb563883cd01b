"""The append-only, tamper-evident log of everything done and looked at."""
