"""A vault that came back from a backup, held against what others saw of its ledger: is it the last, older, altered?

Whoever alters a backup and has the vault's keys can make a ledger that is whole in itself. Only a checkpoint that lies
elsewhere shows it: one that was printed or mailed, or the one that a witness keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sekisho.errors import InputError, LedgerError, UsageError, not_opened
from sekisho.ledger.ask import LaterError, RefusedError, SilentError, cosignature
from sekisho.ledger.checkpoint import read
from sekisho.ledger.log import LockedError, Log, locked
from sekisho.ledger.meet import damaged, drain, folder_of, policy_of, signer_of
from sekisho.ledger.note import NoteError
from sekisho.ledger.verify import Verdict, verify
from sekisho.vault import Vault
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Standing:
    """``entries`` of the ledger, all looked at; ``witnessed``: whether it was held against something from outside.

    ``missing``: so many entries more were seen outside, all that was done since; 0 where it is the last or a later one.
    """

    entries: int
    witnessed: bool
    missing: int


def held_against(vault: Vault, checkpoint: Path | None, *, witness: bool = False) -> Standing:
    """Look at every entry of a vault's ledger, and hold it against a checkpoint in a file or what its witnesses keep.

    Raises InputError for what is no checkpoint of this ledger, LedgerError where entries that were seen outside differ.
    """
    log = drain(vault)
    verdict = verify(log)
    if not verdict.sound:
        raise damaged(verdict.faults[0].path)
    missing = [_by_file(vault, verdict, checkpoint)] if checkpoint else []
    missing += _by_witnesses(vault, log) if witness else []
    return Standing(log.size, bool(missing), max(missing, default=0))


def older(made: str, standing: Standing) -> LedgerError:
    """The error for a backup that others have seen the end of."""
    said = Text(
        "The backup of {made} is an older one: it ends at entry {entries}, {n:,} more {n|was|were} witnessed.",
        "{made} の控えは最新ではありません: 記載{entries}件までで、その後に証人の見た{n:,}件が含まれていません。",
    )
    return LedgerError(
        said.fill(made=made, entries=standing.entries, n=standing.missing),
        Text(
            "Look for a later backup. --older takes this one; what was done since is lost, and the ledger will say so.",
            "新しい控えを探してください。--older で復元できますが、その後の操作は失われ、証跡に残ります。",
        ),
    )


@contextmanager
def still(vault: Vault) -> Iterator[None]:
    """Nobody brings entries into the ledger meanwhile; raises LedgerError."""
    try:
        with locked(folder_of(vault), shared=True):
            yield
    except LockedError as error:
        raise LedgerError(
            Text("The ledger is in use by another process.", "証跡は別のプロセスが使用中です。"),
            Text("Try again. Nothing is lost.", "もう一度実行してください。失われたものはありません。"),
        ) from error


def _by_file(vault: Vault, verdict: Verdict, path: Path) -> int:
    """How many entries of the checkpoint in a file are missing."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise not_opened(path, error) from error
    policy = policy_of(vault)
    try:
        seen = read(raw, signer_of(vault).verifier, policy.witnesses.values()).checkpoint
    except NoteError as error:
        said = Text(
            "{file} is no checkpoint of this vault's ledger.",
            "{file} はこの保管庫の証跡のチェックポイントではありません。",
        )
        raise InputError(
            said.fill(file=path),
            Text(
                "`sekisho ledger checkpoint` writes one.",
                "`sekisho ledger checkpoint` が書き出したものを指定してください。",
            ),
        ) from error
    if seen.size <= verdict.size and not verdict.is_beginning(seen):
        raise _altered()
    return max(0, seen.size - verdict.size)


def _by_witnesses(vault: Vault, log: Log) -> list[int]:
    """How many entries are missing, by each witness that can be reached; raises UsageError where there is none."""
    policy, found, silent = policy_of(vault), [], ""
    for name, key in policy.witnesses.items():
        if name not in policy.urls:
            continue
        try:
            cosignature(policy.urls[name], key, log, log.size)
            found.append(0)
        except LaterError as error:
            found.append(error.size - log.size)
        except RefusedError as error:
            raise _altered() from error
        except SilentError as error:
            silent = f"{name}: {error}"
    if not found:
        raise UsageError(
            Text("No witness answers. {why}", "応答する証人がいません。{why}").fill(why=silent),
            Text("Give a checkpoint in a file: --checkpoint FILE.", "--checkpoint でファイルを指定してください。"),
        )
    return found


def _altered() -> LedgerError:
    return LedgerError(
        Text(
            "The backup was altered: its ledger is not the one that was witnessed.",
            "控えは改変されています。証跡が証人の見たものと一致しません。",
        ),
        Text(
            "Trust nothing in it. Keep it as evidence, and take another backup.",
            "内容を信用せず、証拠として保全し、別の控えを使ってください。",
        ),
    )
