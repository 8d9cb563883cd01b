"""Old scans go when somebody says so: for good, never the last one, and not without a trace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import VaultError
from sekisho.flow.keeping.keep import drop_older, held, older
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.model import Decision
from sekisho.vault import Scan, Secret, Vault


@pytest.fixture
def three(vault: Vault, share: Any, reader: Any) -> list[Scan]:
    share.put("a.txt", "record 架空太郎")
    return [scan(vault, Wishes(share.root, shown=False), reader) for _ in range(3)]


def test_all_stay_until_somebody_says_so(vault: Vault, three: list[Scan]) -> None:
    assert [one.about.scan for one in held(vault)] == [1, 2, 3]
    assert [one.about.scan for one in older(vault, 2)] == [1]
    assert [one.about.scan for one in older(vault, 5)] == []
    assert [about.scan for about in vault.scans()] == [1, 2, 3]


def test_what_is_dropped_is_gone_and_that_it_was_stays(vault: Vault, three: list[Scan]) -> None:
    vault.decide([Decision("b", "s", "name", "who", "2026-01-01T00:00:00+00:00")])
    size = held(vault)[0].size
    assert [one.about.scan for one in drop_older(vault, 1)] == [1, 2]
    assert os.listdir(vault.folder / "scans") == ["000003"]
    first, second, last = held(vault)
    assert (first.about, first.rows["records"], first.size) == (three[0].about, 1, 0)
    assert first.dropped == second.dropped >= "2026"
    assert (last.dropped, last.size) == ("", size)
    with pytest.raises(VaultError, match="holds no scan 1"):
        vault.scan(1)
    assert len(vault.decisions()) == 1


def test_the_next_scan_goes_on_from_the_last_and_no_number_comes_again(
    vault: Vault, three: list[Scan], share: Any, reader: Any
) -> None:
    drop_older(vault, 1)
    reader.read.clear()
    made = scan(vault, Wishes(share.root, shown=False), reader)
    assert (made.about.scan, reader.read) == (4, [])
    assert drop_older(vault, 0)[0].about.scan == 3
    assert [about.scan for about in vault.scans()] == [4]


def test_other_folders_keep_theirs(vault: Vault, three: list[Scan], tmp_path: Path, reader: Any) -> None:
    (tmp_path / "other").mkdir()
    for _ in range(2):
        scan(vault, Wishes(tmp_path / "other", shown=False), reader)
    assert [one.about.scan for one in drop_older(vault, 1, three[0].about.root)] == [1, 2]
    assert [one.about.scan for one in drop_older(vault, 1)] == [4]


def test_no_key_of_a_dropped_scan_stays_in_the_store(vault: Vault, three: list[Scan], tmp_path: Path) -> None:
    drop_older(vault, 1)
    vault.close()
    with Vault.open(vault.folder, Secret.passphrase("a long enough passphrase")) as again:
        assert [about.scan for about in again.scans()] == [3]
        assert [one.about.scan for one in again.dropped()] == [1, 2]
