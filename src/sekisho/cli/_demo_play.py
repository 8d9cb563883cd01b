"""The case of 2015, played on the invented estate by the commands that an office would give, from first to last."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from sekisho.cli import _demo_calls as calls
from sekisho.cli import _demo_post as post
from sekisho.cli._demo_stage import AUDITOR, COUNTER, OFFICER, OFFICER2, OPERATOR, Stage
from sekisho.wording import Text

INCIDENT = 1
FIRST, SECOND = "register-2015-05-01.csv", "register-2015-06-01.csv"
ON_THE_DAY = "2015-06-01T12:00"
TYPED = 3
"""Calls that are shown as an operator types them."""
CONTACTS = (
    ("2015-06-03", "沖縄県", "phone", "年金機構を名乗り、番号を変えるのでカードを預かると言われた", ""),
    ("2015-06-03", "東京都", "phone", "流出した人の名簿から消すには手数料が要ると言われた", ""),
    ("2015-06-04", "東京都", "visit", "調査員と名乗る男が来て通帳を見せるよう求めた", "通帳の写し"),
)
"""Suspicious contacts that callers report: day, region, way, what was said, what was given away."""
Told = Iterator[tuple[str, Any]]


def play(stage: Stage) -> dict[str, Any]:
    """Everything in its order; gives what each part said, by its name."""
    return dict(_acts(stage))


def _acts(stage: Stage) -> Told:
    _begin(stage)
    yield from _first_files(stage)
    yield from _told(stage, 1)
    yield from _helpline(stage, 1)
    yield from _later_files(stage)
    yield from _told(stage, 2)
    yield from _helpline(stage, 2)
    yield from _new_numbers(stage)
    yield from _past(stage)
    yield from _counter(stage)
    yield from _end(stage)


def _begin(stage: Stage) -> None:
    """Actors with keys of their own; the second officer last, as from then on one approves what the other does."""
    stage.act(Text("A vault, and who acts in it", "保管庫と利用者"))
    for made in (stage.keys, stage.products):
        made.mkdir()
    stage.call("", "vault", "init")
    _enlist(stage, "", OFFICER, "officer")
    for name, role in ((OPERATOR, "operator"), (COUNTER, "counter"), (AUDITOR, "auditor"), (OFFICER2, "officer")):
        _enlist(stage, OFFICER, name, role)
    post.open_shop(stage)


def _enlist(stage: Stage, by: str, name: str, role: str) -> None:
    stage.call(by, "actor", "add", name, "--role", role, "--new-key-file", stage.keys / f"{name}.key", shown=False)


def _first_files(stage: Stage) -> Told:
    stage.act(Text("The register as it was before", "事案前の台帳"))
    yield "register before", stage.call(OPERATOR, "register", "import", stage.folder / FIRST)
    stage.act(Text("What is known of the incident", "事案の事実"))
    _facts(stage)
    yield "clocks", stage.call(OFFICER, "incident", "clocks", INCIDENT, "--at", ON_THE_DAY, "--law", "jp_public")
    stage.act(Text("The first files, and who stands in them: version 1", "最初に届いたファイルと該当者（第1版）"))
    yield "scan 1", _scan(stage, "estate", 1)
    yield "register after", stage.call(OPERATOR, "register", "import", stage.folder / SECOND, shown=False)
    yield "version 1", stage.call(OFFICER, "incident", "count", INCIDENT)
    stage.act(Text("A list that was copied in a hurry opens nothing", "急いで写した一覧では何も始められない"))
    faults = stage.products / "helpline-list-faults.csv"
    words = ("--list", stage.folder / "helpline-list.csv", "--to", faults)
    yield "copied list", stage.call(OFFICER, "incident", "reconcile", INCIDENT, *words)


def _facts(stage: Stage) -> None:
    from sekisho.estate.aftermath.facts import FACTS, TITLE

    stage.call(OFFICER, "incident", "open", TITLE)
    for kind, *said in FACTS:
        stage.call(OFFICER, "incident", "add", kind, INCIDENT, *said, shown=False)


def _scan(stage: Stage, files: str, number: int) -> Any:
    """Scan a folder as evidence of the incident."""
    words = ("--register", "vault", "--passwords", stage.folder / "passwords.txt", "--incident", INCIDENT)
    report = stage.products / f"report-{number}.html"
    found = stage.call(OPERATOR, "scan", stage.folder / files, *words, "--report", report)
    stage.call(OFFICER, "incident", "add", "documents", INCIDENT, number, shown=False)
    return found


def _later_files(stage: Stage) -> Told:
    stage.act(Text("A second centre's files come: version 2", "2か所目のファイルが届く（第2版）"))
    yield "scan 2", _scan(stage, "later", 2)
    yield "version 2", stage.call(OFFICER, "incident", "count", INCIDENT)


def _told(stage: Stage, version: int) -> Told:
    """How each person is told; then the public, the letters and the authority, from the same version."""
    stage.act(Text("How each person is told, as of version {n}", "第{n}版に基づく通知方法").fill(n=version))
    planned = post.plan(stage, INCIDENT)
    yield f"plan {version}", planned
    yield f"reconciled {version}", stage.call(OFFICER, "incident", "reconcile", INCIDENT)
    stage.act(Text("Announcement {n}", "公表 第{n}報").fill(n=version))
    stage.call(OFFICER, "announce", "draft", INCIDENT, "--words", stage.folder / "announcement.toml", shown=False)
    public = ("--to", stage.products / f"announcement-{version}")
    yield f"announcement {version}", stage.approved(OFFICER, "announce", "publish", INCIDENT, *public)
    stage.act(Text("Letters", "お知らせの送付"))
    yield f"letters {version}", post.send(stage, INCIDENT, planned["new"])
    duty = ("jp_public.preliminary", "jp_public.final")[version - 1]
    stage.act(Text("Report to the authority: {duty}", "監督機関への報告: {duty}").fill(duty=duty))
    yield f"sheet {version}", _reported(stage, duty, version)


def _reported(stage: Stage, duty: str, number: int) -> Any:
    sheet = ("--entries", stage.folder / "regulator.toml", "--to", stage.products / duty.replace(".", "-"))
    made = stage.call(OFFICER, "regulator", "sheet", INCIDENT, duty, *sheet, shown=False)
    receipt = ("--number", f"架空-{number:04}", "--at", "2015-06-01T16:00")
    stage.call(OFFICER, "regulator", "receipt", INCIDENT, number, *receipt)
    return made


def _helpline(stage: Stage, version: int) -> Told:
    stage.act(Text("The helpline, as of version {n}", "専用窓口（第{n}版）").fill(n=version))
    caps = [word for cap in ("hour", "day") for word in ("--cap", f"searches_an_{cap}=5000".replace("an_day", "a_day"))]
    stage.approved(OFFICER, "helpline", "open", *caps)
    mine = calls.callers(stage.folder)[version - 1 :: 2]
    for row in mine[:TYPED] if version == 1 else ():
        calls.typed(stage, COUNTER, row)
    rest = mine[TYPED:] if version == 1 else mine
    to = stage.products / f"calls-{version}.csv"
    yield f"calls {version}", calls.answered(stage, COUNTER, INCIDENT, rest, to)
    if version == 2:
        for day, region, way, said, lost in CONTACTS:
            words = ("--day", day, "--region", region, "--way", way)
            stage.call(COUNTER, "helpline", "report", *words, typed=f"{said}\n{lost}\n", shown=False)
        yield "contacts", stage.call(COUNTER, "helpline", "contacts")
        stage.call(OFFICER, "helpline", "written", "--to", stage.products / "answers-in-writing.csv")


def _new_numbers(stage: Stage) -> Told:
    stage.act(Text("New numbers", "新しい番号"))
    stage.call(OPERATOR, "reissue", "pool", stage.folder / "new-numbers.csv")
    yield "given", stage.approved(OFFICER, "reissue", "give")
    yield from post.core_system(stage)


def _counter(stage: Stage) -> Told:
    """What the counter asks for, of one who is exposed and shows what leaked, and then what counts."""
    stage.act(Text("At the counter: a change of address", "窓口: 住所変更の申出"))
    with (stage.products / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        number = f"{next(csv.DictReader(file))['number']}\n"
    words = ("check", "-", "--for", "address_change")
    leaked = ("--shown", "basic_pension_number", "--shown", "name", "--shown", "birth_date")
    counts = ("--shown", "my_number_card=until:2030-01-01")
    yield "check", [stage.call(COUNTER, *words, *shown, typed=number) for shown in (leaked, (*leaked, *counts))]


def _past(stage: Stage) -> Told:
    stage.act(Text("Changes made since the first infection", "最初の感染以後に行われた変更"))
    yield "review", stage.call(OFFICER, "incident", "review", INCIDENT, stage.folder / "changes.csv")
    stage.call(OFFICER, "incident", "review", INCIDENT, "--to", stage.products / "review.csv")


def _end(stage: Stage) -> Told:
    stage.act(Text("Everything against the leak master once more", "対象者名簿との最終突合せ"))
    yield "reconciled", stage.call(OFFICER, "incident", "reconcile", INCIDENT)
    log = stage.folder / "proxy.log"
    words = ("--what", "プロキシの通信記録", "--source", "プロキシサーバー", "--keeper", "システム部")
    stage.call(OFFICER, "incident", "add", "evidence", INCIDENT, log, *words, shown=False)
    bundle = ("--for", "警視庁", "--to", stage.products / "evidence")
    yield "bundle", stage.call(OFFICER, "incident", "bundle", INCIDENT, log, *bundle)
    policy = ("--policy", stage.products / "evidence" / "policy.txt")
    yield "outsider", stage.call("", "incident", "verify", stage.products / "evidence", *policy)
    stage.act(Text("The ledger", "証跡"))
    yield "ledger", stage.call(AUDITOR, "ledger", "verify")
