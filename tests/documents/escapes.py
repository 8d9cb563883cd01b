"""What a reader that was taken over would try, each once; imported by the zygote by name, and run within a child."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import resource
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sekisho.documents import helper
from sekisho.documents.account import document_rows, unopened
from sekisho.documents.watch import Watch
from sekisho.model import DOUBTS, RECORDS, Findings, Limits, Outcome, Reason, SourceFile

libc = ctypes.CDLL(None, use_errno=True)
REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
CLONE_NEWUSER = 0x10000000


def called(number: int, *arguments: object) -> int:
    """A system call as such; raises OSError."""
    done = int(libc.syscall(number, *arguments))
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done


def connected(family: int, kind: int, to: object) -> None:
    with socket.socket(family, kind) as made:
        made.settimeout(1)
        made.connect(to)  # type: ignore[arg-type]


def into(descriptor: int) -> None:
    """Runs bytes that were never a file."""
    os.write(descriptor, Path("/bin/true").read_bytes())
    os.execve(descriptor, ["true"], {})


def attempts(file: SourceFile) -> Mapping[str, Callable[[], object]]:
    """What must be refused, by name."""
    beside = Path(os.fsdecode(file.path)).parent
    parent = os.getppid()
    return {
        "tcp": lambda: connected(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 9)),
        "tcp6": lambda: connected(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 9)),
        "udp": lambda: connected(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53)),
        "raw": lambda: connected(socket.AF_INET, socket.SOCK_RAW, ("127.0.0.1", 0)),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
        "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0),
        "vsock": lambda: socket.socket(40, socket.SOCK_STREAM, 0),
        "unix": lambda: connected(socket.AF_UNIX, socket.SOCK_STREAM, "/run/dbus/system_bus_socket"),
        "unix without a file": lambda: connected(socket.AF_UNIX, socket.SOCK_STREAM, "\0sekisho"),
        "internet pair": lambda: libc_checked(libc.socketpair(socket.AF_INET, socket.SOCK_STREAM, 0, pair())),
        "io_uring": lambda: called(425, 1, (ctypes.c_char * 256)()),
        "fork": os.fork,
        "vfork": lambda: called(58),
        "clone3": lambda: called(435, (ctypes.c_uint64 * 11)(), 88),
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "exec of memory": lambda: into(os.memfd_create("x")),
        "exec of its own loader": lambda: os.execv("/lib64/ld-linux-x86-64.so.2", ["ld", "/bin/true"]),
        "passwd": lambda: Path("/etc/passwd").read_bytes(),
        "shadow": lambda: Path("/etc/shadow").read_bytes(),
        "home": lambda: os.listdir(Path.home()),
        "root folder": lambda: os.listdir("/"),
        "the folder of the file": lambda: os.listdir(beside),
        "the file beside": lambda: (beside / "other.csv").read_bytes(),
        "its own file by name": lambda: Path(os.fsdecode(file.path)).read_bytes(),
        "environment of the parent": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "memory of the parent": lambda: Path(f"/proc/{parent}/mem").open("rb").read(1),
        "its own environment": lambda: Path("/proc/self/environ").read_bytes(),
        "its own memory": lambda: Path("/proc/self/mem").open("rb"),
        "command lines": lambda: os.listdir("/proc"),
        "devices": lambda: Path("/dev/full").open("rb"),
        "write": lambda: (beside / "mine").write_bytes(b""),
        "write to a temporary folder": lambda: Path("/tmp/sekisho-escape").write_bytes(b""),
        "write to shared memory": lambda: Path("/dev/shm/sekisho-escape").write_bytes(b""),
        "write to the code": lambda: Path(__file__).open("r+b"),
        "cut short": lambda: os.truncate(file.path, 0),
        "remove": lambda: os.unlink(file.path),
        "rename": lambda: os.rename(file.path, file.path + b"2"),
        "link": lambda: os.link(file.path, file.path + b"2"),
        "symlink": lambda: os.symlink("/etc/passwd", file.path + b"2"),
        "folder": lambda: os.mkdir(file.path + b"2"),
        "mode": lambda: os.chmod(file.path, 0o777),
        "owner": lambda: os.chown(file.path, 0, 0),
        "times": lambda: os.utime(file.path),
        "attribute": lambda: os.setxattr(file.path, "user.x", b""),
        "attributes read": lambda: os.getxattr(file.path, "user.x"),
        "device": lambda: os.mknod(file.path + b"2", 0o600 | 0o020000, os.makedev(1, 3)),
        "watch": lambda: called(294, 0),  # inotify_init1
        "ptrace": lambda: called(101, 16, parent, 0, 0),
        "memory of another": lambda: called(310, parent, (ctypes.c_uint64 * 2)(), 1, (ctypes.c_uint64 * 2)(), 1, 0),
        "signal to the parent": lambda: os.kill(parent, 0),
        "signal to all": lambda: os.kill(-1, 0),
        "signal to its group": lambda: os.killpg(0, 0),
        "signal by queue": lambda: called(129, parent, 0, (ctypes.c_char * 128)()),
        "process descriptor": lambda: os.pidfd_open(parent),
        "whom input signals": lambda: called(72, 2, 8, parent),  # F_SETOWN
        "more memory": lambda: libc_checked(libc.setrlimit(resource.RLIMIT_DATA, unlimited())),
        "limits of the parent": lambda: libc_checked(libc.prlimit(parent, resource.RLIMIT_CPU, unlimited(), None)),
        "priority of the parent": lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
        "namespace": lambda: libc_checked(libc.unshare(CLONE_NEWUSER)),
        "mount": lambda: libc_checked(libc.mount(b"none", b"/mnt", b"no such kind", 0, None)),
        "root": lambda: os.chroot("/"),
        "other user": lambda: os.setuid(65534),
        "bpf": lambda: called(321, 0, (ctypes.c_char * 128)(), 128),
        "userfaultfd": lambda: called(323, 1),
        "perf": lambda: called(298, (ctypes.c_char * 128)(), 0, -1, -1, 0),
        "keys": lambda: called(250, 0, -3, 0, 0, 0),
        "keys of others": lambda: called(248, b"user", b"x", b"y", 1, -3),
        "shared memory": lambda: called(29, 0x5E, 4096, 0o1666),
        "message queue": lambda: called(68, 0x5E, 0o1666),
        "named semaphore": lambda: called(64, 0x5E, 1, 0o1666),
        "open by handle": lambda: called(304, -100, (ctypes.c_char * 128)(), 0),
        "openat2": lambda: called(437, -100, b"/etc/passwd", (ctypes.c_uint64 * 3)(), 24),
        "terminal": lambda: called(16, 0, 0x5412, b"x"),  # TIOCSTI
        "debug again": lambda: libc_checked(libc.prctl(4, 1, 0, 0, 0)),
        "other numbering": lambda: called(0x40000000 + 41, 2, 1, 0),
        "host name": lambda: libc_checked(libc.sethostname(b"x", 65)),
    }


def pair() -> object:
    return (ctypes.c_int * 2)()


def unlimited() -> object:
    return (ctypes.c_uint64 * 2)(2**64 - 1, 2**64 - 1)


def libc_checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def allowed(file: SourceFile, watch: Watch) -> Mapping[str, Callable[[], object]]:
    """What a reader needs, by name."""

    def scratch() -> None:
        descriptor = os.memfd_create("scratch")
        os.write(descriptor, b"x")
        os.ftruncate(descriptor, 1 << 20)
        mmap.mmap(descriptor, 1 << 20).close()

    def thread() -> None:
        ran = threading.Event()
        threading.Thread(target=ran.set).start()
        assert ran.wait(5)

    def late() -> None:
        import wave

        import sekisho.documents.ocr

        assert [sekisho.documents.ocr, wave]

    return {
        "its file": lambda: os.pread(watch.open(file.path), 1, 0),
        "memory files": scratch,
        "threads": thread,
        "code that is loaded late": late,
        "a signal to itself": lambda: os.kill(os.getpid(), 0),
        "chance": lambda: os.urandom(8),
        "time zones": lambda: __import__("zoneinfo").ZoneInfo.no_cache("Asia/Tokyo"),
    }


def went(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return "refused" if error.errno in REFUSALS else f"failed: {error.strerror}"
    except (ValueError, TypeError, AttributeError) as error:
        return f"never tried: {error}"
    return "done"


def told(rows: Mapping[str, str], file: SourceFile) -> Iterator[Findings]:
    """What came of it, as doubts, since nothing else comes out of a child."""
    import pyarrow as pa

    none = [None] * len(rows)
    columns = {"document_id": [0] * len(rows), "doubt": list(rows), "guess": list(rows.values())}
    table = pa.table([pa.array(columns.get(field.name, none), field.type) for field in DOUBTS], schema=DOUBTS)
    account = document_rows([unopened(file, Outcome.READ, Reason.NONE)], file.document)
    yield Findings(account, RECORDS.empty_table(), table)


def escape(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """Try everything that must be refused."""
    yield from told({name: went(attempt) for name, attempt in attempts(file).items()}, file)


def use(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """Do everything that a reader needs."""
    yield from told({name: went(attempt) for name, attempt in allowed(file, watch).items()}, file)


def holdings(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """What a child has when it begins to read: open files, rights, limits, environment."""
    kinds = {}
    for descriptor in range(256):
        with contextlib.suppress(OSError):
            kinds[f"fd {descriptor}"] = oct(os.fstat(descriptor).st_mode & 0o170000)
    own = {f"env {name}": "set" for name in os.environ if name.startswith("SEKISHO_")}
    limits = {name: str(resource.getrlimit(getattr(resource, name))[1]) for name in ("RLIMIT_CORE", "RLIMIT_NOFILE")}
    yield from told({**kinds, **own, **limits, "argv": " ".join(sys.orig_argv)[:40]}, file)


def lie(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """Send what stands about another file."""
    account = document_rows([unopened(SourceFile(b"", "other.csv"), Outcome.READ, Reason.NONE)], "other.csv")
    yield Findings(account, RECORDS.empty_table(), DOUBTS.empty_table())


def pester(file: SourceFile, watch: Watch) -> Iterator[Findings]:
    """Send the clean process what no reader of ours sends, then what one does."""
    (line,) = (d for d in range(3, 256) if is_line(d))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, os.dup(line)) as end:
        for message in (b"", b"[" * 30_000, b"{}", b'{"program": "sh", "name": ""}', b'{"program": "unar"}', b"\xff"):
            os.write(line, message or b" ")
            socket.send_fds(end, [message or b" "], [0, 1, 2])
            socket.send_fds(end, [b'{"program": "unar", "name": ""}'], [0, 1, 2])
            socket.send_fds(end, [b'{"program": "unar", "name": ""}'], [0, 1, 2, 0, 1, 2])
    with (
        helper.in_memory(b"Rar!") as descriptor,
        helper.running("unar", descriptor=descriptor, limits=Limits()) as output,
    ):
        answer = output.read()
    yield from told({"answer": repr(answer)}, file)


def is_line(descriptor: int) -> bool:
    with contextlib.suppress(OSError):
        return bool(os.fstat(descriptor).st_mode & 0o170000 == 0o140000)
    return False
