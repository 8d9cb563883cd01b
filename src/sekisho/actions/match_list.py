"""Holds what a print shop says it printed against what it was given: every face once, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sekisho.actions.control import FACES, read_all

CONTROL = ("control", "管理番号", "通知番号", "control_number")
"""Headers of the column with the number of each face, as a machine read it."""


@dataclass(frozen=True, slots=True)
class Matched:
    """``right``: letters of which every face was printed once. Of the others: ``missing`` letters, or a face of them;
    ``twice``; ``strangers``: letters that are not of this batch; ``unread``: lines that are no number of ours.
    """

    right: pl.Series
    missing: pl.Series
    twice: pl.Series
    strangers: pl.Series
    unread: int

    @property
    def differs(self) -> bool:
        """Whether anything is not as it must be."""
        return bool(len(self.missing) or len(self.twice) or len(self.strangers) or self.unread)


def matched(incident: int, letters: pl.Series, known_before: pl.Series, printed: pl.Series) -> Matched:
    """``letters``: those of the batch, of which some were ``known_before`` to be printed, by an earlier list;
    ``printed``: the numbers of faces, one for each that was printed.
    """
    faces = read_all(printed)
    ours = pl.col("faces") == FACES
    known = faces.filter(incident=incident).filter(ours, pl.col("face").is_between(1, FACES))
    times = known.group_by("letter", "face").len()
    each = times.group_by("letter").agg(faces=pl.len(), most=pl.col("len").max())
    mine = letters.to_frame("letter").join(each, on="letter", how="left", maintain_order="left")
    complete = (pl.col("faces") == FACES).fill_null(value=False)
    strangers = each.join(mine, on="letter", how="anti")["letter"].sort()
    return Matched(
        right=mine.filter(complete, pl.col("most") == 1)["letter"],
        missing=mine.filter(~complete, ~pl.col("letter").is_in(known_before.implode()))["letter"],
        twice=mine.filter(pl.col("most") > 1)["letter"],
        strangers=strangers,
        unread=faces.height - known.height,
    )
