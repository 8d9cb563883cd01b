"""The ledger as people ask for it: how it stands, whether all of it is sound, proofs and checkpoints to hand over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.errors import InputError, LedgerError, not_opened
from sekisho.ledger.checkpoint import Signed, read
from sekisho.ledger.log import CHECKPOINT, Log
from sekisho.ledger.meet import at_rest, drain, folder_of, meet, policy_of, signer_of
from sekisho.ledger.note import Note, NoteError, Verifier
from sekisho.ledger.policy import Policy, PolicyError
from sekisho.ledger.proof import Proof
from sekisho.ledger.tree import ProofError, inclusion
from sekisho.ledger.verify import Fault, Kind, Verdict, verify_now
from sekisho.ledger.witnessing import WITNESSED, Standing, standings, witnessed
from sekisho.vault import Vault
from sekisho.wording import Text

ALONE = Text(
    "No outside witness is set: whoever holds the vault's secret can rewrite the whole ledger, and nothing here would "
    "show it. Set one: `sekisho ledger witness add`; until then print checkpoints and give them away.",
    "外部の証人が設定されていません。保管庫の鍵を持つ人は証跡をすべて書き換えることができ、ここには痕跡が残りません。"
    "`sekisho ledger witness add` で設定し、それまではチェックポイントを印刷して第三者に預けてください。",
)
UNSEEN = Text(
    "The witnesses have cosigned {seen} of {size} entries: whoever holds the vault's secret can still rewrite those "
    "after them.",
    "証人が連署したのは{size}件中{seen}件です。それより後の記載は、保管庫の鍵を持つ人がまだ書き換えられます。",
)
WAITING = Text(
    "{n} {n|entry waits|entries wait} in the store for the ledger.", "証跡への書き込み待ちの記載が{n}件あります。"
)


SHOW = "ledger.show"
_STRANGER = "a signature of somebody unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """How the ledger stands; ``seen``: as many entries as the witnesses' quorum has cosigned, -1 for none."""

    origin: str
    key: str
    size: int
    waiting: int
    root: str
    witnesses: Sequence[Standing]
    seen: int

    @property
    def warnings(self) -> list[Text]:
        """What whoever relies on it must know."""
        return _warnings(self.size, self.seen, bool(self.witnesses))


@dataclass(frozen=True, slots=True)
class Checked:
    """All of a ledger, looked at; ``said``: what else is wrong, beside the ``verdict``'s faults."""

    origin: str
    verdict: Verdict
    seen: int
    warnings: Sequence[Text]
    said: Sequence[Text]

    @property
    def sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return self.verdict.sound and not self.said


def status(vault: Vault) -> Status:
    """How the ledger stands; raises LedgerError where it does not belong to the store."""
    met, signer, seen = meet(vault), signer_of(vault), witnessed(vault)
    return Status(
        origin=signer.verifier.name,
        key=str(signer.verifier),
        size=met.log.size,
        waiting=met.waiting,
        root=met.log.root.hex(),
        witnesses=standings(vault),
        seen=seen.checkpoint.size if seen else -1,
    )


def check(vault: Vault, against: Sequence[Path] = ()) -> Checked:
    """Look at every entry and hash of the vault's ledger, and hold it against the store and earlier checkpoints."""
    said: list[Text] = []
    try:
        waiting = meet(vault).waiting
    except LedgerError as error:
        waiting = 0
        said.append(error.message)
    found = check_folder(folder_of(vault), policy_of(vault), against)
    notes = [*found.warnings, *([WAITING.fill(n=waiting)] if waiting else [])]
    return Checked(found.origin, found.verdict, found.seen, notes, [*said, *found.said])


def check_folder(folder: Path, policy: Policy, against: Sequence[Path] = ()) -> Checked:
    """The same for a ledger's folder alone, as an outsider does it; raises InputError."""
    said: list[Text] = []
    try:
        log, verdict = verify_now(folder, _only_log(policy), [*policy.witnesses.values()])
    except NoteError as error:
        verdict = Verdict(0, faults=[Fault(Kind.ROOT, CHECKPOINT)])
        return Checked(_only_log(policy).name, verdict, -1, [], [_not_signed(CHECKPOINT, str(error))])
    seen = _seen(folder, log, policy, verdict, said)
    if log.signed and policy.witnesses and not _all_known(log.signed):
        said.append(_not_signed(CHECKPOINT, _STRANGER))
    for path in against:
        if not verdict.is_beginning(_earlier(path, policy).checkpoint):
            said.append(_not_the_same(path.name))
    return Checked(_only_log(policy).name, verdict, seen, _warnings(log.size, seen, bool(policy.witnesses)), said)


def prove(vault: Vault, number: int) -> Proof:
    """The proof that entry ``number`` is in the ledger, to hand over; raises InputError, RightsError, LedgerError."""
    vault.demand(SHOW)
    seen = witnessed(vault)
    with at_rest(vault) as log:
        if not 0 <= number < log.size or log.signed is None:
            raise _no_entry(number, log.size)
        signed = seen if seen and number < seen.checkpoint.size else log.signed
        hashes = inclusion(log.tiles.node, number, signed.checkpoint.size)
        return Proof(number, log.tiles.entry(number), tuple(hashes), bytes(signed.note))


