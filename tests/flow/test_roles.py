"""Every role and every action, through the functions that do it: beyond their role nobody gets but an entry."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.actors.conftest import CHEAP, House, secret_of
from tests.flow.conftest import Share, TinyReader
from tests.flow.test_announce import WORDS
from tests.flow.test_protect import Office

from sekisho import actors
from sekisho.actions.helpline import Caller
from sekisho.actors import policy
from sekisho.errors import ApprovalError, RightsError, SekishoError
from sekisho.evidence.ask import Question
from sekisho.flow import dispatch, sinks
from sekisho.flow.answering import contacts_reported, helpline, step_up
from sekisho.flow.answering.whom import Sought
from sekisho.flow.answering.written import written
from sekisho.flow.assessing import exposure, incident, past
from sekisho.flow.assessing.bundle import Wanted as BundleWanted
from sekisho.flow.assessing.bundle import bundle as make_bundle
from sekisho.flow.assessing.case import say as say_fact
from sekisho.flow.assessing.case import shown as show_case
from sekisho.flow.assessing.count import count, load
from sekisho.flow.keeping import check, custody, keep, secrets
from sekisho.flow.matching.explain import explain, from_files
from sekisho.flow.matching.match import How as HowToMatch
from sekisho.flow.matching.match import match
from sekisho.flow.merging.answer import answer
from sekisho.flow.merging.ask import Wanted, back, letters, worklist
from sekisho.flow.merging.merges import export as export_merges
from sekisho.flow.merging.merges import history as history_of_merges
from sekisho.flow.merging.merges import show as show_merges
from sekisho.flow.merging.second import confirm, proposals, split
from sekisho.flow.merging.take_up import Matching, take_up
from sekisho.flow.protecting import mending, protect
from sekisho.flow.proving import looked, sealed
from sekisho.flow.proving.evidence import ask, import_log
from sekisho.flow.proving.ledger import entries as ledger_entries
from sekisho.flow.proving.logs import Given
from sekisho.flow.registering.register import export as export_register
from sekisho.flow.registering.register import history, import_file, show, undo
from sekisho.flow.registering.register import split as split_holder
from sekisho.flow.scanning.export import How, export
from sekisho.flow.scanning.report import report
from sekisho.flow.scanning.review import export_questions, import_decisions
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.flow.scanning.settle import settle
from sekisho.flow.telling import announce, regulator
from sekisho.ledger.read import said
from sekisho.persons.linkage.policy import Policy
from sekisho.protect.rules import Rules
from sekisho.vault import Scan, Secret, Vault
from sekisho.vault.tellings import Way

ACTING = {"officer": "Alice", "operator": "Olga", "counter": "Kay", "clerk": "Carl", "auditor": "Aude"}
SECRET = Secret.passphrase("the vault's own")
PEOPLE = range(8)
HOLDERS = {
    "基礎年金番号": [f"8201-{n:06}" for n in PEOPLE],
    "旧基礎年金番号": ["9901-000001", *[None] * 7],
    "氏名": [f"架空 {n}郎" for n in PEOPLE],
    "生年月日": [f"195{n}-04-06" for n in PEOPLE],
    "郵便番号": ["900-0029"] * 8,
    "住所": [f"沖縄県那覇市旭町{n}-9" for n in PEOPLE],
}
RECORDS = {
    "record": [f"r{n}" for n in PEOPLE],
    "name_kana": ["カクウ タロウ"] * 8,
    "birth_date": [f"195{n}-04-06" for n in PEOPLE],
    "periods": ["1970-04/1975-03"] * 8,
}
SQUID = "1764000000.123    456 10.0.0.5 TCP_MISS/200 1234 GET http://example.com/ - HIER_DIRECT/192.0.2.1 text/html\n"
MATCHES = {
    "record": [f"r{n}" for n in PEOPLE],
    "holder": [f"8201-{n:06}" for n in PEOPLE],
    "probability": [0.9999, *[0.6] * 7],
    "outcome": ["auto", *["ask"] * 7],
    "rank": [1] * 8,
    "reasons": ["name"] * 8,
}


class World:
    """A vault in which there is something of everything, and people of every role."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self.vault, self.folder = vault, folder
        self.share = folder.parent / "world" / "share"

    def enter(self, role: str, purpose: str = "matching") -> None:
        actors.sign_in(self.vault, actors.Who(ACTING[role], secret_of(ACTING[role]), purpose) if role else None)

    def scanned(self) -> Scan:
        return self.vault.scan()

    def file(self, name: str) -> Path:
        return self.folder / name

    def filled(self, name: str, **columns: str) -> Path:
        table = pl.read_csv(self.file(name), infer_schema=False)
        table.with_columns(**{column: pl.lit(value) for column, value in columns.items()}).write_csv(self.file(name))
        return self.file(name)

    def entries(self) -> list[dict[str, Any]]:
        return [one.entry for one in said(self.vault)]


