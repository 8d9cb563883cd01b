"""Every error a user can see, sorted by what the reader can do about it: a message and a hint.

A `SekishoError` ends the command; it is caught once, at the edge, in `cli._main`.
A `DocumentError` never ends a run: the walk over documents turns it into the outcome of one document.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from sekisho.wording import Text


class SekishoError(Exception):
    """Ends the command. ``exit_code`` is documented in docs/cli.md."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: Text, hint: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.hint = hint


class UsageError(SekishoError):
    """The command cannot be carried out as it was written: change the call."""

    exit_code = 2


class InputError(SekishoError):
    """Something handed in (folder, register, decisions, rules) cannot be used: mend the input."""

    exit_code = 3


def not_opened(path: Path, error: OSError) -> InputError:
    """The error for a file that was handed in and cannot be opened."""
    if isinstance(error, PermissionError):
        return InputError(
            Text("{file} may not be read.", "{file} を読む権限がありません。").fill(file=path),
            Text("Run as somebody who may read it.", "読み取り権限のある利用者で実行してください。"),
        )
    why = Text("There is no file {file}.", "ファイル {file} がありません。")
    if not isinstance(error, FileNotFoundError):
        why = Text("{file} cannot be read: {why}.", "{file} を読み取れません: {why}。")
    return InputError(
        why.fill(file=path, why=error.strerror or error), Text("Check the path.", "パスを確かめてください。")
    )


class VaultError(SekishoError):
    """The vault is missing, locked by another process, of another version, or the secret is wrong."""

    exit_code = 4


class RightsError(SekishoError):
    """It is not theirs to do who are signed in: sign in as somebody who may, or have it approved."""

    exit_code = 7

    def __init__(self, message: Text, hint: Text, why: str = "role") -> None:
        """``why``: in one word, as the ledger holds it."""
        super().__init__(message, hint)
        self.why = why


class ApprovalError(RightsError):
    """It needs another actor's approval, and has none that counts."""


class HeldError(RightsError):
    """A legal hold forbids it, whoever asks."""


class LedgerError(SekishoError):
    """The ledger was damaged, cut or changed, or is not the one that the store or a witness knows."""

    exit_code = 8


class AccountError(SekishoError):
    """Numbers that must add up do not; the message names the difference. Never ignored."""

    exit_code = 5


class ReconciliationError(AccountError):
    """What was made of a leak master differs from it; nothing opens. The persons are named to who may see them."""

    differs: Mapping[str, int] = MappingProxyType({})
    """How many persons each kind of difference concerns."""


class NoMemoryError(SekishoError):
    """What was asked for needs more memory than is allowed: allow more, or ask for less at a time."""


class MachineError(SekishoError):
    """The machine failed in what it must do (a full or broken disk, too many open files): mend it and call again."""


def machine_failed(error: OSError) -> MachineError:
    """The error for a call to the system that failed for a reason that lies in the machine."""
    return MachineError(
        Text("The machine failed: {why}.", "機器またはシステムの障害です: {why}。").fill(why=error.strerror),
        Text(
            "Make room or mend the disk, then call again: what was finished is kept.",
            "空き容量などを確かめて、もう一度実行してください。完了した分は保存されています。",
        ),
    )


OF_THE_MACHINE = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ENODEV, errno.ESTALE, errno.EFBIG),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOLCK, errno.ETIMEDOUT),
    }
)
"""What errors of the system are no fault of the program."""


class MissingPartError(SekishoError):
    """A package or program is not installed, or a part of the kernel is not there: install it, or run elsewhere."""

    exit_code = 6


class SinkError(SekishoError):
    """Something that was to leave the house was not taken, or nobody can be reached: see `sekisho sinks status`."""

    exit_code = 9


class RetryableError(SinkError):
    """It may be taken later. ``wait_seconds``: what the receiver asks for."""

    def __init__(self, message: Text, hint: Text, wait_seconds: int = 0) -> None:
        super().__init__(message, hint)
        self.wait_seconds = wait_seconds


class FinalError(SinkError):
    """It will never be taken as it is: trying again changes nothing."""


class DocumentError(Exception):
    """One document could not be (wholly) read: ``reason`` is a `model.Reason`; ``detail`` holds no personal data."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class UnreadableError(DocumentError):
    """The bytes are not what they should be."""


class UnsupportedError(DocumentError):
    """We have no reader for this kind, or its helper is not installed."""


class LockedError(DocumentError):
    """No password that we hold opens it."""


class OverLimitError(DocumentError):
    """It would cost more memory, time, output or depth than it may. ``wasted``: bytes that it took to find out."""

    def __init__(self, reason: str, detail: str = "", *, wasted: int = 0) -> None:
        super().__init__(reason, detail)
        self.wasted = wasted


class VanishedError(DocumentError):
    """It was listed and is gone."""


class WrongPasswordError(Exception):
    """The password that was tried does not open this document; the walk tries the next."""
