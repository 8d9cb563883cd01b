"""What the laws say as data holds together: every name means something, in both languages; beliefs say so."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from sekisho.countries import classes, law
from sekisho.countries.law import Profile
from sekisho.wording import Text

every_law = pytest.mark.parametrize("one", law.profiles().values(), ids=lambda one: one.name)
FORBIDDEN = ("exempt", "免除", "適用除外", "報告不要", "通知不要")


def texts(one: Profile) -> list[Text]:
    said = [one.title, one.authority, one.basis, *one.notes]
    for duty in one.duties:
        said += [duty.says, *duty.notes, *(text for text in (duty.words, duty.unconfirmed) if text)]
    return said


@every_law
def test_every_name_means_something(one: Profile) -> None:
    triggers = {trigger.name for trigger in one.triggers}
    for trigger in one.triggers:
        assert trigger.over is not None or trigger.name in law.circumstances()
        assert trigger.basis
    for duty in one.duties:
        assert set(duty.when) <= triggers
        assert set(duty.items) <= set(law.items())
        assert set(duty.instead) <= set(law.circumstances())
        assert duty.after in ("", *(other.name for other in one.duties))
        assert bool(duty.days) + bool(duty.hours) + bool(duty.words) == 1
        assert list(duty.days) == sorted(duty.days)
    assert ZoneInfo(one.zone)
    assert one.sources


@every_law
def test_it_is_said_in_both_languages_and_lets_nobody_off(one: Profile) -> None:
    for text in texts(one):
        assert text.en
        assert text.ja
        assert not [word for word in FORBIDDEN if word in text.en.lower() or word in text.ja]


@every_law
def test_what_is_only_believed_says_what_is_not_confirmed(one: Profile) -> None:
    for duty in one.duties:
        assert duty.confirmed or duty.unconfirmed


def test_classes_that_show_a_circumstance_are_known() -> None:
    named = {one.of_class for one in law.circumstances().values()} | {one.of_class for one in law.profiles().values()}
    assert named - {""} <= {one.name for one in classes.classes()}


def test_the_profiles_are_there() -> None:
    assert set(law.profiles()) >= {"jp_public", "jp_private", "jp_mynumber", "eu_gdpr", "us_ca"}
