"""`sekisho protect`: from what breaks the rules to a plan that another actor approves, done, proven, and undone."""

from __future__ import annotations

import os
import stat
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from sekisho import actors
from sekisho.documents.apart import Apart, ApartError
from sekisho.errors import InputError, UsageError
from sekisho.figures import Check
from sekisho.model import DOCUMENTS, Limits
from sekisho.protect import check, mend, plan, rules
from sekisho.protect.changes import Change, Mended, mended
from sekisho.protect.locking import NEEDED
from sekisho.protect.plan import Measure
from sekisho.protect.reasons import Left, LeftError
from sekisho.vault import Scan, Vault
from sekisho.vault.incidents import State
from sekisho.vault.intake import FILES
from sekisho.vault.plans import DO, DONE, LEFT, PLANNED, UNDO, UNDONE, Plan, PlanItem, Plans, Step
from sekisho.vault.sealed import ChangedError
from sekisho.wording import Tell, Text, unheard

WORKING = Text("Working, files", "処理（ファイル）")
_LIMITS = Limits(memory_bytes=4 << 30, seconds=300)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a plan, or of undoing it: ``states`` of all its files, and why some were ``left``."""

    plan: Plan
    states: Mapping[str, int]
    left: Mapping[str, int]
    worked: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan, what came of it, and the rules held against what was found before it and by the newest scan since."""

    plan: Plan
    states: Mapping[str, int]
    left: Mapping[str, int]
    before: Check | None = None
    after: Check | None = None
    after_scan: int | None = None


# --- planning


def make_plan(vault: Vault, scan: Scan, demanded: rules.Rules) -> tuple[Plan, actors.Proposal | None]:
    """A plan for what breaks the rules, and its proposal, where another actor has to approve it.

    Raises UsageError where nothing breaks them, InputError where files would move to a place that is open to others.
    """
    _tidy(vault, scan.about.root)
    documents = scan.read("documents", DOCUMENTS, sorted({*check.COLUMNS, *plan.COLUMNS}))
    found = check.check(documents, demanded, datetime.now(UTC))
    files = scan.read("files", FILES)
    items = plan.planned(found.table, documents, files, demanded, _kept(vault, scan))
    if not items:
        raise _nothing_to_do(scan)
    wishes = {**asdict(demanded.mending), "move_to": _target(scan.about.root, demanded.mending.move_to)}
    made = vault.plans().add(
        scan.about.scan, scan.about.root, version("sekisho"), wishes, [_told(item) for item in items]
    )
    return made, propose(vault, made)


def propose(vault: Vault, made: Plan) -> actors.Proposal | None:
    """The proposal to carry a plan out; None where nobody has to approve it, or there are no actors to."""
    action, payload = _action(vault, made), _payload(vault, made)
    if not vault.acting.actor or not actors.needs_approval(vault, action, payload):
        return None
    return actors.waiting(vault, action, payload) or actors.propose(vault, action, payload)


def _told(item: plan.Planned) -> dict[str, Any]:
    return {**asdict(item), "breaches": list(item.breaches)}


def _kept(vault: Vault, scan: Scan) -> Callable[[str], Left | None]:
    """Why a content must stay: any scan of an open incident, or of one under legal hold, found it."""
    incidents = {one.number: one for one in vault.incidents().all()}
    reasons: dict[str, Left] = {}
    mine: Left | None = None
    for about in vault.scans():
        number = vault.incidents().of_scan(about.scan)
        incident = incidents.get(number) if number is not None else None
        if incident is None or not (incident.held or incident.state is State.OPEN):
            continue
        why = Left.LEGAL_HOLD if incident.held else Left.INCIDENT
        if about.scan == scan.about.scan:
            mine = why
        for part in vault.scan(about.scan).batches("documents", ["sha256"]):
            reasons |= dict.fromkeys(filter(None, part["sha256"].to_pylist()), why)
    return lambda sha256: mine or reasons.get(sha256)


def _target(root: str, move_to: str) -> str:
    """The folder that files move to, as an absolute path; raises InputError where others may enter it."""
    if not move_to:
        return ""
    folder = _folder_of(root) / move_to
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise _no_target(folder, error.strerror or str(error)) from error
    if not stat.S_ISDIR(mode) or mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH):
        raise _no_target(folder, str(Text("others may enter it", "その他の利用者が入れます")))
    return str(folder.resolve())


