"""Whom to believe about a ledger: the options that say so."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from sekisho.errors import UsageError
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.ledger.policy import Policy


def add_belief(parser: ArgumentParser) -> None:
    """The options ``--policy`` and ``--key``."""
    policy = Text("whom to believe, as `sekisho ledger policy` wrote it", "`sekisho ledger policy` の出力")
    parser.add_argument("--policy", type=Path, metavar="FILE", help=str(policy))
    key = Text("the ledger's key alone, in place of a policy", "ポリシーの代わりに証跡の鍵だけを指定")
    parser.add_argument("--key", metavar="VKEY", help=str(key))


def belief(call: Namespace) -> Policy:
    """Whom the call believes; raises UsageError, InputError."""
    from sekisho.flow.proving.ledger import policy_in

    if (call.policy is None) == (call.key is None):
        raise UsageError(
            Text("Whom to believe must be said.", "検証に使う鍵を指定してください。"),
            Text("Give --policy FILE or --key VKEY.", "--policy または --key のどちらかを指定してください。"),
        )
    return policy_in(call.policy, call.key)
