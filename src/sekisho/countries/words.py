"""The words that stand around the name of an item in a header, as a country lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Words:
    """One country's words around the names of its items; how they are held together: `headers.meaning`.

    ``subjects``: whom the records are about (被保険者): "被保険者氏名" is the name.
    ``relatives``: other persons beside the subject (配偶者): a group of columns of their own.
    ``offices``: bodies and employers (事業所): "事業所住所" is not where the person lives.
    ``clerks``: who did the work (担当者), and the office's own dates and numbers (受付日): no item of the person.
    ``plain``: what changes nothing before or behind an item (現, 自宅, 漢字, 必須).
    ``former``: what makes it another value than the present one (旧, 通称).
    ``other_names``: those of them that alone are a further name of the person (通称, 旧姓).
    ``names``: what makes a name behind one of the roles above (患者名); ``maybe_names``: what ends like one (者名).
    ``others``: what is said of a person and is no item of ours (続柄, 備考).
    ``dates``: what ends a date that is no birth date (開催日, 有効期限).
    ``running``: row numbers (項番).
    ``things``: headers that say that the rows are not persons (品番, 件数).
    ``totals``: what begins a total row (合計); ``samples``: what marks a sample to copy (記入例);
    ``sample_names``: the persons in samples (年金太郎); ``maybe_sample_names``: those who may be real (山田太郎).
    ``given_names``: given names from abroad in Latin letters.
    ``bodies``: words inside the names of companies and bodies (株式会社).
    ``nothing``: what stands in a cell for "no value" (なし, 不明).
    """

    subjects: tuple[str, ...] = ()
    relatives: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    clerks: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    maybe_names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    sample_names: tuple[str, ...] = ()
    maybe_sample_names: tuple[str, ...] = ()
    given_names: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()


@cache
def of_country(country: str) -> Words:
    """The words of a country, from the ``words.toml`` in its folder; none where it has no such file."""
    file = files("sekisho.countries") / country / "words.toml"
    lists = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return Words(**{name: tuple(words.split()) for name, words in lists.items()})


IN_CELLS = ("is_set", "not_set", "paid", "suspended", "insured", "lost")
"""Lists of `of_register` that stand in cells, not in headers."""


@cache
def of_register(country: str) -> Mapping[str, tuple[str, ...]]:
    """The words of a country in the headers of registers, by column; and those `IN_CELLS`."""
    file = files("sekisho.countries") / country / "register.toml"
    lists = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return {column: tuple(words.split()) for column, words in lists.items()}
