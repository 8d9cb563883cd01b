"""`sekisho protect do|undo`: what a plan says is done file by file, or taken back; what a kill cut short goes on."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sekisho import actors
from sekisho.documents.apart import Apart, ApartError
from sekisho.errors import InputError, UsageError
from sekisho.flow.protecting.plans import action_of, folder_of, make_target, must_stay, payload_of, summed
from sekisho.model import Limits
from sekisho.protect import mend
from sekisho.protect.changes import Change, Mended, mended
from sekisho.protect.locking import NEEDED
from sekisho.protect.plan import Measure
from sekisho.protect.reasons import Left, LeftError
from sekisho.vault import Vault
from sekisho.vault.backups.sealed import ChangedError
from sekisho.vault.plans import DO, DONE, LEFT, PLANNED, UNDO, UNDONE, OriginalError, Plan, PlanItem, Plans, Step
from sekisho.wording import Tell, Text, unheard

WORKING = Text("Changing files", "ファイルの変更")
_LIMITS = Limits(memory_bytes=4 << 30, seconds=300)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a plan, or of undoing it: ``states`` of all its files, and why some were ``left``."""

    plan: Plan
    states: Mapping[str, int]
    left: Mapping[str, int]
    worked: int


def carry_out(vault: Vault, number: int, tell: Tell = unheard) -> Done:
    """Do what a plan says, or go on where a run was killed; raises ApprovalError where nobody approved just this."""
    plans = vault.plans()
    made = plans.plan(number)
    tidy(vault, made.root)
    todo = plans.items(number, PLANNED)
    if made.begun is None:
        _begin(vault, made)
    elif todo:
        _go_on(vault, made)
    else:
        raise _all_done(number)
    kept = must_stay(vault, made.scan)
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
    action, payload = action_of(vault, made), payload_of(vault, made)
    waiting = actors.waiting(vault, action, payload)
    with vault.act(action, counts={"plan": made.number, **vault.plans().counts(made.number)}):
        actors.approved(vault, waiting.hash if waiting else "", payload)
        make_target(made.wishes["move_to"])
        vault.plans().begin(made.number, int(made.wishes["undo_days"]))


def _go_on(vault: Vault, made: Plan) -> None:
    """What was begun and is not done goes on, if it still is what was approved."""
    with vault.act("protect.go_on", counts={"plan": made.number, **vault.plans().counts(made.number)}):
        actors.approved_before(vault, action_of(vault, made), payload_of(vault, made))
        make_target(made.wishes["move_to"])


def _do(plans: Plans, made: Plan, item: PlanItem, work: mend.Work, why_not: Left | None) -> None:
    desk = _Desk(plans, item, DO)
    try:
        if why_not:
            raise LeftError(why_not)
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
        root=str(folder_of(made.root)),
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


def undo(vault: Vault, number: int, document: str | None = None, tell: Tell = unheard) -> Done:
    """Put back what a plan changed, or one file of it; raises UsageError where nothing of it can be undone."""
    plans = vault.plans()
    made = plans.plan(number)
    tidy(vault, made.root)
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
    try:
        if item.original is not None and not plans.has_originals(item.plan):
            raise LeftError(Left.NO_ORIGINAL)
        back = mend.take_back(change, _original(plans, item, change), desk)
        if made.wishes["note"] and back.to:
            mend.take_note_away(back, made.wishes["note"])
    except LeftError as left:
        desk.left(left.reason)
    except OSError as error:
        raise _full(error) from error
    else:
        desk.done()


def _original(plans: Plans, item: PlanItem, change: Change) -> Iterator[bytes]:
    if item.original is None:
        return
    try:
        yield from plans.original(item.plan, item.original, change.before)
    except OriginalError as error:
        raise LeftError(Left.ORIGINAL_DAMAGED) from error


def _done(plans: Plans, made: Plan, worked: int) -> Done:
    states, left = summed(plans, made)
    return Done(plans.plan(made.number), states, left, worked)


def tidy(vault: Vault, root: str) -> None:
    """Finish or take back what a killed run had begun in a folder, and give up originals whose time is over.

    Raises InputError where the folder cannot be reached.
    """
    plans = vault.plans()
    if not folder_of(root).is_dir():
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
