"""An announcement as a paper, in the words of a country."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sekisho.actions.announce import Announcement, Quantity
from sekisho.actions.announce import Figures as Shown
from sekisho.countries.announcements import Wording
from sekisho.disclosure import Name, Told, changes
from sekisho.figures import Shield
from sekisho.paper import (
    Block,
    Contact,
    Contacts,
    Figure,
    Figures,
    Mark,
    Paper,
    Paragraph,
    Part,
    Points,
    Rate,
    Rates,
    Row,
    Section,
    Table,
    day,
    moment,
)
from sekisho.wording import Text

_UNITS = {"files": Text("", "個"), "records": Text("", "件"), "persons": Text("", "人")}
_ORDER = (Shield.UNPROTECTED, Shield.UNDETERMINED, Shield.PROTECTED)


def paper(made: Announcement, words: Wording, *, draft: bool = False) -> Paper:
    """The announcement as it is handed out; ``draft`` says so on it."""
    made = replace(made, words=made.words.filled())
    say, kind = words.say, words.kinds[made.facts.kind or "unknown"]
    title = say["title" if made.number == 1 else "title_later"].fill(kind=kind, number=made.number)
    sections = (
        Section(say["what_happened"], tuple(_happened(made))),
        Section(say["what_leaked"], tuple(_leaked(made, words))),
        Section(say["you_title"], (Points(words.lists["suspicious"]),)),
        Section(say["contact_title"], tuple(_contacts(made))),
        Section(say["rates_title"], tuple(_rates(made, words))),
        Section(say["known_title"], tuple(_known(made, words))),
        Section(say["doing_title"], (Points(made.words.doing),)),
        Section(say["difference_title"], tuple(_difference(made, words))),
        Section(say["counting_title"], (Points(words.lists["definitions"]), Paragraph(_small(made, words)))),
    )
    return Paper(
        title=_capital(made.words.title if made.words.title.en else title),
        author=made.words.organisation,
        stamp=say["draft"] if draft else Text("", ""),
        details=tuple(_details(made, words)),
        lead=(
            Paragraph(_capital(say["apology"].fill(kind=kind))),
            Points(words.lists["never"], say["never_title"], Mark.WARNING),
        ),
        sections=tuple(one for one in sections if any(map(_says_something, one.blocks))),
        ends=tuple(_ends(made, words)),
    )


def _details(made: Announcement, words: Wording) -> Iterator[Text]:
    yield from [made.words.organisation] if made.words.organisation.en else []
    yield words.say["published"].fill(day=_day(made.day), number=made.number)
    yield words.say["stamp"].fill(at=_counted_at(made), version=made.version)
    if made.before:
        yield words.say["replaces"].fill(number=made.before.number, day=_day(made.before.day))


def _happened(made: Announcement) -> Iterator[Block]:
    for text in (made.words.summary, made.words.cause):
        if text.en:
            yield Paragraph(text)


def _leaked(made: Announcement, words: Wording) -> Iterator[Block]:
    say, shown = words.say, made.figures
    files = _number(sum(shown.files.values()))
    yield Figures(
        (
            Figure(say["files"], say["files_value"].fill(n=files), say["files_note"]),
            _figure("records", shown.records, made, words),
            _figure("persons", shown.persons, made, words),
        )
    )
    yield from _by_items("by_items_persons", shown.persons, made, words)
    yield from _by_items("by_items_records", shown.records, made, words)
    rows = tuple(Row(words.items[name], (_with(one, made, words),)) for name, one in _further(shown))
    if rows:
        yield Table(say["also"], (say["items"], say["number_of_persons"]), rows, say["also_note"])


def _figure(name: str, one: Quantity, made: Announcement, words: Wording) -> Figure:
    say, unit = words.say, _UNITS[name]
    if one.total is not None:
        return Figure(say[name], say[f"{name}_value"].fill(n=_number(one.total)), say[f"{name}_note"])
    if one.near is None:
        return Figure(say[name], say["fewer"].fill(below=made.figures.below, unit=unit), say[f"{name}_note"])
    n = _number(one.near)
    note = say["near_note"].fill(most=made.figures.below - 1, n=n, unit=unit)
    return Figure(say[name], say["near"].fill(n=n, unit=unit), note)


def _by_items(name: str, one: Quantity, made: Announcement, words: Wording) -> Iterator[Block]:
    if one.table is None:
        yield Paragraph(words.say["no_table"].fill(below=made.figures.below))
        return
    table = one.table
    if not table.lines:
        return
    several = len(table.columns) > 1
    kept = [place for place, _ in enumerate(table.columns) if not several or any(row[place] for row in table.cells)]
    heads = [_shields(table.columns[place], words) for place in kept] if several else []
    rows = [
        Row(_line(line, one.named, words), _cells(cells, kept, several=several))
        for line, cells in sorted(zip(table.lines, table.cells, strict=True), key=_order(one.named))
    ]
    sums = [sum(column) for column in zip(*table.cells, strict=True)] or [0] * len(table.columns)
    whole = Row(words.say["total"], _cells(sums, kept, several=several), whole=True)
    note = words.say[f"{name}_note"] if f"{name}_note" in words.say else Text("", "")
    yield Table(words.say[name], (words.say["items"], words.say["all"], *heads), (*rows, whole), note)


def _order(named: Sequence[Name]) -> Callable[[tuple[tuple[Name, ...], tuple[int, ...]]], tuple[bool, int, int]]:
    """Lines in which everything has its name first, the fewest items and the largest first."""
    return lambda row: (len(row[0]) > 1, min(map(len, row[0])), -sum(row[1]))


def _cells(cells: Sequence[int], kept: Sequence[int], *, several: bool) -> tuple[Text, ...]:
    return (_number(sum(cells)), *(_number(cells[place]) for place in kept if several))


def _shields(column: Name, words: Wording) -> Text:
    return words.shields["_".join(shield for shield in _ORDER if shield in column)]


def _line(line: tuple[Name, ...], named: Sequence[Name], words: Wording) -> Text:
    """What a line is called: only by the rows in it that are large enough."""
    say, spoken = words.say, [key for key in line if key in named]
    if not spoken or len(spoken) > 2:
        return say["rest"]
    said = _items(spoken[0], words)
    for key in spoken[1:]:
        said = say["either"].fill(first=said, second=_items(key, words))
    return said if len(spoken) == len(line) else say["and_rest"].fill(named=said)


def _items(key: Name, words: Wording) -> Text:
    texts = [words.items[item] for item in key] or [words.items["nothing"]]
    return Text(", ".join(text.en for text in texts), "・".join(text.ja for text in texts))


def _further(shown: Shown) -> Iterator[tuple[str, Quantity]]:
    """Items that no row is called by, and classes of other items."""
    yield from ((name, Quantity(None, few=few)) for name, few in shown.hidden.items())
    yield from shown.also.items()


def _with(one: Quantity, made: Announcement, words: Wording) -> Text:
    """How many persons a class is about, as far as that may be told."""
    if one.few:
        return words.say["fewer"].fill(below=made.figures.below, unit="")
    if one.of_class is None:
        return words.say["not_told"]
    return _number(one.of_class)


def _rates(made: Announcement, words: Wording) -> Iterator[Block]:
    files = made.figures.files
    of_files = Told(
        ((("all",),),), tuple((shield,) for shield in _ORDER), (tuple(files.get(one, 0) for one in _ORDER),)
    )
    rates = (
        _rate("files", of_files, made, words),
        _rate("records", made.figures.records.shares, made, words, made.figures.records.few_in),
    )
    yield Rates(rates)
    yield Paragraph(words.say["rate_note"])
    yield Paragraph(words.say["protected_means"])


def _rate(name: str, table: Told | None, made: Announcement, words: Wording, few_in: Name = ()) -> Rate:
    say = words.say
    left_out = say["rate_left_out"].fill(below=made.figures.below)
    if few_in:
        few = [words.shields[shield] for shield in _ORDER if shield in few_in]
        said = Text(", ".join(one.en for one in few), "・".join(one.ja for one in few))
        left_out = say["rate_few"].fill(shield=said, below=made.figures.below)
    if table is None or (len(table.columns) < 2 and table.total):
        return Rate(say[name], (), left_out)
    whole = table.total
    sums = [(column, table.column(column) or 0) for column in table.columns]
    parts = tuple(
        Part(
            str(column[0]),
            n / whole,
            say[f"rate_{name}_part"].fill(shield=_shields(column, words), share=_share(n, whole), n=_number(n)),
        )
        for column, n in sums
        if n
    )
    return Rate(say[f"rate_{name}"].fill(n=_number(whole)), parts)


def _known(made: Announcement, words: Wording) -> Iterator[Block]:
    say, facts = words.say, made.facts
    known = [
        *([say["first_infection"].fill(day=facts.first_infection)] if facts.first_infection.en else []),
        *([say["known_at"].fill(day=facts.known_at)] if facts.known_at.en else []),
        say["counted"],
    ]
    yield Points(tuple(known), say["known"])
    yield Points(tuple(_unknown(made, words)), say["unknown"], Mark.UNKNOWN)


def _unknown(made: Announcement, words: Wording) -> Iterator[Text]:
    say, facts, shown = words.say, made.facts, made.figures
    lacking = {"no_kind": facts.kind, "no_first_infection": facts.first_infection.en, "no_known_at": facts.known_at.en}
    yield from (say[name] for name, found in lacking.items() if not found)
    if not made.words.cause.en:
        yield say["no_cause"]
    if facts.uncounted:
        yield say["uncounted"]
    if shown.open_documents:
        yield say["open_documents"].fill(n=_number(shown.open_documents))
    if shown.undecided.total is None:
        yield say["undecided_some"]
    elif shown.undecided.total:
        yield say["undecided"].fill(n=_number(shown.undecided.total))
    if facts.systems_not_known:
        yield say["systems"].fill(n=_number(facts.systems_not_known))
    yield say["misuse"]


def _contacts(made: Announcement) -> Iterator[Block]:
    yield Contacts(tuple(Contact(one.title, Text(one.value, one.value), one.hours) for one in made.words.contacts))
    if made.words.next.en:
        yield Paragraph(made.words.next)


def _difference(made: Announcement, words: Wording) -> Iterator[Block]:
    if made.before is None:
        return
    say, earlier = words.say, made.before.figures
    pairs = (
        ("files", sum(earlier.files.values()), sum(made.figures.files.values())),
        ("records", earlier.records.total, made.figures.records.total),
        ("persons", earlier.persons.total, made.figures.persons.total),
    )
    head = (say["quantity"], say["before"].fill(number=made.before.number), say["now"], say["change"])
    yield Table(say["totals_caption"], head, tuple(_compared(say[name], *both) for name, *both in pairs))
    rows = tuple(_changed_lines(earlier.persons, made.figures.persons, words))
    if rows:
        head = (say["items"], say["before"].fill(number=made.before.number), say["now"], say["change"])
        yield Table(say["lines_caption"], head, rows, say["difference_note"])


def _changed_lines(before: Quantity, now: Quantity, words: Wording) -> Iterator[Row]:
    """Lines that can be compared, where not all is one line."""
    if before.table is None or now.table is None:
        return
    found = changes(before.table, now.table)
    named = {*before.named, *now.named}
    for one in found if len(found) > 1 else ():
        yield _compared(_line(one.rows, tuple(named), words), one.before, one.now)


def _compared(title: Text, before: int | None, now: int | None) -> Row:
    dash = Text("–", "–")
    change = dash if before is None or now is None else Text(f"{now - before:+,}", f"{now - before:+,}")
    return Row(
        title, (_number(before) if before is not None else dash, _number(now) if now is not None else dash, change)
    )


def _small(made: Announcement, words: Wording) -> Text:
    return words.say["small"].fill(most=made.figures.below - 1)


def _ends(made: Announcement, words: Wording) -> Iterator[Text]:
    about = {"program": made.program, "incident": made.incident, "version": made.version, "at": _counted_at(made)}
    yield words.say["made_with"].fill(**about)
    if made.words.invented:
        yield words.say["invented"]


def _day(written: str) -> Text:
    return day(date.fromisoformat(written))


def _counted_at(made: Announcement) -> Text:
    return moment(datetime.fromisoformat(made.at).astimezone(ZoneInfo(made.zone)))


def _says_something(block: Block) -> bool:
    empty = (isinstance(block, Points) and not block.points) or (isinstance(block, Contacts) and not block.contacts)
    return not empty


def _capital(text: Text) -> Text:
    return Text(text.en[:1].upper() + text.en[1:], text.ja)


def _number(n: int) -> Text:
    return Text(f"{n:,}", f"{n:,}")


def _share(part: int, whole: int) -> str:
    """One decimal; never 0 % or 100 % for what is not."""
    rounded = round(part / whole * 100, 1)
    if rounded in (0.0, 100.0) and 0 < part < whole:
        return "<0.1%" if rounded == 0.0 else ">99.9%"
    return f"{rounded:g}%"
