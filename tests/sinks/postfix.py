"""A Postfix of its own: another configuration, queue and port than the machine's, which delivers into a Maildir."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from pathlib import Path

POSTFIX = shutil.which("postfix") or shutil.which("postfix", path="/usr/sbin:/sbin")
MISSING = "Postfix is not installed" if POSTFIX is None else "only root may start a Postfix" if os.geteuid() else ""
NOBODY = 65534

MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/log
maillog_file_prefixes = {root}
myhostname = mail.example.jp
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = example.jp
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:desk/
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
message_size_limit = 200000
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
  check_recipient_access inline:{{{{later@example.jp=450 later}}, {{never@example.jp=550 never}}}}
  check_policy_service inet:127.0.0.1:{policy}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
tlsmgr unix - - n 1000? 1 tlsmgr
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """``port``: where it listens; ``greylists``: whether it takes a mail only when it is handed over again."""

    def __init__(self, root: Path, certificate: Path, key: Path) -> None:
        self.root, self.port = root, _free_port()
        self.greylists = False
        self.seen: set[str] = set()
        self._policy = _Policy(self)
        self._configure(certificate, key)

    def _configure(self, certificate: Path, key: Path) -> None:
        self.root.chmod(0o755)
        for name, owner in (("config", 0), ("queue", 0), ("data", pwd.getpwnam("postfix").pw_uid), ("mail", NOBODY)):
            (self.root / name).mkdir()
            os.chown(self.root / name, owner, -1)
        about = {"root": self.root, "nobody": NOBODY, "certificate": certificate, "key": key}
        (self.root / "config" / "main.cf").write_text(MAIN.format(**about, policy=self._policy.port))
        (self.root / "config" / "master.cf").write_text(MASTER.format(port=self.port))

    def start(self) -> None:
        assert self._do("start") == 0, (self.root / "log").read_text()
        _until(lambda: _answers(self.port))

    def kill(self) -> None:
        """With -9, and all that it began."""
        master = int((self.root / "queue" / "pid" / "master.pid").read_text())
        os.killpg(os.getpgid(master), signal.SIGKILL)
        _until(lambda: not _answers(self.port) and self._do("status") != 0)

    def _do(self, command: str) -> int:
        assert POSTFIX is not None
        return subprocess.run([POSTFIX, "-c", self.root / "config", command], capture_output=True).returncode

    def mails(self) -> list[Message]:
        """What lies in the Maildir, once nothing is in the queue any more."""
        waiting = [self.root / "queue" / name for name in ("maildrop", "incoming", "active", "deferred")]
        _until(lambda: not any(path.is_file() for folder in waiting for path in folder.rglob("*")))
        return [message_from_bytes(path.read_bytes()) for path in sorted(self.root.glob("mail/desk/new/*"))]

    @contextmanager
    def open(self) -> Iterator[Postfix]:
        thread = threading.Thread(target=self._policy.serve_forever, args=(0.05,))
        thread.start()
        try:
            self.start()
            yield self
        finally:
            if _answers(self.port):
                self.kill()
            self._policy.shutdown()
            thread.join()
            self._policy.server_close()


class _Policy(socketserver.ThreadingTCPServer):
    """Answers whom a mail may be taken from (SMTPD_POLICY_README): who is greylisted comes twice."""

    daemon_threads = True

    def __init__(self, postfix: Postfix) -> None:
        class Asked(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while lines := list(iter(lambda: self.rfile.readline().decode().strip(), "")):
                    sender = next(line for line in lines if line.startswith("sender="))
                    is_new = postfix.greylists and sender not in postfix.seen
                    postfix.seen.add(sender)
                    action = "defer_if_permit greylisted" if is_new else "dunno"
                    self.wfile.write(f"action={action}\n\n".encode())

        super().__init__(("127.0.0.1", 0), Asked)
        self.port = self.server_address[1]


def _free_port() -> int:
    """One that no connection out of this machine is given while the server is down."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


def _until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)
