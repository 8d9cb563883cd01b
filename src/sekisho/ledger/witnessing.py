"""The ledger's witnesses: asked to cosign whenever it grew, and what they last saw kept beside it.

``witnessed`` in the ledger's folder is the last checkpoint that as many of them cosigned as the policy wants. Up to
there not even whoever holds all keys of the vault can change an entry unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sekisho.errors import LedgerError
from sekisho.ledger.ask import LaterError, RefusedError, SilentError, StrangerError, cosignature
from sekisho.ledger.checkpoint import Signed, read
from sekisho.ledger.log import CHECKPOINT, Log
from sekisho.ledger.meet import damaged, folder_of, policy_of, signer_of, whole
from sekisho.ledger.note import Note, NoteError, Signature, Verifier
from sekisho.ledger.policy import Policy
from sekisho.ledger.tiles import TileError
from sekisho.vault import Vault
from sekisho.vault.files import write_atomically
from sekisho.wording import Text

WITNESSED = "witnessed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A witness, and the last checkpoint of ours that we hold its signature of: size -1 where there is none."""

    name: str
    key: Verifier
    url: str
    size: int = -1
    when: int = 0

    @property
    def time(self) -> str:
        """When it cosigned that, ISO 8601 in UTC."""
        return datetime.fromtimestamp(self.when, UTC).isoformat(timespec="seconds") if self.size >= 0 else ""


def witnessed(vault: Vault) -> Signed | None:
    """The last checkpoint that the policy's quorum cosigned, as far as we know; raises LedgerError."""
    policy = policy_of(vault)
    found = _read(vault, WITNESSED, policy)
    return found if found and policy.witnesses and policy.met(found.by) else None


def hold(vault: Vault) -> None:
    """Hold the ledger against what its witnesses saw last; raises LedgerError where it does not go on from there."""
    seen = witnessed(vault)
    if seen is None:
        return
    size, root = seen.checkpoint.size, seen.checkpoint.root
    with whole(folder_of(vault), shared=True):
        log = Log.open(folder_of(vault), signer_of(vault).verifier)
        if size > log.size or log.root_at(size) != root:
            raise _not_as_witnessed(size)


def standings(vault: Vault) -> list[Standing]:
    """The witnesses, and what each one cosigned last; raises LedgerError."""
    policy = policy_of(vault)
    seen = [one for one in (_read(vault, WITNESSED, policy), _read(vault, CHECKPOINT, policy)) if one]
    return [_standing(name, key, policy.urls.get(name, ""), seen) for name, key in policy.witnesses.items()]


@dataclass(slots=True)
class _Answers:
    """What the witnesses said: their signatures, who keeps silent, and who holds the ledger for another one."""

    lines: list[Signature] = field(default_factory=list)
    silent: list[Text] = field(default_factory=list)
    denied: list[LedgerError] = field(default_factory=list)


def have_cosigned(vault: Vault, log: Log) -> list[Text]:
    """Ask the witnesses that have not seen this checkpoint yet; what is said of those that keep silent.

    Raises LedgerError where one holds this ledger for another one, or has seen a later state of it.
    """
    policy, answers = policy_of(vault), _Answers()
    if log.signed is None or not policy.witnesses:
        return []
    for one in standings(vault):
        if one.url and one.size < log.size:
            _ask(vault, log, one, answers)
    if answers.lines:
        _keep(vault, policy, log, answers.lines)
    if answers.denied:
        raise answers.denied[0]
    return answers.silent


def _ask(vault: Vault, log: Log, one: Standing, answers: _Answers) -> None:
    try:
        answers.lines.append(cosignature(one.url, one.key, log, max(one.size, 0)))
    except StrangerError:
        answers.silent.append(_strange(one.name))
    except SilentError as error:
        answers.silent.append(_silent(one.name, str(error)))
    except RefusedError:
        answers.denied.append(_refused(one.name))
    except LaterError as later:
        if _size_now(vault) < later.size:
            answers.denied.append(_put_back(one.name, later.size, log.size))
    except TileError as error:
        if _size_now(vault) == log.size:  # else another process has gone on, and asks for more
            raise damaged(error.path) from error


