"""`sekisho actor`: who may act, in which role."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.cli._command import Command, Output
from sekisho.cli._options import add_action
from sekisho.cli._proposals import done
from sekisho.cli._vault import named_actor, new_secret_of_actor, open_vault
from sekisho.errors import UsageError
from sekisho.wording import Text, listed, minute, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sekisho.actors import Actor, Proposal, Roster
    from sekisho.vault import Vault

ADD = Text(
    "Add an actor with a key of their own. The first is an officer, and ends the owner's rights; with a second officer "
    "there, another one has to approve it.",
    "利用者を本人の鍵とともに追加します。最初は責任者に限り、以後は保管庫の鍵だけでは操作できません。"
    "責任者が2人以上いれば、別の責任者の承認が必要です。",
)
ROLES = Text(
    "Show what each role may do and which purposes there are; or give an actor another role.",
    "役割ごとの権限と目的の一覧を表示します。または利用者の役割を変更します。",
)
DISABLE = Text("Disable an actor at once.", "利用者を直ちに停止します。")
ENABLE = Text("Enable a disabled actor again.", "停止した利用者を再開します。")
PASSPHRASE = Text("Give one's own key another passphrase or key file.", "自分の鍵のパスフレーズ等を変更します。")
LIST = Text("List the actors and their roles.", "利用者と役割を一覧にします。")
SHOW = Text("Show an actor, and everything that was ever decided about them.", "利用者と、その経緯を表示します。")
NAME, ROLE = Text("name of the actor", "利用者の名前"), Text("the role", "役割")
NEW_KEY_FILE = Text(
    "write a new key file that opens the key, in place of a passphrase ($SEKISHO_NEW_ACTOR_PASSPHRASE, or typed)",
    "パスフレーズ（$SEKISHO_NEW_ACTOR_PASSPHRASE または入力）の代わりに新しい鍵ファイルを作る",
)
ADDED = Text("{name} is {role} now: {id}.", "{name} を{role}として登録しました: {id}。")
FIRST = Text(
    "From now on only actors act: sign in with --as {name}. Add a second and a third officer soon.",
    "以後の操作にはサインインが必要です（--as {name}）。早めに2人目・3人目の責任者を追加してください。",
)
IS_NOW = Text("{name}: {role}, {state}.", "{name}: {role}、{state}。")
IN_BRACKETS = Text("({said})", "（{said}）")
STATES = {True: Text("enabled", "有効"), False: Text("disabled", "停止")}
CHANGED = Text("The key of {name} opens with the new secret only.", "{name} の鍵を変更しました。")
NOBODY = Text(
    "There are no actors: the owner of the vault acts alone.", "利用者はいません（保管庫の所有者が操作します）。"
)


def _add_arguments(parser: ArgumentParser) -> None:
    room = parser.add_subparsers(title=str(Text("what", "操作")), metavar="ACTION", required=True)
    add = add_action(room, "add", ADD, "sekisho actor add alice --role officer", _add)
    add.add_argument("name", metavar="NAME", help=str(NAME))
    add.add_argument("--role", required=True, metavar="ROLE", help=str(ROLE))
    add.add_argument("--new-key-file", type=Path, metavar="FILE", help=str(NEW_KEY_FILE))
    roles = add_action(room, "roles", ROLES, "sekisho actor roles bob operator --as alice", _roles)
    roles.add_argument("name", nargs="?", metavar="NAME", help=str(NAME))
    roles.add_argument("role", nargs="?", metavar="ROLE", help=str(ROLE))
    for name, said, act in (("disable", DISABLE, _disable), ("enable", ENABLE, _enable), ("show", SHOW, _show)):
        one = add_action(room, name, said, f"sekisho actor {name} bob --as alice", act)
        one.add_argument("name", metavar="NAME", help=str(NAME))
    own = add_action(room, "passphrase", PASSPHRASE, "sekisho actor passphrase --as alice", _passphrase)
    own.add_argument("--new-key-file", type=Path, metavar="FILE", help=str(NEW_KEY_FILE))
    add_action(room, "list", LIST, "sekisho actor list", _list)


def _run(call: Namespace, out: Output) -> int:
    call.act(call, out)
    return 0


def _add(call: Namespace, out: Output) -> None:
    from sekisho import actors

    with open_vault(call) as vault:
        is_first = not actors.roster_of(vault).actors
        vault.demand("actor.add")
        waiting = None if is_first else actors.to_be_added(vault, call.name, call.role)
        if waiting and waiting.approvals:
            made: Actor | Proposal = actors.carry_out(vault, waiting)
        else:
            made = waiting or _enlist(call, vault)
    found = done(made, out)
    if found is None:
        return
    said = ADDED.fill(name=printable(found.name), role=_called(found.role), id=found.id)
    out.result(_value(found), lambda: str(said))
    if is_first:
        out.note(FIRST.fill(name=printable(found.name)))


def _enlist(call: Namespace, vault: Vault) -> Actor | Proposal:
    from sekisho.actors import enlist

    return enlist(vault, call.name, call.role, new_secret_of_actor(call.name, call.new_key_file))


def _roles(call: Namespace, out: Output) -> None:
    if not call.name:
        _show_roles(out)
    elif not call.role:
        raise UsageError(
            Text("No role is said.", "役割が指定されていません。"),
            Text("As: sekisho actor roles bob operator", "例: sekisho actor roles bob operator"),
        )
    else:
        from sekisho.actors import give_role

        _change(call, out, lambda vault: give_role(vault, call.name, call.role))


def _show_roles(out: Output) -> None:
    from sekisho.actors import policy

    rules = policy()
    actions = [
        {
            "action": one.name,
            "says": str(one.says),
            "by": sorted(one.by),
            "purpose": one.purpose,
            "approved_by": sorted(one.approved_by),
        }
        for one in rules.actions.values()
    ]
    value = {
        "roles": {name: str(said) for name, said in rules.roles.items()},
        "purposes": {name: str(said) for name, said in rules.purposes.items()},
        "actions": actions,
    }
    out.result(value, lambda: "\n".join(_role_lines()))


def _role_lines() -> Iterator[str]:
    from sekisho.actors import policy

    rules = policy()
    for role, said in rules.roles.items():
        yield f"{role}: {said}"
        for one in rules.actions.values():
            if role in one.by:
                yield f"  {one.name:<24} {one.says}{_conditions(one.purpose, sorted(one.approved_by))}"
    yield str(Text("purposes:", "目的:"))
    for purpose, said in rules.purposes.items():
        yield f"  {purpose:<24} {said}"


def _called(role: str) -> Text:
    from sekisho.actors import policy

    called = policy().called.get(role, role)
    return Text("{role}", "{called}（{role}）").fill(role=role, called=called)


def _conditions(purpose: bool, approved_by: list[str]) -> str:
    said = [str(Text("with a purpose", "目的が必要"))] if purpose else []
    if approved_by:
        approved = Text("approved by another {roles}", "別の{roles}の承認が必要")
        said.append(str(approved.fill(roles=" / ".join(map(str, map(_called, approved_by))))))
    return f"  {IN_BRACKETS.fill(said=listed(said))}" if said else ""


def _disable(call: Namespace, out: Output) -> None:
    from sekisho.actors import disable

    _change(call, out, lambda vault: disable(vault, call.name))


def _enable(call: Namespace, out: Output) -> None:
    from sekisho.actors import enable

    _change(call, out, lambda vault: enable(vault, call.name))


def _change(call: Namespace, out: Output, do: Callable[[Vault], Actor | Proposal]) -> None:
    with open_vault(call) as vault:
        found = done(do(vault), out)
    if found is not None:
        out.result(_value(found), lambda: str(_line(found)))


def _passphrase(call: Namespace, out: Output) -> None:
    from sekisho.actors import new_secret

    with open_vault(call) as vault:
        vault.demand("actor.secret")
        new_secret(vault, new_secret_of_actor(named_actor(call), call.new_key_file))
    said = CHANGED.fill(name=printable(named_actor(call)))
    out.result({"actor": named_actor(call)}, lambda: str(said))


def _list(call: Namespace, out: Output) -> None:
    roster = _roster(call)
    found = list(roster.actors.values())
    out.result([_value(one) for one in found], lambda: "\n".join(str(_line(one)) for one in found) or str(NOBODY))


def _show(call: Namespace, out: Output) -> None:
    from sekisho.actors import history, roster_of

    with open_vault(call) as vault:
        roster = roster_of(vault)
        actor = roster.named(call.name, enabled=False)
        found = history(vault, actor.id)
    names = {one.id: one.name for one in roster.actors.values()}
    lines = [str(_line(actor)), f"  {actor.id}", *(_happened(one, names) for one in found)]
    out.result({**_value(actor), "history": found}, lambda: "\n".join(lines))


def _happened(one: Mapping[str, str], names: Mapping[str, str]) -> str:
    when = minute(one["at"])
    return f"  {when}  {one['do']} {one.get('role', '')}  ({printable(names[one['by']])})"


def _roster(call: Namespace) -> Roster:
    from sekisho.actors import roster_of

    with open_vault(call, anybody=True) as vault:
        return roster_of(vault)


def _value(one: Actor) -> dict[str, Any]:
    return {"name": one.name, "role": one.role, "enabled": one.enabled, "id": one.id, "since": one.since}


def _line(one: Actor) -> Text:
    return IS_NOW.fill(name=printable(one.name), role=_called(one.role), state=STATES[one.enabled])


COMMAND = Command(
    name="actor",
    help=Text(
        "Add, change and list the actors: who may act in the vault, in which role, with keys of their own.",
        "利用者（保管庫を操作できる人とサービス、役割、本人の鍵）を追加・変更し、一覧にします。",
    ),
    example="sekisho actor add alice --role officer",
    add_arguments=_add_arguments,
    run=_run,
)
