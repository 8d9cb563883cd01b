"""Changes that were made for exposed persons since the first infection: what is to be looked into, and an account.

What had leaked was enough to be granted a change of address or account, so each of them may be somebody else's doing.
Every row of the files is accounted for; what cannot be told (when, whose, whether exposed) is said, not dropped.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from sekisho.errors import AccountError
from sekisho.wording import Text


class Standing(StrEnum):
    """How a version of the leak master stands to whose change it is."""

    EXPOSED = "exposed"
    POSSIBLE = "possible"  # an undecided record could be theirs
    UNKNOWN = "unknown"  # the number is nobody's, or nobody is named
    UNREAD = "unread"  # only what is unread could name them
    NOT_EXPOSED = "not_exposed"


class When(StrEnum):
    """Whether a change was carried out after the first infection."""

    SINCE = "since"
    PERHAPS = "perhaps"  # on the day itself without a time, or at a time that cannot be read
    BEFORE = "before"


class Step(StrEnum):
    """What is to be done about a change."""

    HOLD_PAYMENTS = "hold_payments"
    VISIT_OR_LETTER = "visit_or_letter_to_old_address"
    DO_NOT_GRANT = "check_before_granting"
    FIND_OUT_WHO = "find_out_who"
    FIND_OUT_WHEN = "find_out_when"


STEPS: Mapping[Step, Text] = {
    Step.HOLD_PAYMENTS: Text("hold payments until it is cleared", "確認が済むまで支払いを保留"),
    Step.VISIT_OR_LETTER: Text(
        "ask the person: an announced visit, or a letter to the old address",
        "本人に確認（予告した訪問、または旧住所への文書）",
    ),
    Step.DO_NOT_GRANT: Text("check whose it is before it is granted", "処理前に本人の届出かを確認"),
    Step.FIND_OUT_WHO: Text("find out whose change it is", "誰の変更かを確認"),
    Step.FIND_OUT_WHEN: Text("find out when it was carried out", "処理日時を確認"),
}


class Cleared(StrEnum):
    """How a change turned out."""

    OWN = "own"
    NOT_THEIRS = "not_theirs"
    UNREACHED = "unreached"
    NOT_CONCERNED = "not_concerned"
    OPEN = "open"


OUTCOMES: Mapping[Cleared, Text] = {
    Cleared.OWN: Text("the person asked for it", "本人の届出と確認"),
    Cleared.NOT_THEIRS: Text("the person did not ask for it", "本人の届出ではない"),
    Cleared.UNREACHED: Text("the person was not reached", "本人と連絡がつかない"),
    Cleared.NOT_CONCERNED: Text("not after the first infection, or nobody's who is exposed", "対象外と判明"),
    Cleared.OPEN: Text("to be looked into again", "再確認が必要"),
}

LISTED = (Standing.EXPOSED, Standing.POSSIBLE, Standing.UNKNOWN)
_SAME = (
    ("number", "number_written"),
    ("begin", "when_written"),
    ("name",),
    ("name_kana",),
    ("birth_date",),
    ("kinds",),
)
_VALUES = ("new_address", "new_account")


@dataclass(frozen=True, slots=True)
class Account:
    """``rows`` = ``duplicates`` + ``refused`` + the sum of ``cells`` (by `When` and `Standing`), which are changes.

    ``pending``: of these, not carried out yet. ``listed``: how many of them are on the worklist, of ``persons``.
    """

    rows: int
    duplicates: int
    refused: int
    pending: int
    cells: Mapping[tuple[When, Standing], int]
    listed: int
    persons: int

    def look(self) -> None:
        """Raises AccountError where it does not close."""
        told = self.duplicates + self.refused + sum(self.cells.values())
        if told != self.rows:
            raise AccountError(
                Text(
                    "{rows:,} {rows|row|rows} of changes, but {told:,} told apart.",
                    "変更{rows:,}行に対し内訳は{told:,}行です。",
                ).fill(rows=self.rows, told=told),
                Text("Nothing is listed. Report it.", "一覧は作成しません。報告してください。"),
            )


@dataclass(frozen=True, slots=True)
class Reviewed:
    """``worklist``: the changes to look into, the most urgent first, each with ``entry`` and ``steps``."""

    worklist: pl.DataFrame
    account: Account


def review(changes: pl.DataFrame, first_infection: datetime | None, secret: bytes) -> Reviewed:
    """The worklist of some changes: `CHANGES` of `register.changes` with ``standing``, ``person``, ``who``.

    ``first_infection`` (aware): where it is not known, every change may have been made since. ``person`` and ``who``
    (one mark a person, or null) say whose it is.
    """
    told = changes.with_columns(_when(first_infection), _same())
    apart = told.sort(_doing(), maintain_order=True).filter(pl.col("same").is_first_distinct())
    granted = apart.filter(pl.col("done") != "refused")
    cells = granted.group_by("time", "standing").len()
    counted = {(When(time), Standing(standing)): n for time, standing, n in cells.iter_rows()}
    wanted = (pl.col("time") != When.BEFORE) & pl.col("standing").is_in([str(one) for one in LISTED])
    listed = granted.filter(wanted)
    work = _in_order(listed.with_columns(_steps(), _entries(listed, secret)))
    account = Account(
        changes.height,
        changes.height - apart.height,
        apart.height - granted.height,
        granted.filter(pl.col("done") == "pending").height,
        counted,
        work.height,
        work["who"].drop_nulls().n_unique(),
    )
    account.look()
    return Reviewed(work.drop("same"), account)


def _doing() -> pl.Expr:
    """Of rows that say the same, one that was carried out counts before one that waits, or was refused."""
    return pl.col("done").replace_strict({"done": 0, "pending": 1, "refused": 2}, return_dtype=pl.Int8)


def _when(first: datetime | None) -> pl.Expr:
    """What still waits is not over; what cannot be told is perhaps."""
    if first is None:
        return pl.lit(str(When.PERHAPS)).alias("time")
    limit = pl.lit(first).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    return (
        pl.when(pl.col("done") == "pending").then(pl.lit(str(When.SINCE)))
        .when(pl.col("begin") >= limit).then(pl.lit(str(When.SINCE)))
        .when(pl.col("end") <= limit).then(pl.lit(str(When.BEFORE)))
        .otherwise(pl.lit(str(When.PERHAPS))).alias("time")
    )  # fmt: skip


def _same() -> pl.Expr:
    """Rows that say the same: by their reference where they have one, else by what was changed to what.

    One reference may stand for two changes: what is changed to something else than its first row says is another.
    """
    texts = [pl.coalesce(pl.col(name).cast(pl.String) for name in names).fill_null("\x00") for names in _SAME]
    who, reference = pl.concat_str(*texts, separator="\x1f"), pl.col("reference")
    value = pl.concat_str(*(pl.col(name).fill_null("\x00") for name in _VALUES), separator="\x1f")
    said = pl.when(pl.any_horizontal(pl.col(name).is_not_null() for name in _VALUES)).then(value)
    other = pl.when(said != said.drop_nulls().first().over(who, reference)).then("\x1f" + said).otherwise(pl.lit(""))
    named = pl.when(reference.is_not_null()).then(reference + other).otherwise("\x00" + value)
    return pl.concat_str(who, named, separator="\x1f").alias("same")


def _entries(listed: pl.DataFrame, secret: bytes) -> pl.Series:
    """What an entry goes by in all versions: a keyed hash, so that it says nothing of the person."""
    marks = [hmac.digest(secret, same.encode(), hashlib.sha256).hex()[:16] for same in listed["same"]]
    return pl.Series("entry", marks, dtype=pl.String)


def _steps() -> pl.Expr:
    kinds = pl.col("kinds").str.split("+")
    is_money = kinds.list.contains("account") | kinds.list.contains("address") | (pl.col("kinds") == "")
    pending, unknown = pl.col("done") == "pending", pl.col("standing") == Standing.UNKNOWN
    some = (
        pl.when(unknown).then(pl.lit(str(Step.FIND_OUT_WHO))),
        pl.when((pl.col("time") == When.PERHAPS) & ~unknown).then(pl.lit(str(Step.FIND_OUT_WHEN))),
        pl.when(is_money & ~pending & ~unknown).then(pl.lit(str(Step.HOLD_PAYMENTS))),
        pl.when(pending & ~unknown).then(pl.lit(str(Step.DO_NOT_GRANT))),
        pl.when(~unknown).then(pl.lit(str(Step.VISIT_OR_LETTER))),
    )
    return pl.concat_str(*some, separator="+", ignore_nulls=True).alias("steps")


def _in_order(work: pl.DataFrame) -> pl.DataFrame:
    """Surely exposed before possibly, surely since before perhaps; accounts before addresses; oldest first."""
    certain = pl.col("standing").replace_strict({str(one): at for at, one in enumerate(LISTED)}, return_dtype=pl.Int8)
    account = pl.col("kinds").str.contains("account")
    return work.sort(certain, pl.col("time") == When.PERHAPS, ~account, "begin", "file", "row", nulls_last=True)
