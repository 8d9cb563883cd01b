"""`sekisho register check`: whether everything in the register is explained by an act that the ledger holds."""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.actors import Roster, roster_of
from sekisho.actors.sign_in import SIGN_IN
from sekisho.actors.statements import Signed
from sekisho.flow.merging.merges import astray
from sekisho.flow.registering import holder_envelopes
from sekisho.ledger.read import Said, said
from sekisho.register.requested import Compared, compare
from sekisho.register.rows import read
from sekisho.report.progress import Phases
from sekisho.vault import Vault, looks
from sekisho.vault.acts import canonical
from sekisho.vault.outbox import Head
from sekisho.vault.seal import Broken, Finding, Sealed
from sekisho.wording import Text

CHECK = "register.check"
_WHOLE = frozenset({Broken.GUARD_GONE, Broken.NOBODY, Broken.ACT_TWICE})
"""Findings that leave the parts as they were brought in."""
_READABLE = frozenset({Broken.PART_CHANGED, Broken.PARTS_CHANGED, Broken.PERSON_CHANGED})
"""Findings that leave them in step with each other."""
MOST_NAMED = 100
CHECKING = Text("Register", "台帳の検査")
REQUESTS = Text("the requests", "届出")
LEDGER, PARTS = Text("the ledger's entries", "証跡の記載"), Text("the parts", "格納ファイル")
_HEADS = 1000
"""So many entries others may have put between a sign-in's signature and its entry."""


@dataclass(frozen=True, slots=True)
class Checked:
    """``acts`` of the register, those of them without a seal (``unsealed``), its ``parts``, and what is wrong.

    ``compared``: what changed against the requests for it, where there are any.
    """

    acts: int
    unsealed: tuple[int, ...]
    parts: int
    findings: tuple[Finding, ...]
    compared: Compared | None = None


def check(vault: Vault, requests: Path | None = None, since: int = 0, *, shown: bool = True) -> Checked:
    """Hold the register against the ledger, and what acts after ``since`` changed against a file of requests.

    Raises LedgerError where the ledger itself was changed, RightsError, InputError.
    """
    vault.log(CHECK)
    register = vault.register()
    with Phases(CHECKING, shown=shown) as tell:
        tell(LEDGER)
        told = _Entries(roster_of(vault))
        told.all(said(vault))
        tell(PARTS)
        seal = register.seal()
        findings = [*seal.guards(), *told.findings, *seal.compare(told.sealed, told.anew), *register.files()]
        if all(one.broken in _WHOLE for one in findings):
            findings += [
                Finding(Broken.PERSON_CHANGED, part=str(one)) for one in holder_envelopes.differing(vault)[:MOST_NAMED]
            ]
        findings += vault.merges().seal().compare(told.merges)
        findings += [Finding(Broken.STANDING_CHANGED, part=one) for one in astray(vault)[:MOST_NAMED]]
        unsealed = tuple(seal.unsealed(told.sealed))
        compared = None
        if requests is not None and all(one.broken in {*_WHOLE, *_READABLE} for one in findings):
            tell(REQUESTS)
            compared = compare(register, read(requests), since)
            named = compared.unexplained["holder"].unique()
            register.looks.see(CHECK, map(looks.holder, named), {"holders": len(named)})
    return Checked(len(register.acts()), unsealed, len(register.parts()), tuple(findings), compared)