def check_proof(path: Path, policy: Policy) -> tuple[Proof, Signed]:
    """The proof in a file, which holds; raises InputError where it is none, LedgerError where it proves nothing."""
    try:
        proof = Proof.of(_read(path))
        return proof, proof.check(policy)
    except (NoteError, ProofError, PolicyError) as error:
        raise LedgerError(
            Text("{file} proves nothing: {why}.", "{file} は証明になりません: {why}。").fill(file=path, why=error),
            Text("Ask for a new proof, and for the key over another way.", "証明と鍵を改めて入手してください。"),
        ) from error


def checkpoint(vault: Vault) -> tuple[Note, Status]:
    """The last checkpoint, to print or mail; raises LedgerError, InputError where there is none yet."""
    log = drain(vault)
    if log.signed is None:
        raise _no_entry(0, 0)
    return log.signed.note, status(vault)


def entries(vault: Vault, first: int, last: int) -> list[tuple[int, dict[str, Any]]]:
    """Entries ``first`` to ``last``, both included, as far as they are there; raises RightsError, LedgerError."""
    vault.demand(SHOW)
    with at_rest(vault) as log:
        start, end = max(0, first), min(last + 1, log.size)
        return [(number, json.loads(one)) for number, one in enumerate(log.entries(start, end), start)]


def size(vault: Vault) -> int:
    """How many entries the ledger holds; raises LedgerError."""
    return drain(vault).size


def policy_in(path: Path | None, key: str | None) -> Policy:
    """The policy in a file, else the one that believes a log's key alone; raises InputError."""
    try:
        if path is not None:
            policy = Policy.of(_read(path).decode("utf-8"))
            _only_log(policy)
            return policy
        return Policy(logs=(Verifier.of(key or ""),))
    except (PolicyError, NoteError, UnicodeDecodeError) as error:
        raise InputError(
            Text("That is no key or policy: {why}.", "鍵またはポリシーではありません: {why}。").fill(why=error),
            Text("`sekisho ledger policy` writes both.", "`sekisho ledger policy` が出力します。"),
        ) from error


def _seen(folder: Path, log: Log, policy: Policy, verdict: Verdict, said: list[Text]) -> int:
    """How far the witnesses' quorum has cosigned what lies there; what is wrong with that is ``said``."""
    if not policy.witnesses:
        return -1
    sizes = [-1]
    if log.signed and policy.met(log.signed.by):
        sizes.append(log.size)
    try:
        raw = (folder / WITNESSED).read_bytes()
        signed = read(raw, _only_log(policy), policy.witnesses.values())
        if not verdict.is_beginning(signed.checkpoint):
            said.append(_not_the_same(WITNESSED))
        elif not _all_known(signed):
            said.append(_not_signed(WITNESSED, _STRANGER))
        elif policy.met(signed.by):
            sizes.append(signed.checkpoint.size)
    except FileNotFoundError:
        pass
    except NoteError as error:
        said.append(_not_signed(WITNESSED, str(error)))
    return max(sizes)


def _all_known(signed: Signed) -> bool:
    """Whether every signature under it is of somebody who is believed: nobody else signs what lies there."""
    return len(signed.by) == len(signed.note.signatures)


def _warnings(size: int, seen: int, witnesses: bool) -> list[Text]:
    if not witnesses:
        return [ALONE]
    return [UNSEEN.fill(seen=max(seen, 0), size=size)] if seen < size else []


def _earlier(path: Path, policy: Policy) -> Signed:
    try:
        return read(_read(path), _only_log(policy), policy.witnesses.values())
    except NoteError as error:
        raise InputError(
            Text(
                "{file} is no checkpoint of this ledger: {why}.", "{file} はこの証跡のものではありません: {why}。"
            ).fill(file=path, why=error),
            Text("`sekisho ledger checkpoint` writes them.", "`sekisho ledger checkpoint` が出力します。"),
        ) from error


def _only_log(policy: Policy) -> Verifier:
    if len(policy.logs) != 1:
        raise PolicyError("one log is needed")
    return policy.logs[0]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise not_opened(path, error) from error


def _not_signed(name: str, why: str) -> Text:
    return Text("`{name}` is not what was signed: {why}.", "`{name}` は署名されたものではありません: {why}。").fill(
        name=name, why=why
    )


def _not_the_same(name: str) -> Text:
    return Text(
        "The ledger is not the one of the checkpoint `{name}`: entries before it were changed or are gone.",
        "チェックポイント `{name}` の証跡と一致しません。それ以前の記載が変更または削除されています。",
    ).fill(name=name)


def _no_entry(number: int, there: int) -> InputError:
    return InputError(
        Text("The ledger has no entry {n}; it holds {there}.", "証跡に{n}番の記載はありません（{there}件）。").fill(
            n=number, there=there
        ),
        Text("Entries are counted from 0.", "番号は0から数えます。"),
    )