def _folder_of(root: str) -> Path:
    path = Path(root)
    return path.parent if path.is_file() else path


# --- doing


def carry_out(vault: Vault, number: int, tell: Tell = unheard) -> Done:
    """Do what a plan says, or go on where a run was killed; raises ApprovalError where nobody approved just this."""
    plans = vault.plans()
    made = plans.plan(number)
    _tidy(vault, made.root)
    todo = plans.items(number, PLANNED)
    if made.begun is None:
        _begin(vault, made)
    elif todo:
        _go_on(vault, made)
    else:
        raise _all_done(number)
    kept = _kept(vault, vault.scan(made.scan)) if _is_there(vault, made.scan) else lambda _: None
    for at, (item, work) in enumerate(_on_their_way(made, todo)):
        tell(WORKING, at, len(todo))
        _do(plans, made, item, work, kept(item.planned["sha256"]))
    return _done(plans, made, len(todo))


def _on_their_way(made: Plan, todo: Sequence[PlanItem]) -> Iterator[tuple[PlanItem, mend.Work]]:
    """Each file in turn, with the next ones already at work: as many as there are cores."""
    cores = len(os.sched_getaffinity(0))
    ahead: deque[tuple[PlanItem, mend.Work]] = deque()
    coming = iter(todo)
    with _apart() as apart, ThreadPoolExecutor(cores) as pool, ExitStack() as held:
        held.callback(_let_go, ahead)
        while True:
            while len(ahead) <= cores and (item := next(coming, None)) is not None:
                ahead.append((item, mend.Work(_order(made, item), apart, pool)))
            if not ahead:
                return
            item, work = ahead.popleft()
            with work:
                yield item, work


def _let_go(ahead: deque[tuple[PlanItem, mend.Work]]) -> None:
    for _, work in ahead:
        work.close()


def _begin(vault: Vault, made: Plan) -> None:
    action, payload = _action(vault, made), _payload(vault, made)
    waiting = actors.waiting(vault, action, payload)
    with vault.act(action, counts={"plan": made.number, **vault.plans().counts(made.number)}):
        actors.approved(vault, waiting.hash if waiting else "", payload)
        vault.plans().begin(made.number, int(made.wishes["undo_days"]))


def _go_on(vault: Vault, made: Plan) -> None:
    """What was begun and is not done goes on, if it still is what was approved."""
    with vault.act("protect.go_on", counts={"plan": made.number, **vault.plans().counts(made.number)}):
        actors.approved_before(vault, _action(vault, made), _payload(vault, made))


def _action(vault: Vault, made: Plan) -> str:
    """Deleting is an act of its own: who may encrypt may not always delete."""
    return "protect.delete" if _measures(vault, made)[Measure.DELETE] else "protect.do"


def _payload(vault: Vault, made: Plan) -> dict[str, Any]:
    """Exactly what is approved: every file with its content and what is to be done with it, by the hash of them all."""
    said = {"plan": made.number, "scan": made.scan, "sha256": made.sha256, "wishes": dict(made.wishes)}
    return {**said, **_measures(vault, made)}


def _measures(vault: Vault, made: Plan) -> Counter[str]:
    """How many files each measure was planned for."""
    return Counter(one.planned["measure"] for one in vault.plans().items(made.number) if not one.planned["why"])


def _do(plans: Plans, made: Plan, item: PlanItem, work: mend.Work, must_stay: Left | None) -> None:
    desk = _Desk(plans, item, DO)
    try:
        if must_stay:
            raise LeftError(must_stay)
        change = work.finish(desk)
        if made.wishes["note"] and change.to:
            mend.leave_note(change, made.wishes["note"])
    except LeftError as left:
        work.close()  # what is held by a lease can be opened by nobody, not even by us
        desk.left(left.reason)
    except OSError as error:
        raise _full(error) from error
    else:
        desk.done()


