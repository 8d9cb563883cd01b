"""Every command that can print or write a person's data says so in the ledger first, or gives nothing.

A new command is listed here, with what its look is called, or why it shows nobody's data: the first test asks for it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.calls import Calls

from sekisho.cli._main import find_commands, main, make_parser
from sekisho.flow.enter import enter
from sekisho.incidents.kinds import kinds
from sekisho.ledger.read import said
from sekisho.vault import Secret, Vault
from sekisho.vault.acts import Draft

LOOKS = {
    "check": ("check.ask", "check 4701-000001 --for address_change"),
    "explain": ("match.explain", "explain r1 4701-000001 --register vault --records records.csv --model model.json"),
    "export": ("scan.export", "export records --to out.csv"),
    "ledger evidence ask": ("evidence.ask", "ledger evidence ask"),
    "ledger who-looked-at": ("ledger.who_looked_at", "ledger who-looked-at 4701-000001"),
    "match": ("match.run", "match records.csv --register vault --to out.csv"),
    "merges export": ("merges.export", "merges export --to out.csv"),
    "merges history": ("merges.history", "merges history r1"),
    "merges letters": ("merges.letters", "merges letters --to out.csv"),
    "merges proposals": ("merges.proposals", "merges proposals --who B --to out.csv"),
    "merges show": ("merges.show", "merges show r1"),
    "merges worklist": ("merges.worklist", "merges worklist --clerk A --to out.csv"),
    "register export": ("register.export", "register export --to out.csv"),
    "register history": ("register.history", "register history 4701-000001"),
    "register show": ("register.show", "register show 4701-000001"),
    "report": ("scan.paths", "report --with-paths"),
    "review export": ("review.export", "review export --to out.csv"),
    "review sample": ("review.export", "review sample -n 5 --to out.csv"),
}
MORE_LOOKS = {  # other ways of the same commands
    "again": ("merges.worklist", "merges worklist --list 1 --to out.csv"),
    "holder": ("merges.show", "merges show 4701-000001"),
    "history of a holder": ("merges.history", "merges history 4701-000001"),
    "words": ("register.show", "register show 架空 1948-04-06"),
    "name and birth date": ("register.show", "register show --name 架空太郎 --born 1948-04-06"),
    "going on": ("match.run", "match records.csv --register vault --as some --to out.csv"),
    "documents": ("scan.export", "export documents --to out.csv"),
}
SILENT = {
    **dict.fromkeys(("formats", "demo", "link"), "no vault: nothing, invented persons, or the caller's own files"),
    **dict.fromkeys(("ledger check", "ledger witness serve", "incident verify"), "no vault"),
    "serve": "each look of a client is in the ledger first: tests/web",
    **dict.fromkeys(
        ("actor add", "actor roles", "actor disable", "actor enable", "actor show", "actor passphrase", "actor list"),
        "about actors",
    ),
    **dict.fromkeys(("proposal list", "proposal show", "proposal approve", "proposal refuse"), "numbers and hashes"),
    **dict.fromkeys(
        ("ledger status", "ledger verify", "ledger prove", "ledger checkpoint", "ledger policy", "ledger show"),
        "the ledger holds nobody's data",
    ),
    **dict.fromkeys(("ledger witness add", "ledger witness remove"), "about witnesses"),
    **dict.fromkeys(("ledger evidence import", "ledger evidence list"), "counts; the act is in the ledger"),
    **dict.fromkeys(
        ("incident open", "incident close", "incident list", "incident clocks", "incident reopen"), "about incidents"
    ),
    **dict.fromkeys((f"incident add {kind}" for kind in kinds()), "about an incident; the act is in the ledger"),
    **dict.fromkeys(("incident count", "incident versions"), "counts; in the ledger"),
    **dict.fromkeys(
        ("incident diff", "incident reconcile", "incident who", "incident persons"),
        "in the ledger first: test_exposure.py",
    ),
    **dict.fromkeys(
        (f"announce {action}" for action in ("draft", "publish", "list", "show", "write")), "what is for everybody"
    ),
    **dict.fromkeys(
        (f"regulator {action}" for action in ("sheet", "receipt", "list", "show", "write")), "about an incident; counts"
    ),
    **dict.fromkeys(("incident show", "incident timeline"), "about an incident; in the ledger first"),
    "incident review": "in the ledger first: tests/flow/test_past.py",
    **dict.fromkeys(
        ("helpline find", "helpline verify"), "nobody's data; in the ledger first: tests/flow/test_helpline.py"
    ),
    **dict.fromkeys(("helpline written", "helpline contacts"), "in the ledger first: tests/flow/test_helpline.py"),
    **dict.fromkeys(("helpline open", "helpline close", "helpline status", "helpline call", "helpline end"), "counts"),
    **dict.fromkeys(
        (f"letters {one}" for one in ("plan", "send", "status", "matched", "sample", "sent", "returned", "release")),
        "counts, and numbers of letters, which name nobody",
    ),
    **dict.fromkeys(("letters make", "letters held"), "in the ledger first: tests/flow/test_letters_approved.py"),
    "helpline report": "what the operator types; the act is in the ledger",
    "incident bundle": "files of the caller's own; the act is in the ledger",
    **dict.fromkeys(("register import", "register undo", "register split", "register check"), "acts, and counts"),
    **dict.fromkeys(("merges take", "merges status", "merges back", "merges answer", "merges confirm"), "counts"),
    "merges split": "an act on a record that the caller names",
    **dict.fromkeys(("review import", "scan", "settle"), "counts; the act, and the report of it, are in the ledger"),
    **dict.fromkeys(
        ("vault init", "vault status", "vault rotate", "vault share make", "vault share check", "vault check"),
        "about the vault",
    ),
    **dict.fromkeys(
        ("vault backup", "vault restore", "vault forget", "vault hold", "vault list", "vault drop"), "same"
    ),
    **dict.fromkeys(
        ("protect plan", "protect do", "protect undo", "protect status"), "counts; the act is in the ledger"
    ),
    **dict.fromkeys(
        ("reissue pool", "reissue plan", "reissue give", "reissue acknowledge", "reissue status"),
        "counts, and rows by their places; the act is in the ledger",
    ),
    **dict.fromkeys(
        ("reissue export", "reissue notices", "reissue worklist", "reissue alerts"),
        "in the ledger first: tests/reissue",
    ),
    **dict.fromkeys(
        ("sinks kinds", "sinks set", "sinks remove", "sinks list", "sinks send", "sinks status", "sinks again"),
        "where parcels go and stand; what is in them stays sealed",
    ),
    **dict.fromkeys(("protect show", "protect release"), "in the ledger first: tests/flow/test_protect.py"),
}
QUIET_CALLS = (
    *("register show", "merges status", "vault list", "vault status", "actor list", "actor roles", "ledger status"),
    *("ledger show", "proposal list", "incident list", "register check", "ledger evidence list", "protect status"),
)
SURNAMES = ["架空", "仮名", "見本", "試験", "例示", "某田", "雛形", "模擬"]
CANARIES = [*SURNAMES, "カクウ", "カメイ", "ミホン", "那覇市", "4701-0000", "47010000"]


def leaves(parser: ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[str]:
    rooms = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not rooms:
        yield " ".join(path)
    for room in rooms:
        for name, inner in room.choices.items():
            yield from leaves(inner, (*path, name))


def test_every_command_is_listed() -> None:
    assert sorted(leaves(make_parser(find_commands()))) == sorted({*LOOKS, *SILENT})
    assert not LOOKS.keys() & SILENT.keys()


def people() -> Iterator[tuple[str, str, str, str]]:
    kana = ["カクウ", "カメイ", "ミホン", "シケン", "レイジ", "ボウダ", "ヒナガタ", "モギ"]
    for at in range(64):
        born = f"19{40 + at % 50}-{1 + at % 12:02}-{1 + at % 27:02}"
        name = (
            f"{SURNAMES[at % 8]} {'太次三四五六七八'[at // 8]}郎",
            f"{kana[at % 8]} {'タジサシゴロナハ'[at // 8]}ロウ",
        )
        yield f"4701-{at + 1:06}", *name, "1948-04-06" if at == 0 else born


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault with a register, merges, a scan and what else there can be to look at."""
    folder = tmp_path_factory.mktemp("made")
    before = Path.cwd()
    os.chdir(folder)
    try:
        _make(folder)
    finally:
        os.chdir(before)
    return folder


