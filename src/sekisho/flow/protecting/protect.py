"""`sekisho protect`: from what breaks the rules to a plan that another actor approves; what came of it; passwords."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from sekisho import actors
from sekisho.errors import UsageError
from sekisho.figures import Check
from sekisho.flow.protecting.mending import tidy
from sekisho.flow.protecting.plans import is_there, must_stay, propose, summed, target_of
from sekisho.model import DOCUMENTS
from sekisho.protect import check, plan, rules
from sekisho.vault import Scan, Vault
from sekisho.vault.intake import FILES
from sekisho.vault.plans import Plan, PlanItem
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan, what came of it, and the rules held against what was found before it and by the newest scan since."""

    plan: Plan
    states: Mapping[str, int]
    left: Mapping[str, int]
    before: Check | None = None
    after: Check | None = None
    after_scan: int | None = None


def make_plan(vault: Vault, scan: Scan, demanded: rules.Rules) -> tuple[Plan, actors.Proposal | None]:
    """A plan for what breaks the rules, and its proposal, where another actor has to approve it.

    Raises UsageError where nothing breaks them, InputError where files would move to a place that is open to others.
    """
    tidy(vault, scan.about.root)
    documents = scan.read("documents", DOCUMENTS, sorted({*check.COLUMNS, *plan.COLUMNS}))
    found = check.check(documents, demanded, datetime.now(UTC))
    files = scan.read("files", FILES)
    items = plan.planned(found.table, documents, files, demanded, must_stay(vault, scan.about.scan))
    if not items:
        raise _nothing_to_do(scan)
    wishes = {**asdict(demanded.mending), "move_to": target_of(scan.about.root, demanded.mending.move_to)}
    made = vault.plans().add(
        scan.about.scan, scan.about.root, version("sekisho"), wishes, [_told(item) for item in items]
    )
    return made, propose(vault, made)


def _told(item: plan.Planned) -> dict[str, Any]:
    return {**asdict(item), "breaches": list(item.breaches)}


def release(vault: Vault, document: str, to: str | None = None) -> str:
    """The password of an encrypted document, for a named actor; that it is given stands in the ledger first.

    Raises UsageError, RightsError.
    """
    plans = vault.plans()
    given = [one for one in plans.of_document(document) if one.has_password]
    if not given:
        raise _no_password()
    whose = actors.roster_of(vault).named(to).id if to else vault.acting.actor
    item = given[0]
    with vault.act(
        "protect.release",
        about=f"{item.plan}.{item.item}".encode(),
        more={"plan": item.plan, "item": item.item, "to": whose},
    ):
        return plans.password(item)


def standing(vault: Vault, number: int, demanded: rules.Rules | None = None) -> Standing:
    """A plan, what came of it, and, where rules are given, how they were broken before and are by the newest scan."""
    plans = vault.plans()
    made = plans.plan(number)
    states, left = summed(plans, made)
    if demanded is None:
        return Standing(made, states, left)
    since = [a.scan for a in vault.scans() if a.root == made.root and a.finished and a.scan > made.scan]
    return Standing(
        made,
        states,
        left,
        before=_held_against(vault, made.scan, demanded),
        after=_held_against(vault, since[-1], demanded) if since else None,
        after_scan=since[-1] if since else None,
    )


def files_of(vault: Vault, number: int) -> list[PlanItem]:
    """Every file of a plan by its name; that somebody looked stands in the ledger first. Raises RightsError."""
    with vault.act("protect.show", counts={"plan": number}):
        return vault.plans().items(number)


def _held_against(vault: Vault, scan: int, demanded: rules.Rules) -> Check | None:
    if not is_there(vault, scan):
        return None
    documents = vault.scan(scan).read("documents", DOCUMENTS, list(check.COLUMNS))
    return check.check(documents, demanded, datetime.now(UTC))


def _nothing_to_do(scan: Scan) -> UsageError:
    return UsageError(
        Text("Nothing in scan {n} breaks the rules.", "走査{n}に規則違反はありません。").fill(n=scan.about.scan),
        Text("There is nothing to put right.", "是正するものはありません。"),
    )


def _no_password() -> UsageError:
    return UsageError(
        Text("No plan has given this document a password.", "この文書に設定したパスワードはありません。"),
        Text("Name it as `sekisho protect show` does.", "`sekisho protect show` の表記で指定してください。"),
    )
