"""Mail handed to a real Postfix: once in the Maildir, though it was killed; later, never, greylisted, TLS."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sinks.conftest import queue
from tests.sinks.postfix import MISSING, Postfix
from tests.sinks.receivers import certificate

from sekisho.errors import FinalError, RetryableError
from sekisho.flow.dispatch import Dispatched, dispatch
from sekisho.flow.sinks import set_sink
from sekisho.sinks.smtp import Smtp
from sekisho.vault import Vault
from sekisho.vault.parcels import Parcel

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
ANNOUNCED = Parcel("k2", "announcement-1", "announcement", {"table.html": b"<p>all"}, "2026-11-23T08:00:00+00:00")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where others than its owner may read, as Postfix's parts run as other users."""
    made = Path(tempfile.mkdtemp(prefix="postfix-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def postfix(place: Path) -> Iterator[Postfix]:
    with Postfix(place, *certificate(place)).open() as running:
        yield running


@pytest.fixture(autouse=True)
def emptied(postfix: Postfix) -> None:
    postfix.greylists = False
    shutil.rmtree(postfix.root / "mail" / "desk", ignore_errors=True)


def settings(postfix: Postfix, **more: str) -> dict[str, str]:
    said = {"host": "localhost", "port": str(postfix.port), "to": "desk@example.jp", "from": "office@example.jp"}
    return {**said, "authority": (postfix.root / "localhost.pem").read_text(), **more}


def due_again(vault: Vault) -> Dispatched:
    with vault._store.transaction():
        vault._store.run("UPDATE parcel_tries SET due = '2026-01-01'", ())
    return dispatch(vault, shown=False)


def test_each_parcel_lies_in_the_maildir_once_though_the_server_was_killed_between(
    vault: Vault, postfix: Postfix
) -> None:
    files = {name: str(postfix.root / "localhost.pem") for name in ("authority", "certificate")}
    set_sink(vault, "desk", "smtp", settings(postfix) | files)
    names = [f"letters-{n}" for n in range(6)]
    for name in names[:3]:
        queue(vault, "desk", name)
    assert dispatch(vault, shown=False).received == len(postfix.mails()) == 3
    postfix.kill()
    for name in names[3:]:
        queue(vault, "desk", name)
    assert (found := dispatch(vault, shown=False)).put_off == found.waiting == 3
    postfix.start()
    assert due_again(vault).received == 3
    mails = postfix.mails()
    assert sorted(mail["Subject"] for mail in mails) == names
    assert len({mail["Message-ID"] for mail in mails}) == len(names)
    assert {mail.get_content_type() for mail in mails} == {"application/pkcs7-mime"}


def test_what_it_puts_off_is_tried_again_and_what_it_refuses_is_not(postfix: Postfix) -> None:
    large = Parcel("k3", "announcement-1", "announcement", {"table.html": b"x" * 300_000}, ANNOUNCED.at)
    with pytest.raises(RetryableError, match="450"):
        Smtp(settings(postfix, to="later@example.jp")).send(ANNOUNCED)
    with pytest.raises(FinalError, match="550"):
        Smtp(settings(postfix, to="never@example.jp")).send(ANNOUNCED)
    with pytest.raises(FinalError, match="554"):
        Smtp(settings(postfix, to="desk@elsewhere.example")).send(ANNOUNCED)
    with pytest.raises(FinalError, match="552"):
        Smtp(settings(postfix)).send(large)
    assert postfix.mails() == []


def test_a_server_that_greylists_has_it_once_when_it_is_handed_over_again(vault: Vault, postfix: Postfix) -> None:
    postfix.greylists = True
    files = {name: str(postfix.root / "localhost.pem") for name in ("authority", "certificate")}
    set_sink(vault, "desk", "smtp", settings(postfix, **{"from": "new@example.jp"}) | files)
    queue(vault, "desk", "letters-1")
    assert dispatch(vault, shown=False).put_off == 1
    assert due_again(vault).received == 1
    assert [mail["Subject"] for mail in postfix.mails()] == ["letters-1"]


def test_it_has_nothing_of_whom_does_not_know_its_certificate(postfix: Postfix, tmp_path: Path) -> None:
    with pytest.raises(RetryableError):
        Smtp(settings(postfix, authority=certificate(tmp_path)[0].read_text())).send(ANNOUNCED)
    with pytest.raises(FinalError, match="530"):
        Smtp(settings(postfix, security="none")).send(ANNOUNCED)
    assert postfix.mails() == []
    Smtp(settings(postfix)).send(ANNOUNCED)
    assert [mail["Subject"] for mail in postfix.mails()] == ["announcement-1"]
