"""Each kind of sink against what receivers really run: openssl, an HTTPS endpoint, a mail server."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from pathlib import Path

import pytest
from tests.sinks.conftest import LETTERS, parcel
from tests.sinks.receivers import Endpoint, Mailbox, certificate

from sekisho.errors import FinalError, RetryableError, UsageError
from sekisho.sinks import webhook
from sekisho.sinks.print_shop import PrintShop
from sekisho.sinks.smtp import Smtp
from sekisho.sinks.webhook import Webhook
from sekisho.vault.parcels import Parcel

ANNOUNCED = Parcel("k2", "announcement-1", "announcement", {"table.html": b"<p>all"}, "2026-11-23T08:00:00+00:00")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("keys"))


def opened(sealed: Path, keys: tuple[Path, Path]) -> bytes:
    call = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", sealed, "-inkey", keys[1]]
    return subprocess.run(call, check=True, capture_output=True).stdout


# --- print shop


def test_a_bundle_is_opened_by_openssl_with_its_checksums_and_shows_nothing_outside(
    keys: tuple[Path, Path], tmp_path: Path
) -> None:
    sink = PrintShop({"path": str(tmp_path), "certificate": keys[0].read_text()})
    sink.send(parcel())
    lying = tmp_path / "letters-1"
    index = json.loads((lying / "index.json").read_text())
    assert (index["parcel"], index["files"], index["kind"]) == ("letters-1", 2, "letters")
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], check=True, cwd=lying)
    assert not [path for path in lying.iterdir() if b"invented" in path.read_bytes()]
    (tmp_path / "bundle.zip").write_bytes(opened(lying / index["bundle"], keys))
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        assert {name: bundle.read(name) for name in LETTERS} == LETTERS
        bundle.extractall(tmp_path / "files")
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], check=True, cwd=tmp_path / "files")


def test_a_bundle_that_they_fetched_is_not_laid_down_again(keys: tuple[Path, Path], tmp_path: Path) -> None:
    sink = PrintShop({"path": str(tmp_path), "certificate": keys[0].read_text()})
    sink.send(parcel())
    shutil.rmtree(tmp_path / "letters-1")
    assert sink.send(parcel()).said == "was laid down before"
    assert not (tmp_path / "letters-1").exists()


def test_no_bundle_is_sealed_for_a_weak_or_outdated_certificate_or_for_none(tmp_path: Path) -> None:
    weak, _ = certificate(tmp_path, "weak", 1024)
    for pem in (weak.read_text(), "no certificate", ""):
        with pytest.raises(UsageError):
            PrintShop({"path": str(tmp_path), "certificate": pem})
    past, _ = certificate(tmp_path, "past", days=-1)
    with pytest.raises(RetryableError, match="not valid"):
        PrintShop({"path": str(tmp_path), "certificate": past.read_text()}).send(parcel())


# --- webhook


@pytest.fixture
def endpoint(keys: tuple[Path, Path]) -> Iterator[Endpoint]:
    with Endpoint().open(*keys) as open_:
        yield open_


def hook(endpoint: Endpoint, keys: tuple[Path, Path], **more: str) -> Webhook:
    return Webhook({"url": f"https://localhost:{endpoint.port}/in", "authority": keys[0].read_text(), **more})


def test_a_post_brings_its_files_its_key_and_its_token(endpoint: Endpoint, keys: tuple[Path, Path]) -> None:
    assert hook(endpoint, keys, token="t0ken").send(parcel()).said == "200"
    (asked,) = endpoint.asked
    assert (asked["Idempotency-Key"], asked["Authorization"]) == ('"k1"', "Bearer t0ken")
    head = f"Content-Type: {asked['Content-Type']}\r\n\r\n".encode()
    form = message_from_bytes(head + endpoint.kept['"k1"'], policy=policy.HTTP)
    files = {part.get_filename(): part.get_payload(decode=True) for part in form.iter_parts() if part.get_filename()}
    assert files == LETTERS


def test_the_same_parcel_again_has_the_same_key_and_bytes(endpoint: Endpoint, keys: tuple[Path, Path]) -> None:
    for _ in range(2):
        hook(endpoint, keys).send(parcel())
    first, second = endpoint.asked
    assert first == second
    assert len(endpoint.kept) == 1


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(endpoint: Endpoint, keys: tuple[Path, Path], status: int) -> None:
    endpoint.answers.append((status, {"Retry-After": "120"}))
    with pytest.raises(RetryableError) as told:
        hook(endpoint, keys).send(parcel())
    assert told.value.wait_seconds == 120
    assert endpoint.kept == {}


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 410, 413, 422])
def test_what_will_not_pass_is_final_and_no_redirect_is_followed(
    endpoint: Endpoint, keys: tuple[Path, Path], status: int
) -> None:
    endpoint.answers.append((status, {"Location": f"https://localhost:{endpoint.port}/elsewhere"}))
    with pytest.raises(FinalError):
        hook(endpoint, keys).send(parcel())
    assert len(endpoint.asked) == 1


def test_nothing_goes_to_whom_nobody_vouches_for_nor_where_nobody_is(
    endpoint: Endpoint, keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.sinks._wire.SECONDS", 1)
    with pytest.raises(RetryableError, match="CERTIFICATE"):
        Webhook({"url": f"https://localhost:{endpoint.port}/"}).send(parcel())
    with pytest.raises(RetryableError):
        Webhook({"url": "http://127.0.0.1:9/"}).send(parcel())
    assert endpoint.asked == []


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://example.com/in"},
        {"url": "https://user:word@example.com/"},
        {"url": "ftp://example.com/"},
        {"url": "https:///in"},
        {"url": "https://example.com:port/"},
        {"url": "https://[half/"},
        {"url": "https://example.com/a b"},
        {"url": "https://example.com/", "token": "two words"},
        {"url": "https://example.com/", "token": "a\r\nX-Other: b"},
        {"url": "https://example.com/", "authority": "none"},
    ],
)
def test_addresses_in_clear_with_a_password_or_none_at_all_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Webhook(settings)


def test_a_receiver_says_how_long_to_wait_in_seconds_or_as_a_date() -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert webhook._seconds("30") == 30
    assert 3500 < webhook._seconds(in_an_hour) <= 3600
    assert [webhook._seconds(said) for said in ("", "soon", "-3", "Thu, 01 Jan 1970 00:00:00 GMT")] == [0] * 4


# --- mail


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def mail(at: int, keys: tuple[Path, Path], **more: str) -> Smtp:
    said = {"host": "localhost", "port": str(at), "to": "desk@example.jp", "from": "office@example.jp"}
    return Smtp({**said, "authority": keys[0].read_text(), **more})


def test_mail_for_everybody_comes_once_by_its_message_id(mailbox: Mailbox, keys: tuple[Path, Path]) -> None:
    with mailbox.open(*keys) as port:
        for _ in range(2):
            mail(port, keys).send(ANNOUNCED)
    assert mailbox.came == ["<k2@example.jp>"] * 2
    (message,) = mailbox.kept.values()
    assert (message["Subject"], message["To"]) == ("announcement-1", "desk@example.jp")
    assert message["Date"] == "Mon, 23 Nov 2026 08:00:00 +0000"
    (attached,) = [part for part in message.walk() if part.get_filename()]
    assert (attached.get_filename(), attached.get_payload(decode=True)) == ("table.html", b"<p>all")


def test_what_is_not_for_everybody_goes_sealed_or_not_at_all(
    mailbox: Mailbox, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    with mailbox.open(*keys) as port:
        with pytest.raises(FinalError, match="certificate"):
            mail(port, keys).send(parcel())
        mail(port, keys, certificate=keys[0].read_text()).send(parcel())
    (message,) = mailbox.kept.values()
    assert message.get_param("smime-type") == "enveloped-data"
    (tmp_path / "mail.eml").write_bytes(message.as_bytes())
    call = ["openssl", "cms", "-decrypt", "-in", tmp_path / "mail.eml", "-inkey", keys[1]]
    inner = message_from_bytes(subprocess.run(call, check=True, capture_output=True).stdout)
    files = {part.get_filename(): part.get_payload(decode=True) for part in inner.walk() if part.get_filename()}
    assert files == LETTERS


@pytest.mark.parametrize(
    ("answer", "error"),
    [("451 later", RetryableError), ("452 full", RetryableError), ("550 no", FinalError), ("554 no", FinalError)],
)
def test_a_servers_4xx_is_for_now_and_5xx_for_good(
    mailbox: Mailbox, keys: tuple[Path, Path], answer: str, error: type[Exception]
) -> None:
    mailbox.answers.append(answer)
    with mailbox.open(*keys) as port, pytest.raises(error):
        mail(port, keys).send(ANNOUNCED)
    assert mailbox.kept == {}


def test_no_mail_goes_without_tls_or_to_a_server_that_nobody_vouches_for(
    mailbox: Mailbox, keys: tuple[Path, Path]
) -> None:
    with mailbox.open() as port, pytest.raises(RetryableError):
        mail(port, keys).send(ANNOUNCED)
    with mailbox.open(*keys) as port, pytest.raises(RetryableError):
        mail(port, keys, authority="").send(ANNOUNCED)
    assert mailbox.kept == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "a@example.jp, b@example.jp"},
        {"to": "a@example.jp\r\nBcc: c@example.jp"},
        {"from": "office"},
        {"security": "none", "host": "mail.example.jp"},
        {"security": "maybe"},
        {"port": "99999"},
        {"certificate": "none"},
        {"password": "two words"},
    ],
)
def test_mail_settings_that_cannot_be_are_refused(keys: tuple[Path, Path], wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        mail(25, keys, **wrong)
