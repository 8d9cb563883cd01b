"""``python -m benchmarks.letters``: letters from plan to queue, against typst alone on the same template and values.

A vault is filled with a register of invented persons, all exposed. Processes of their own plan the letters, and send
them (gate, glyph check, typeset, index, sealed parcels, acts); before and after that, typst alone makes the pages of
one half of the same letters each, whose values were made ready before. Bars: 0.7 x typst alone, 150 letters a second a
core (a goal), and all 1,014,653 within a night, projected from those that were made.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from benchmarks.measure import run
from sekisho.actions.control import Face
from sekisho.estate.aftermath.holders import history, write
from sekisho.estate.dice import Dice
from sekisho.estate.people import people
from sekisho.estate.register import holders_of
from sekisho.flow.assessing.case import say
from sekisho.flow.telling import letters_send
from sekisho.flow.telling.letters_plan import plan
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.master import MASTER, TABLES
from sekisho.register.bring_in import bring_in
from sekisho.report import letter, typeset
from sekisho.vault import Cost, Secret, Vault
from sekisho.wording import Text, unheard

SECRET = Secret.passphrase("a benchmark's")
ALL = 1_014_653
WORDS = letter.Words(
    Text("Sample Pension Service", "見本年金機構"),
    "0120-000-000",
    Text("Monday to Friday 8:30-21:00", "平日 8時30分から21時"),
    (Text("3-5-24 Takaido-nishi, Suginami-ku, Tokyo", "東京都杉並区高井戸西3-5-24"),),
    (Text("On 8 May 2015 a mail with malware was opened.", "5月8日、不正な電子メールが開かれました。"),),
)
DAY = date(2015, 6, 5)
ITEMS = ["+".join(("name", "basic_pension_number", "birth_date", "address")[:count]) for count in (1, 2, 3, 4)]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.letters", description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--only-plan", action="store_true")
    parser.add_argument("--work", type=Path, default=Path("build/letters"))
    parser.add_argument("--step", help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.step:
        print(json.dumps(STEPS[call.step](call.work)))
        return
    shutil.rmtree(call.work, ignore_errors=True)
    call.work.mkdir(parents=True)
    _fill(call.work, call.persons)
    print("| step | letters | seconds | letters a second | letters a CPU second | peak MiB |")
    print("|---|---|---|---|---|---|")
    _measured(call.work, "plan")
    if not call.only_plan:
        first, ours, second = (_measured(call.work, step) for step in ("alone", "send", "alone_too"))
        _compared(ours, [first, second])


def _compared(ours: Mapping[str, float], theirs: Sequence[Mapping[str, float]]) -> None:
    letters, cpu = (sum(one[name] for one in theirs) for name in ("letters", "cpu"))
    mine, alone = ours["letters"] / ours["cpu"], letters / cpu
    print(f"\nratio {mine / alone:.2f}: {mine:.0f} letters a CPU second, typst alone {alone:.0f}")
    wall = ours["letters"] / ours["seconds"]
    print(f"{ALL:,} at {wall:.0f} a second, projected from {ours['letters']:,}: {ALL / wall / 3600:.1f} h")


def _measured(work: Path, step: str) -> dict[str, float]:
    log = work / "out.log"
    cost = run([sys.executable, "-m", "benchmarks.letters", "--work", str(work), "--step", step], log=log)
    said = log.read_text()
    if cost.code:
        raise SystemExit(said)
    one: dict[str, float] = json.loads(said.splitlines()[-1])
    each = f"{one['letters'] / one['seconds']:,.0f} | {one['letters'] / one['cpu']:,.0f}"
    print(f"| {step} | {one['letters']:,} | {one['seconds']:.1f} | {each} | {cost.peak >> 20:,} |", flush=True)
    return one


def _fill(work: Path, persons: int) -> None:
    dice = Dice(7)
    everybody = people(persons, dice.stream("people"))
    holders = history(holders_of(everybody, 0, dice.stream("register")), everybody, dice.stream("history"))
    write(work / "holders.csv", holders)
    numbers = holders["basic_pension_number"].sort()
    with Vault.create(work / "vault", SECRET, Cost(64, 1, 1)) as vault:
        bring_in(vault.register(), work / "holders.csv", secrets.token_hex(32), "benchmark", unheard)
        made = vault.incidents().open("a benchmark's").number
        say(vault, made, "infected", at="2015-05-08T10:28")
        (work / "shop").mkdir()
        vault.sinks().set("shop", "print_shop", {"path": str((work / "shop").resolve()), "certificate": certificate()})
        _count(vault, made, numbers)


def certificate() -> str:
    """Of an invented print shop, whose key nobody needs here."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "print shop")])
    begin = datetime(2015, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=36_500))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def _count(vault: Vault, incident: int, numbers: pl.Series) -> None:
    """A version of the leak master in which everybody is exposed, by one to four items."""
    which = pl.int_range(len(numbers), eager=True) % len(ITEMS)
    said = pl.DataFrame({"holder": numbers, "items": pl.Series(ITEMS).gather(which)}).with_row_index("person")
    said = said.with_columns(pl.col("person").cast(pl.Int64))
    rows = said.select(
        "person", "holder", "items", state=pl.lit("settled"), ask=pl.lit(value=False), other_items=pl.lit(""),
        number_of_items=pl.col("items").str.count_matches("+", literal=True).cast(pl.Int64) + 1, was=pl.lit(""),
        since=pl.lit(1, pl.Int64), grown=pl.lit(1, pl.Int64),
    )  # fmt: skip
    missing = {field.name: pl.lit(None) for field in MASTER if field.name not in rows.columns}
    tables = {name: schema.empty_table() for name, schema in TABLES.items()}
    tables["master"] = to_arrow(rows.with_columns(**missing), MASTER)
    leak = vault.leak(incident)
    leak.begin()
    leak.commit([leak.write(name, table) for name, table in tables.items()], "benchmark", {}, {})


