"""What a version of the leak master lets anybody say to everybody, and what the helpline said to those who called."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from benchmarks.aftermath.counted import Row, Truth
from sekisho.incidents.master import Master

YES, NO, UNSURE = "affected", "not affected", "cannot tell"


def everybody(truth: Truth, master: Master) -> Iterator[Row]:
    """To each person, in the register or not, there is the answer that the version alone leads to.

    Once more as if nothing were unread, since as long as anything is nobody is told "not affected".
    """
    name = f"version {master.version}"
    told = _answers(truth, master)
    exposed = pl.col("person").is_in(truth.since(master.version)["person"].implode())
    hidden = pl.col("person").is_in(truth.shut_in.implode())

    def among(answer: str, who: pl.Expr, column: str = "answer") -> int:
        return told.filter(pl.col(column) == answer, who).height

    yield Row(f"{name}: persons asked about", told.height)
    yield Row(f"{name}: '{NO}' to exposed persons", among(NO, exposed), 0)
    yield Row(f"{name}: '{NO}' to persons in files that nobody can open", among(NO, hidden), 0)
    yield Row(f"{name}: '{YES}' to others", among(YES, ~exposed), 0)
    yield Row(f"{name}: '{UNSURE}' to exposed persons", among(UNSURE, exposed))
    yield Row(f"{name}: '{UNSURE}' to others", among(UNSURE, ~exposed))
    yield Row(f"{name}, were all read: '{NO}' to exposed persons", among(NO, exposed, "were_all_read"), 0)
    yield Row(f"{name}, were all read: '{UNSURE}' to others", among(UNSURE, ~exposed, "were_all_read"))


def _answers(truth: Truth, master: Master) -> pl.DataFrame:
    """``person``, ``answer``, and what it would be if nothing were unread."""
    people = truth.everybody
    called = {"number": "basic_pension_number", "name": "name", "kana": "name_kana", "birth": "birth_date"}
    maybe = master.could_be_many(
        people.select(pl.col("person").alias("place"), **{k: pl.col(v) for k, v in called.items()})
    )
    known = master.by_numbers(people["basic_pension_number"])["number"]
    is_known = pl.col("basic_pension_number").is_in(known.implode())
    doubt = pl.col("person").is_in(maybe["place"].implode())
    unread = pl.lit(master.unread.num_rows > 0)
    return people.select(
        "person", _said(is_known, doubt | unread).alias("answer"), _said(is_known, doubt).alias("were_all_read")
    )


def _said(known: pl.Expr, doubt: pl.Expr) -> pl.Expr:
    return pl.when(known).then(pl.lit(YES)).when(doubt).then(pl.lit(UNSURE)).otherwise(pl.lit(NO))


def callers(truth: Truth, calls: pl.DataFrame) -> Iterator[Row]:
    """What the planted callers were told. ``calls``: call, answer, version, as the played helpline wrote them."""
    told = calls.join(truth.callers, on="call", how="left")
    exposed = pl.col("since").is_between(1, pl.col("version").cast(pl.Int32))
    itself = (pl.col("relation") == "本人") & (pl.col("why") != "impostor")

    def among(answer: str, who: pl.Expr) -> int:
        return told.filter(pl.col("answer") == answer, who).height

    yield Row("callers", told.height)
    yield Row("callers told 'not affected' who are exposed", among("not_affected", pl.col("since") > 0), 0)
    yield Row(
        "callers told 'not affected' who are in a file nobody opens",
        among("not_affected", pl.col("why") == "shut_in"),
        0,
    )
    yield Row("callers told 'affected' who are not exposed", among("affected", ~exposed), 0)
    heard = pl.col("answer").is_in(["affected", "not_affected", "cannot_tell"])
    yield Row("impostors who were told anything", told.filter(heard, pl.col("why") == "impostor").height, 0)
    others = told.filter(heard, pl.col("relation") != "本人")
    yield Row("others than the person who were told anything", others.height, 0)
    for answer in ("affected", "not_affected", "cannot_tell", "in_writing", "in_person", "nobody found"):
        yield Row(f"exposed persons who call themselves: {answer}", among(answer, exposed & itself))
