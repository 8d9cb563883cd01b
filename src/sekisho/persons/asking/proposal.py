"""What is proposed to a second clerk, and the hash over exactly that: an approval of anything else is void."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sekisho.persons.asking import words
from sekisho.persons.asking.standing import MERGE, NO, YES, Proposal, Standing, clerk_of, is_clerk
from sekisho.persons.asking.states import ITEMS

PREFIX = "p-"
"""Before a hash, so that no spreadsheet takes one for a number."""


def proposed(proposal: Proposal, record: Mapping[str, Any], holder: Mapping[str, Any]) -> Proposal:
    """The proposal with its hash: over all it says, all items of the record, and all that the register says."""
    said = {name: getattr(proposal, name) for name in ("kind", "holder", "who", "when", "evidence", "remark")}
    items = {name: record[name] for name in ("record", *ITEMS, "more")}
    told = json.dumps([said, items, dict(holder)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Proposal(**{**said, "hash": PREFIX + hashlib.sha256(told.encode()).hexdigest()})


def evidence_of(standing: Standing, holder: str) -> tuple[str, ...]:
    """The kinds of evidence of all who say that the record is this holder's."""
    yes = (one for one in standing.answers if one.holder == holder and one.answer == YES)
    return tuple(dict.fromkeys(kind for one in yes for kind in one.evidence))


def behind(standing: Standing) -> set[str]:
    """The clerks who stand behind what is proposed, as `words.folded`: who proposed it, and who said so before.

    None of them is the second clerk.
    """
    proposal = standing.proposal
    if proposal is None:
        return set()
    said = YES if proposal.kind == MERGE else NO
    same = (one.by for one in standing.answers if (one.holder, one.answer) == (proposal.holder, said))
    return {words.folded(name) for name in (proposal.who, *(clerk_of(by) for by in same if is_clerk(by)))}
