"""What is said of a proposal that waits for another actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sekisho.cli._command import Output
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.actors import Proposal

T = TypeVar("T")
SHOWN = 16
"""Digits of a hash that are shown; as many name a proposal."""
WAITS = Text(
    "Proposed: {hash}. Another actor looks at it and approves it (`sekisho proposal show {hash}`, `sekisho proposal "
    "approve {hash}`); then give the same call again.",
    "提案しました: {hash}。別の利用者が内容を確認し（`sekisho proposal show {hash}`）、承認した後"
    "（`sekisho proposal approve {hash}`）、もう一度同じ操作を行ってください。",
)


def done(found: T | Proposal, out: Output) -> T | None:
    """What was done; None where it was proposed only, which is said."""
    from sekisho.actors import Proposal

    if not isinstance(found, Proposal):
        return found
    value = {"proposal": found.hash, "action": found.action, "state": found.state}
    out.result(value, lambda: str(WAITS.fill(hash=found.hash[:SHOWN])))
    return None
