"""What becomes of one document: whatever a parser or the finder of records raises ends here, and only here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from sekisho.documents.account import outcome_of
from sekisho.errors import DocumentError
from sekisho.model import Gap, Outcome, Reason

_IN_PART = (Outcome.UNREADABLE, Outcome.UNSUPPORTED, Outcome.LOCKED)


class Verdict:
    """Collects how the reading of one document went."""

    def __init__(self) -> None:
        self._ended: tuple[Outcome, Reason, str] | None = None
        self._gap: Gap | None = None

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Whatever is raised within becomes the outcome of this document, and of no other."""
        try:
            yield
        except DocumentError as error:
            self.end(outcome_of(error), Reason(error.reason), error.detail)
        except ModuleNotFoundError as error:
            self.end(Outcome.UNSUPPORTED, Reason.HELPER_MISSING, error.name or "")
        except MemoryError:
            self.end(Outcome.OVER_LIMIT, Reason.MEMORY)
        except (GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - hostile bytes: any error, Rust panics too
            self.end(Outcome.UNREADABLE, Reason.PARSER_FAILED, _where(error))

    def end(self, outcome: Outcome, reason: Reason, detail: str = "") -> None:
        """It came to this; the first end counts."""
        self._ended = self._ended or (outcome, reason, detail)

    def note(self, gap: Gap) -> None:
        """Something in it could not be read; the first gap counts."""
        self._gap = self._gap or gap

    def outcome(self, *, some: bool, all_locked: bool) -> tuple[Outcome, Reason, str]:
        """In the end. ``some``: something of it was read; ``all_locked``: all that it holds stayed locked."""
        if self._ended is not None:
            outcome, reason, detail = self._ended
            return Outcome.PARTLY_READ if some and outcome in _IN_PART else outcome, reason, detail
        if self._gap is not None:
            return Outcome.PARTLY_READ, self._gap.reason, self._gap.detail
        if all_locked:
            return Outcome.LOCKED, Reason.PASSWORD_UNKNOWN, ""
        return Outcome.READ, Reason.NONE, ""


def _where(error: BaseException) -> str:
    """The class of an error and the line it came from: never its text, which may quote the document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + place
