"""Keys have a backup of their own: apart from the data, good for some days only."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import InputError, VaultError
from sekisho.vault import Secret, Vault
from sekisho.vault.backups import key_copies
from sekisho.vault.backups.backup import back_up
from sekisho.vault.backups.restore import restoring


def test_a_lost_vault_comes_back_with_its_incidents_from_both_backups(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    vault.incidents().open("a leak")
    back_up(vault, tmp_path / "data", "1.0")
    key_copies.back_up(vault, tmp_path / "keys")
    with restoring(tmp_path / "data", secret, tmp_path / "again"):
        pass
    with Vault.open(tmp_path / "again", secret, write=True) as again:
        assert again.incidents().incident(1).title is None
        assert key_copies.bring_back(again, tmp_path / "keys") == 1
        assert again.incidents().incident(1).title == "a leak"
        assert key_copies.bring_back(again, tmp_path / "keys") == 0
    assert not [path for path in (tmp_path / "again").iterdir() if ".new" in path.name]
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_a_copy_that_is_too_old_is_not_used_and_goes_when_the_next_one_is_made(vault: Vault, tmp_path: Path) -> None:
    key_copies.back_up(vault, tmp_path / "keys", days=-1)
    with pytest.raises(VaultError, match="expired"):
        key_copies.bring_back(vault, tmp_path / "keys")
    made = key_copies.back_up(vault, tmp_path / "keys")
    assert made.removed == 1
    assert [path.name for path in key_copies.copies(tmp_path / "keys")] == [made.file]
    assert vault.perishable.copies_until() == made.expires


def test_keys_are_not_kept_beside_the_data_or_in_the_vault(vault: Vault, tmp_path: Path) -> None:
    back_up(vault, tmp_path / "data", "1.0")
    for place in (tmp_path / "data", vault.folder / "keys"):
        with pytest.raises(InputError, match="holds backups of the data, or is the vault"):
            key_copies.back_up(vault, place)


def test_a_copy_is_of_one_vault_alone(vault: Vault, tmp_path: Path) -> None:
    from sekisho.vault import Cost

    key_copies.back_up(vault, tmp_path / "keys")
    with (
        Vault.create(tmp_path / "other", Secret.passphrase("x"), Cost(64, 1, 1)) as other,
        pytest.raises(VaultError, match="damaged or not its own"),
    ):
        key_copies.bring_back(other, tmp_path / "keys")
