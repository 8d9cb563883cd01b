"""Letters, from the plan to the post and back: everybody exposed is told in one way, no letter is lost or twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pypdfium2
import pytest
from tests.flow.posted import WORDS, counted, exposed, holder, incident, index, number, parcels, register, shop

from sekisho.actions.control import Face
from sekisho.errors import AccountError, InputError, UsageError
from sekisho.flow.assessing import past
from sekisho.flow.assessing.gate import reconciled
from sekisho.flow.dispatch import dispatch
from sekisho.flow.telling.letters_back import check, draw, match, returned, sent
from sekisho.flow.telling.letters_look import posted as out
from sekisho.flow.telling.letters_look import status
from sekisho.flow.telling.letters_plan import Planned, plan
from sekisho.flow.telling.letters_release import As, release
from sekisho.flow.telling.letters_send import Sent, send
from sekisho.frames import from_arrow
from sekisho.vault import Cost, Secret, Vault

DAY = date(2015, 6, 3)
ODD = {
    2: {"since": "2015-05-08", "former": "沖縄県糸満市1"},
    3: {"protected": "対象"},
    4: {"address": ""},
    5: {"deceased": "2014-01-01"},
    6: {"name": "架空\ue000子"},
    7: {"address": "居所不明"},
    8: {"since": ""},
    9: {"abroad": "2010-01-01", "address": ""},
    10: {"name": "寿限無" * 150},
    12: {"abroad": "2010-01-01"},
}


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        shop(made, tmp_path / "shop")
        yield made


def tellings(vault: Vault) -> dict[int, tuple[str, str]]:
    rows = from_arrow(vault.tellings(1).all()).select("person", "way", "reason").iter_rows()
    return {person - 1000: (way, reason) for person, way, reason in rows}


def letters(vault: Vault) -> list[tuple[int, int, int, str]]:
    rows = from_arrow(vault.letters(1).standing()).select("letter", "person", "version", "state").iter_rows()
    return [(letter, person - 1000, version, state) for letter, person, version, state in rows]


def planned(vault: Vault, how_many: int = 3, **how: object) -> Planned:
    register(vault, *(holder(n) for n in range(1, how_many + 1)))
    made = incident(vault)
    counted(vault, made, *(exposed(n) for n in range(1, how_many + 1)))
    return plan(vault, made, WORDS, shown=False, **how)  # type: ignore[arg-type]


def printed(vault: Vault, batch: int = 1) -> Path:
    path = vault.folder.parent / f"list{batch}.csv"
    rows = [row for parcel in parcels(vault, 1) for row in index(parcel)]
    path.write_text("control\n" + "".join(f"{row['control']}\n" for row in rows))
    return path


def posted(vault: Vault, batch: int = 1) -> None:
    match(vault, 1, batch, printed(vault, batch))
    draw(vault, 1, batch, 2)
    check(vault, 1, batch, rights(vault, batch))
    sent(vault, 1, batch, DAY)


def rights(vault: Vault, batch: int) -> dict[str, str]:
    return {Face(1, one.letter).written: "right" for one in vault.letters(1).sample(batch)}


def test_each_exposed_person_is_told_in_one_way_and_the_account_closes(vault: Vault) -> None:
    register(vault, holder(1), *(holder(n, **how) for n, how in ODD.items()))
    made = incident(vault)
    strangers = exposed(11, holder=None)
    counted(vault, made, *(exposed(n) for n in range(1, 11)), strangers, exposed(12))
    found = plan(vault, made, WORDS, shown=False)
    assert tellings(vault) == {
        1: ("letter", ""),
        2: ("held", "address_changed"),
        3: ("held", "protected_address"),
        4: ("held", "no_address"),
        5: ("deceased", "deceased"),
        6: ("held", "glyph_missing"),
        7: ("unreachable", "lost"),
        8: ("held", "address_undated"),
        9: ("held", "abroad_without_address"),
        10: ("held", "too_long"),
        11: ("publication", "not_in_register"),
        12: ("held", "abroad_without_address"),
    }
    assert sum(found.ways.values()) == found.persons == 12
    assert (found.new, found.held) == (1, 8)
    assert not reconciled(vault, made).blocking


def test_a_plan_without_effect_says_the_same(vault: Vault) -> None:
    assert planned(vault, dry=True).ways == {"letter": 3}
    assert letters(vault) == []
    assert plan(vault, 1, WORDS, shown=False).ways == {"letter": 3}
    assert [state for *_, state in letters(vault)] == ["created"] * 3


def test_the_same_plan_again_changes_nothing(vault: Vault) -> None:
    planned(vault)
    entries = vault.outbox.head().size
    again = plan(vault, 1, shown=False)
    assert (again.new, again.superseded, vault.outbox.head().size) == (0, 0, entries)


def test_most_items_go_first(vault: Vault) -> None:
    register(vault, *(holder(n) for n in range(1, 4)))
    made = incident(vault)
    counted(vault, made, exposed(1, "name"), exposed(2, "name+birth_date+address"), exposed(3, "name+address"))
    plan(vault, made, WORDS, shown=False)
    assert [person for _, person, *_ in letters(vault)] == [2, 3, 1]


def test_letters_go_to_the_print_shop_in_days_of_its_capacity_each_once(vault: Vault) -> None:
    planned(vault, 5)
    done = send(vault, 1, "shop", 2, date(2015, 6, 5), shown=False)  # a Friday
    assert isinstance(done, Sent)
    assert (done.released, done.queued, done.done_by) == (3, 5, "2015-06-09")
    assert [(one.day, sum(one.letters.values())) for one in vault.letters(1).runs()] == [
        ("2015-06-05", 2),
        ("2015-06-08", 2),
        ("2015-06-09", 1),
    ]
    controls = [row["control"] for parcel in parcels(vault, 1) for row in index(parcel)]
    assert len(set(controls)) == 5
    again = send(vault, 1, "shop", 2, shown=False)
    assert isinstance(again, Sent)
    assert (again.released, again.queued) == (0, 0)


def test_nothing_opens_where_what_was_made_differs_from_the_leak_master(vault: Vault) -> None:
    planned(vault)
    with vault.act("letters.plan", incident=1):
        vault.tellings(1).drop([1001])
    with pytest.raises(AccountError):
        send(vault, 1, "shop", 10, shown=False)
    assert {state for *_, state in letters(vault)} == {"created"}


def test_the_letter_says_what_leaked_and_no_number(vault: Vault) -> None:
    register(vault, holder(1, name="Anna O'Neil", pension="受給者"), holder(2, pension="受給者"), holder(3))
    made = incident(vault)
    counted(vault, made, *(exposed(n) for n in (1, 2, 3)))
    plan(vault, made, WORDS, shown=False)
    send(vault, made, "shop", 10, shown=False)
    [parcel] = parcels(vault, made)
    texts = {name: text_of(data) for name, data in parcel.content.items() if name.endswith(".pdf")}
    assert texts.keys() == {"en-001.pdf", "ja-001.pdf"}
    assert "Your pension is paid as before." in texts["en-001.pdf"][0]
    assert ["これまでどおり" in page for page in texts["ja-001.pdf"]] == [True, False]
    for page in (*texts["en-001.pdf"], *texts["ja-001.pdf"]):
        assert "4701" not in page
        assert "0120-000-000" in page


def text_of(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def test_a_letter_is_sent_only_once_printed_sampled_and_found_right(vault: Vault) -> None:
    planned(vault)
    send(vault, 1, "shop", 10, shown=False)
    with pytest.raises(AccountError):
        draw(vault, 1, 1, 2)
    with pytest.raises(AccountError):
        sent(vault, 1, 1, DAY)
    assert status(vault, 1, date(2099, 1, 1)).demanded == (1,)
    assert match(vault, 1, 1, printed(vault)).printed == 3
    with pytest.raises(AccountError):
        sent(vault, 1, 1, DAY)
    drawn = draw(vault, 1, 1, 2)
    assert len(drawn) == 2
    assert draw(vault, 1, 1, 2) == drawn
    outcomes = rights(vault, 1)
    first, second = outcomes
    check(vault, 1, 1, {first: "right", second: "wrong"})
    with pytest.raises(AccountError):
        sent(vault, 1, 1, DAY)
    check(vault, 1, 1, {second: "right"})
    assert sent(vault, 1, 1, DAY) == 3
    assert sent(vault, 1, 1, DAY) == 0
    assert Counter(state for *_, state in letters(vault)) == {"sent": 3}


def test_only_what_was_posted_and_did_not_come_back_counts_as_posted(vault: Vault) -> None:
    planned(vault)
    send(vault, 1, "shop", 10, shown=False)
    assert out(vault, 1) == 0
    posted(vault)
    assert out(vault, 1) == 3
    returned(vault, 1, [Face(1, 2).written])
    assert out(vault, 1) == 2


def test_a_match_list_that_differs_names_the_letters_and_keeps_the_batch(vault: Vault) -> None:
    planned(vault, 4)
    send(vault, 1, "shop", 10, shown=False)
    path = printed(vault)
    head, first, second, third, _ = path.read_text().splitlines()
    path.write_text(
        "\n".join([head, first, second, second, third[:-1] + str((int(third[-1]) + 1) % 10), "x", first[:-2]])
    )
    found = match(vault, 1, 1, path).found
    assert (list(found.right), list(found.missing), list(found.twice), found.unread) == ([1], [3, 4], [2], 3)
    assert vault.letters(1).runs()[0].matched is None
    assert [state for *_, state in letters(vault)] == ["printed", "queued", "queued", "queued"]
    assert not match(vault, 1, 1, printed(vault)).found.differs


def test_who_got_a_letter_back_is_not_told(vault: Vault) -> None:
    planned(vault)
    send(vault, 1, "shop", 10, shown=False)
    posted(vault)
    assert returned(vault, 1, [Face(1, 2).written]) == 1
    assert returned(vault, 1, [Face(1, 2).written]) == 0
    person = letters(vault)[1][1]
    assert tellings(vault)[person] == ("unreachable", "returned")
    assert plan(vault, 1, shown=False).new == 0
    assert not reconciled(vault, 1).blocking
    made = release(vault, 1, [(Face(1, 2).written, As.NOW)], "asked the town")
    assert (made.letters, made.left) == (1, ())
    assert letters(vault)[3][1:] == (person, 1, "created")
    assert not reconciled(vault, 1).blocking


def test_a_reason_for_which_nothing_is_ever_held_is_refused(vault: Vault) -> None:
    planned(vault)
    with pytest.raises(UsageError, match="adress_changed"):
        release(vault, 1, [], "asked the town", ("adress_changed", As.BEFORE))


def test_a_later_version_adds_a_letter_only_where_more_leaked(vault: Vault) -> None:
    register(vault, *(holder(n) for n in range(1, 6)))
    made = incident(vault)
    counted(vault, made, exposed(1, "name"), exposed(2, "name"), exposed(3, "name"), exposed(4, "name"))
    plan(vault, made, WORDS, shown=False)
    send(vault, made, "shop", 2, shown=False)
    more = {"grown": 2}
    counted(vault, made, exposed(1, "name"), exposed(2, "name+address", **more), exposed(3, "name"), exposed(5, "name"))
    found = plan(vault, made, shown=False)
    assert (found.new, found.superseded) == (2, 0)
    new = from_arrow(vault.letters(made).content()).filter(pl.col("letter") > 4).sort("letter")
    assert new.select("items", "more").rows() == [("name+address", True), ("name", False)]
    assert 4 in tellings(vault)  # whoever was told stays on the list of those who are no longer exposed
    assert not reconciled(vault, made).blocking


def test_a_letter_that_has_not_left_the_house_is_superseded(vault: Vault) -> None:
    register(vault, *(holder(n) for n in range(1, 4)))
    made = incident(vault)
    counted(vault, made, exposed(1, "name"), exposed(2, "name"), exposed(3, "name"))
    plan(vault, made, WORDS, shown=False)
    counted(vault, made, exposed(1, "name+address", grown=2), exposed(2, "name"))
    found = plan(vault, made, shown=False)
    assert (found.new, found.superseded) == (1, 2)
    assert letters(vault) == [
        (1, 1, 1, "superseded"),
        (2, 2, 1, "created"),
        (3, 3, 1, "superseded"),
        (4, 1, 2, "created"),
    ]
    assert tellings(vault).keys() == {1, 2}
    assert not reconciled(vault, made).blocking


def test_persons_who_turn_out_to_be_one_are_not_written_to_again(vault: Vault) -> None:
    register(vault, holder(1), holder(2))
    made = incident(vault)
    counted(vault, made, exposed(1), exposed(2))
    plan(vault, made, WORDS, shown=False)
    send(vault, made, "shop", 10, shown=False)
    counted(vault, made, exposed(3, holder=number(1), was="1001+1002", since=2))
    assert plan(vault, made, shown=False).new == 0
    assert not reconciled(vault, made).blocking


def test_held_letters_go_to_the_old_address_or_the_new_one_as_somebody_found(vault: Vault) -> None:
    moved = {"since": "2015-05-20", "former": "沖縄県糸満市1"}
    register(vault, *(holder(n, **moved) for n in (1, 2)), holder(3, name="架空\ue000子"), holder(4, **moved))
    made = incident(vault)
    counted(vault, made, *(exposed(n) for n in (1, 2, 3, 4)))
    plan(vault, made, WORDS, shown=False)
    of = {person: letter for letter, person, *_ in letters(vault)}
    wanted = {1: As.BEFORE, 2: As.NOW, 3: As.KANA, 4: As.UNREACHABLE}
    done = release(vault, made, [(Face(1, of[n]).written, way) for n, way in wanted.items()], "visited")
    assert (done.letters, done.told, done.left) == (3, 1, ())
    said = from_arrow(vault.letters(made).content()).unique("letter", keep="last")
    by_letter = {row["letter"]: row for row in said.iter_rows(named=True)}
    assert by_letter[of[1]]["address"] == "沖縄県糸満市1"
    assert by_letter[of[2]]["address"] == "沖縄県那覇市泉崎1-2-2"
    assert by_letter[of[3]]["name"].replace(" ", "") == "カクウハナコ"
    assert {n: way for n, (way, _) in tellings(vault).items()} == {
        1: "letter",
        2: "letter",
        3: "letter",
        4: "unreachable",
    }
    assert plan(vault, made, shown=False).new == 0
    assert not reconciled(vault, made).blocking


def test_letters_leave_sealed_only(vault: Vault, tmp_path: Path) -> None:
    planned(vault)
    vault.sinks().set("open", "folder", {"path": str(tmp_path)})
    with pytest.raises(UsageError):
        send(vault, 1, "open", 10, shown=False)
    send(vault, 1, "shop", 10, shown=False)
    dispatch(vault, 1, shown=False)
    [laid] = (tmp_path / "shop").rglob("*.p7m")
    assert not any(name.encode() in laid.read_bytes() for name in ("架空", "ja-001.pdf"))


def test_persons_of_whom_one_was_written_to_and_turn_out_to_be_one_get_no_other_letter(vault: Vault) -> None:
    register(vault, holder(1), holder(2, since="2015-05-20", former="沖縄県糸満市1"))
    made = incident(vault)
    counted(vault, made, exposed(1), exposed(2))
    plan(vault, made, WORDS, shown=False)
    send(vault, made, "shop", 10, shown=False)
    counted(vault, made, exposed(3, holder=number(1), was="1001+1002", since=2))
    found = plan(vault, made, shown=False)
    assert (found.new, found.superseded) == (0, 1)
    assert tellings(vault) == {3: ("letter", "")}
    assert not reconciled(vault, made).blocking


def test_whose_address_a_file_of_changes_names_is_held(vault: Vault, tmp_path: Path) -> None:
    planned(vault)
    head = "受付番号,基礎年金番号,氏名,生年月日,処理日時,変更区分,変更後住所,変更後口座"
    before, since = "2015/05/07 10:00", "2015/05/09 10:00"
    kinds = ((1, since, "住所変更,甲,"), (2, since, "口座変更,,1"), (3, before, "住所変更,乙,"))
    rows = [f"A{n},{number(n)},,,{when},{what}" for n, when, what in kinds]
    (tmp_path / "changes.csv").write_text("\n".join([head, *rows]), "utf-8")
    past.take(vault, 1, tmp_path / "changes.csv")
    found = plan(vault, 1, shown=False)
    assert tellings(vault) == {1: ("held", "address_changed"), 2: ("letter", ""), 3: ("letter", "")}
    assert (found.held, found.superseded) == (1, 1)


def test_what_cannot_be_is_said(vault: Vault) -> None:
    made = vault.incidents().open("a leak").number
    counted(vault, made, exposed(1))
    with pytest.raises(InputError):
        plan(vault, made, shown=False)  # no words
    with pytest.raises(InputError):
        plan(vault, made, WORDS, shown=False)  # no first infection
    with pytest.raises(UsageError):
        send(vault, made, "nowhere", 10, shown=False)
