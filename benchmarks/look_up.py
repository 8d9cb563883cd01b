"""``python -m benchmarks.look_up``: persons looked up by number and read by many clients, each look logged or not.

A vault is filled with envelopes of invented persons. Each client is a thread with an open vault of its own; it looks up
numbers by the blind index and opens the envelopes, for some seconds. With the log it says in the ledger whom it looks
at, and gets its answer once that is durable (the group commit of `vault.together`). Both ways take turns, in one run.
"""

from __future__ import annotations

import argparse
import random
import shutil
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from sekisho.vault import Cost, Secret, Vault, looks
from sekisho.vault.acts import OWNER, Draft, Seen
from sekisho.vault.people import Person
from sekisho.vault.together import Together

SECRET = Secret.passphrase("a benchmark's")
ACTION = "register.show"
UNLOGGED, LOGGED = "without the log", "with each look logged durably"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.look_up", description=__doc__)
    parser.add_argument("--persons", type=int, default=50_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each turn")
    parser.add_argument("--turns", type=int, default=3, help="of each way")
    parser.add_argument("--work", type=Path, default=Path("build/look-up"))
    call = parser.parse_args()
    folder = call.work / "vault"
    shutil.rmtree(folder, ignore_errors=True)
    _fill(folder, call.persons)
    rates: dict[str, list[float]] = {UNLOGGED: [], LOGGED: []}
    for _ in range(call.turns):
        rates[UNLOGGED].append(_turn(folder, call, _look))
        with Vault.open(folder, SECRET) as vault, vault.together() as together:
            rates[LOGGED].append(_turn(folder, call, partial(_logged_look, together)))
    plain, logged = (median(found) for found in rates.values())
    for name, found in rates.items():
        print(f"| {name} | {median(found):,.0f}/s | {', '.join(f'{one:,.0f}' for one in found)} |")
    print(f"| ratio | {logged / plain:.2f} | |")


def _fill(folder: Path, persons: int) -> None:
    people = (
        Person(n, _number(n), f"架空{n}郎", f"カクウ{n}", "1948-04-06", f"沖縄県那覇市架空{n}", (_number(n),))
        for n in range(persons)
    )
    with Vault.create(folder, SECRET, Cost(64, 1, 1)) as vault:
        began, busy = time.perf_counter(), time.process_time()
        vault.people().put(people)
        wall, cpu = (1e6 * spent / persons for spent in (time.perf_counter() - began, time.process_time() - busy))
        size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / persons
    print(f"| sealing {persons:,} persons | {cpu:.1f} CPU µs, {wall:.1f} µs each, {size:.0f} bytes | |")


def _number(n: int) -> str:
    return f"{4701_000000 + n}"


def _look(vault: Vault, number: str) -> Person:
    found = vault.people().by_number(number)
    if found is None:
        raise AssertionError("nobody found")
    return found


def _logged_look(together: Together[Vault], _: Vault, number: str) -> Person:
    return together.ask(OWNER, Draft(ACTION, {"holders": 1}), partial(_seen, number))


def _seen(number: str, vault: Vault) -> tuple[Person, Seen]:
    found = _look(vault, number)
    return found, vault.looks().at([looks.holder(found.holder)])


def _turn(folder: Path, call: argparse.Namespace, look: Callable[[Vault, str], Person]) -> float:
    """Looks a second, of all clients together."""
    waits: list[list[float]] = [[] for _ in range(call.clients)]
    ready = threading.Barrier(call.clients + 1)

    def client(place: int) -> None:
        dice = random.Random(place)
        with Vault.open(folder, SECRET) as vault:
            look(vault, _number(place))
            ready.wait()
            end = time.perf_counter() + call.seconds
            while (began := time.perf_counter()) < end:
                look(vault, _number(dice.randrange(call.persons)))
                waits[place].append(time.perf_counter() - began)

    threads = [threading.Thread(target=client, args=(place,)) for place in range(call.clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    began, busy = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    every = [wait for some in waits for wait in some]
    spent = time.perf_counter() - began
    middle, late = median(every), quantiles(every, n=100)[98]
    cpu = 1e6 * (time.process_time() - busy) / len(every)
    said = f"{len(every) / spent:8,.0f}/s, {cpu:.0f} CPU µs each; they wait {1e3 * middle:.1f} ms"
    print(f"  {said}, one in a hundred over {1e3 * late:.1f} ms")
    return len(every) / spent


if __name__ == "__main__":
    main()
