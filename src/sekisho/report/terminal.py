"""The table on the terminal. Whatever was read from outside is shown with its control characters spelled out."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sekisho.figures import Breakdown, Check, Count, Line, Public, Shield, Split
from sekisho.model import Outcome
from sekisho.report import view
from sekisho.report.words import BREACHES, OUTCOMES, SHIELDS, words
from sekisho.wording import Text, language, printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

WIDTH_WITHOUT_TERMINAL = 120
RATE = Text("{shield}, {title}: {rate}", "{shield}（{title}）: {rate}")
NARROWEST = 24  # columns for the items
COLOURS = {Shield.UNPROTECTED: "red", Shield.PROTECTED: "cyan", Shield.UNDETERMINED: "yellow"}


def render(made: Breakdown, check: Check | None, *, colour: bool = False) -> str:
    """The report as text of the terminal's width."""
    return _written(_parts(made, check), colour)


def render_public(made: Public, *, colour: bool = False) -> str:
    """The public variant as text."""
    return _written(_public_parts(made), colour)


def _written(parts: Iterable[RenderableType], colour: bool) -> str:
    console = _console(colour)
    for part in parts:
        console.print(part, markup=False, highlight=False)
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def _console(colour: bool) -> Console:
    from rich.console import Console

    width = shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 40)).columns
    return Console(file=io.StringIO(), force_terminal=colour, no_color=not colour, width=width, legacy_windows=False)


def _parts(made: Breakdown, check: Check | None) -> Iterable[RenderableType]:
    yield _headline(made.totals.all)
    if made.totals.all.records:
        yield _table(made)
        yield from _rates(made)
    open_documents = sum(one.documents for one in made.endings if one.outcome in view.UNREAD)
    if open_documents:
        yield str(words()["open"].fill(n=view.number(open_documents)))
        yield "  " + "  ".join(_endings(made))
    ask = sum(one.ask_records for one in made.standings)
    if ask:
        persons = sum(one.ask_persons for one in made.standings)
        yield str(words()["ask"].fill(records=view.number(ask), persons=view.number(persons)))
    if check and check.breaking:
        yield str(
            words()["rules_note"].fill(documents=view.number(check.documents), breaking=view.number(check.breaking))
        )
        yield from (
            f"  {BREACHES[rule]}: {words()['n_documents'].fill(n=view.number(found.documents))}"
            for rule, found in check.sums.items()
        )


def _headline(count: Count) -> str:
    pairs = (("files", count.files), ("records", count.records), ("persons", count.persons))
    return "   ".join(f"{words()[name]} {view.number(n)}{words()[f'unit_{name}']}" for name, n in pairs)


def _table(made: Breakdown) -> Table:
    shields = [s for s in (Shield.UNPROTECTED, Shield.PROTECTED, Shield.UNDETERMINED) if made.totals.of(s).records]
    table = _empty(str(words()["items"]))
    for name in ("files", "records", "persons"):
        table.add_column(_with_unit(name), justify="right", no_wrap=True)
    for shield in shields:
        for name in ("records", "persons"):
            title = f"{SHIELDS[shield]}\n{_with_unit(name)}"
            table.add_column(title, justify="right", style=COLOURS[shield], no_wrap=True)
    for row in made.announced:
        named = _joined(view.item_names(row.items)) or str(words()["others_only"])
        table.add_row(named, *_numbers(row.counts, shields))
    table.add_section()
    table.add_row(str(words()["total"]), *_numbers(made.totals, shields), style="bold")
    return table


def _joined(names: Iterable[str]) -> str:
    return ("・" if language() == "ja" else ", ").join(names)


def _with_unit(name: str) -> str:
    unit = str(words()[f"unit_{name}"])
    return f"{words()[name]}\n({unit})" if unit else str(words()[name])


def _numbers(split: Split, shields: Sequence[Shield]) -> list[str]:
    whole = split.all
    sides = [n for shield in shields for n in (split.of(shield).records, split.of(shield).persons)]
    return [view.number(n) for n in (whole.files, whole.records, whole.persons, *sides)]


def _rates(made: Breakdown) -> Iterable[str]:
    for title, rate in (("by_files", made.protected_files_rate), ("by_records", made.protected_records_rate)):
        by = Text(words()[title].en.lower(), words()[title].ja)
        yield str(RATE.fill(shield=SHIELDS["protected"], title=by, rate=view.percent(rate)))


def _endings(made: Breakdown) -> list[str]:
    found: dict[str, int] = {}
    for one in made.endings:
        if Outcome(one.outcome) in view.UNREAD:
            found[one.outcome] = found.get(one.outcome, 0) + one.documents
    said = words()["n_documents"]
    return [f"{OUTCOMES[outcome]}: {said.fill(n=view.number(count))}" for outcome, count in found.items()]


def _public_parts(made: Public) -> Iterable[RenderableType]:
    few = str(words()["few"].fill(n=made.below))
    records, persons = (few if n is None else view.number(n) for n in (made.records, made.persons))
    figures = (("files", view.number(made.files_with_records)), ("records", records), ("persons", persons))
    yield "   ".join(f"{words()[name]} {shown}" for name, shown in figures)
    for title, lines in (("persons", made.persons_by_items), ("records", made.records_by_items)):
        if lines:
            yield _lines(f"{words()['items']}", _with_unit(title), lines)
    yield str(words()["small_cells"].fill(most=made.below - 1))


def _lines(first: str, second: str, lines: Sequence[Line]) -> Table:
    table = _empty(first)
    table.add_column(second, justify="right")
    for line in lines:
        named = str(words()["others"]) if line.name is None else _joined(view.item_names(line.name))
        table.add_row(printable(named), view.number(line.total))
    return table


def _empty(first: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first, overflow="fold", min_width=NARROWEST)
    return table
