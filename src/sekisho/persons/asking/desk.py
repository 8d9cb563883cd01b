"""Some records on a desk: what is done to them, one act after the other, counts all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, Self

from sekisho.clock import utc_now
from sekisho.persons.asking.standing import (
    Kind,
    Leads,
    Standing,
    State,
    applied,
    as_json,
    from_json,
    is_contradictory,
    numbers,
    state,
)
from sekisho.persons.asking.states import as_taken_up, rows_of
from sekisho.vault import Act, Change, Kept, Merges, Take

LeadsOf = Callable[[Iterable[str]], Leads]
"""Asks the register for the current numbers of holders."""


class Desk:
    """The standings of some records as of now; `do` brings one on, `changes` is what the vault is to keep."""

    def __init__(
        self, rows: Mapping[str, Mapping[str, Any]], kept: Mapping[str, Kept], take: Take | None, leads_of: LeadsOf
    ) -> None:
        """``rows``: of `states.STATES`, by record; ``kept``: of those that acts have touched; ``take``: the last."""
        self.rows = rows
        self._kept_before, self._take = kept, take
        ask_from = float(take.account["ask_from"]) if take else 0.0
        self.standings: dict[str, Standing] = {
            record: from_json(kept[record].value) if record in kept else as_taken_up(row, ask_from)
            for record, row in rows.items()
        }
        named = {number for standing in self.standings.values() for number in numbers(standing)}
        self.leads: Leads = leads_of(named)
        self._acts: dict[str, list[Act]] = {}
        self.now = utc_now()

    @classmethod
    def of(cls, merges: Merges, records: Iterable[str], leads_of: LeadsOf) -> Self:
        """Some records, as far as they were taken up."""
        wanted = list(dict.fromkeys(records))
        return cls(rows_of(merges, wanted), merges.kept(wanted), merges.last_take(), leads_of)

    def state(self, record: str) -> State:
        """Where a record stands."""
        return state(self.standings[record], self.leads)

    def is_contradictory(self, record: str) -> bool:
        """Whether answers contradict each other, or what is merged."""
        return is_contradictory(self.standings[record], self.leads)

    def lead(self, number: str) -> str:
        """The current number of a holder."""
        return self.leads.get(number, number)

    def known_as(self, record: str, holder: str) -> str:
        """The number under which a record's standing knows a holder already, else the one given."""
        alike = (n for n in sorted(numbers(self.standings[record])) if self.lead(n) == self.lead(holder))
        return next(alike, holder)

    def do(self, record: str, kind: Kind, who: str, value: Mapping[str, Any]) -> None:
        """Something happens to a record; its first act is preceded by what the program had said."""
        acts = self._acts.setdefault(record, [])
        if not acts and record not in self._kept_before and self._take:
            said = {"take": self._take.number, "said": asdict(self.standings[record].said)}
            acts.append(Act(record, str(Kind.TAKEN), "", self.now, said))
        self.standings[record] = applied(self.standings[record], kind, value)
        acts.append(Act(record, str(kind), who, self.now, value))

    def changes(self) -> list[Change]:
        """All that was done."""
        return [Change(acts, self._kept(record)) for record, acts in self._acts.items()]

    def _kept(self, record: str) -> Kept:
        standing = self.standings[record]
        disputed = standing.merged is not None and self.is_contradictory(record)
        proposal = standing.proposal.hash if standing.proposal else None
        place = int(self.rows[record]["key"])
        said, where = standing.said.outcome, str(self.state(record))
        return Kept(record, place, said, where, disputed, standing.list, proposal, as_json(standing))
