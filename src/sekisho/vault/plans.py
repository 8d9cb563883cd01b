"""Plans to put the rules right, what became of each file in them, the passwords that were given and the originals.

A change to a file and its row cannot be one transaction. So it is told here before it begins, with all that is needed
to go on or back (``plan_steps``), and what it came to is one act with its entry for the ledger. An original lies sealed
in ``protect/`` under its plan's own key, which can be destroyed: when the time to undo is over, nobody has it any more.
"""

from __future__ import annotations

import io
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from sekisho.clock import utc_now
from sekisho.errors import UsageError, VaultError
from sekisho.vault.acts import Draft, canonical
from sekisho.vault.backups.sealed import opened, seal, sha256_of
from sekisho.vault.files import make_folder, not_written, write_atomically
from sekisho.vault.keys.envelopes import Envelope
from sekisho.vault.keys.perishable import Perishable
from sekisho.vault.store import Store
from sekisho.wording import Text

KIND = "plan"
PLANNED, LEFT, DONE, UNDONE = "planned", "left", "done", "undone"
DO, UNDO = "do", "undo"
_ITEM = "plan, item, document, planned, state, reason, at, change, original, password IS NOT NULL, after"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. ``sha256``: of its items as they were planned; ``lapses``: until when it can be undone."""

    number: int
    scan: int
    root: str
    at: str
    program: str
    wishes: Mapping[str, Any]
    sha256: str
    begun: str | None = None
    lapses: str | None = None
    lapsed: str | None = None


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One file of a plan. ``planned``: what was found and is to be done; ``change``: what was done."""

    plan: int
    item: int
    document: str
    planned: Mapping[str, Any]
    state: str
    reason: str
    at: str
    change: dict[str, Any] | None = None
    original: str | None = None
    has_password: bool = False
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A change that is on its way. ``password``: in clear, where one is given; ``original``: where that is kept."""

    plan: int
    item: int
    way: str
    change: dict[str, Any]
    original: str | None = None
    password: str | None = None


class OriginalError(VaultError):
    """What was kept of a file is damaged or gone."""


class Plans:
    """All plans of a vault."""

    def __init__(self, store: Store, folder: Path, perishable: Perishable, key: bytes) -> None:
        self._store, self._folder, self._keys = store, folder, perishable
        self._envelope = Envelope(key)

    def add(self, scan: int, root: str, program: str, wishes: Mapping[str, Any], items: Sequence[Any]) -> Plan:
        """A new plan; ``items``: JSON-able mappings with at least ``document``, ``measure`` and ``why`` it is left.

        Raises RightsError, VaultError.
        """
        now, sha256 = utc_now(), _sha256(items)
        with self._store.act("protect.plan", about=sha256.encode()) as act:
            number = int(self._store.rows("SELECT COALESCE(MAX(plan), 0) + 1 FROM plans")[0][0])
            act.counts = {"plan": number, "scan": scan, **_counted(items)}
            row = (number, scan, root, now, program, json.dumps(wishes, ensure_ascii=False), sha256)
            self._store.run(
                "INSERT INTO plans (plan, scan, root, at, program, wishes, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)", row
            )
            rows = ((number, place, *_row(one), now) for place, one in enumerate(items, 1))
            columns = "plan, item, document, planned, state, reason, at"
            self._store.run(f"INSERT INTO plan_items ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", *rows)  # noqa: S608
        return self.plan(number)

    def all(self) -> list[Plan]:
        """Every plan, oldest first."""
        columns = "plan, scan, root, at, program, wishes, sha256, begun, lapses, lapsed"
        rows = self._store.rows(f"SELECT {columns} FROM plans ORDER BY plan")  # noqa: S608
        return [
            Plan(number, scan, root, at, program, json.loads(wishes), *rest)
            for number, scan, root, at, program, wishes, *rest in rows
        ]

    def plan(self, number: int) -> Plan:
        """One plan; raises UsageError where there is none of that number."""
        found = [one for one in self.all() if one.number == number]
        if not found:
            raise UsageError(
                Text("There is no plan {n}.", "計画{n}はありません。").fill(n=number),
                Text("`sekisho protect status` lists them.", "`sekisho protect status` で確かめてください。"),
            )
        return found[0]

    def items(self, number: int, *states: str) -> list[PlanItem]:
        """The files of a plan, in order; those in some states only where these are given.

        Raises VaultError where what was planned is not what it was.
        """
        plan = self.plan(number)
        sql = f"SELECT {_ITEM} FROM plan_items WHERE plan = ? ORDER BY item"  # noqa: S608
        items = [_item(row) for row in self._store.rows(sql, (number,))]
        if _sha256([one.planned for one in items]) != plan.sha256:
            raise _changed(number)
        return [one for one in items if not states or one.state in states]

    def counts(self, number: int) -> dict[str, int]:
        """How many files of a plan are in which state."""
        sql = "SELECT state, COUNT(*) FROM plan_items WHERE plan = ? GROUP BY state ORDER BY state"
        return dict(self._store.rows(sql, (number,)))

    def begin(self, number: int, undo_days: int) -> None:
        """Begin to carry a plan out; within the act that says so. Its originals get a key of their own."""
        [(key_id, _)] = self._keys.make(KIND)
        now = datetime.now(UTC)
        lapses = (now + timedelta(days=undo_days)).isoformat(timespec="seconds")
        self._store.run(
            "UPDATE plans SET key_id = ?, begun = ?, lapses = ? WHERE plan = ?", (key_id, utc_now(), lapses, number)
        )

    def keep_original(self, plan: int, source: BinaryIO, sha256: str) -> str:
        """Seal the original of a file, durably, and see that it opens again; gives the name that it has here.

        Raises VaultError, and ChangedError where it is another content by now.
        """
        name = f"{plan:06d}/{secrets.token_hex(16)}"
        path = self._folder / name
        try:
            make_folder(path.parent)
            write_atomically(path, lambda file: seal(self._key(plan), sha256, source, file))
        except OSError as error:
            raise not_written(error) from error
        for _ in self.original(plan, name, sha256):
            pass
        return name

    def original(self, plan: int, name: str, sha256: str) -> Iterator[bytes]:
        """What was kept; raises OriginalError where a bit of it differs, VaultError without its key."""
        key, path = self._key(plan), self._folder / name
        try:
            file = path.open("rb")
        except OSError as error:
            raise _original_gone(path) from error
        with file:
            yield from opened(key, sha256, file, lambda: _original_gone(path))

    def key_ids(self) -> list[tuple[int, bytes]]:
        """The plans whose originals are kept, and the ids of their keys."""
        rows = self._store.rows("SELECT plan, key_id FROM plans WHERE key_id IS NOT NULL AND lapsed IS NULL")
        return [(number, bytes(key_id)) for number, key_id in rows]

    def kept(self) -> Iterator[tuple[str, int, str]]:
        """Originals that must be here: name, plan, SHA-256 of the file as it was."""
        rows = self._store.rows(
            "SELECT original, plan, change FROM plan_items JOIN plans USING (plan) "
            "WHERE original IS NOT NULL AND lapsed IS NULL ORDER BY plan, item"
        )
        for name, plan, change in rows:
            yield name, plan, json.loads(change)["before"]

    def drop_original(self, name: str | None) -> None:
        """Give up what was kept."""
        if name is not None:
            (self._folder / name).unlink(missing_ok=True)

    def has_originals(self, plan: int) -> bool:
        """Whether the key of a plan's originals is here."""
        found = self._store.rows("SELECT key_id FROM plans WHERE plan = ?", (plan,))[0][0]
        return found is not None and self._keys.get(bytes(found)) is not None

    def step(self, step: Step) -> None:
        """Say that a change to a file begins now."""
        sealed = None
        if step.password is not None:
            sealed = self._envelope.seal("plan_items", "password", f"{step.plan}.{step.item}", step.password)
        row = (step.plan, step.item, step.way, json.dumps(step.change), step.original, sealed)
        with self._store.transaction():
            self._store.run(
                "INSERT INTO plan_steps (plan, item, way, change, original, password) VALUES (?, ?, ?, ?, ?, ?)", row
            )

    def steps(self) -> list[Step]:
        """Changes that are on their way, or were when they were killed; without passwords."""
        rows = self._store.rows("SELECT plan, item, way, change, original FROM plan_steps ORDER BY plan, item")
        return [Step(plan, item, way, json.loads(change), original) for plan, item, way, change, original in rows]

    def give_up(self, step: Step) -> None:
        """A change did not happen: nothing is left of it here."""
        self._forget(step)
        if step.way == DO:
            self.drop_original(step.original)

    def carried_out(self, step: Step, state: str, reason: str = "") -> None:
        """A change was carried out, or nobody can say (``left``, with a reason): what it kept stays."""
        with self._entry(step.plan, step.item, step.way, state, reason, step.change):
            sql = "SELECT change, original, password FROM plan_steps WHERE plan = ? AND item = ?"
            change, original, password = self._store.rows(sql, (step.plan, step.item))[0]
            self._become(step.plan, step.item, state, reason)
            if step.way == DO:
                kept = (change, original, password, step.change["after"], step.plan, step.item)
                columns = "change = ?, original = ?, password = ?, after = ?"
                self._store.run(f"UPDATE plan_items SET {columns} WHERE plan = ? AND item = ?", kept)  # noqa: S608
            self._store.run("DELETE FROM plan_steps WHERE plan = ? AND item = ?", (step.plan, step.item))

    def leave(self, item: PlanItem, way: str, reason: str) -> None:
        """A file stays as it is. What was planned for it is over; what was done with it can still be undone."""
        state = LEFT if way == DO else item.state
        with self._entry(item.plan, item.item, way, LEFT, reason, {"document": item.document}):
            self._become(item.plan, item.item, state, reason)

    def lapse(self) -> list[int]:
        """Give up the originals of plans whose time to undo is over; gives these plans."""
        now = utc_now()
        sql = "SELECT plan, key_id FROM plans WHERE lapses <= ? AND lapsed IS NULL ORDER BY plan"
        over = [(plan, bytes(key_id)) for plan, key_id in self._store.rows(sql, (now,))]
        for plan, key_id in over:
            with self._store.act("protect.lapse", counts={"plan": plan}):
                self._store.run("UPDATE plans SET lapsed = ? WHERE plan = ?", (now, plan))
            self._keys.destroy([key_id])
            shutil.rmtree(self._folder / f"{plan:06d}", ignore_errors=True)
        return [plan for plan, _ in over]

    def sweep(self) -> None:
        """Remove what killed runs left behind: originals that neither a file of a plan nor a change names."""
        items = self._store.rows("SELECT original FROM plan_items WHERE original IS NOT NULL")
        named = {name for (name,) in items} | {step.original for step in self.steps()}
        for path in self._folder.glob("*/*"):
            if path.relative_to(self._folder).as_posix() not in named:
                path.unlink(missing_ok=True)

    def password(self, item: PlanItem) -> str:
        """What opens an encrypted file; the caller says in the ledger that it is given away. Raises UsageError."""
        sql = "SELECT password FROM plan_items WHERE plan = ? AND item = ?"
        sealed = self._store.rows(sql, (item.plan, item.item))[0][0]
        if sealed is None:
            raise UsageError(
                Text("This file has no password of ours.", "このファイルに設定したパスワードはありません。"),
                Text(
                    "`sekisho protect show` says what was done with it.", "`sekisho protect show` で確かめてください。"
                ),
            )
        return self._envelope.open("plan_items", "password", f"{item.plan}.{item.item}", bytes(sealed))

    def of_document(self, document: str) -> list[PlanItem]:
        """What plans did with a document, newest first."""
        sql = f"SELECT {_ITEM} FROM plan_items WHERE document = ? ORDER BY plan DESC, item"  # noqa: S608
        return [_item(row) for row in self._store.rows(sql, (document,))]

    def passwords(self, root: str) -> dict[str, str]:
        """What opens the encrypted files in a folder, by their paths from there; for reading them again only.

        The folder may lie in one that a plan was made for, or around it.
        """
        within, found = f"{root.rstrip('/')}/", {}
        for plan in self.all():
            sql = f"SELECT {_ITEM} FROM plan_items WHERE password IS NOT NULL AND plan = ? ORDER BY item"  # noqa: S608
            for item in map(_item, self._store.rows(sql, (plan.number,))):
                path = f"{plan.root.rstrip('/')}/{item.document}"
                if plan.root == root:  # a file alone, too
                    found[item.document] = self.password(item)
                elif path.startswith(within):
                    found[path.removeprefix(within)] = self.password(item)
        return found

    def _key(self, plan: int) -> bytes:
        key_id = self._store.rows("SELECT key_id FROM plans WHERE plan = ?", (plan,))[0][0]
        key = None if key_id is None else self._keys.get(bytes(key_id))
        if key is None:
            raise _no_key(plan)
        return key

    def _forget(self, step: Step) -> None:
        with self._store.transaction():
            self._store.run("DELETE FROM plan_steps WHERE plan = ? AND item = ?", (step.plan, step.item))

    def _become(self, plan: int, item: int, state: str, reason: str) -> None:
        row = (state, reason, utc_now(), plan, item)
        self._store.run("UPDATE plan_items SET state = ?, reason = ?, at = ? WHERE plan = ? AND item = ?", row)

    def _entry(
        self, plan: int, item: int, way: str, state: str, reason: str, said: Mapping[str, Any]
    ) -> AbstractContextManager[Draft]:
        """The act that says what became of a file: by number, never by name."""
        about = canonical([said.get("document", ""), said.get("before", ""), said.get("after", "")])
        more = {"plan": plan, "item": item, "way": way, "state": state, "reason": reason}
        return self._store.act("protect.file", about=about, more=more)


