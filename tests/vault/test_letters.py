"""Where letters stand: asked for batch by batch, as a print shop works through a million of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sekisho.flow.assessing.incident import begin
from sekisho.vault import Vault


def test_a_batch_is_found_without_reading_the_letters_of_other_batches(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Sequence[Any]]] = []
    rows = vault._store.rows
    letters = vault.letters(begin(vault, "a leak").number)

    def heard(sql: str, values: Sequence[Any] = ()) -> list[Any]:
        asked.append((sql, values))
        return rows(sql, values)

    monkeypatch.setattr(vault._store, "rows", heard)
    letters.standing(3)
    letters.runs(3)
    plans = [str([tuple(row) for row in rows(f"EXPLAIN QUERY PLAN {sql}", values)]) for sql, values in asked]
    assert sum("letters_of_batch (batch=?" in plan for plan in plans) == 2
    assert sum("SEARCH letter_batches" in plan and "batch=?)" in plan for plan in plans) == 1