def _make(folder: Path) -> None:
    holders = [f"{number},{name},{kana},{born},沖縄県那覇市{number[-2:]}" for number, name, kana, born in people()]
    records = [f"r{at},{kana},{born},1971-04,1975-03,8212" for at, (_, _, kana, born) in enumerate([*people()][:40], 1)]
    (folder / "holders.csv").write_text("\n".join(["基礎年金番号,氏名,フリガナ,生年月日,住所", *holders]), "utf-8")
    (folder / "records.csv").write_text(
        "\n".join(["record,氏名カナ,生年月日,period_from,period_to,office", *records]), "utf-8"
    )
    share = folder / "share"
    share.mkdir()
    (share / "list.csv").write_text("\n".join(["基礎年金番号,氏名,フリガナ,生年月日,住所", *holders[:20]]), "utf-8")
    matched = "r1,4701-000001,0.99999,auto,1,name\nr2,4701-000002,0.8,ask,1,name\nr3,4701-000003,0.7,ask,1,name\n"
    (folder / "matches.csv").write_text("record,holder,probability,outcome,rank,reasons\n" + matched, "utf-8")
    for line in (
        "register import holders.csv",
        "merges take matches.csv --records records.csv",
        "merges worklist --clerk A -n 1 --to first.csv",
        "merges split r1 --who A --reason namesake",
        "match records.csv --register vault --to matched.csv --keep-model model.json",
        "scan share --register vault",
    ):
        assert call(line) == 0, line