def _row(one: Mapping[str, Any]) -> tuple[str, str, str, str]:
    state = LEFT if one["why"] else PLANNED
    return one["document"], json.dumps(one, ensure_ascii=False), state, one["why"]


def _item(row: Sequence[Any]) -> PlanItem:
    plan, item, document, said, state, reason, at, change, original, has_password, after = row
    done = json.loads(change) if change else None
    return PlanItem(
        plan, item, document, json.loads(said), state, reason, at, done, original, bool(has_password), after
    )


def _sha256(items: Sequence[Any]) -> str:
    return sha256_of(io.BytesIO(canonical(list(items))))


def _counted(items: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in items:
        found[one["measure"]] = found.get(one["measure"], 0) + 1
    return {"files": len(items), **found}


def _changed(plan: int) -> VaultError:
    return VaultError(
        Text("Plan {n} is not what was planned: it was changed.", "計画{n}は作成時と異なります（改変）。").fill(n=plan),
        Text("Check the vault, and make a new plan.", "保管庫を検査し、計画を作り直してください。"),
    )


def _original_gone(path: Path) -> OriginalError:
    said = Text(
        "The kept original {file} is damaged or gone.", "保管した元ファイル {file} が破損または欠落しています。"
    )
    return OriginalError(
        said.fill(file=path), Text("Restore the vault from a backup.", "保管庫を控えから戻してください。")
    )


def _no_key(plan: int) -> VaultError:
    return VaultError(
        Text("The key of plan {n}'s originals is not here.", "計画{n}の元ファイルの鍵がありません。").fill(n=plan),
        Text(
            "It may lie in a backup of keys: `sekisho vault restore --keys FOLDER`.",
            "鍵の控えにあれば戻せます: `sekisho vault restore --keys フォルダー`。",
        ),
    )
