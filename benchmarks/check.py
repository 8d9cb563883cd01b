"""``python -m benchmarks.check``: step-up checks over HTTP, against an empty handler of the same server.

A vault is filled with a register and a leak master of invented persons, and an actor for each client. The service and
the empty handler (the same server, the same threads, an answer of the same length) take turns in one run, asked by
another process with one connection a client. Then the answers over HTTP about ``--held`` persons are held against the
leak master, and in memory how every person stands, at full scale.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import selectors
import shutil
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import polars as pl

from benchmarks.asking import connected, read, request
from benchmarks.check_held import differing, told
from benchmarks.made_leak import fill
from sekisho import actors
from sekisho.actions.standings import Standings
from sekisho.actors import Who
from sekisho.flow.enter import enter
from sekisho.frames import from_arrow
from sekisho.incidents.master import MASTER, NUMBERS
from sekisho.vault import Cost, Secret, Vault
from sekisho.web.app import App
from sekisho.web.calls import BLOCK
from sekisho.web.clients import EXPOSURE, Client, Clients, digest, new_key
from sekisho.web.desk import Desk
from sekisho.web.guard import Guard
from sekisho.web.server import server

SECRET = Secret.passphrase("a benchmark's own")
CHEAP = Cost(64, 1, 1)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check", description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--turns", type=int, default=3, help="of each way")
    parser.add_argument("--held", type=int, default=100_000, help="persons whose answers are held against the master")
    parser.add_argument("--work", type=Path, default=Path("build/check"))
    parser.add_argument("--keep", action="store_true", help="use the vault of the last run")
    call = parser.parse_args()
    if not call.keep or not call.work.exists():
        shutil.rmtree(call.work, ignore_errors=True)
        call.work.mkdir(parents=True)
        _fill(call.work, call.persons, call.clients)
    officer = Secret.from_key_file(call.work / "Alice.key")
    with enter(call.work / "vault", SECRET, Who("Alice", officer, "incident"), write=True) as vault:
        clients, keys = _clients(call.work, call.clients)
        began = time.perf_counter()
        with Desk(vault, Clients(clients), Guard(time.time), print) as desk:
            print(f"| {len(desk.standings):,} numbers ready after | {time.perf_counter() - began:.1f} s | |")
            app = App(desk)
            _race(app, keys, call)
            _over_http(vault, app, keys, call)
            _every_person(vault, desk.standings)


def _fill(work: Path, persons: int, clients: int) -> None:
    with Vault.create(work / "vault", SECRET, CHEAP) as vault:
        fill(vault, work, persons)
        actors.sign_in(vault, None)
        actors.enlist(vault, "Alice", "officer", Secret.to_new_key_file(work / "Alice.key"), CHEAP)
        actors.sign_in(vault, Who("Alice", Secret.from_key_file(work / "Alice.key")))
        for at in range(clients):
            actors.enlist(vault, f"client {at}", "counter", Secret.to_new_key_file(work / f"{at}.actor"), CHEAP)
            new_key(work / f"{at}.client")


def _clients(work: Path, count: int) -> tuple[list[Client], list[str]]:
    """The clients and their keys, each an actor of its own."""
    keys = [(work / f"{at}.client").read_text().strip() for at in range(count)]
    most = 10**9
    made = [
        Client(name, name, work / f"{at}.actor", "inquiry", digest(key), "", EXPOSURE, per_minute=most, per_day=most)
        for at, key in enumerate(keys)
        for name in (f"client {at}",)
    ]
    return made, keys


def _race(app: App, keys: list[str], call: argparse.Namespace) -> None:
    rates: dict[str, list[float]] = {"empty handler": [], "each look durable, then answered": []}
    late: list[float] = []
    with ExitStack() as stack:
        ports = [_serving(stack, one) for one in (_Empty(), app)]
        for _ in range(call.turns):
            for (name, found), port in zip(rates.items(), ports, strict=True):
                busy = time.process_time()
                done = _asked(port, keys, call)
                cpu = 1e6 * (time.process_time() - busy) / done["answers"]
                found.append(done["rate"])
                late += [done["late"]] if name != "empty handler" else []
                waits = f"they wait {done['middle']:.1f} ms, one in a hundred over {done['late']:.1f} ms"
                print(f"  {name}: {done['rate']:,.0f}/s, {cpu:.0f} CPU µs each; {waits}")
    empty, full = (median(found) for found in rates.values())
    for name, found in rates.items():
        print(f"| {name} | {median(found):,.0f}/s | {', '.join(f'{one:,.0f}' for one in found)} |")
    print(f"| ratio (bar 0.4) | {full / empty:.2f} | |")
    print(f"| 99 of 100 answered within (bar 100 ms) | {median(late):.0f} ms | {', '.join(f'{x:.0f}' for x in late)} |")


class _Empty:
    """Reads what is sent and answers as many bytes as the service does."""

    def __call__(self, environ: Mapping[str, Any], start: Any) -> list[bytes]:
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(BLOCK))])
        return [b" " * BLOCK]


def _serving(stack: ExitStack, app: Any) -> int:
    made = stack.enter_context(server(app, ("127.0.0.1", 0), None, print))
    thread = threading.Thread(target=made.serve)
    thread.start()
    stack.callback(thread.join)
    stack.callback(made.stop)
    return int(made.bind_addr[1])


def _asked(port: int, keys: list[str], call: argparse.Namespace) -> dict[str, float]:
    """What another process measured who asks."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    run = spawn.Process(target=_ask, args=(there, port, keys, call.persons, call.seconds))
    run.start()
    there.close()  # so that its end is heard
    said: dict[str, float] = here.recv()
    run.join()
    return said


