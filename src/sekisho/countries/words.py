"""The words that stand around the name of an item in a header, as a country lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One country's words, in the normal form of `headers.normal`.

    ``subjects``: whom the records are about (被保険者): "被保険者氏名" is the name.
    ``relatives``: other persons beside the subject (配偶者): a group of columns of their own.
    ``offices``: bodies and employers (事業所): "事業所住所" is not where the person lives.
    ``clerks``: who did the work (担当者): never an item about the person.
    ``running``: row numbers (項番); ``processing``: the office's own dates and numbers (受付日).
    ``totals``: what begins a total row (合計).
    ``samples``: what marks a sample to copy (記入例) or is the name in one (年金太郎).
    ``things``: headers that say that rows are not persons (品番, 型式).
    """

    subjects: tuple[str, ...] = ()
    relatives: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    clerks: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    processing: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
