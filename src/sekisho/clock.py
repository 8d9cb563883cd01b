"""When: as the vault, the ledger and all papers write it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now(precision: str = "seconds") -> str:
    """ISO 8601, UTC; ``precision``: as `datetime.isoformat` takes it."""
    return datetime.now(UTC).isoformat(timespec=precision)