def _order(made: Plan, item: PlanItem) -> mend.Order:
    said = item.planned
    return mend.Order(
        root=str(_folder_of(made.root)),
        document=item.document,
        sha256=said["sha256"],
        kind=said["kind"],
        measure=Measure(said["measure"]),
        otherwise=Measure(said["otherwise"]),
        move_to=made.wishes["move_to"],
    )


class _Desk:
    """What the vault does for one file on its way."""

    def __init__(self, plans: Plans, item: PlanItem, way: str) -> None:
        self._plans, self._item, self._way = plans, item, way
        self._original: str | None = None
        self._step: Step | None = None

    def keep(self, original: BinaryIO, sha256: str) -> None:
        try:
            self._original = self._plans.keep_original(self._item.plan, original, sha256)
        except ChangedError as error:
            raise LeftError(Left.CHANGED) from error

    def begin(self, change: Change, password: str | None) -> None:
        item = self._item
        self._step = Step(item.plan, item.item, self._way, change.as_json(), self._original, password)
        self._plans.step(self._step)

    def done(self) -> None:
        """All of it was done."""
        assert self._step is not None
        _settle(self._plans, self._step, Mended.DONE)

    def left(self, reason: Left) -> None:
        """It did not come to its end; once it was begun, what lies there says what it came to."""
        came_to = Mended.BACK
        if self._step is not None:
            came_to = _came_to(self._step)
            _settle(self._plans, self._step, came_to)
        elif self._way == DO:
            self._plans.drop_original(self._original)
        if came_to is Mended.BACK:
            self._plans.leave(self._item, self._way, reason)


# --- undoing


def undo(vault: Vault, number: int, document: str | None = None, tell: Tell = unheard) -> Done:
    """Put back what a plan changed, or one file of it; raises UsageError where nothing of it can be undone."""
    plans = vault.plans()
    made = plans.plan(number)
    _tidy(vault, made.root)
    made = plans.plan(number)
    todo = [one for one in plans.items(number, DONE) if document in (None, one.document)]
    if made.lapsed or not todo:
        raise _nothing_to_undo(made)
    with vault.act("protect.undo", counts={"plan": number, "files": len(todo)}):
        pass
    for at, item in enumerate(todo):
        tell(WORKING, at, len(todo))
        _undo(plans, made, item)
    return _done(plans, made, len(todo))


def _undo(plans: Plans, made: Plan, item: PlanItem) -> None:
    assert item.change is not None
    change, desk = Change.from_json(item.change), _Desk(plans, item, UNDO)
    original: Iterator[bytes] = iter(())
    if item.original is not None:
        original = plans.original(item.plan, item.original, change.before)
    try:
        if item.original is not None and not plans.has_originals(item.plan):
            raise LeftError(Left.NO_ORIGINAL)
        back = mend.take_back(change, original, desk)
        if made.wishes["note"] and back.to:
            mend.take_note_away(back, made.wishes["note"])
    except LeftError as left:
        desk.left(left.reason)
    except OSError as error:
        raise _full(error) from error
    else:
        desk.done()


# --- after a kill


def _tidy(vault: Vault, root: str) -> None:
    """Finish or take back what a killed run had begun in a folder, and give up originals whose time is over.

    Raises InputError where the folder cannot be reached.
    """
    plans = vault.plans()
    if not _folder_of(root).is_dir():
        raise _not_there(root)
    of_root = {one.number for one in plans.all() if one.root == root}
    for step in [step for step in plans.steps() if step.plan in of_root]:
        _settle(plans, step, _came_to(step))
    plans.sweep()
    plans.lapse()


def _settle(plans: Plans, step: Step, came_to: Mended) -> None:
    """Have the vault know what a change came to."""
    if came_to is Mended.DONE:
        plans.carried_out(step, DONE if step.way == DO else UNDONE)
    elif came_to is Mended.BACK:
        plans.give_up(step)
    else:
        plans.carried_out(step, LEFT if step.way == DO else DONE, Left.CHANGED)


def _came_to(step: Step) -> Mended:
    """What a change came to; a folder on the way that is gone, or a link now, tells nothing."""
    change = Change.from_json(step.change)
    try:
        return mended(change)
    except LeftError as left:
        reachable = all(Path(folder).is_dir() for folder in (change.root, change.to_root) if folder)
        if reachable and left.reason in (Left.GONE, Left.NOT_A_FILE):
            return Mended.UNSURE
        raise _out_of_reach(step, left.reason) from left