def call(line: str) -> int:
    return main([*line.split(), "--quiet", "--key-file", "key", "--vault", "vault"])


@pytest.fixture
def desk(made: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> Calls:
    shutil.copytree(made, place, dirs_exist_ok=True)
    return Calls(place, capsys)


def actions(desk: Calls) -> list[str]:
    with enter(desk.folder / "vault", Secret.from_key_file(desk.folder / "key")) as vault:
        return [one.action for one in said(vault)]


def shows_nobody(text: str) -> bool:
    return not any(canary in text for canary in CANARIES)


CASES: Any = [pytest.param(*look, id=name) for name, look in {**LOOKS, **MORE_LOOKS}.items()]


@pytest.mark.parametrize(("action", "line"), CASES)
def test_a_command_that_shows_persons_says_so_in_the_ledger(desk: Calls, action: str, line: str) -> None:
    before = len(actions(desk))
    desk.run(*line.split(), "--quiet")
    assert action in actions(desk)[before:]


@pytest.mark.parametrize(("action", "line"), CASES)
def test_where_the_look_cannot_be_logged_nothing_is_shown(
    desk: Calls, capsys: pytest.CaptureFixture[str], action: str, line: str
) -> None:
    with Vault.open(desk.folder / "vault", Secret.from_key_file(desk.folder / "key")) as vault:
        look = f'instr(CAST(new.entry AS TEXT), \'"action":"{action}"\')'
        trigger = f"BEFORE INSERT ON outbox WHEN {look} BEGIN SELECT RAISE(ABORT, 'full'); END"
        vault._store._connection.execute(f"CREATE TRIGGER full {trigger}")
    assert main([*line.split(), "--key-file", "key", "--vault", "vault"]) != 0
    assert shows_nobody("".join(capsys.readouterr()).replace(line, ""))
    assert not (desk.folder / "out.csv").exists()


KILLED = """
import os, signal, sys
from sekisho.register import lookup
from sekisho.report import tabular
from sekisho.cli._main import main

def dies(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

tabular.write = lookup.lives = dies
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("action", "line"),
    [LOOKS["register show"], LOOKS["register export"], LOOKS["merges worklist"], LOOKS["export"], LOOKS["match"]],
)
def test_killed_between_the_look_and_the_answer_the_look_stands(desk: Calls, action: str, line: str) -> None:
    before = len(actions(desk))
    call = [sys.executable, "-c", KILLED, *line.split(), "--quiet", "--key-file", "key", "--vault", "vault"]
    assert subprocess.run(call, check=False).returncode == -signal.SIGKILL
    assert action in actions(desk)[before:]
    assert not (desk.folder / "out.csv").exists()


@pytest.mark.parametrize("line", QUIET_CALLS)
def test_the_others_show_nobody(desk: Calls, line: str) -> None:
    assert shows_nobody(desk.run(*line.split()) + desk.said)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE acts SET who = 'B' WHERE act = 1", "Of merges, acts"),
        ("DELETE FROM acts WHERE act = (SELECT MAX(act) FROM acts)", "Of merges, acts"),
        ("INSERT INTO acts (record, at, who, kind, value) VALUES ('r1', '2026', 'B', 'confirmed', '{}')", "acts"),
        ("UPDATE standings SET value = replace(value, '4701-000001', '4701-000009')", "Record r1 does not stand"),
    ],
)
def test_what_happened_to_a_record_cannot_be_rewritten_past_the_program(desk: Calls, sql: str, said: str) -> None:
    desk.run("register", "check")
    with Vault.open(desk.folder / "vault", Secret.from_key_file(desk.folder / "key")) as vault:
        for trigger in ("keep_acts_update", "keep_acts_delete"):
            vault._store._connection.execute(f"DROP TRIGGER {trigger}")
        with vault._store.transaction():
            vault._store._draft = Draft("")
            vault._store.run(sql, ())
        vault._store._draft = None
    assert said in desk.run("register", "check", code=8)