def on_their_way(vault: Vault) -> None:
    """Parcels that failed, and one that is due."""
    parcels = vault.parcels(1)
    for name in ("first", "second", "third"):
        kept = parcels.keep({"table.html": name.encode()})
        with vault.act("sinks.send", incident=1):
            parcels.put("sink-1", name, "announcement", kept)
    for one in parcels.all()[:2]:
        parcels.failed(one, "nobody there")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("roles") / "world"
    folder.mkdir()
    share = Share(folder / "share")
    share.put("a.txt", "record 架空太郎", "doubt X")
    pl.DataFrame(HOLDERS).write_csv(folder / "holders.csv")
    pl.DataFrame(HOLDERS).head(2).write_csv(folder / "again.csv")
    pl.DataFrame(RECORDS).write_csv(folder / "records.csv")
    (folder / "some.log").write_text(SQUID)
    pl.DataFrame(MATCHES).with_columns(probability=pl.lit(0.5)).write_parquet(folder / "other.parquet")
    pl.DataFrame(MATCHES).write_parquet(folder / "matches.parquet")
    with Vault.create(folder / "vault", SECRET, CHEAP) as vault:
        for _ in range(2):
            settle(vault, scan(vault, Wishes(share.root, shown=False), TinyReader()), None, shown=False)
        import_file(vault, folder / "holders.csv", shown=False)
        learning = HowToMatch(Policy(), keep=folder / "model.json", shown=False)
        match(folder / "records.csv", vault.register(), folder / "first.csv", learning)
        take_up(vault, Matching(folder / "records.csv", folder / "matches.parquet"), shown=False)
        export_questions(vault, vault.scan(), folder / "questions.csv")
        vault.sinks().set("sink-1", "folder", {"path": str(folder)})
        house = House(vault)
        house.add("Dora", "clerk")
        actors.disable(vault, "Dora")
        world = World(vault, folder)
        world.enter("officer")
        custody.hold_incident(vault, incident.begin(vault, "a stolen laptop").number, "an order")
        say_fact(vault, incident.begin(vault, "a lost list").number, "measure", what="x", owner="IT", due="2026-01-31")
        changed(vault, folder, 2)
        reported(vault, folder, 2)
        called(house, 2)
        incident.begin(vault, "a lost bag")
        vault.incidents().close(incident.begin(vault, "a lost key").number)
        say_fact(vault, 1, "documents", scan="2")
        count(vault, 1, shown=False)
        settle(vault, vault.scan(2), None, shown=False)
        on_their_way(vault)
        custody.back_up_keys(vault, folder / "keys", 30)
        custody.back_up(vault, folder / "backups", shown=False)
        house.enter("Cleo", "matching")
        worklist(vault, Wanted(1, "Cleo"), folder / "list.csv")
        answer(vault, world.filled("list.csv", answer="yes", evidence="手帳"), "")
        house.enter("Carl", "matching")
        proposals(vault, folder / "p.csv", "")
        world.filled("p.csv", decision="confirm")
        worklist(vault, Wanted(1, "Carl"), folder / "mine.csv")
        world.filled("mine.csv", answer="yes", evidence="手帳")
    world.filled("questions.csv", answer="not_personal")
    return folder


def changed(vault: Vault, folder: Path, number: int) -> None:
    """Somebody is exposed by an incident, and a change was made for them."""
    say_fact(vault, number, "documents", scan="2")
    count(vault, number, shown=False)
    (folder / "changes.csv").write_text("number,processed_at,kind\n9199-000001,2015-05-09,address\n")
    past.take(vault, number, folder / "changes.csv")
    past.review(vault, number)


def reported(vault: Vault, folder: Path, number: int) -> None:
    """Everybody is told somehow, and there are a draft of what is announced and a report."""
    persons = load(vault, number).table["person"].to_pylist()
    with vault.act("incident.count", incident=number):
        vault.tellings(number).put(((one, Way.PUBLICATION, "", 1) for one in persons), "2026-01-01")
    (folder / "words.toml").write_text(WORDS, encoding="utf-8")
    announce.draft(vault, number, folder / "words.toml")
    regulator.sheet(vault, number, "jp_public.preliminary")


