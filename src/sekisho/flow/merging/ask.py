"""`sekisho merges worklist`, `letters`, `back`: questions go to clerks and to the persons, and are taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sekisho.errors import InputError, UsageError
from sekisho.flow.clerks import given_to
from sekisho.flow.merging.asked import LETTER, WORKLIST, clerk_rows, letter_rows, look_at
from sekisho.flow.merging.take_up import leads_of
from sekisho.persons.asking.desk import Desk
from sekisho.persons.asking.letters import HELD
from sekisho.persons.asking.questions import for_clerks, for_letters
from sekisho.persons.asking.standing import YES, Kind, likely
from sekisho.persons.asking.states import current
from sekisho.register.rows import FLAGS
from sekisho.register.several import several
from sekisho.report import tabular
from sekisho.vault import Asked, List, Merges, Vault
from sekisho.wording import Text

CLERK, LETTERS = "clerk", "letters"
_CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is read for something else
_CODE_LENGTH = 12  # 60 bits


@dataclass(frozen=True, slots=True)
class Wanted:
    """``clerk``: whom the list is for; ``most``: questions, or letters, in it.

    ``protected``: with the addresses of those who must not be found.
    """

    most: int
    clerk: str = ""
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A list that went out: ``questions`` records in ``rows``; ``open``: those that could have been in it as well.

    ``letters``: persons written to; ``held``: by reason, questions that no letter may ask. For letters, the questions
    that were open = ``questions`` + ``held`` + ``open``.
    """

    list: int
    questions: int
    rows: int
    open: int
    letters: int = 0
    held: Mapping[str, int] | None = None


def worklist(vault: Vault, wanted: Wanted, to: Path, *, force: bool = False) -> Given:
    """Give the open questions that are worth most to one clerk; raises UsageError, InputError."""
    vault.demand("merges.worklist")
    clerk = given_to(vault, wanted.clerk)
    tabular.look_at_target(to, force=force)
    merges = vault.merges()
    left = for_clerks(merges)
    chosen = left.head(wanted.most)
    if not chosen.height:
        raise _nothing_open()
    desk = Desk.of(merges, _records(merges, chosen["key"]), leads_of(vault))
    given = _new_list(merges, CLERK, clerk, desk.now)
    order = _in_order(desk, chosen)
    asked = [one for place, record in enumerate(order, 1) for one in _asked_of_clerk(desk, given, place, record)]
    for record in order:
        desk.do(record, Kind.GIVEN, "", {"list": given.number, "to": CLERK, "clerk": given.clerk})
    merges.give(given, asked, desk.changes())
    with _still_given(given.number):
        rows = again(vault, given.number, to, protected=wanted.protected, force=force)
    return Given(given.number, len(order), rows, left.height - chosen.height)


def letters(vault: Vault, wanted: Wanted, to: Path, *, force: bool = False) -> Given:
    """Write to the persons whose open questions are worth most, each with all of theirs.

    Raises UsageError, InputError.
    """
    vault.demand("merges.letters")
    tabular.look_at_target(to, force=force)
    merges = vault.merges()
    left = _with_persons(vault, for_letters(merges))
    sayable = left.filter(pl.col("held").is_null())
    weights = sayable.group_by("id").agg(pl.col("worth").sum()).sort("worth", "id", descending=[True, False])
    chosen = sayable.filter(pl.col("id").is_in(weights["id"].head(wanted.most).implode()))
    counts = {reason: int((left["held"] == reason).sum()) for reason in HELD}
    if not chosen.height:
        raise _nobody_to_write_to(counts)
    desk = Desk.of(merges, _records(merges, chosen["key"]), leads_of(vault))
    order = _in_order(desk, chosen)
    given = _new_list(merges, LETTERS, "", desk.now)
    asked = list(_asked_of_persons(desk, given, order, dict(chosen.select("key", "best").iter_rows())))
    for record in order:
        desk.do(record, Kind.GIVEN, "", {"list": given.number, "to": LETTERS})
    merges.give(given, asked, desk.changes())
    with _still_given(given.number):
        rows = again(vault, given.number, to, force=force)
    open_still = left.height - len(order) - sum(counts.values())
    return Given(given.number, len(order), rows, open_still, len({one.place for one in asked}), counts)


def again(vault: Vault, number: int, to: Path, *, protected: bool = False, force: bool = False) -> int:
    """Write a list that is out once more, as far as it was not answered, without persons who may not be written to now.

    Gives the rows. Raises UsageError, InputError.
    """
    merges = vault.merges()
    given = next((one for one in merges.lists() if one.number == number), None)
    if given is None:
        raise _no_list(number)
    out = {one.record for one in merges.out(number)}
    asked = [one for one in merges.asked(number) if one.record in out]
    desk = Desk.of(merges, (one.record for one in asked), leads_of(vault))
    if given.kind == LETTERS:
        told = _held(vault, pl.Series([one.holder for one in asked], dtype=pl.String)).filter(pl.col("held").is_null())
        may = set(told["number"])
        asked = [one for one in asked if one.holder in may]
        look_at(vault, "merges.letters", {one.record for one in asked}, (one.holder for one in asked))
        return tabular.write(to, LETTER, [letter_rows(vault, asked, desk)], force=force)
    look_at(vault, "merges.worklist", {one.record for one in asked}, (one.holder for one in asked))
    return tabular.write(to, WORKLIST, [clerk_rows(vault, asked, desk, protected)], force=force)


@contextmanager
def _still_given(number: int) -> Iterator[None]:
    """What cannot be written is given out all the same: the error says how to write it."""
    try:
        yield
    except UsageError as error:
        hint = Text(
            "List {n} is given out: write it with --list {n} --to another file.",
            "一覧{n}は割り当て済みです。--list {n} と別の --to で書き出してください。",
        )
        raise UsageError(error.message, hint.fill(n=number)) from error


