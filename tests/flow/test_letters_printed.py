"""What a letter looks like on the day on which it is printed, and that who looks at one sees that very letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from tests.flow.posted import WORDS, counted, exposed, holder, incident, index, parcels, register, shop

from sekisho.actions.control import Face
from sekisho.errors import UsageError
from sekisho.flow.telling.letters_look import make
from sekisho.flow.telling.letters_plan import plan
from sekisho.flow.telling.letters_send import send
from sekisho.vault import Cost, Secret, Vault

FRIDAY = date(2015, 6, 5)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        shop(made, tmp_path / "shop")
        yield made


def queued(vault: Vault, *holders: str) -> None:
    """Letters to holders, numbered from 1, two of them on a Friday, the next ones on Monday."""
    register(vault, *holders)
    made = incident(vault)
    counted(vault, made, *(exposed(n) for n in range(1, len(holders) + 1)))
    plan(vault, made, WORDS, shown=False)
    send(vault, made, "shop", 2, FRIDAY, shown=False)


def text(pdf: Path) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def test_print_is_large_for_whom_it_is_due_on_the_day_on_the_letter(vault: Vault) -> None:
    born = ("1950-06-05", "1950-06-06", "1950-06-08", "1950-06-09", "", "1950-06", "1950-07", "1920-01-01")
    queued(vault, *(holder(n, born=one) for n, one in enumerate(born, 1)))
    rows = [row for parcel in parcels(vault, 1) for row in index(parcel)]
    assert {born[int(row["control"][4:12]) - 1]: row["large_print"] for row in rows} == {
        "1950-06-05": "yes",  # 65 on that Friday
        "1950-06-06": "no",  # on the day after
        "1950-06-08": "yes",  # on the Monday on which theirs is printed
        "1950-06-09": "no",
        "": "yes",
        "1950-06": "yes",
        "1950-07": "no",
        "1920-01-01": "yes",
    }


def test_who_looks_at_a_letter_sees_the_day_and_the_words_of_its_batch(vault: Vault, tmp_path: Path) -> None:
    queued(vault, holder(1), holder(2))
    plan(vault, 1, replace(WORDS, helpline="0120-999-999"), shown=False)
    make(vault, 1, [Face(1, 1).written], tmp_path / "one.pdf")
    seen = text(tmp_path / "one.pdf")
    assert "2015年6月5日" in seen
    assert "0120-000-000" in seen
    assert "0120-999-999" not in seen


@pytest.mark.parametrize("others", [(1, 3), (1, 2)], ids=["another batch", "another language"])
def test_no_letter_that_was_asked_for_is_left_out_in_silence(
    vault: Vault, tmp_path: Path, others: tuple[int, int]
) -> None:
    queued(vault, holder(1), holder(2, name="Anna O'Neil"), holder(3))
    with pytest.raises(UsageError, match=Face(1, others[1]).written):
        make(vault, 1, [Face(1, one).written for one in others], tmp_path / "two.pdf")
    assert not (tmp_path / "two.pdf").exists()
