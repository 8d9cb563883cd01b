"""The triggers that keep tables that count from being changed outside an act, which puts its entry into the outbox."""

from __future__ import annotations

GUARD = "sekisho_in_act"  # a function of our connection: whether an act is being carried out; others have none
OUTSIDE, GROWS = "outside an act", "only grows"  # how the complaints of the triggers begin


def guarded(table: str, *changes: str) -> tuple[str, ...]:
    """Triggers that refuse changes (INSERT, UPDATE, DELETE) of a table outside an act."""
    return tuple(
        f"CREATE TRIGGER guard_{table}_{change.lower()} BEFORE {change} ON {table} WHEN NOT {GUARD}() "
        f"BEGIN SELECT RAISE(ABORT, '{OUTSIDE}: {table}'); END"
        for change in changes
    )


def unchangeable(table: str) -> tuple[str, ...]:
    """Triggers that refuse to change or remove what a table holds, and to add outside an act."""
    return (
        *guarded(table, "INSERT"),
        *(
            f"CREATE TRIGGER keep_{table}_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{GROWS}: {table}'); END"
            for change in ("UPDATE", "DELETE")
        ),
    )
