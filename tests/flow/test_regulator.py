"""The report to an authority: every field in the form's order, what is not known marked, the receipt kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.flow.leaked import HANA, HOLDERS, TARO, belongs, held, scanned

from sekisho.actions.regulator import Filled, Sheet, read
from sekisho.countries import law
from sekisho.countries.forms import form_of, forms
from sekisho.errors import InputError, ReconciliationError, UsageError
from sekisho.flow.assessing import case
from sekisho.flow.assessing.clocks import clocks_of
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.incident import begin
from sekisho.flow.telling.regulator import duties, every, products, receipt, sheet, text, write_out
from sekisho.incidents.clocks import State
from sekisho.paper import Mark
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.tellings import Way

NOW = datetime(2015, 6, 1, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        begin(made, "a leak")
        yield made


def counted(vault: Vault) -> None:
    belongs(vault, 1, scanned(vault, {"a.csv": [TARO, HANA, TARO]}))
    count(vault, 1, shown=False)


def field(made: Sheet, key: str) -> Filled:
    return next(one for part in made.parts for one in part.fields if one.key == key)


def made(vault: Vault, duty: str = "jp_public.preliminary", entries: Path | None = None) -> Sheet:
    return sheet(vault, 1, duty, entries, NOW).sheet


def entries(folder: Path, written: str) -> Path:
    file = folder / "entries.toml"
    file.write_text(written, encoding="utf-8")
    return file


def test_every_duty_towards_an_authority_or_the_house_has_a_form_and_every_item_of_it_a_part() -> None:
    for name, duty in law.duties().items():
        if duty.to in ("authority", "house"):
            form = form_of(*name.split("."))
            assert form is not None, name
            assert set(duty.items) <= {part.item for part in form.parts}, name


def test_the_nine_items_stand_in_the_order_of_the_form() -> None:
    form = form_of("jp_public", "preliminary")
    assert form is not None
    items = [part.item for part in form.parts if part.item]
    assert items == list(law.profiles()["jp_public"].duty("preliminary").items)
    assert [part.number for part in form.parts if part.item] == [f"({n})" for n in range(1, 10)]


def test_no_form_asks_twice_and_each_field_has_a_title_in_both_languages() -> None:
    for form in forms():
        fields = [one for part in form.parts for one in part.fields]
        assert len({one.key for one in fields}) == len(fields)
        assert all(one.title.en and one.title.ja for one in fields)


def test_my_number_not_known_is_entered_as_yes(vault: Vault) -> None:
    found = field(made(vault), "my_number")
    assert found.chosen == ("yes",)
    assert found.mark is Mark.UNKNOWN
    case.say(vault, 1, "law", profile="jp_mynumber", applies="not_known")
    assert field(made(vault), "my_number").chosen == ("yes",)
    case.say(vault, 1, "law", profile="jp_mynumber", applies="no", why="nowhere held")
    found = field(made(vault), "my_number")
    assert (found.chosen, found.mark) == (("no",), Mark.PLAIN)


def test_a_my_number_that_was_found_counts_whatever_was_said(vault: Vault) -> None:
    case.say(vault, 1, "law", profile="jp_mynumber", applies="no")
    belongs(vault, 1, scanned(vault, {"a.csv": [{**TARO, "my_number": "123456789018"}]}))
    count(vault, 1, shown=False)
    assert field(made(vault), "my_number").chosen == ("yes",)


def test_before_anybody_counted_what_is_not_known_is_marked(vault: Vault) -> None:
    found = made(vault)
    assert found.about.version is None
    unknown = {one.key for one in found.unknown}
    assert {"persons", "data_items", "began", "cause", "secondary_damage", "prevention"} <= unknown
    assert "report" not in unknown
    assert "Not known" in text(found, "en")
    assert "不明" in text(found, "ja")


def test_it_is_filled_from_facts_counts_and_clocks(vault: Vault) -> None:
    case.say(vault, 1, "kind", kind="leak")
    case.say(vault, 1, "law", profile="jp_public", applies="yes")
    case.say(vault, 1, "infected", at="2015-05-08T10:28")
    case.say(vault, 1, "known", by="那覇事務所", at="2015-05-08T15:00", through="NISC")
    case.say(vault, 1, "item", item="cause", text="メールを開いた", sure="estimated")
    case.say(vault, 1, "measure", what="回線の遮断", owner="情報課", due="2015-05-29", done="2015-05-29")
    case.say(vault, 1, "measure", what="網の分離", owner="情報課", due="2015-06-30")
    case.say(vault, 1, "party", name="県警", role="police")
    counted(vault)
    found = made(vault)
    assert field(found, "organisation").chosen == ("public",)
    assert field(found, "happened").chosen == ("leak",)
    assert field(found, "began").text.ja == "2015年5月8日 10時28分"
    assert "那覇事務所" in field(found, "detected").text.ja
    assert (field(found, "cause").text.ja, field(found, "cause").mark) == ("メールを開いた", Mark.ESTIMATED)
    assert field(found, "persons").text.en.startswith("2 persons (version 1")
    assert "3 records in 1 file" in field(found, "records").text.en
    assert set(field(found, "items").chosen) == {"name", "birth_date", "other"}
    assert "回線の遮断" in field(found, "measures_done").text.ja
    assert "網の分離" in field(found, "measures_planned").text.ja
    assert "県警" in field(found, "others_told").text.ja
    assert "2015" in field(found, "deadline").text.en
    assert "by files" in field(found, "protection").text.en
    assert "by records" in field(found, "protection").text.en
    assert found.about.version == 1


def test_what_only_an_officer_can_say_is_entered_and_stays_for_the_next_sheet(vault: Vault, tmp_path: Path) -> None:
    said = (
        'reporter_name = "架空年金機構"\ncause_kind = ["intrusion", "loss"]\nentrusted = "no"\nsecondary = "feared"\n'
    )
    first = made(vault, entries=entries(tmp_path, said))
    assert field(first, "reporter_name").text.ja == "架空年金機構"
    assert field(first, "cause_kind").chosen == ("intrusion", "loss")
    second = made(vault)
    assert field(second, "secondary").chosen == ("feared",)
    assert (first.about.number, second.about.number) == (1, 2)


@pytest.mark.parametrize(
    "wrong",
    ['no_such_field = "x"', 'secondary = "perhaps"', 'secondary = ["yes", "no"]', "cause = 3", "cause_kind = 3", "[["],
)
def test_entries_that_the_form_does_not_know_are_refused(vault: Vault, tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InputError):
        made(vault, entries=entries(tmp_path, wrong))
    assert every(vault, 1) == []


def test_the_receipt_is_kept_and_the_clock_stops(vault: Vault, tmp_path: Path) -> None:
    made(vault)
    file = tmp_path / "receipt.pdf"
    file.write_bytes(b"%PDF received")
    kept = receipt(vault, 1, 1, "0123", "2015-06-01T11:00", file)
    [one] = every(vault, 1)
    assert one.receipts == (kept,)
    [clock] = [each for each in clocks_of(vault, 1) if each.name == "jp_public.preliminary"]
    assert clock.state in {State.MET, State.MET_LATE}
    later = made(vault, "jp_public.final")
    assert field(later, "again").chosen == ("later",)
    assert field(later, "earlier_receipt").text.en == "0123"


def test_what_came_back_is_written_beside_its_sheet_under_names_of_our_own(vault: Vault, tmp_path: Path) -> None:
    reported = sheet(vault, 1, "jp_public.preliminary", None, NOW)
    write_out(vault, reported, tmp_path / "out")
    for name, content in (("receipt.PDF", b"first"), ("report-1.$(x) ;", b"second"), ("receipt.PDF", b"third")):
        (tmp_path / name).write_bytes(content)
        receipt(vault, 1, 1, "0123", "2015-06-01T11:00", tmp_path / name)
    write_out(vault, reported, tmp_path / "out")
    name = "report-1-jp_public-preliminary"
    came = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*receipt*")}
    endings = {".receipt-1.pdf": b"first", ".receipt-2.bin": b"second", ".receipt-3.pdf": b"third"}
    assert came == {name + ending: content for ending, content in endings.items()}
    sums = (tmp_path / "out" / f"{name}.sha256").read_text()
    assert all(file in sums for file in came)


def test_a_receipt_without_end_is_refused_before_it_is_read_to_it(vault: Vault) -> None:
    made(vault)
    with pytest.raises(InputError):
        receipt(vault, 1, 1, "0123", "2015-06-01T11:00", Path("/dev/zero"))


def test_a_receipt_for_no_sheet_or_from_the_future_is_refused(vault: Vault) -> None:
    with pytest.raises(UsageError):
        receipt(vault, 1, 1, "0123", "2015-06-01T11:00")
    made(vault)
    with pytest.raises(InputError):
        receipt(vault, 1, 1, "0123", "2999-06-01T11:00")
    assert every(vault, 1)[0].receipts == ()


def test_a_final_report_waits_until_everything_reconciles_a_preliminary_one_does_not(vault: Vault) -> None:
    counted(vault)
    one, other = load(vault, 1).table["person"].to_pylist()
    tell(vault, one)
    assert made(vault).about.version == 1
    with pytest.raises(ReconciliationError):
        made(vault, "jp_public.final")
    tell(vault, other)
    found = made(vault, "jp_public.final")
    assert "2" in field(found, "told").text.en


def tell(vault: Vault, person: int) -> None:
    with vault.act("incident.count", incident=1):
        vault.tellings(1).put([(person, Way.PUBLICATION, "", 1)], "2026-01-01")


@pytest.mark.parametrize("duty", duties())
def test_each_form_can_be_made_kept_and_written(vault: Vault, duty: str) -> None:
    found = made(vault, duty) if duty != "jp_public.final" else sheet(vault, 1, duty, now=NOW).sheet
    assert read(found.as_json()) == found
    assert every(vault, 1)[0].sheet == found
    assert found.about.profile == duty.split(".")[0]


def test_what_is_written_is_the_same_each_time_and_hostile_text_is_text(vault: Vault, tmp_path: Path) -> None:
    evil = 'reporter_name = "<script>alert(1)</script> #panic()"\ncause = "\\u202e$x$ *b*"\n'
    found = products(made(vault, entries=entries(tmp_path, evil)))
    assert found == products(every(vault, 1)[0].sheet)
    page = next(content.decode() for name, content in found.items() if name.endswith(".ja.html"))
    assert "<script" not in page
    assert "\u202e" not in page


def test_california_has_its_title_and_five_headings() -> None:
    form = form_of("us_ca", "attorney_general")
    assert form is not None
    assert form.title.en == "Notice of Data Breach"
    headings = [part.title.en for part in form.parts if part.item]
    assert headings == [
        "What Happened",
        "What Information Was Involved",
        "What We Are Doing",
        "What You Can Do",
        "For More Information",
    ]


def test_europe_asks_for_both_counts(vault: Vault) -> None:
    counted(vault)
    found = made(vault, "eu_gdpr.authority")
    assert field(found, "persons").text.en.startswith("2 persons")
    assert field(found, "records").text.en.startswith("3 records")


def test_there_is_no_form_for_what_is_no_duty(vault: Vault) -> None:
    for duty in ("jp_public.persons", "nowhere.preliminary", ""):
        with pytest.raises(UsageError):
            made(vault, duty)


def test_nothing_says_exempt(vault: Vault) -> None:
    counted(vault)
    for duty in duties():
        if not duty.endswith(".final"):
            said: Any = text(made(vault, duty), "en").lower()
            assert "exempt" not in said