def called(house: House, number: int) -> None:
    """The helpline is open, and Alice and Kay have callers, who are asked something."""
    found = helpline.open_line(house.vault, number)
    assert isinstance(found, actors.Proposal)
    house.enter("Bob")
    actors.approve(house.vault, found.hash)
    for name in ("Alice", "Kay"):
        house.enter(name, "inquiry")
        if name == "Alice":
            helpline.open_line(house.vault, number)
        turn = helpline.begin(house.vault, number, Caller.SELF)
        assert helpline.search(house.vault, number, turn.call, Sought(number="8201-000001")).questions
    house.enter("Alice", "matching")


def a_call(world: World) -> int:
    """That of whoever acts."""
    return 2 if world.vault.acting.role == "counter" else 1


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copytree(made, tmp_path / "here", ignore=shutil.ignore_patterns("share"))
    with Vault.open(tmp_path / "here" / "vault", SECRET, write=True) as vault:
        found = World(vault, tmp_path / "here")
        found.share = made / "share"
        yield found


def give_role(w: World) -> object:
    return actors.give_role(w.vault, "Kay", "auditor" if w.vault.acting.role == "officer" else "clerk")


def explained(w: World) -> object:
    with from_files((w.file("records.csv"), w.vault.register()), w.file("model.json"), shown=False) as asked:
        return explain("r1", "8201-000001", asked)


def handed_over(world: World) -> object:
    target = world.file(f"bundle{len(list(world.folder.glob('bundle*')))}")
    return make_bundle(world.vault, 2, BundleWanted("police", (), [1]), target)


