"""Holds against the leak master what was made of it: how persons are told, letters, answers, new numbers, lists.

Persons exposed = told by letter + held back + unreachable + deceased + told by publication. What was made of an earlier
version is held against the master of its time; what a later version proves wrong comes out as a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow
from sekisho.vault.tellings import Way
from sekisho.wording import Text


class Kind(StrEnum):
    """What may differ."""

    UNTOLD = "untold"
    STRANGERS = "strangers"
    AHEAD = "ahead"
    LETTER_STRANGER = "letter_stranger"
    LETTER_ITEMS = "letter_items"
    LETTER_TWICE = "letter_twice"
    LETTER_MISSING = "letter_missing"
    OUTGROWN = "outgrown"
    ANSWER_DIFFERS = "answer_differs"
    REISSUE_STRANGER = "reissue_stranger"
    REISSUE_OTHER = "reissue_other"
    REISSUE_TWICE = "reissue_twice"
    NUMBER_TWICE = "number_twice"
    GONE = "gone"
    PROVEN_WRONG = "proven_wrong"
    UNSURE_SINCE = "unsure_since"


SAYS: Mapping[Kind, Text] = {
    Kind.UNTOLD: Text("exposed, and nothing says how they are told", "対象者のうち通知方法が未定"),
    Kind.STRANGERS: Text("told, and never in the leak master", "通知対象だが名簿に存在しない"),
    Kind.AHEAD: Text("told by a version that is not there", "存在しない版に基づく通知"),
    Kind.LETTER_STRANGER: Text("a letter to who is not in the version it names", "当該版の名簿にない人への通知書"),
    Kind.LETTER_ITEMS: Text("a letter with other items than the version it names", "項目が当該版の名簿と異なる通知書"),
    Kind.LETTER_TWICE: Text("two letters of one version", "同じ版の通知書が2通"),
    Kind.LETTER_MISSING: Text("to be told by letter, and there is none", "通知書による通知だが通知書がない"),
    Kind.OUTGROWN: Text("more leaked of them than their letter says", "通知書の後に流出項目が増えた"),
    Kind.ANSWER_DIFFERS: Text("an answer that is not what its version says", "当該版の名簿と異なる回答"),
    Kind.REISSUE_STRANGER: Text("a new number for who is not in the leak master", "名簿にない人への新番号"),
    Kind.REISSUE_OTHER: Text("a new number in place of one that is not theirs", "本人のものでない番号に対する新番号"),
    Kind.REISSUE_TWICE: Text("two new numbers for one person", "1人に新番号が2つ"),
    Kind.NUMBER_TWICE: Text("one new number for two persons", "同じ新番号が2人に"),
    Kind.GONE: Text("told before, and no longer in the leak master", "通知後に名簿の対象外となった"),
    Kind.PROVEN_WRONG: Text("told otherwise than the last version says", "最新版と異なる回答を受けた"),
    Kind.UNSURE_SINCE: Text(
        "told that they are not affected, which nobody can say now", "対象外と回答したが現在は判断不能"
    ),
}
LISTED = frozenset({Kind.GONE, Kind.PROVEN_WRONG, Kind.UNSURE_SINCE})
"""What is to be dealt with person by person, and does not block."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of difference: ``rows``: person (null where nobody knows), and what else is known of each."""

    kind: Kind
    rows: pl.DataFrame

    @property
    def count(self) -> int:
        """How many."""
        return self.rows.height

    @property
    def blocks(self) -> bool:
        """Whether nothing may open before it is put right."""
        return self.kind not in LISTED


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``persons`` of ``version``, ``ways``: how many are told in which way; they add up where nothing blocks.

    ``planned``: False as long as nobody said of anyone how they are told. ``findings``: as far as there are any;
    ``dealt``: how many more there were, with whom somebody dealt.
    """

    version: int
    persons: int
    ways: Mapping[str, int]
    planned: bool
    findings: tuple[Finding, ...] = field(repr=False)
    dealt: int = 0

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What keeps everything shut."""
        return tuple(one for one in self.findings if one.blocks)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of the leak master, as far as it was.

    ``tellings``: person, way, version. ``letters``: person, version, state, items, other_items. ``answers``: version,
    answer, person, holder. ``reissues``: person, version, old, number. Other columns are shown beside.
    """

    tellings: pa.Table | None = None
    letters: pa.Table | None = None
    answers: pa.Table | None = None
    reissues: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that there are, up to ``last``. ``of``: person, holder, items, other_items,
    grown, was of one.

    ``numbers``: number and person of every number that leads to somebody, of the last version; ``could_be``: by
    ``place`` whom an undecided record of it could be, of place, number, name, kana and birth.
    """

    last: int
    of: Callable[[int], pl.DataFrame]
    numbers: pl.DataFrame
    could_be: Callable[[pl.DataFrame], pl.DataFrame]