def back(vault: Vault, number: int, records: Sequence[str] = ()) -> int:
    """Take a list, or some records of it, back: what was not answered is open again. Gives how many; InputError."""
    vault.demand("merges.back")
    merges = vault.merges()
    if all(one.number != number for one in merges.lists()):
        raise _no_list(number)
    out = [one.record for one in merges.out(number)]
    strangers = set(records) - set(out)
    if strangers:
        raise _not_out(number, len(strangers))
    desk = Desk.of(merges, records or out, leads_of(vault))
    for record in desk.standings:
        desk.do(record, Kind.BACK, "", {"list": number})
    merges.do("merges.back", desk.changes())
    return len(desk.standings)


def _new_list(merges: Merges, kind: str, clerk: str, when: str) -> List:
    return List(max((one.number for one in merges.lists()), default=0) + 1, kind, clerk, when, 0, 0)


def _records(merges: Merges, keys: pl.Series) -> list[str]:
    found = [rows["record"] for rows in current(merges, ("record",), keys.sort())]
    return pl.concat([pl.Series("record", dtype=pl.String), *found]).to_list()


def _in_order(desk: Desk, chosen: pl.DataFrame) -> list[str]:
    """The records, in the order of their keys in ``chosen``."""
    places = {key: at for at, key in enumerate(chosen["key"].to_list())}
    return sorted(desk.standings, key=lambda record: places[desk.rows[record]["key"]])


def _asked_of_clerk(desk: Desk, given: List, place: int, record: str) -> Iterator[Asked]:
    standing = desk.standings[record]
    holders = [one.holder for one in likely(standing, desk.leads)]
    told = [one.holder for one in standing.answers if one.answer == YES or desk.is_contradictory(record)]
    named = [desk.lead(number) for number in (standing.merged, *told) if number]
    for rank, holder in enumerate(dict.fromkeys([*holders, *named]), 1):
        code = f"Q{given.number}-{place}-{rank}"
        yield Asked(code, given.number, place, record, holder, given.kind, given.clerk)


def _asked_of_persons(desk: Desk, given: List, order: Iterable[str], whom: Mapping[int, str]) -> Iterator[Asked]:
    """Each person is one place; their questions have codes that nobody guesses. ``whom``: their number, by key."""
    places: dict[str, int] = {}
    for record in order:
        holder = whom[desk.rows[record]["key"]]
        place = places.setdefault(desk.lead(holder), len(places) + 1)
        code = "".join(secrets.choice(_CODE) for _ in range(_CODE_LENGTH))
        shown = "-".join(("R" + code[:4], code[4:8], code[8:]))
        yield Asked(shown, given.number, place, record, holder, given.kind, "")


def _with_persons(vault: Vault, left: pl.DataFrame) -> pl.DataFrame:
    """``left`` with the ``id`` of the likeliest holder and why no letter goes (``held``), null where one may."""
    both = left.join(_held(vault, left["best"]), left_on="best", right_on="number", how="left", maintain_order="left")
    dumb = pl.when(~pl.col("says")).then(pl.lit("nothing_to_say"))
    return both.with_columns(held=pl.coalesce(pl.when(pl.col("id").is_null()).then(pl.lit("unknown")), "held", dumb))


def _held(vault: Vault, numbers: pl.Series) -> pl.DataFrame:
    """``number``, ``id`` of its holder, ``held``: why no letter may go to them now."""
    facts = several(vault.register(), numbers.drop_nulls(), ("name", "name_kana", "address"))
    missing = {"no_address": pl.col("address").is_null(), "no_name": pl.coalesce("name", "name_kana").is_null()}
    held = [pl.when(pl.col(flag).is_not_null()).then(pl.lit(flag)) for flag in FLAGS]
    held += [pl.when(is_so).then(pl.lit(name)) for name, is_so in missing.items()]
    return facts.select("number", "id", held=pl.coalesce(held))


def _nothing_open() -> InputError:
    return InputError(
        Text("No question is open that is not given out.", "割り当てできる確認事項がありません。"),
        Text("`sekisho merges status` says where all stand.", "`sekisho merges status` で全体の状況を確認できます。"),
    )


def _nobody_to_write_to(held: Mapping[str, int]) -> InputError:
    reasons = "; ".join(f"{HELD[name].en}: {count:,}" for name, count in held.items() if count) or "-"
    grounds = "、".join(f"{HELD[name].ja} {count:,}" for name, count in held.items() if count) or "-"
    return InputError(
        Text("There is nobody to write to (held: {why}).", "照会書面を送れる人がいません（保留: {why}）。").fill(
            why=Text(reasons, grounds)
        ),
        Text(
            "Give the questions to clerks: `sekisho merges worklist`.",
            "`sekisho merges worklist` で担当者に割り当ててください。",
        ),
    )


def _no_list(number: int) -> InputError:
    return InputError(
        Text("There is no list {n}.", "一覧 {n} はありません。").fill(n=number),
        Text(
            "`sekisho merges status` names those that are out.",
            "`sekisho merges status` で割り当て中の一覧を確認できます。",
        ),
    )


def _not_out(number: int, count: int) -> InputError:
    return InputError(
        Text(
            "{count} of these {count|record|records} {count|is|are} not out in list {n}.",
            "指定の記録のうち{count}件は一覧 {n} で割り当て中ではありません。",
        ).fill(count=count, n=number),
        Text(
            "Name records that are, or none for the whole list.",
            "割り当て中の記録を指定するか、省略して一覧全体を戻してください。",
        ),
    )
