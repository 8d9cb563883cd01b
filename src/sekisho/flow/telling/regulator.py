"""`sekisho regulator`: the report to an authority, from what is known and counted, and the receipt that came back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from sekisho.actions import regulator
from sekisho.actions.regulator import About, Sheet, paper
from sekisho.countries import law
from sekisho.countries.forms import form_of, forms
from sekisho.errors import InputError, UsageError, not_opened
from sekisho.flow.assessing.case import known
from sekisho.flow.assessing.clocks import clocks_of, counted
from sekisho.flow.assessing.gate import Stamp, opened, opened_to_prepare
from sekisho.flow.handing_out import write
from sekisho.flow.telling.announce import published_days
from sekisho.flow.telling.letters_look import posted
from sekisho.incidents.announced import leaked
from sekisho.incidents.clocks import Clock
from sekisho.incidents.fields import Situation, given
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import version_of
from sekisho.incidents.saying import fact_of
from sekisho.paper import Paper
from sekisho.report import paper as render
from sekisho.vault import Vault
from sekisho.vault.case import Fact
from sekisho.wording import LANGUAGES, Text, printable

SHEET, RECEIPT, SHOW = "regulator.sheet", "regulator.receipt", "regulator.show"
SHEETS, RECEIPTS = "regulator_sheet", "regulator_receipt"
FINAL = "final"
"""The duty before which everything reconciles; the others are due while letters are not even planned."""
LARGEST = 8 << 20
"""Bytes of a receipt's file."""
_PLAIN = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an authority gave back for a sheet; ``file``, ``sha256``: of the file, empty where there was none."""

    sheet: int
    number: str
    at: str
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """A sheet and what came back for it."""

    sheet: Sheet
    receipts: tuple[Receipt, ...] = ()


def sheet(vault: Vault, incident: int, duty: str, entries: Path | None = None, now: datetime | None = None) -> Reported:
    """The next sheet for a duty, as ``jp_public.preliminary``; what nobody knows is marked. Nothing is filed by it.

    ``entries``: a file of what only an officer can say; without it as in the last sheet of that law.
    Raises InputError, UsageError, ReconciliationError, RightsError.
    """
    vault.demand(SHEET)
    clock = _clock(vault, incident, duty, now or datetime.now(UTC))
    form = form_of(clock.profile.name, clock.duty.name)
    if form is None:
        raise _no_form(duty)
    facts = vault.case(incident).facts()
    gate = opened if clock.duty.name == FINAL else opened_to_prepare
    stamp = gate(vault, incident, SHEET) if vault.leak(incident).versions() else None
    said = _read(entries) if entries else _last_entries(facts, clock.profile.name)
    here = _situation(vault, incident, clock, stamp, facts, now or datetime.now(UTC))
    about = About(
        incident=incident,
        number=len(_sheets(facts)) + 1,
        profile=clock.profile.name,
        report=clock.duty.name,
        at=here.now.isoformat(timespec="seconds"),
        version=stamp.version if stamp else None,
        counted=stamp.at if stamp else None,
        program=version("sekisho"),
        zone=here.known.zone,
    )
    made = regulator.fill(about, form, clock.profile, given(here), said)
    kept = {"sheet": made.as_json(), "entries": said}
    vault.case(incident).say(SHEET, SHEETS, kept, number=about.number, unknown=len(made.unknown))
    return Reported(made)


def receipt(vault: Vault, incident: int, number: int, said: str, at: str, file: Path | None = None) -> Receipt:
    """Keep what the authority gave back for a sheet, and that the duty was met; raises InputError, RightsError."""
    vault.demand(RECEIPT)
    one = _chosen(vault, incident, number).sheet
    content = _content(file) if file else b""
    sha256 = hashlib.sha256(content).hexdigest() if file else ""
    duty = f"{one.about.profile}.{one.about.report}"
    filed = fact_of("filed", {"duty": duty, "at": at, "receipt": said}, known(vault, incident))
    made = Receipt(number, said, filed["at"], printable(file.name) if file else "", sha256)
    kept = {
        "sheet": made.sheet,
        "number": made.number,
        "at": made.at,
        "file": made.file,
        "sha256": made.sha256,
        "content": base64.b64encode(content).decode("ascii"),
    }
    with vault.act(RECEIPT, incident=incident, counts={"sheet": number}):
        vault.case(incident).put(RECEIPTS, kept)
        vault.case(incident).put("filed", filed)
    return made


def every(vault: Vault, incident: int) -> list[Reported]:
    """All sheets, oldest first, each with its receipts; raises InputError, RightsError."""
    vault.incidents().incident(incident)
    vault.log(SHOW, incident=incident)
    return _reported(vault.case(incident).facts())


def chosen(vault: Vault, incident: int, number: int | None = None) -> Reported:
    """One of them, else the last; raises UsageError, RightsError."""
    vault.incidents().incident(incident)
    vault.log(SHOW, incident=incident)
    return _chosen(vault, incident, number)


def write_out(vault: Vault, one: Reported, folder: Path, *, force: bool = False) -> list[Path]:
    """Write it in both languages as PDF, page and text, and as JSON, with the files that came back for it.

    Raises UsageError, MissingPartError.
    """
    files = {**products(one.sheet), **_receipt_files(vault, one.sheet)}
    return write(folder, name_of(one.sheet), files, force=force)


def _receipt_files(vault: Vault, made: Sheet) -> Mapping[str, bytes]:
    """The files of its receipts; of a name that somebody else gave only the ending stays, where it is a plain one."""
    kept = [fact.said for fact in vault.case(made.about.incident).facts(RECEIPTS)]
    mine = [said for said in kept if said["sheet"] == made.about.number and said["file"]]
    endings = [Path(said["file"]).suffix.lower() for said in mine]
    return {
        f"{name_of(made)}.receipt-{at}{ending if _PLAIN.fullmatch(ending) else '.bin'}": base64.b64decode(
            said["content"]
        )
        for at, (said, ending) in enumerate(zip(mine, endings, strict=True), 1)
    }


def name_of(made: Sheet) -> str:
    """What its files are called."""
    return f"report-{made.about.number}-{made.about.profile}-{made.about.report}"


def products(made: Sheet) -> Mapping[str, bytes]:
    """All that is written, by the names of files; of the same sheet always the same bytes."""
    about, page = made.about, _paper(made)
    name, found = name_of(made), {}
    for language in LANGUAGES:
        found[f"{name}.{language}.pdf"] = render.pdf(page, language, datetime.fromisoformat(about.at))
        found[f"{name}.{language}.html"] = render.html(page, language).encode()
        found[f"{name}.{language}.txt"] = render.text(page, language).encode()
    found[f"{name}.json"] = (json.dumps(made.as_json(), ensure_ascii=False, indent=2) + "\n").encode()
    return found


def text(made: Sheet, language: str) -> str:
    """The same for a terminal."""
    return render.text(_paper(made), language)


def duties() -> list[str]:
    """The duties for which there is a form."""
    return [f"{profile}.{report}" for form in forms() for profile in form.profiles for report in form.reports]


def _paper(made: Sheet) -> Paper:
    about = made.about
    profile = law.profiles()[about.profile]
    says = Text("{law}: {duty}", "{law}　{duty}").fill(law=profile.title, duty=profile.duty(about.report).says)
    return paper(made, says, made.text_of("reporter_name"))


def _clock(vault: Vault, incident: int, duty: str, now: datetime) -> Clock:
    found = [one for one in clocks_of(vault, incident, now) if one.name == duty]
    if not found:
        raise _no_form(duty)
    return found[0]


def _situation(
    vault: Vault, incident: int, clock: Clock, stamp: Stamp | None, facts: Sequence[Fact], now: datetime
) -> Situation:
    receipts = [one for one in _receipts(facts) if one.number]
    profile_of = {one.about.number: one.about.profile for one in _sheets(facts)}
    ways = vault.tellings(incident).all()["way"]
    told = {row["values"]: row["counts"] for row in pc.value_counts(ways).to_pylist()}
    found, leak = known(vault, incident), vault.leak(incident)
    return Situation(
        known=found,
        clock=clock,
        versions=counted(vault, incident),
        now=now,
        leaked=leaked(leak, stamp.version) if stamp else None,
        uncounted=stamp is not None and not is_counted(found, version_of(leak, stamp.version)),
        told=told,
        posted=posted(vault, incident),
        published=published_days(facts),
        earlier=tuple(one.number for one in receipts if profile_of[one.sheet] == clock.profile.name),
    )


def _sheets(facts: Sequence[Fact]) -> list[Sheet]:
    return [regulator.read(one.said["sheet"]) for one in facts if one.kind == SHEETS]


def _receipts(facts: Sequence[Fact]) -> list[Receipt]:
    names = ("sheet", "number", "at", "file", "sha256")
    return [Receipt(**{name: one.said[name] for name in names}) for one in facts if one.kind == RECEIPTS]


def _reported(facts: Sequence[Fact]) -> list[Reported]:
    receipts = _receipts(facts)
    return [Reported(one, tuple(each for each in receipts if each.sheet == one.about.number)) for one in _sheets(facts)]


def _chosen(vault: Vault, incident: int, number: int | None) -> Reported:
    found = [one for one in _reported(vault.case(incident).facts()) if number in (None, one.sheet.about.number)]
    if not found:
        raise UsageError(
            Text("There is no such sheet.", "該当する入力票はありません。"),
            Text("Make one: `sekisho regulator sheet`.", "`sekisho regulator sheet` で作成してください。"),
        )
    return found[-1]


def _last_entries(facts: Sequence[Fact], profile: str) -> dict[str, Any]:
    own = [one.said for one in facts if one.kind == SHEETS and one.said["sheet"]["about"]["profile"] == profile]
    return dict(own[-1]["entries"]) if own else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            Text("{file} is no list of entries: {why}.", "{file} は記入内容のファイルではありません: {why}。").fill(
                file=path, why=printable(str(error))
            ),
            Text("docs/regulator.md shows such a file.", "書き方は docs/regulator.md にあります。"),
        ) from error
    except OSError as error:
        raise not_opened(path, error) from error


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise not_opened(path, error) from error
    if len(content) > LARGEST:
        raise InputError(
            Text("{file} is larger than {n} MiB.", "{file} が{n}MiBを超えています。").fill(file=path, n=LARGEST >> 20),
            Text("Keep a smaller one, or its hash.", "小さくするか、ハッシュ値を証拠として記録してください。"),
        )
    return content


def _no_form(duty: str) -> UsageError:
    return UsageError(
        Text("There is no form for {duty}.", "{duty} の様式はありません。").fill(duty=printable(duty)),
        Text("There are: {all}.", "選べるのは: {all}。").fill(all=", ".join(duties())),
    )
