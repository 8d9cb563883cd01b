"""Answers over HTTP held against the leak master: each of many persons asked about once, by as many clients at once."""

from __future__ import annotations

import json
import multiprocessing
import selectors
import socket
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from benchmarks.asking import connected, read, request
from benchmarks.made_leak import written
from sekisho.countries.proofs import procedures, proofs

PROCEDURE = "address_change"
Told = Mapping[bytes, Sequence[int]]
"""Whom each answer was given of: few different ones."""


def told(port: int, keys: Sequence[str], persons: Sequence[int]) -> Told:
    """What another process was answered that asks about each of ``persons`` once, with a connection a key."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    run = spawn.Process(target=_ask, args=(there, port, keys, persons))
    run.start()
    there.close()  # so that its end is heard
    answers: Told = here.recv()
    run.join()
    return answers


def _ask(to: Any, port: int, keys: Sequence[str], persons: Sequence[int]) -> None:
    selector, waiting, said = selectors.DefaultSelector(), iter(persons), defaultdict(list)
    asked: dict[socket.socket, int] = {}
    for key, person in zip(keys, waiting, strict=False):
        one = connected(port)
        selector.register(one, selectors.EVENT_READ, key)
        one.sendall(request(key, person))
        asked[one] = person
    while asked:
        for found, _ in selector.select():
            assert isinstance(found.fileobj, socket.socket)
            one = found.fileobj
            said[read(one)].append(asked.pop(one))
            if (person := next(waiting, -1)) >= 0:
                one.sendall(request(found.data, person))
                asked[one] = person
            else:
                selector.unregister(one)
                one.close()
    to.send(dict(said))


def differing(answers: Told, master: pl.DataFrame, versions: Mapping[int, int]) -> Iterator[int]:
    """The persons who were answered otherwise than the ``master`` says (holder, items), as of its version.

    Who is in it is exposed, the procedure is held, and all that rests on what leaked is worth nothing and not asked
    for; who is not goes. What an answer must be is worked out here, from the table and the country's proofs alone.
    """
    items = dict(master.select("holder", "items").iter_rows())
    for body, persons in answers.items():
        said = json.loads(body)
        as_of = {one["incident"]: one["version"] for one in said["as_of"]}
        is_right = {leaked: as_of == versions and _is_right(said, leaked) for leaked in (None, *set(items.values()))}
        yield from (person for person in persons if not is_right[items.get(written(person))])


def _is_right(said: Mapping[str, Any], leaked: str | None) -> bool:
    asked = {one["proof"] for one in said["ask"]}
    if leaked is None:
        usual = set(procedures()[PROCEDURE].usual)
        return (said["exposed"], said["decision"], said["worthless"], asked) == ("no", "go", [], usual)
    gone = set(leaked.split("+"))
    worthless = {key for key, one in proofs().items() if one.says and one.says <= gone}
    is_told = said["exposed"] == "yes" and said["decision"] == "hold" and set(said["worthless"]) == worthless
    return is_told and bool(asked) and asked <= set(procedures()[PROCEDURE].asks) - worthless