def reconcile(versions: Versions, made: Made) -> Reconciliation:
    """Everything that was made of the leak master, against it."""
    now = versions.of(versions.last)
    tellings = _frame(made.tellings)
    findings = [*_told(versions, now, tellings)]
    if made.letters is not None:
        findings += _letters(versions, tellings, _frame(made.letters))
    if made.answers is not None:
        findings += _answers(versions, now, _frame(made.answers))
    if made.reissues is not None:
        findings += _reissues(versions, _frame(made.reissues))
    ways = _here(tellings, now).group_by("way").len() if tellings.height else None
    counted = {str(way): 0 for way in Way} | (dict(ways.iter_rows()) if ways is not None else {})
    there = tuple(one for one in findings if one.count)
    return Reconciliation(versions.last, now.height, counted, bool(tellings.height), there)


def _here(tellings: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    return tellings.join(now.select("person"), on="person", how="semi")


def _told(versions: Versions, now: pl.DataFrame, tellings: pl.DataFrame) -> list[Finding]:
    if not tellings.height:
        return []
    untold = now.join(tellings, on="person", how="anti").select("person", "holder")
    others = tellings.join(now, on="person", how="anti")
    ahead = tellings.filter(pl.col("version") > versions.last).select("person", "way", "version")
    known = _ever(versions, others.filter(pl.col("version") <= versions.last))
    merged = now.filter(pl.col("was") != "").select(pl.col("was").str.split("+")).explode("was")
    gone = known.filter(~pl.col("person").is_in(merged["was"].cast(pl.Int64).implode()))
    strangers = others.join(known, on="person", how="anti").filter(pl.col("version") <= versions.last)
    return [
        Finding(Kind.UNTOLD, untold),
        Finding(Kind.STRANGERS, strangers.select("person", "way", "version")),
        Finding(Kind.AHEAD, ahead),
        Finding(Kind.GONE, gone.select("person", "way", "version")),
    ]


def _ever(versions: Versions, some: pl.DataFrame) -> pl.DataFrame:
    """Those who were in the version that they were told by."""
    return _by_version(versions, some, lambda rows, master: rows.join(master.select("person"), on="person", how="semi"))


def _by_version(
    versions: Versions, rows: pl.DataFrame, work: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """``work`` on the rows of each version, with the master of that version; of none that is not there."""
    there = sorted(set(rows["version"].drop_nulls().unique()) & set(range(1, versions.last + 1)))
    found = [work(rows.filter(version=number), versions.of(number)) for number in there]
    return pl.concat(found, how="vertical_relaxed") if found else rows.clear()


def _letters(versions: Versions, tellings: pl.DataFrame, letters: pl.DataFrame) -> list[Finding]:
    living = letters.filter(pl.col("state") != "superseded")
    told = ("person", "version", "state")
    strangers = living.join(_ever(versions, living), on=["person", "version"], how="anti")
    other = _by_version(versions, living, _other_items)
    out = living.filter(pl.col("state") != "returned")  # who gets a letter back may be written to once more
    again = out.filter(pl.struct("person", "version").is_duplicated())
    by_letter = tellings.filter(way=str(Way.LETTER)) if tellings.height else tellings
    now = versions.of(versions.last)
    named = _with_merged(living.select("person"), now)
    missing = by_letter.join(named, on="person", how="anti") if by_letter.height else by_letter.clear()
    return [
        Finding(Kind.LETTER_STRANGER, strangers.select(told)),
        Finding(Kind.LETTER_ITEMS, other.select(told) if other.height else living.clear().select(told)),
        Finding(Kind.LETTER_TWICE, again.select(told).unique().sort("person")),
        Finding(Kind.LETTER_MISSING, missing.select("person")),
        Finding(Kind.OUTGROWN, _outgrown(by_letter, out, now)),
    ]


def _outgrown(by_letter: pl.DataFrame, out: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Who is told by letter, and of whom more leaked since the last one that did not come back."""
    named = _with_merged(out.select("person", "version"), now)
    last = named.group_by("person").agg(pl.col("version").max())
    grown = now.select("person", "grown").join(by_letter.select("person"), on="person", how="semi")
    return (
        grown.join(last, on="person").filter(pl.col("grown") > pl.col("version")).select("person", "version", "grown")
    )


def _with_merged(persons: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Rows of some persons, and the same of those whom they turned out to be."""
    was = now.select("person", pl.col("was").str.split("+").alias("was")).explode("was", empty_as_null=True)
    merged = was.select("person", was=pl.col("was").cast(pl.Int64, strict=False)).drop_nulls()
    return pl.concat([persons, merged.join(persons, left_on="was", right_on="person").select(persons.columns)])


def _other_items(letters: pl.DataFrame, master: pl.DataFrame) -> pl.DataFrame:
    said = ("items", "other_items")
    both = letters.join(master.select("person", *said), on="person", suffix="_master")
    odd = both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_master")) for name in said))
    differ = [_sorted(pl.col(name)) != _sorted(pl.col(f"{name}_master")) for name in said]
    return odd.filter(pl.any_horizontal(differ)).select(letters.columns)  # few: to sort a million is what takes long


def _sorted(joined: pl.Expr) -> pl.Expr:
    return joined.fill_null("").str.split("+").list.sort().list.join("+")


def _answers(versions: Versions, now: pl.DataFrame, answers: pl.DataFrame) -> list[Finding]:
    """Answers that differ from their own version, and those that the last one proves wrong."""
    said = answers.filter(pl.col("answer").is_in(["affected", "not_affected"]))
    person = said.join(versions.numbers, left_on="holder", right_on="number", how="left", suffix="_led")
    found = person.with_columns(now=pl.coalesce("person_led", "person")).unique(["call", "at", "person", "holder"])
    then = _by_version(versions, said, _against)
    stands = found.with_columns(there=pl.col("now").is_in(_everybody(now).implode()))
    wrong = stands.filter((pl.col("answer") == "affected") != pl.col("there"))
    denied = stands.filter(pl.col("answer") == "not_affected", ~pl.col("there").fill_null(value=False))
    told = ("call", "person", "holder", "version", "answer")
    return [
        Finding(Kind.ANSWER_DIFFERS, then.select(told)),
        Finding(Kind.PROVEN_WRONG, wrong.select(told)),
        Finding(Kind.UNSURE_SINCE, _unsure(versions, denied).select(told)),
    ]


def _unsure(versions: Versions, denied: pl.DataFrame) -> pl.DataFrame:
    """Those of whom an undecided record of the last version could be, whatever their own version knew."""
    placed = denied.filter(pl.col("version") < versions.last).with_row_index("place")
    asked = placed.select("place", number="holder", name="name", kana="name_kana", birth="birth_date")
    return placed.join(versions.could_be(asked), on="place", how="semi") if placed.height else placed


def _against(answers: pl.DataFrame, master: pl.DataFrame) -> pl.DataFrame:
    there = pl.col("person").is_in(_everybody(master).implode())
    by_number = pl.col("holder").is_in(master["holder"].drop_nulls().implode()).fill_null(value=False)
    return answers.filter((pl.col("answer") == "affected") != (there | by_number).fill_null(value=False))


def _everybody(master: pl.DataFrame) -> pl.Series:
    """All persons, also by the numbers that they had before they turned out to be another."""
    was = master.filter(pl.col("was") != "").select(pl.col("was").str.split("+")).explode("was")["was"]
    return pl.concat([master["person"], was.cast(pl.Int64)])


def _reissues(versions: Versions, reissues: pl.DataFrame) -> list[Finding]:
    told = ("person", "version")
    strangers = reissues.join(_ever(versions, reissues), on=list(told), how="anti")
    again = reissues.filter(pl.col("person").is_duplicated())
    shared = reissues.filter(pl.col("number").is_not_null(), pl.col("number").is_duplicated())
    return [
        Finding(Kind.REISSUE_STRANGER, strangers.select(told)),
        Finding(Kind.REISSUE_OTHER, _of_others(versions, reissues).select(told)),
        Finding(Kind.REISSUE_TWICE, again.select(told).unique().sort("person")),
        Finding(Kind.NUMBER_TWICE, shared.select(told).sort("person")),
    ]


def _of_others(versions: Versions, reissues: pl.DataFrame) -> pl.DataFrame:
    """Those whose old number leads to another exposed person now."""
    now = versions.of(versions.last).filter(pl.col("was") != "")
    merged = now.select(into="person", person=pl.col("was").str.split("+")).explode("person")
    merged = merged.with_columns(pl.col("person").cast(pl.Int64))
    led = reissues.join(versions.numbers.rename({"number": "old"}), on="old", suffix="_led")
    theirs = led.join(merged, on="person", how="left")
    return theirs.filter(pl.col("person_led") != pl.coalesce("into", "person"))


def _frame(table: pa.Table | None) -> pl.DataFrame:
    if table is None:
        return pl.DataFrame(schema={"person": pl.Int64, "way": pl.String, "version": pl.Int64})
    return from_arrow(table)
