"""`sekisho announce`: what everybody is told of a leak, once its leak master reconciles and a second one agrees."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sekisho.actions import announce
from sekisho.actions.announce import Announcement, Before, Facts, Words
from sekisho.actions.announcement import paper
from sekisho.actions.public import public
from sekisho.actions.words import words_of
from sekisho.actors import Proposal
from sekisho.clock import utc_now
from sekisho.countries.announcements import wording
from sekisho.disclosure import BELOW
from sekisho.errors import InputError, UsageError, not_opened
from sekisho.flow.assessing.case import demand_open, known
from sekisho.flow.assessing.gate import opened, opened_to_prepare
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.flow.handing_out import write
from sekisho.incidents.announced import leaked
from sekisho.incidents.case import Known
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import version_of
from sekisho.paper import moment
from sekisho.report import paper as render
from sekisho.vault import Vault
from sekisho.vault.acts import canonical
from sekisho.vault.case import Fact
from sekisho.wording import LANGUAGES, Text

DRAFT, PUBLISH, SHOW = "announce.draft", "announce.publish", "announce.show"
DRAFTED, PUBLISHED = "announcement_draft", "announcement"
WHAT = "announcement"


@dataclass(frozen=True, slots=True)
class Issued:
    """An announcement and where it stands. ``fact``: of the draft; ``published``: when, None for a draft."""

    made: Announcement
    fact: int
    published: str | None = None

    @property
    def sha256(self) -> str:
        """Of everything that it says: what is proposed and approved."""
        return hashlib.sha256(canonical(self.made.as_json())).hexdigest()

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"announcement-{self.made.number}" + ("" if self.published else "-draft")


def draft(
    vault: Vault, incident: int, words: Path | None = None, day: date | None = None, below: int = BELOW
) -> Issued:
    """Make a draft from the leak master's last version; nobody outside is told anything.

    ``words``: a file; without it those of the last draft. Raises InputError, ReconciliationError, RightsError.
    """
    vault.demand(DRAFT)
    demand_open(vault, incident)
    stamp = opened_to_prepare(vault, incident, DRAFT)
    facts, found = vault.case(incident).facts(), known(vault, incident)
    earlier = _published(facts)
    last = earlier[-1].made if earlier else None
    made = Announcement(
        incident=incident,
        number=len(earlier) + 1,
        day=(day or datetime.now(found.place).date()).isoformat(),
        version=stamp.version,
        at=stamp.at,
        program=version("sekisho"),
        figures=announce.figures(
            leaked(vault.leak(incident), stamp.version), [one.made.figures for one in earlier], below
        ),
        facts=_facts(found, uncounted=not is_counted(found, version_of(vault.leak(incident), stamp.version))),
        words=_read(words) if words else _last_words(facts),
        before=Before(last.number, last.day, last.figures) if last else None,
        zone=found.zone,
    )
    said = made.as_json()
    fact = vault.case(incident).say(DRAFT, DRAFTED, said, number=made.number, version=made.version)
    return Issued(made, fact)


def publish(vault: Vault, incident: int, sinks: Sequence[str] = ()) -> Issued | Proposal:
    """Publish the last draft: it counts as told from now on. Another actor approves exactly that draft.

    ``sinks``: where it is sent, too. Raises UsageError, InputError, ReconciliationError, RightsError, ApprovalError.
    """
    vault.demand(PUBLISH)
    demand_open(vault, incident)
    one = _last_draft(vault, incident)
    _look_complete(one.made)
    for name in sinks:
        vault.sinks().sink(name)  # raises where there is none
    stamp = opened(vault, incident, PUBLISH)
    if stamp.version != one.made.version:
        raise _outdated(one.made.version, stamp.version)
    said = {"draft": one.fact, "sha256": one.sha256}
    payload = {"incident": incident, "number": one.made.number, "version": stamp.version, "sinks": list(sinks), **said}
    return approved_or_proposed(vault, PUBLISH, payload, lambda: _publish(vault, one, said, sinks))


def issued(vault: Vault, incident: int) -> list[Issued]:
    """Everything that was published, oldest first, and the last draft where it is newer."""
    vault.incidents().incident(incident)
    vault.log(SHOW, incident=incident)
    facts = vault.case(incident).facts()
    found, drafts = _published(facts), _drafts(facts)
    newer = [one for one in drafts.values() if one.fact > max((each.fact for each in found), default=0)]
    return found + newer[-1:]


def chosen(vault: Vault, incident: int, number: int | None = None) -> Issued:
    """One of them by its number, else the last; raises UsageError."""
    found = [one for one in issued(vault, incident) if number in (None, one.made.number)]
    if not found:
        raise UsageError(
            Text("There is no such announcement.", "該当する公表資料はありません。"),
            Text("Make a draft: `sekisho announce draft`.", "`sekisho announce draft` で案を作成してください。"),
        )
    return found[-1]


def published_days(facts: Sequence[Fact]) -> tuple[str, ...]:
    """The days of the notices that were published, oldest first."""
    return tuple(one.made.day for one in _published(facts))


def write_out(one: Issued, folder: Path, *, force: bool = False) -> list[Path]:
    """Write it in both languages as page, PDF, text and JSON, and their hashes; raises UsageError, MissingPartError."""
    return write(folder, one.name, products(one), force=force)


def products(one: Issued) -> Mapping[str, bytes]:
    """All that is handed out, by the names of files; of the same announcement always the same bytes."""
    made = one.made
    page = paper(made, wording(), draft=one.published is None)
    at = datetime.fromisoformat(one.published or made.at).astimezone(UTC)
    found = {}
    for language in LANGUAGES:
        name = f"{one.name}.{language}"
        found[f"{name}.html"] = render.html(page, language).encode()
        found[f"{name}.pdf"] = render.pdf(page, language, at)
        found[f"{name}.txt"] = render.text(page, language).encode()
    told = public(made, wording(), one.published)
    found[f"{one.name}.json"] = (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()
    return found


def text(one: Issued, language: str) -> str:
    """The same for a terminal."""
    return render.text(paper(one.made, wording(), draft=one.published is None), language)


def _publish(vault: Vault, one: Issued, said: Mapping[str, Any], sinks: Sequence[str]) -> Issued:
    incident, at = one.made.incident, utc_now()
    done = Issued(one.made, one.fact, at)
    parcels = vault.parcels(incident)
    kept = parcels.keep(products(done)) if sinks else None
    with vault.act(PUBLISH, incident=incident, counts={"number": one.made.number, "version": one.made.version}):
        vault.case(incident).put(PUBLISHED, {**said, "at": at})
        for sink in sinks:
            assert kept
            parcels.put(sink, done.name, WHAT, kept)
    return done


def _drafts(facts: Sequence[Fact]) -> dict[int, Issued]:
    return {one.number: Issued(announce.read(one.said), one.number) for one in facts if one.kind == DRAFTED}


def _published(facts: Sequence[Fact]) -> list[Issued]:
    drafts = _drafts(facts)
    said = [one.said for one in facts if one.kind == PUBLISHED]
    return [Issued(drafts[one["draft"]].made, one["draft"], one["at"]) for one in said]


def _last_draft(vault: Vault, incident: int) -> Issued:
    facts = vault.case(incident).facts()
    told, drafts = _published(facts), list(_drafts(facts).values())
    if not drafts or (told and drafts[-1].fact <= told[-1].fact):
        raise UsageError(
            Text("There is no draft that was not published.", "未公表の案がありません。"),
            Text("Make one: `sekisho announce draft`.", "`sekisho announce draft` で作成してください。"),
        )
    return drafts[-1]


def _last_words(facts: Sequence[Fact]) -> Words:
    drafts = list(_drafts(facts).values())
    return drafts[-1].made.words if drafts else Words()


def _read(path: Path) -> Words:
    try:
        return words_of(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            Text("{file} is not UTF-8.", "{file} が UTF-8 ではありません。").fill(file=path),
            Text("Save it as UTF-8.", "UTF-8 で保存してください。"),
        ) from error
    except OSError as error:
        raise not_opened(path, error) from error


def _facts(found: Known, *, uncounted: bool) -> Facts:
    began, knew = found.began, found.knew
    return Facts(
        kind=str(found.kind or ""),
        first_infection=moment(began.at, whole_day=began.whole_day) if began else announce.NOTHING,
        known_at=moment(knew.at, whole_day=knew.whole_day) if knew else announce.NOTHING,
        systems_not_known=sum(one.status == "not_known" for one in found.systems),
        uncounted=uncounted,
    )


def _look_complete(made: Announcement) -> None:
    if missing := made.words.missing():
        raise InputError(
            Text("This cannot be published; it lacks: {names}.", "公表できません。不足: {names}。").fill(
                names=", ".join(missing)
            ),
            Text(
                "Say it in the words' file, in both languages: `sekisho announce draft --words FILE`.",
                "文言ファイルに両言語で記載してください: `sekisho announce draft --words FILE`。",
            ),
        )


def _outdated(drafted: int, now: int) -> UsageError:
    return UsageError(
        Text(
            "The draft tells version {drafted}; the leak master is at version {now}.",
            "案は第{drafted}版のものですが、対象者名簿は第{now}版です。",
        ).fill(drafted=drafted, now=now),
        Text("Make another: `sekisho announce draft`.", "`sekisho announce draft` で作り直してください。"),
    )