DO: Mapping[str, Callable[[World], object]] = {
    "actor.add": lambda w: actors.enlist(w.vault, "Zoe", "clerk", secret_of("Zoe"), CHEAP),
    "actor.role": give_role,
    "actor.disable": lambda w: actors.disable(w.vault, "Cleo"),
    "actor.disable_officer": lambda w: actors.disable(w.vault, "Bob"),
    "actor.enable": lambda w: actors.enable(w.vault, "Dora"),
    "actor.secret": lambda w: actors.new_secret(w.vault, secret_of(ACTING[w.vault.acting.role or "clerk"]), CHEAP),
    "proposal.make": lambda w: actors.propose(w.vault, "actor.secret", {}),
    "scan.begin": lambda w: scan(w.vault, Wishes(w.share, shown=False), TinyReader()),
    "scan.finish": lambda w: w.vault.finish_scan(w.scanned()),
    "scan.settle": lambda w: settle(w.vault, w.scanned(), None, shown=False),
    "scan.drop": lambda w: keep.drop_older(w.vault, 1),
    "scan.report": lambda w: report(w.scanned(), Rules(), shown=False),
    "scan.paths": lambda w: report(w.scanned(), Rules(), with_paths=True, shown=False),
    "scan.export": lambda w: export(w.scanned(), "records", w.file("out.csv"), How(force=True, shown=False)),
    "review.export": lambda w: export_questions(w.vault, w.scanned(), w.file("q.csv"), force=True),
    "review.decide": lambda w: import_decisions(w.vault, w.scanned(), w.file("questions.csv"), ""),
    "register.import": lambda w: import_file(w.vault, w.file("again.csv"), shown=False),
    "register.undo": lambda w: undo(w.vault, 1, "the wrong file"),
    "register.split": lambda w: split_holder(w.vault, "9901-000001", "another one"),
    "register.show": lambda w: show(w.vault, "8201-000001"),
    "register.history": lambda w: history(w.vault, "8201-000001"),
    "register.check": lambda w: sealed.check(w.vault, shown=False),
    "register.export": lambda w: export_register(w.vault, w.file("out.csv"), force=True, shown=False),
    "match.run": lambda w: match(
        w.file("records.csv"), w.vault.register(), w.file("out.csv"), HowToMatch(Policy(), force=True, shown=False)
    ),
    "match.explain": explained,
    "merges.take": lambda w: take_up(w.vault, Matching(w.file("records.csv"), w.file("other.parquet")), shown=False),
    "merges.worklist": lambda w: worklist(w.vault, Wanted(1, "Carl"), w.file("l.csv"), force=True),
    "merges.letters": lambda w: letters(w.vault, Wanted(1), w.file("l.csv"), force=True),
    "merges.back": lambda w: back(w.vault, 2),
    "merges.answer": lambda w: answer(w.vault, w.file("mine.csv"), ""),
    "merges.split": lambda w: split(w.vault, "r0", "", "her sister's"),
    "merges.proposals": lambda w: proposals(w.vault, w.file("out.csv"), "", force=True),
    "merges.confirm": lambda w: confirm(w.vault, w.file("p.csv"), ""),
    "merges.show": lambda w: show_merges(w.vault, "r1"),
    "merges.history": lambda w: history_of_merges(w.vault, "r1"),
    "merges.export": lambda w: export_merges(w.vault, w.file("out.csv"), force=True, shown=False),
    "vault.rotate": lambda w: secrets.rotate(w.vault, SECRET, CHEAP, beside=True),
    "vault.share": lambda w: secrets.share(w.vault, 2, 3, w.file("shares")),
    "vault.backup": lambda w: custody.back_up(w.vault, w.file("backups"), shown=False),
    "vault.restore": lambda w: custody.bring_keys_back(w.vault, w.file("keys")),
    "vault.check": lambda w: check.check(w.vault, shown=False),
    "vault.hold": lambda w: custody.hold_incident(w.vault, 2, "another order"),
    "vault.unhold": lambda w: custody.end_hold(w.vault, 1, "it is over"),
    "vault.forget": lambda w: custody.forget_incident(w.vault, 3),
    "incident.open": lambda w: incident.begin(w.vault, "one more"),
    "incident.add": lambda w: say_fact(w.vault, 2, "event", what="seen", at="2026-01-05"),
    "incident.show": lambda w: show_case(w.vault, 2),
    "incident.count": lambda w: count(w.vault, 1, shown=False),
    "incident.changes": lambda w: past.take(w.vault, 2, w.filled("changes.csv", office="another")),
    "incident.review": lambda w: past.review(w.vault, 2),
    "incident.review_list": lambda w: past.export(w.vault, 2, w.file("l.csv"), force=True),
    "incident.reviewed": lambda w: past.came_of(w.vault, 2, [(next(iter(w.vault.changes(2).entries())), "own", "")]),
    "incident.bundle": handed_over,
    "incident.versions": lambda w: exposure.versions(w.vault, 1),
    "incident.who": lambda w: exposure.who(w.vault, 1, "8201-000001"),
    "incident.persons": lambda w: exposure.diff(w.vault, 1, (None, None), w.file("persons.csv"), force=True),
    "incident.reopen": lambda w: incident.go_on(w.vault, 4),
    "incident.close": lambda w: incident.end(w.vault, 2),
    "check.ask": lambda w: step_up.check_person(w.vault, Sought("8201-000001"), "address_change", date(2026, 11, 23)),
    "check.alarm": lambda w: step_up.alarm(w.vault, "neighbours"),
    "check.serve": lambda w: step_up.served(w.vault, clients=1, tls=True, begins=True),
    "announce.draft": lambda w: announce.draft(w.vault, 2, w.file("words.toml")),
    "announce.publish": lambda w: announce.publish(w.vault, 2),
    "announce.show": lambda w: announce.issued(w.vault, 2),
    "regulator.sheet": lambda w: regulator.sheet(w.vault, 2, "jp_public.preliminary"),
    "regulator.receipt": lambda w: regulator.receipt(w.vault, 2, 1, "0123", "2026-01-05"),
    "regulator.show": lambda w: regulator.every(w.vault, 2),
    "helpline.open": lambda w: helpline.open_line(w.vault, 2),
    "helpline.close": lambda w: helpline.close_line(w.vault, 2),
    "helpline.call": lambda w: helpline.end(w.vault, 2, a_call(w)),
    "helpline.search": lambda w: helpline.search(w.vault, 2, a_call(w), Sought(number="8201-000002")),
    "helpline.answer": lambda w: helpline.verify(w.vault, 2, a_call(w), ["?"]),
    "helpline.report": lambda w: contacts_reported.report(w.vault, 2, "2015-06-05", "沖縄", "phone"),
    "helpline.contacts": lambda w: contacts_reported.reports(w.vault, 2),
    "helpline.written": lambda w: written(w.vault, 2, w.file("w.csv"), force=True),
    "ledger.show": lambda w: ledger_entries(w.vault, 0, 3),
    "ledger.who_looked_at": lambda w: looked.who_looked_at(w.vault, "8201-000001"),
    "evidence.import": lambda w: import_log(w.vault, w.file("some.log"), Given(zone=UTC, year=2026), shown=False),
    "evidence.ask": lambda w: ask(w.vault, Question()),
    "sinks.set": lambda w: sinks.set_sink(w.vault, "shop", "folder", {"path": str(w.folder)}),
    "sinks.remove": lambda w: w.vault.sinks().remove(f"sink-{len(w.vault.sinks().all())}"),
    "sinks.show": lambda w: sinks.sinks(w.vault),
    "sinks.send": lambda w: dispatch.dispatch(w.vault, shown=False),
    "sinks.again": lambda w: dispatch.again(w.vault, dispatch.failures(w.vault)[0].number),
    "ledger.name_lookers": lambda w: looked.who_looked_at(w.vault, "8201-000001", names=True),
}
ELSEWHERE = {
    **dict.fromkeys(
        (
            *("reissue.pool", "reissue.plan", "reissue.give", "reissue.export", "reissue.acknowledge"),
            *("reissue.in_force", "reissue.notices", "reissue.notice", "reissue.worklist"),
            *("reissue.alerts", "reissue.alert"),
        ),
        "tests/reissue/test_actors.py: with an incident that was counted",
    ),
    "incident.dealt": "tests/flow/test_dealt.py: with something that differs",
    "actor.sign_in": "tests/actors",
    "proposal.list": "the command line",
    "proposal.show": "tests/actors",
    "proposal.approve": "tests/actors: it depends on what is proposed",
    "proposal.refuse": "tests/actors: it depends on what is proposed",
    "merges.void": "a part of proposals and confirm",
    "vault.enter": "the command line",
    "vault.init": "before there are actors",
    "vault.migrate": "while a vault is opened",
    "vault.recover": "as rotate, with shares",
    "ledger.policy": "the command line",
}
SILENT = {"ledger.show"}
"""What leaves no entry where it is allowed: whoever reads the ledger would make it longer by that."""
ROLES = [*ACTING, ""]


