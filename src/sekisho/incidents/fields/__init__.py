"""What is known of an incident, as the fields of an authority's form ask for it. What nobody knows is not given.

An officer's own words (facts of the kind ``item``) stand in the fields that are called like the items; everything else
is read from facts, from the leak master's counts, and from what was done.
"""

from __future__ import annotations

from sekisho.incidents.fields import asked, done, leaked
from sekisho.incidents.fields.situation import MARKS, Situation, joined, same
from sekisho.paper import Given

__all__ = ["Situation", "given"]
FIELDS = {**asked.FIELDS, **leaked.FIELDS, **done.FIELDS}


def given(here: Situation) -> dict[str, Given]:
    """What the fields are to be entered with, by their keys; a field that is not in it nobody knows."""
    found = {key: one for key, fill in FIELDS.items() if (one := fill(here)) is not None}
    for name, item in here.known.items.items():
        said = Given(same(item.text), mark=MARKS[item.sure])
        found[name] = joined(said, found.get(name))
    return found
