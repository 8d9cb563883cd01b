"""A folder and all below it as files, in a fixed order; whatever is not to be opened comes out with its outcome.

Links are not followed, so that nothing is counted twice and no loop is walked. Names are taken as bytes: a name that is
no UTF-8 opens its file all the same and is shown with the odd bytes spelled out.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sekisho.errors import InputError
from sekisho.model import Outcome, Reason, SourceFile
from sekisho.sources.rights import Listing, acl_of, group_name, owner_name
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Rules:
    """What the user says about a folder.

    ``leave_out``: globs; one with a ``/`` is held against the path from the root (``**`` spans folders), one without
    against each name on the way. ``own``: folders of ours that are no part of what is scanned. ``rights``: an imported
    listing of the rights on a Windows share.
    """

    leave_out: tuple[str, ...] = ()
    own: tuple[Path, ...] = ()
    rights: Listing = field(default_factory=Listing)


def files(root: Path, rules: Rules) -> Iterator[SourceFile]:
    """Every file below ``root``, folder by folder, sorted by name; raises InputError where there is no such folder.

    A folder that cannot be listed comes out once, as unreadable, with a ``/`` at its end.
    """
    start = os.fsencode(root)
    walk = _Walk(rules)
    if is_folder(root):
        yield from walk.below(start, b"", left_out=False)
    else:
        yield walk.file(start, os.path.basename(start), left_out=False)


def is_folder(root: Path) -> bool:
    """Whether ``root`` is a folder, that may be listed, or a single file; raises InputError where it is neither."""
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):
            return False
        os.scandir(root).close()
    except OSError as error:
        raise _cannot_list(root, error) from error
    return True


def spelled(name: bytes) -> str:
    r"""A name as text; bytes that are no UTF-8 as ``\xNN``."""
    return name.decode("utf-8", "backslashreplace")


class _Walk:
    """One pass over a folder."""

    def __init__(self, rules: Rules) -> None:
        self._rights = rules.rights
        self._left_out = [_glob(pattern) for pattern in rules.leave_out]
        self._own = {_identity(os.fsencode(path)) for path in rules.own} - {None}

    def below(self, path: bytes, document: bytes, left_out: bool) -> Iterator[SourceFile]:
        """The files in and below one folder."""
        todo = [(path, document, left_out)]
        while todo:
            path, document, left_out = todo.pop()
            folders = []
            try:
                entries = _sorted_entries(path)
            except OSError as error:
                yield _not_seen(path, spelled(document), error)
                continue
            for entry in entries:
                name = document + entry.name
                out = left_out or self._leaves_out(spelled(name))
                if not entry.is_dir(follow_symlinks=False):
                    yield self.file(entry.path, name, out)
                elif _identity(entry.path) in self._own:
                    yield SourceFile(entry.path, spelled(name + b"/"), outcome=Outcome.LEFT_OUT, reason=Reason.BY_RULE)
                else:
                    folders.append((entry.path, name + b"/", out))
            todo.extend(reversed(folders))

    def file(self, path: bytes, name: bytes, left_out: bool) -> SourceFile:
        """One entry that is no folder."""
        document = spelled(name)
        try:
            found = os.lstat(path)
        except OSError as error:
            return _not_seen(path, document, error)
        outcome, reason = _not_to_be_opened(found.st_mode, left_out)
        return SourceFile(
            path,
            document,
            size=found.st_size,
            modified_ns=found.st_mtime_ns,
            inode=found.st_ino,
            owner=owner_name(found.st_uid),
            group=group_name(found.st_gid),
            mode=stat.S_IMODE(found.st_mode),
            acl=self._rights.of(document) or ("" if outcome else acl_of(path)),
            outcome=outcome,
            reason=reason,
        )

    def _leaves_out(self, document: str) -> bool:
        return any(pattern.search(document) for pattern in self._left_out)


def _sorted_entries(path: bytes) -> list[os.DirEntry[bytes]]:
    with os.scandir(path) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _not_to_be_opened(mode: int, left_out: bool) -> tuple[Outcome | None, Reason]:
    if stat.S_ISLNK(mode):
        return Outcome.LEFT_OUT, Reason.LINK
    if left_out:
        return Outcome.LEFT_OUT, Reason.BY_RULE
    if not stat.S_ISREG(mode):
        return Outcome.UNSUPPORTED, Reason.NOT_A_FILE
    return None, Reason.NONE


def _not_seen(path: bytes, document: str, error: OSError) -> SourceFile:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SourceFile(path, document, outcome=Outcome.VANISHED, reason=Reason.GONE)
    reason = Reason.NO_RIGHTS if isinstance(error, PermissionError) else Reason.IO_ERROR
    return SourceFile(path, document, outcome=Outcome.UNREADABLE, reason=reason)


def _identity(path: bytes) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


_GLOB_WORDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _glob(pattern: str) -> re.Pattern[str]:
    r"""``pattern`` as a regular expression to search a path for.

    >>> [bool(_glob(g).search("a/old/b.tmp")) for g in ("*.tmp", "old", "a/*/*.tmp", "a/*.tmp", "**/b.*", "a/")]
    [True, True, True, False, True, True]
    """
    anywhere = "/" not in pattern.rstrip("/")
    words = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.strip("/"))
    body = "".join(_GLOB_WORDS.get(word, re.escape(word)) for word in words)
    return re.compile(f"{'(?:^|/)' if anywhere else '^'}{body}(?:/|$)", re.DOTALL)


def _cannot_list(root: Path, error: OSError) -> InputError:
    if isinstance(error, PermissionError):
        return InputError(
            Text("The folder {root} may not be read.", "フォルダー {root} を読む権限がありません。").fill(root=root),
            Text("Run as somebody who may read it.", "読み取り権限のある利用者で実行してください。"),
        )
    return InputError(
        Text("There is no folder {root}.", "フォルダー {root} がありません。").fill(root=root),
        Text("Check the path.", "パスを確かめてください。"),
    )
