"""Only this machine asks without a certificate; with one, a client is who its certificate says."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.web.conftest import Service, made_world, serving

from sekisho.errors import InputError, UsageError
from sekisho.web.clients import new_key, read
from sekisho.web.server import SECONDS, Tls, is_local, server

TARO = "4701-000001"


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = self._write(name, self._made(name, self.key.public_key(), is_ca=True))

    def issue(self, name: str) -> tuple[Path, Path, str]:
        """Certificate, key and fingerprint."""
        key = ec.generate_private_key(ec.SECP256R1())
        file = self.folder / f"{self.name}-{name}.key"
        plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(*plain))
        made = self._made(name, key.public_key(), is_ca=False)
        raw = made.public_bytes(serialization.Encoding.DER)
        return self._write(f"{self.name}-{name}", made), file, hashlib.sha256(raw).hexdigest()

    def _made(self, name: str, public: Any, *, is_ca: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_called(name))
            .issuer_name(_called(self.name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _write(self, name: str, made: x509.Certificate) -> Path:
        file = self.folder / f"{name}.pem"
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return file


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Authority]]:
    folder = tmp_path_factory.mktemp("tls")
    with made_world(folder) as world:
        ours = Authority(folder, "ours")
        certificate, key, _ = ours.issue("server")
        text = world.clients.read_text()
        for name in ("naha", "hall"):
            digest = ours.issue(name)[2]
            text = text.replace(f"[clients.{name}]\n", f'[clients.{name}]\ncertificate = "{digest.upper()}"\n')
        text = text.replace(f'key = "{hashlib.sha256(world.keys["hall"].encode()).hexdigest()}"\n', "")
        world.clients.write_text(text)
        with serving(world, Tls(certificate, key, ours.file)) as service:
            yield service, ours


def ask(service: Service, authority: Authority, name: str | None, key: str = "") -> tuple[int, Any]:
    context = ssl.create_default_context(cafile=str(service.world.folder / "ours.pem"))
    if name:
        stem = authority.folder / f"{authority.name}-{name}"
        context.load_cert_chain(stem.with_suffix(".pem"), stem.with_suffix(".key"))
    connection = http.client.HTTPSConnection("localhost", service.port, timeout=10, context=context)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    body = json.dumps({"number": TARO, "procedure": "address_change"})
    try:
        connection.request("POST", "/v1/check", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_certificate_alone_says_who_asks(secure: tuple[Service, Authority]) -> None:
    status, told = ask(*secure, "hall")
    assert (status, told["decision"]) == (200, "hold")


def test_a_client_with_both_must_show_both(secure: tuple[Service, Authority]) -> None:
    service = secure[0]
    assert ask(*secure, "naha", service.world.keys["naha"])[0] == 200
    assert ask(*secure, "naha")[0] == 401
    assert ask(*secure, "hall", service.world.keys["naha"])[0] == 401


def test_whoever_has_no_certificate_or_a_strangers_is_not_even_heard(secure: tuple[Service, Authority]) -> None:
    service = secure[0]
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        ask(*secure, None, service.world.keys["naha"])
    strangers = Authority(service.world.folder, "strangers")
    strangers.issue("hall")
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        ask(service, strangers, "hall")


def test_who_connects_and_says_nothing_holds_up_nobody(secure: tuple[Service, Authority]) -> None:
    service = secure[0]
    with ExitStack() as silent:
        for _ in range(8):
            silent.enter_context(socket.create_connection(("localhost", service.port)))
        began = time.monotonic()
        assert ask(*secure, "hall")[0] == 200
        assert time.monotonic() - began < SECONDS


def test_a_certificate_that_nobody_entered_is_refused(secure: tuple[Service, Authority]) -> None:
    secure[1].issue("new")
    assert ask(*secure, "new")[0] == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "counter.example"])
def test_no_other_address_without_mutual_tls(host: str) -> None:
    with pytest.raises(UsageError, match="network"), server(None, (host, 0), None, print):  # type: ignore[arg-type]
        pass


def test_what_is_local() -> None:
    assert all(map(is_local, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_local, ("", "0.0.0.0", "10.0.0.1", "localhost.example")))


def test_certificates_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    file.write_text("no certificate")
    with pytest.raises(InputError), server(None, ("127.0.0.1", 0), Tls(file, file, file), print):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('purpose = "inquiry"', 'purpose = "fun"'),
        ('purpose = "inquiry"', ""),
        ('sees = "exposure"', 'sees = "everything"'),
        ('sees = "exposure"', "sees = 3"),
        ("per_minute = 1000", "per_minute = 0"),
        ("per_minute = 1000", "per_minute = 1000\nper_hour = 2"),
        ('procedures = ["account_change"]', 'procedures = ["a favour"]'),
        ("[clients.naha]", "[clients.naha"),
        ("[clients.naha]", "[customers.naha]"),
    ],
)
def test_a_file_of_clients_that_says_something_else_is_refused(service: Service, old: str, new: str) -> None:
    file = service.world.folder / "other.toml"
    text = service.world.clients.read_text()
    assert old in text
    file.write_text(text.replace(old, new) if "customers" not in new else text.replace("[clients", "[customers"))
    file.chmod(0o600)
    with pytest.raises(InputError):
        read(file)


def test_two_clients_never_show_the_same(service: Service) -> None:
    file = service.world.folder / "twice.toml"
    text = service.world.clients.read_text()
    file.write_text(text + text.replace("[clients.", "[clients.again-"))
    file.chmod(0o600)
    with pytest.raises(InputError):
        read(file)


def test_files_that_others_may_read_are_refused(service: Service) -> None:
    file = service.world.folder / "open.toml"
    file.write_text(service.world.clients.read_text())
    file.chmod(0o644)
    with pytest.raises(InputError, match="Others may read"):
        read(file)


def test_a_new_key_is_for_its_owner_only_and_only_its_hash_is_told(tmp_path: Path) -> None:
    digest = new_key(tmp_path / "k")
    assert (tmp_path / "k").stat().st_mode & 0o077 == 0
    assert hashlib.sha256((tmp_path / "k").read_bytes().strip()).hexdigest() == digest
    with pytest.raises(UsageError, match="cannot be written"):
        new_key(tmp_path / "k")


def test_the_program_answers_until_it_is_asked_to_end_and_says_no_number_aloud(tmp_path: Path) -> None:
    with made_world(tmp_path) as world:
        pass
    environment = {**os.environ, "SEKISHO_PASSPHRASE": "the vault's own", "SEKISHO_PURPOSE": "incident"}
    call = [sys.executable, "-m", "sekisho.cli._main", "serve", "--clients", str(world.clients), "--json"]
    call += ["--vault", str(world.folder / "vault"), "--as", "Alice", "--listen", "127.0.0.1:0"]
    call += ["--actor-key-file", str(world.folder / "Alice.key")]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stdout is not None
        lines = ""
        while not lines.rstrip().endswith("}"):
            lines += run.stdout.readline()
        connection = http.client.HTTPConnection("127.0.0.1", json.loads(lines)["port"], timeout=10)
        headers = {"Authorization": f"Bearer {world.keys['naha']}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/check", json.dumps({"number": TARO, "procedure": "address_change"}), headers)
        assert json.loads(connection.getresponse().read())["exposed"] == "yes"
        connection.close()
        began = time.monotonic()
        run.send_signal(signal.SIGTERM)
        assert run.wait(20) == 0
        assert time.monotonic() - began < 15
        assert run.stderr is not None
        assert "4701" not in run.stderr.read()
