"""What actors cost: ``python -m benchmarks.actors [FOLDER]``, milliseconds, medians; both sides take turns in one run.

Signing in is measured with a key file: a passphrase costs one Argon2id (256 MiB, 3 passes) more.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sekisho import actors
from sekisho.actors import Proposal, Who
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.acts import Acting

ROUNDS, ACTS, PROPOSALS = 15, 50, 1_000
CHEAP = Cost(64, 1, 1)
KEY = Secret("key file", bytes(32))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.actors", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where to measure (default: a new temporary folder)")
    parser.add_argument("--actors", type=int, nargs="+", default=[10, 200], help="how many there are")
    arguments = parser.parse_args()
    sys.stdout.write("| what | ms |\n|---|---|\n")
    for count in arguments.actors:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            for what, found in measured(Path(folder), count).items():
                sys.stdout.write(f"| {count} actors: {what} | {found:.2f} |\n")


def measured(folder: Path, count: int) -> dict[str, float]:
    """Milliseconds each, by what is done."""
    with Vault.create(folder / "vault", Secret.passphrase("measured"), CHEAP) as vault:
        _house(vault, count)
        signed = vault.acting
        owner = Acting(actor=signed.actor, role=signed.role, session=signed.session, allowed=signed.allowed)
        rounds: dict[str, list[float]] = {"sign in": [], "an act, signed": [], "an act, not signed": []}
        for _ in range(ROUNDS):
            rounds["sign in"].append(_ms(lambda: actors.sign_in(vault, Who("alice", KEY, "audit"))))
            for name, acting in (("an act, signed", vault.acting), ("an act, not signed", owner)):
                vault.sign_in(lambda acting=acting: acting)  # type: ignore[misc]
                rounds[name].append(_ms(lambda: [vault.log("vault.check") for _ in range(ACTS)]) / ACTS)
        found = {name: statistics.median(times) for name, times in rounds.items()}
        return {**found, **_proposals(vault)}


def _proposals(vault: Vault) -> dict[str, float]:
    """What proposing and deciding cost, each of many in one act."""
    actors.sign_in(vault, Who("carl", KEY, "matching"))
    payloads = [{"proposal": f"p-{number}"} for number in range(PROPOSALS)]
    made: list[Proposal] = []

    def propose() -> None:
        with vault.act("merges.answer"):
            made.extend(actors.put(vault, "merges.confirm", payloads))

    def decide() -> None:
        with vault.act("merges.confirm"):
            roster = actors.roster_of(vault)
            for one in made:
                actors.settle(vault, roster, actors.Decision(one.hash, one.payload, actors.APPROVE))

    proposed = _ms(propose)
    actors.sign_in(vault, Who("cleo", KEY, "matching"))
    return {"a proposal among 1,000": proposed / PROPOSALS, "its decision among 1,000": _ms(decide) / PROPOSALS}


def _house(vault: Vault, count: int) -> None:
    actors.sign_in(vault, None)
    actors.enlist(vault, "alice", "officer", KEY, CHEAP)
    actors.sign_in(vault, Who("alice", KEY))
    for name in ("carl", "cleo", *(f"clerk {number}" for number in range(count - 3))):
        actors.enlist(vault, name, "clerk", KEY, CHEAP)


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