class _Entries:
    """What the entries say of acts of the register, and who was signed in."""

    def __init__(self, roster: Roster) -> None:
        self.sealed: list[Sealed] = []
        self.merges: list[Mapping[str, Any]] = []
        self.anew: Mapping[str, Any] | None = None
        self.findings: list[Finding] = []
        self._roster = roster
        self._sessions: dict[str, str] = {}  # by session: whose
        self._heads: deque[Head] = deque(maxlen=_HEADS)
        self._has_actors = False

    def all(self, entries: Iterable[Said]) -> None:
        """Take all entries in, in order."""
        for one in entries:
            self._heads.append(one.head)
            if one.action == SIGN_IN:
                self._sign_in(one)
            elif one.action == "actor.add":
                self._has_actors = True
            if "sealed" in one.more:
                self._act(one)
            if "sealed_merges" in one.more:
                self._merges(one)
            if "sealed_anew" in one.more:
                self._anew(one)

    def _act(self, one: Said) -> None:
        sealed = Sealed.of(one.more["sealed"])
        self.sealed.append(sealed)
        if self._is_nobodys(one):
            self.findings.append(Finding(Broken.NOBODY, sealed.act))

    def _merges(self, one: Said) -> None:
        self.merges.append(one.more["sealed_merges"])
        if self._is_nobodys(one):
            run = f"{self.merges[-1]['first']}-{self.merges[-1]['last']}"
            self.findings.append(Finding(Broken.NOBODY, part=run, table="merges"))

    def _anew(self, one: Said) -> None:
        """A person was forgotten: what the parts are now, the entry of that says."""
        self.anew = one.more["sealed_anew"]
        if self._is_nobodys(one):
            self.findings.append(Finding(Broken.NOBODY, one.more["sealed_anew"]["act"]))

    def _is_nobodys(self, one: Said) -> bool:
        actor, session = one.entry["actor"], one.entry["session"]
        return self._sessions.get(session) != actor if actor else self._has_actors

    def _sign_in(self, one: Said) -> None:
        """A session counts where its actor signed it, over the ledger as it was."""
        told = {name: value for name, value in one.more.items() if name not in _BESIDE}
        actor = self._roster.actors.get(told.get("by", ""))
        if actor is None or actor.id != one.entry["actor"]:
            return
        statement = canonical({**told, "v": 1, "kind": "sign-in"})
        signed = Signed(statement, b64decode(one.more.get("signature", "")))
        roots = (head.root().hex() for head in self._heads if head.size == told.get("size"))
        if signed.is_by(actor.public) and told.get("root") == next(roots, None):
            self._sessions[told["session"]] = actor.id


_BESIDE = frozenset({"signature", "clock_went_back_from", "seen"})


def lines(checked: Checked) -> Iterator[Text]:
    """What was found, for people."""
    for one in checked.findings:
        act = one.act if one.act is not None else f"{one.table} {one.part}"
        yield SAID[one.broken].fill(act=act, part=one.part, table=one.table)


SAID = {
    Broken.PART_CHANGED: Text(
        "Act {act}: {part} ({table}) is not what was brought in then. No act explains it.",
        "操作{act}: {part}（{table}）が取り込み時と異なります。説明する操作はありません。",
    ),
    Broken.PART_ADDED: Text(
        "Act {act}: {part} ({table}) was added. No act explains it.",
        "操作{act}: {part}（{table}）が追加されています。説明する操作はありません。",
    ),
    Broken.PART_GONE: Text("Act {act}: a part of it is gone.", "操作{act}: 格納ファイルが一つ削除されています。"),
    Broken.PARTS_CHANGED: Text(
        "Act {act}: its parts are not what was brought in then.", "操作{act}: 格納ファイルが取り込み時と異なります。"
    ),
    Broken.FILE_CHANGED: Text(
        "Act {act}: the file of {part} ({table}) was changed.", "操作{act}: {part}（{table}）の実体が改変されています。"
    ),
    Broken.FILE_GONE: Text(
        "Act {act}: the file of {part} ({table}) is gone.", "操作{act}: {part}（{table}）の実体がありません。"
    ),
    Broken.ACT_CHANGED: Text("Act {act} is not what was done then.", "操作{act}の内容が、行われた時と異なります。"),
    Broken.ACT_GONE: Text("Act {act} was removed.", "操作{act}が削除されています。"),
    Broken.ACT_ADDED: Text(
        "Act {act} was put in: the ledger holds no entry of it.", "操作{act}は証跡に記載のない追加です。"
    ),
    Broken.ACT_TWICE: Text("Act {act} stands twice in the ledger.", "操作{act}が証跡に重複しています。"),
    Broken.EARLIER_CHANGED: Text(
        "Something before act {act} is not what it was then.", "操作{act}より前の内容が、その時点と異なります。"
    ),
    Broken.NOBODY: Text(
        "Act {act} was done by nobody who had signed in.", "操作{act}は、サインインした利用者によるものではありません。"
    ),
    Broken.MERGES_CHANGED: Text(
        "Of merges, acts {part} are not what was done then, or no entry of the ledger speaks of them.",
        "統合の操作{part}が行われた時と異なるか、証跡に記載がありません。",
    ),
    Broken.STANDING_CHANGED: Text(
        "Record {part} does not stand where its acts lead.", "記録 {part} の状態が操作の経緯と一致しません。"
    ),
    Broken.PERSON_CHANGED: Text(
        "What leads to holder {part} is not what the register says.",
        "{part}番目の人の索引または封筒が台帳の内容と異なります。",
    ),
    Broken.GUARD_GONE: Text(
        "The store's guard {part} is missing or was changed.", "データベースの保護 {part} がないか、改変されています。"
    ),
}
