"""What a file has beside its content: owner, group, mode, ACL, further attributes, times. A new file gets them all.

An ACL is an extended attribute (``system.posix_acl_access``), and so is what Samba keeps of a file's Windows rights
(``security.NTACL``, ``user.DOSATTRIB``): they are carried over as they are.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, replace

from sekisho.protect.reasons import Left, LeftError

ACL, DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"
_NONE_KEPT = (errno.ENOTSUP, errno.ENOSYS, errno.EOPNOTSUPP)


@dataclass(frozen=True, slots=True)
class Attributes:
    """Owner and group by number, permission bits, times in nanoseconds, extended attributes by name."""

    uid: int
    gid: int
    mode: int
    accessed_ns: int
    modified_ns: int
    extended: tuple[tuple[str, bytes], ...] = ()

    def in_folder(self, folder: Attributes) -> Attributes:
        """The same, with the owner and the rights of ``folder``: who may enter there may read, and nobody else."""
        mine = tuple((name, value) for name, value in self.extended if name != ACL)
        acl = tuple((name, _without_x(value)) for name, value in folder.extended if name == ACL)
        rights = folder.mode & 0o666
        return replace(self, uid=folder.uid, gid=folder.gid, mode=rights, extended=tuple(sorted((*mine, *acl))))


def attributes_of(descriptor: int) -> Attributes:
    """What an open file has; raises OSError."""
    state = os.fstat(descriptor)
    return Attributes(
        state.st_uid,
        state.st_gid,
        stat.S_IMODE(state.st_mode),
        state.st_atime_ns,
        state.st_mtime_ns,
        _extended(descriptor),
    )


def give(descriptor: int, wanted: Attributes) -> None:
    """Have an open file of ours get ``wanted``; raises LeftError where it did not."""
    try:
        _give(descriptor, wanted)
        got = attributes_of(descriptor)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise LeftError(Left.RIGHTS_NOT_KEPT) from error
    if replace(got, accessed_ns=0) != replace(wanted, accessed_ns=0):
        raise LeftError(Left.RIGHTS_NOT_KEPT)


def _give(descriptor: int, wanted: Attributes) -> None:
    """The owner first, as a new owner loses special bits; the mode after the ACL, which shows in it; times last."""
    state = os.fstat(descriptor)
    if (state.st_uid, state.st_gid) != (wanted.uid, wanted.gid):
        os.fchown(descriptor, wanted.uid, wanted.gid)
    there = dict(_extended(descriptor))
    for name in there.keys() - dict(wanted.extended).keys():
        os.removexattr(descriptor, name)
    for name, value in wanted.extended:
        if there.get(name) != value:
            os.setxattr(descriptor, name, value)
    os.fchmod(descriptor, wanted.mode)
    os.utime(descriptor, ns=(wanted.accessed_ns, wanted.modified_ns))


def _extended(descriptor: int) -> tuple[tuple[str, bytes], ...]:
    try:
        names = os.listxattr(descriptor)
    except OSError as error:
        if error.errno in _NONE_KEPT:
            return ()
        raise
    return tuple(sorted((name, os.getxattr(descriptor, name)) for name in names))


def _without_x(acl: bytes) -> bytes:
    """A folder's ACL for a file: what lets into a folder would let run a file (layout: linux/posix_acl_xattr.h)."""
    out = bytearray(acl)
    for at in range(4, len(out), 8):
        out[at + 2] &= 6
    return bytes(out)