def _ask(to: Any, port: int, keys: list[str], persons: int, seconds: float) -> None:
    dice, selector, waits = random.Random(port), selectors.DefaultSelector(), []
    began: dict[socket.socket, float] = {}
    for key in keys:
        one = connected(port)
        selector.register(one, selectors.EVENT_READ, key)
        one.sendall(request(key, dice.randrange(persons)))
        began[one] = time.perf_counter()
    first = time.perf_counter()
    while (now := time.perf_counter()) < first + seconds:
        for found, _ in selector.select(0.2):
            assert isinstance(found.fileobj, socket.socket)
            one = found.fileobj
            read(one)
            now = time.perf_counter()
            waits.append(now - began[one])
            began[one] = now
            one.sendall(request(found.data, dice.randrange(persons)))
    for left in began:  # what is on its way is answered, not counted
        read(left)
        left.close()
    cuts = quantiles(waits, n=100)
    to.send(
        {"rate": len(waits) / seconds, "answers": len(waits), "middle": 1e3 * median(waits), "late": 1e3 * cuts[98]}
    )


def _over_http(vault: Vault, app: App, keys: list[str], call: argparse.Namespace) -> None:
    """Hold what clients were answered against the leak master itself."""
    persons = random.Random(call.held).sample(range(call.persons), min(call.held, call.persons))
    with ExitStack() as stack:
        answers = told(_serving(stack, app), keys, persons)
    last = vault.leak(1).versions()[-1].number
    wrong = list(differing(answers, from_arrow(vault.leak(1).of(last).read("master", MASTER)), {1: last}))
    count = sum(map(len, answers.values()))
    print(f"| {count:,} answers over HTTP held against the leak master | {len(wrong)} differ | |")


def _every_person(vault: Vault, standings: Standings) -> None:
    """Hold how everybody stands against the leak master itself."""
    standing = standings.frame()
    leak = vault.leak(1)
    last = leak.of(leak.versions()[-1].number)
    numbers, master = from_arrow(last.read("numbers", NUMBERS)), from_arrow(last.read("master", MASTER))
    items = pl.concat_str("items", "other_items", separator="+").str.strip_chars("+").str.split("+").list.sort()
    leaked = master.select("person", wanted=items.list.join("+"))
    digits = pl.col("number").str.replace("-", "").cast(pl.Int64)
    wanted = numbers.with_columns(digits).join(leaked, on="person").select("number", "wanted")
    both = standing.join(wanted, on="number", how="full", coalesce=True)
    is_in = pl.col("wanted").is_not_null()
    other = ((pl.col("exposed") == "yes") != is_in) | pl.col("exposed").is_null()
    wrong = both.filter(other | (is_in & (pl.col("leaked") != pl.col("wanted"))))
    print(f"| {both.height:,} numbers held against the leak master | {wrong.height} differ | |")


if __name__ == "__main__":
    main()
