from __future__ import annotations

from sekisho.countries import regions


def test_japan_has_its_47_prefectures() -> None:
    assert len(regions.residences()) == 47
    assert regions.residences()["沖縄県"].en == "Okinawa"


def test_a_number_says_who_issued_it_and_how_sure_that_is() -> None:
    tokyo, nara = regions.issuer("21"), regions.issuer("55")
    assert (tokyo.name.ja, tokyo.confirmed) == ("東京都", True)
    assert (nara.name.ja, nara.confirmed) == ("奈良県", False)
    assert "temporary" in regions.issuer("99").name.en


def test_a_code_that_no_source_tells_has_no_name() -> None:
    assert regions.issuer("53").name.en == ""
    assert regions.issuer("00").name.en == ""


def test_a_postal_code_lies_in_a_prefecture() -> None:
    assert regions.of_postal_codes(["900-0029", "000-0000"]) == {"900-0029": "沖縄県"}