# --- passwords


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


# --- what is so


def standing(vault: Vault, number: int, demanded: rules.Rules | None = None) -> Standing:
    """A plan, what came of it, and, where rules are given, how they were broken before and are by the newest scan."""
    plans = vault.plans()
    made = plans.plan(number)
    states, left = _summed(plans, made)
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
    if not _is_there(vault, scan):
        return None
    documents = vault.scan(scan).read("documents", DOCUMENTS, list(check.COLUMNS))
    return check.check(documents, demanded, datetime.now(UTC))


def _is_there(vault: Vault, scan: int) -> bool:
    return scan in {about.scan for about in vault.scans()}


def _done(plans: Plans, made: Plan, worked: int) -> Done:
    states, left = _summed(plans, made)
    return Done(plans.plan(made.number), states, left, worked)


def _summed(plans: Plans, made: Plan) -> tuple[dict[str, int], dict[str, int]]:
    items = plans.items(made.number)
    return dict(Counter(one.state for one in items)), dict(Counter(one.reason for one in items if one.reason))


@contextmanager
def _apart() -> Iterator[mend.Apart]:
    with Apart(NEEDED, _LIMITS) as apart:
        yield partial(_run, apart)


def _run(apart: Apart, function: Callable[..., bytes], *arguments: object) -> bytes:
    try:
        return apart.run(function, *arguments)
    except ApartError as error:
        known = error.reason in set(Left)
        raise LeftError(Left(error.reason) if known else Left.FAILED) from error


# --- errors


def _nothing_to_do(scan: Scan) -> UsageError:
    return UsageError(
        Text("Nothing in scan {n} breaks the rules.", "走査{n}に規則違反はありません。").fill(n=scan.about.scan),
        Text("There is nothing to put right.", "是正するものはありません。"),
    )


def _no_target(folder: Path, why: str) -> InputError:
    return InputError(
        Text("Files cannot move to {folder}: {why}.", "{folder} には移動できません: {why}。").fill(
            folder=folder, why=why
        ),
        Text("Name a folder that nobody else may enter.", "ほかの利用者が入れないフォルダーを指定してください。"),
    )


def _all_done(number: int) -> UsageError:
    return UsageError(
        Text("Plan {n} is carried out.", "計画{n}は実行済みです。").fill(n=number),
        Text("`sekisho protect status` says what came of it.", "結果は `sekisho protect status` で確かめられます。"),
    )


def _nothing_to_undo(made: Plan) -> UsageError:
    why = Text("Nothing of plan {n} can be undone.", "計画{n}に取り消せるものはありません。")
    if made.lapsed:
        why = Text("The time to undo plan {n} is over.", "計画{n}の取り消し期限を過ぎました。")
    return UsageError(
        why.fill(n=made.number),
        Text("`sekisho protect status` says what came of it.", "結果は `sekisho protect status` で確かめられます。"),
    )


def _no_password() -> UsageError:
    return UsageError(
        Text("No plan has given this document a password.", "この文書に設定したパスワードはありません。"),
        Text("Name it as `sekisho protect show` does.", "`sekisho protect show` の表記で指定してください。"),
    )


def _full(error: OSError) -> InputError:
    return InputError(
        Text("The share takes nothing more: {why}.", "共有に書き込めません: {why}。").fill(
            why=os.strerror(error.errno or 0)
        ),
        Text("Make room, then call again: it goes on there.", "空きを作って再実行してください。続きから行います。"),
    )


def _not_there(root: str) -> InputError:
    return InputError(
        Text("The folder {root} cannot be reached.", "フォルダー {root} に到達できません。").fill(root=root),
        Text("Nothing was done. Make the share reachable.", "何も行っていません。共有に接続してください。"),
    )


def _out_of_reach(step: Step, why: Left) -> InputError:
    return InputError(
        Text(
            "A change of plan {n} was cut short, and its file cannot be reached: {why}.",
            "計画{n}の処理が途中で止まり、対象に到達できません: {why}。",
        ).fill(n=step.plan, why=why),
        Text("Make the share reachable, then call again.", "共有に接続して再実行してください。"),
    )