def outcome(world: World, action: str, role: str, purpose: str = "matching") -> str:
    """What comes of it: ``why`` it was refused, or nothing; refused, it left an entry and nothing else."""
    world.enter(role, purpose)
    before = len(world.entries())
    why, told = "", ""
    try:
        DO[action](world)
    except ApprovalError:
        return ""
    except RightsError as error:
        why = error.why
    except SekishoError as error:
        told = str(error)
    if role not in policy().actions[action].by:
        assert told == ""
    if why:
        (entry,) = world.entries()[before:]
        assert (entry["action"], entry["more"]) == ("refused", {"action": action, "why": why})
    return why


@pytest.mark.parametrize("action", DO)
def test_nobody_does_what_is_beyond_their_role_and_whoever_may_does_it(world: World, action: str) -> None:
    rule = policy().actions[action]
    for role in ROLES:
        if role not in rule.by:
            assert outcome(world, action, role) == ("role" if role else "nobody"), role
    for role in sorted(rule.by) if rule.purpose else ():
        assert outcome(world, action, role, "") == "purpose", role
    before = len(world.entries())
    for role in sorted(rule.by):
        assert outcome(world, action, role) == "", role
    entries = world.entries()[before:]
    done = {one["action"] for one in entries} | {one["more"].get("proposed") for one in entries}
    assert action in done | SILENT


def test_every_action_is_done_here_or_said_where() -> None:
    protecting = {name for name in policy().actions if name.startswith("protect.")}
    posting = {name for name in policy().actions if name.startswith("letters.")}  # test_letters_approved.py
    assert set(DO) | set(ELSEWHERE) | protecting | posting == set(policy().actions)


PROTECT: Mapping[str, Callable[[Office, int], object]] = {
    "protect.plan": lambda o, n: protect.make_plan(o.vault, o.vault.scan(), o.rules),
    "protect.show": lambda o, n: protect.files_of(o.vault, n),
    "protect.do": lambda o, n: mending.carry_out(o.vault, n),
    "protect.release": lambda o, n: protect.release(o.vault, "東京/名簿.xlsx", "Alice"),
    "protect.undo": lambda o, n: mending.undo(o.vault, n),
}


def test_nobody_protects_shows_undoes_or_gets_a_password_beyond_their_role(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "vault", SECRET, CHEAP) as vault:
        house = House(vault)
        office = Office(tmp_path, house)
        number = office.approved()
        before = office.state()
        for action, do in PROTECT.items():
            for role in ROLES:
                if role in policy().actions[action].by:
                    continue
                if role:
                    house.enter(ACTING[role], "inspection")
                else:
                    actors.sign_in(vault, None)
                with pytest.raises(RightsError):
                    do(office, number)
                assert house.last() == ("refused", {"action": action, "why": "role" if role else "nobody"})
            if action == "protect.do":
                assert office.state() == before
                house.enter("Olga")
                do(office, number)