def forget_others(vault: Vault) -> None:
    """Take the signatures of those who are witnesses no longer off what lies in the ledger; raises LedgerError."""
    policy, signer = policy_of(vault), signer_of(vault)
    known = {(key.name, key.id) for key in (signer.verifier, *policy.witnesses.values())}
    with whole(folder_of(vault)):
        for name in (CHECKPOINT, WITNESSED):
            if found := _read(vault, name, policy):
                kept = tuple(one for one in found.note.signatures if (one.name, one.id) in known)
                _put(vault, name, Note(found.note.text, kept))


def _put(vault: Vault, name: str, note: Note) -> None:
    write_atomically(folder_of(vault) / name, lambda file: file.write(bytes(note)))


def _keep(vault: Vault, policy: Policy, log: Log, lines: list[Signature]) -> None:
    """Put the signatures under the checkpoint, if it is still the last one, and keep it if the quorum is met."""
    folder, key = folder_of(vault), signer_of(vault).verifier
    with whole(folder):
        now = Log.open(folder, key, [*policy.witnesses.values()]).signed
        if now is None or log.signed is None:
            return
        base = now if now.checkpoint == log.signed.checkpoint else log.signed
        note = base.note.with_lines(lines)
        signed = read(bytes(note), key, policy.witnesses.values())
        before = _read(vault, WITNESSED, policy)
        later = before is None or not policy.met(before.by) or before.checkpoint.size <= signed.checkpoint.size
        if policy.met(signed.by) and later:
            _put(vault, WITNESSED, note)
        if base is now:
            _put(vault, CHECKPOINT, note)


def _read(vault: Vault, name: str, policy: Policy) -> Signed | None:
    try:
        raw = (folder_of(vault) / name).read_bytes()
        return read(raw, signer_of(vault).verifier, policy.witnesses.values())
    except FileNotFoundError:
        return None
    except NoteError as error:
        raise damaged(name) from error


def _standing(name: str, key: Verifier, url: str, seen: list[Signed]) -> Standing:
    signed = [(one.checkpoint.size, one.by[key] or 0) for one in seen if key in one.by]
    return Standing(name, key, url, *max(signed, default=(-1, 0)))


def _size_now(vault: Vault) -> int:
    """How far the ledger is by now: another process may have gone on with it."""
    with whole(folder_of(vault), shared=True):
        return Log.open(folder_of(vault), signer_of(vault).verifier).size


def _silent(name: str, why: str) -> Text:
    return Text(
        "The witness {name} did not cosign the ledger: {why}. It is asked again the next time.",
        "証人 {name} から証跡の連署が得られません: {why}。次回、再び求めます。",
    ).fill(name=name, why=why)


def _strange(name: str) -> Text:
    return Text(
        "The witness {name} does not know this ledger: whoever runs it starts it with --log and the key that "
        "`sekisho ledger status` shows. It is asked again the next time.",
        "証人 {name} はこの証跡を知りません。運用者は `sekisho ledger status` の鍵を --log に指定して起動してください。"
        "次回、再び求めます。",
    ).fill(name=name)


def _refused(name: str) -> LedgerError:
    return LedgerError(
        Text(
            "The witness {name} refuses the ledger: it is not the one that it cosigned before, grown.",
            "証人 {name} が連署を拒みました。以前に連署した証跡の続きではありません。",
        ).fill(name=name),
        _HINT,
    )


def _not_as_witnessed(size: int) -> LedgerError:
    said = Text(
        "The ledger is not the one of which witnesses have cosigned {n} {n|entry|entries}.",
        "証跡が、証人が{n}件まで連署したものと一致しません。",
    )
    return LedgerError(said.fill(n=size), _HINT)


def _put_back(name: str, seen: int, size: int) -> LedgerError:
    said = Text(
        "The witness {name} has cosigned {seen} entries, the ledger has {size}: the vault was put back to an earlier "
        "state.",
        "証人 {name} は{seen}件まで連署済みですが、証跡は{size}件です。保管庫が以前の状態に戻されています。",
    )
    return LedgerError(said.fill(name=name, seen=seen, size=size), _HINT)


_HINT = Text(
    "Keep a copy of everything as it is, and find out who did that; a restored copy that was gone on with has the same "
    "effect. What the witness holds: GET its URL + "
    "/<SHA-256 of the origin>/checkpoint.",
    "現状の写しを取り、原因を調べてください（復元した写しで作業を続けた場合も同じです）。"
    "証人が保持する内容は URL + /<origin の SHA-256>/checkpoint で得られます。",
)
