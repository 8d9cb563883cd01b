"""Group commit: looks of many clients become durable together. Whoever waits shares one write to the disk.

What they ask is answered in the same transaction, by one connection: each commit of another one empties the cache of a
connection, so that with one for each client a look costs several times what it costs to look.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, Self, TypeVar

from sekisho.errors import RightsError, SekishoError, VaultError
from sekisho.vault.acts import REFUSED, Acting, Draft, Seen, actors_changed
from sekisho.vault.store import Store
from sekisho.wording import Text

MOST_AT_ONCE = 1000
V = TypeVar("V")
T = TypeVar("T")


class _Waiting(Generic[V]):
    """A client that waits until its look is durable, and for its answer."""

    __slots__ = ("acting", "answer", "done", "draft", "failed", "question")

    def __init__(self, acting: Acting, draft: Draft, question: Callable[[V], tuple[Any, Seen]] | None) -> None:
        self.acting = acting
        self.draft = draft
        self.question = question
        self.answer: Any = None
        self.failed: SekishoError | None = None
        self.done = threading.Lock()
        self.done.acquire()


class Together(Generic[V]):
    """Takes looks of any number of threads. Use as a context: it opens a vault of its own, and closes it.

    ``open_vault`` and ``store_of`` it: asked in its own thread.
    """

    def __init__(self, open_vault: Callable[[], V], store_of: Callable[[V], Store]) -> None:
        self._open_vault = open_vault
        self._store_of = store_of
        self._queue: SimpleQueue[_Waiting[V] | None] = SimpleQueue()
        self._ready = threading.Event()
        self._failed: SekishoError | None = None
        self._ended = False
        self._ending = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="looks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failed:
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        with self._ending:
            self._ended = True
            self._queue.put(None)
        self._thread.join()

    def see(self, acting: Acting, draft: Draft) -> Draft:
        """Say what ``acting`` looks at; durable when it returns.

        Raises RightsError, which the ledger holds too, and VaultError: then nothing may be shown.
        """
        self._wait(_Waiting(acting, draft, None))
        return draft

    def ask(self, acting: Acting, draft: Draft, question: Callable[[V], tuple[T, Seen]]) -> T:
        """What ``question`` finds in the vault, given once the look at whom it ``seen`` is durable.

        It asks the vault that it is given and nothing else, shortly: everybody waits for it. What it raises of
        SekishoError is raised here, and the look is in the ledger all the same. Raises RightsError, VaultError.
        """
        one = _Waiting(acting, draft, question)
        self._wait(one)
        answer: T = one.answer
        return answer

    def _wait(self, one: _Waiting[V]) -> None:
        with self._ending:
            if self._ended:
                raise _not_logged()
            self._queue.put(one)
        one.done.acquire()
        if one.failed:
            raise one.failed

    def _serve(self) -> None:
        try:
            vault = self._open_vault()
        except SekishoError as error:
            self._failed = error
            self._ready.set()
            return
        self._ready.set()
        store = self._store_of(vault)
        try:
            while some := self._taken():
                _commit(vault, store, some)
        finally:
            store.close()
            self._leave_nobody_waiting()

    def _leave_nobody_waiting(self) -> None:
        with self._ending:
            self._ended = True
        while not self._queue.empty():
            if one := self._queue.get():
                one.failed = _not_logged()
                one.done.release()

    def _taken(self) -> list[_Waiting[V]]:
        """All that wait now, at least one; nothing at the end."""
        first = self._queue.get()
        some = [] if first is None else [first]
        while some and len(some) < MOST_AT_ONCE and not self._queue.empty():
            more = self._queue.get()
            if more is None:
                self._queue.put(None)
                break
            some.append(more)
        return some


def _commit(vault: V, store: Store, some: list[_Waiting[V]]) -> None:
    """Answer them and make the looks durable, or have each fail; a look that is not theirs fails alone."""
    refusals: dict[_Waiting[V], SekishoError] = {}
    failed: SekishoError | None = _not_logged()
    try:
        statements = store.actor_statements()
        store.looked(_said(vault, one, statements, refusals) for one in some)
        failed = None
    except SekishoError as error:
        failed = error
    finally:  # whatever happened, nobody takes it for logged
        for one in some:
            one.failed = failed or refusals.get(one)
            one.done.release()


def _said(
    vault: V, one: _Waiting[V], statements: int, refusals: dict[_Waiting[V], SekishoError]
) -> tuple[Acting, Draft]:
    """What the ledger is to hold of a look: itself, or that it was refused, which is put among the ``refusals``."""
    try:
        if one.acting.statements not in (None, statements):
            raise actors_changed()
        one.acting.demand(one.draft.action)
    except RightsError as error:
        refusals[one] = error
        return one.acting, Draft(REFUSED, more={"action": one.draft.action, "why": error.why})
    if one.question:
        try:
            one.answer, one.draft.seen = one.question(vault)
        except SekishoError as error:
            refusals[one] = error
    return one.acting, one.draft


def _not_logged() -> VaultError:
    return VaultError(
        Text("The look could not be logged.", "閲覧を記録できませんでした。"),
        Text("Nothing is shown without. Try again.", "記録なしには表示しません。もう一度実行してください。"),
    )