def _plan(work: Path) -> dict[str, float]:
    with Vault.open(work / "vault", SECRET, write=True) as vault, _Clock() as clock:
        made = plan(vault, 1, WORDS, shown=False)
    return clock.said(made.persons)


def _send(work: Path) -> dict[str, float]:
    """All letters, from approved to queued."""
    with Vault.open(work / "vault", SECRET, write=True) as vault, _Clock() as clock:
        done = letters_send.send(vault, 1, "shop", ALL, DAY, shown=False)
    assert isinstance(done, letters_send.Sent)
    return clock.said(done.queued)


def _alone(work: Path, half: int = 0) -> dict[str, float]:
    """Typst and nothing else, on the values of one half of the same letters."""
    import typst

    with Vault.open(work / "vault", SECRET) as vault:
        letters = vault.letters(1)
        every = letters_send.content_of(letters, from_arrow(letters.standing()).filter(reason="")["letter"])
    some = every.filter(pl.col("letter") % 2 == half, language="ja").with_columns(version=1)
    ready = []
    for rows in some.iter_slices(letters_send.A_FILE):
        made = [letters_send.letter_of(row, Face(1, row["letter"]), DAY) for row in rows.iter_rows(named=True)]
        values = letter.values(made, WORDS, "ja", DAY)
        ready.append(json.dumps({**values, "fonts": typeset.families()}, ensure_ascii=False))
    source = typeset.Press("letter").source
    compiler = typst.Compiler(source, root=typeset.TEMPLATES, font_paths=typst.Fonts(include_embedded_fonts=False))
    with _Clock() as clock:
        for text in ready:
            compiler.compile(source, format="pdf", sys_inputs={"data": text}, pdf_standards=["a-2b"])
    return clock.said(some.height)


class _Clock:
    def __enter__(self) -> _Clock:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu

    def said(self, letters: int) -> dict[str, float]:
        return {"letters": letters, "seconds": self.seconds, "cpu": self.cpu}


Step = Callable[[Path], Mapping[str, float]]
STEPS: Mapping[str, Step] = {
    "plan": _plan,
    "send": _send,
    "alone": _alone,
    "alone_too": partial(_alone, half=1),
}


if __name__ == "__main__":
    main()
