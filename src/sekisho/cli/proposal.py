"""`sekisho proposal`: what waits for another actor, to be looked at, approved or refused."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action
from sekisho.cli._proposals import SHOWN
from sekisho.cli._vault import open_vault
from sekisho.wording import Text, minute, printable

if TYPE_CHECKING:
    from sekisho.actors import Proposal

LIST = Text("List what waits for another actor.", "承認待ちの提案を一覧にします。")
SHOW = Text("Show exactly what is proposed.", "提案の内容を正確に表示します。")
APPROVE = Text(
    "Approve what another actor proposes, exactly as it is shown; who proposed it then calls again.",
    "別の利用者の提案を、表示どおりの内容で承認します。その後、提案者がもう一度実行します。",
)
REFUSE = Text("Refuse what another actor proposes, or take one's own back.", "提案を却下、または取り下げます。")
HASH = Text("the first digits of its hash, 8 at least", "提案のハッシュの先頭（8桁以上）")
ALL = Text("those too that are done or refused", "実行済み・却下済みも表示")
NONE = Text("Nothing waits for anybody.", "承認待ちの提案はありません。")
STATES = {
    "open": Text("waits", "承認待ち"),
    "approved": Text("approved, not carried out yet", "承認済み・未実行"),
    "done": Text("done", "実行済み"),
    "refused": Text("refused", "却下"),
    "void": Text("void", "失効"),
}
MERGES = "merges.confirm"
OF_MERGES = Text(
    "Of merges: {n:,} ({n|it is|they are} decided with `sekisho merges proposals`).",
    "ほかに統合に関する提案{n:,}件（`sekisho merges proposals` で確認）。",
)
IS_APPROVED = Text(
    "Approved: {hash}, {action}. Now {name} gives the same call again.",
    "承認しました: {hash} {action}。{name} がもう一度同じ操作を行うと実行されます。",
)
IS_REFUSED = Text("Refused: {hash}, {action}.", "却下しました: {hash} {action}。")
BY = Text("proposed by {name} {when}", "提案: {name} {when}")
DECIDED = Text("{name}: {decision}", "{name}: {decision}")
_HIDDEN = ("sealed",)
"""What is of no use to whoever reads it: a key under its actor's own secret."""


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    every = add_action(room, "list", LIST, "sekisho proposal list --as bob", _list)
    every.add_argument("--all", action="store_true", help=str(ALL))
    for name, said, act in (("show", SHOW, _show), ("approve", APPROVE, _approve), ("refuse", REFUSE, _refuse)):
        one = add_action(room, name, said, f"sekisho proposal {name} 3f9c21d0 --as bob", act)
        one.add_argument("hash", metavar="HASH", help=str(HASH))


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _list(call: Namespace, out: Output) -> None:
    from sekisho.actors import proposals, roster_of

    with open_vault(call) as vault:
        vault.demand("proposal.list")
        names = {one.id: one.name for one in roster_of(vault).actors.values()}
        every = proposals(vault, all_of_them=call.all)
    found = [one for one in every if one.action != MERGES]
    if len(found) < len(every):
        out.note(OF_MERGES.fill(n=len(every) - len(found)))
    value = [_value(one, names) for one in found]
    out.result(value, lambda: "\n".join(_line(one, names) for one in found) or str(NONE))
    if waiting := [one for one in found if one.state == "open" and not one.approvals]:
        out.next(*(f"sekisho proposal {act} {waiting[-1].hash[:SHOWN]}" for act in ("show", "approve")))


def _show(call: Namespace, out: Output) -> None:
    from sekisho.actors import roster_of, show

    with open_vault(call) as vault:
        names = {one.id: one.name for one in roster_of(vault).actors.values()}
        found = show(vault, call.hash)
    payload = _shown(found.payload)
    out.result({**_value(found, names), "payload": payload}, lambda: "\n".join(_lines(found, names, payload)))


def _approve(call: Namespace, out: Output) -> None:
    from sekisho.actors import approve, roster_of, show

    with open_vault(call) as vault:
        found = show(vault, call.hash)
        for line in _payload_lines(_shown(found.payload)):
            out.note(line)
        approve(vault, found.hash, shown=found.payload)
        proposer = roster_of(vault).actors[found.proposer].name
    said = IS_APPROVED.fill(hash=found.hash[:SHOWN], action=_called(found.action), name=printable(proposer))
    out.result({"proposal": found.hash, "action": found.action, "decision": "approve"}, lambda: str(said))


def _refuse(call: Namespace, out: Output) -> None:
    from sekisho.actors import proposal, refuse

    with open_vault(call) as vault:
        found = proposal(vault, call.hash)
        refuse(vault, found.hash)
    said = IS_REFUSED.fill(hash=found.hash[:SHOWN], action=_called(found.action))
    out.result({"proposal": found.hash, "action": found.action, "decision": "refuse"}, lambda: str(said))


def _value(one: Proposal, names: Mapping[str, str]) -> dict[str, Any]:
    decided = {names.get(who, who): decision for who, decision in one.approvals.items()}
    return {
        "proposal": one.hash,
        "action": one.action,
        "proposer": names.get(one.proposer, one.proposer),
        "at": one.at,
        "state": one.state,
        "decisions": decided,
    }


def _line(one: Proposal, names: Mapping[str, str]) -> str:
    who = BY.fill(name=printable(names.get(one.proposer, one.proposer)), when=minute(one.at))
    decided = "".join(f"  {_decided(names, *said)}" for said in one.approvals.items())
    approved = one.state == "open" and "approve" in one.approvals.values()
    state = STATES["approved" if approved else one.state]
    return f"{one.hash[:SHOWN]}  {_called(one.action)}  {state}\n{'':{SHOWN}}  {who}{decided}"


def _called(action: str) -> str:
    """``action`` in words, and by its name in the ledger."""
    from sekisho.actors import policy

    known = policy().actions.get(action)
    return f"{known.says} [{action}]" if known else action


def _decided(names: Mapping[str, str], who: str, decision: str) -> str:
    words = {"approve": Text("approved", "承認"), "refuse": Text("refused", "却下")}
    return str(DECIDED.fill(name=printable(names.get(who, who)), decision=words[decision]))


def _lines(one: Proposal, names: Mapping[str, str], payload: Mapping[str, Any]) -> Iterator[str]:
    yield _line(one, names)
    yield one.hash
    yield from _payload_lines(payload)


def _payload_lines(payload: Mapping[str, Any]) -> Iterator[str]:
    for name, value in payload.items():
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield printable(f"  {name}: {said}")


def _shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in _HIDDEN}


COMMAND = Command(
    name="proposal",
    help=Text(
        "Look at, approve or refuse what another actor proposes.", "他の利用者の提案を確認し、承認または却下します。"
    ),
    example="sekisho proposal list --as bob",
    add_arguments=_add_arguments,
    run=_run,
)
