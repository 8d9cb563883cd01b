"""Evidence for an outsider: it verifies offline, and every byte that somebody changes shows."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.calls import Calls

from sekisho.cli._main import main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault with evidence, and in `out` a bundle of it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "proxy.log").write_text("GET /\n")
    (folder / "名簿?.csv").write_text("架空太郎\n", encoding="utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for call in (
            ("vault", "init"),
            ("incident", "open", "標的型メール"),
            ("incident", "add", "evidence", "1", "proxy.log", "--source", "the proxy", "--keeper", "IT"),
            ("incident", "add", "evidence", "1", "名簿?.csv"),
            ("incident", "add", "event", "1", "cable pulled", "--at", "2015-05-08T15:25"),
            ("ledger", "policy", "--to", "policy.txt"),
        ):
            assert main([*call, "--quiet", "--key-file", "key", "--vault", "vault"]) == 0, call
        shutil.copytree(folder, folder / "before")
        assert main([*BUNDLE, "--quiet", "--key-file", "key", "--vault", "vault"]) == 0
    finally:
        os.chdir(before)
    return folder


BUNDLE = ("incident", "bundle", "1", "proxy.log", "名簿?.csv", "--for", "県警", "--to", "out")


@pytest.fixture
def calls(made: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> Calls:
    """Before the bundle was made."""
    shutil.copytree(made / "before", place, dirs_exist_ok=True)
    return Calls(place, capsys)


@pytest.fixture
def outside(made: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> Calls:
    """The bundle as an outsider has it, without the vault."""
    shutil.copytree(made / "out", place / "out")
    shutil.copy(made / "policy.txt", place)
    return Calls(place, capsys)


def handed(calls: Calls, *more: str, to: str = "out") -> Any:
    return calls.json(*BUNDLE[:-1], to, *more)


def verified(calls: Calls, folder: str = "out", code: int = 0) -> Any:
    out = calls.run("incident", "verify", folder, "--policy", "policy.txt", "--json", code=code)
    return json.loads(out)


def test_a_bundle_verifies_without_vault_and_its_handing_over_is_on_record(calls: Calls) -> None:
    made = handed(calls, "--fact", "3", "--by", "IT")
    assert (made["files"], made["facts"]) == (2, 3)
    shutil.move(calls.folder / "vault", calls.folder / "gone")
    found = verified(calls)
    assert found["sound"]
    assert (found["party"], found["files"], found["facts"]) == ("県警", 2, 3)
    assert "made it up" in calls.said
    assert (calls.folder / "out/files/0001-proxy.log").read_text() == "GET /\n"
    assert (calls.folder / "out/files/0002-名簿_.csv").exists()
    sums = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=calls.folder / "out", capture_output=True, check=False)
    assert sums.returncode == 0
    shutil.move(calls.folder / "gone", calls.folder / "vault")
    (fact,) = [one["said"] for one in calls.json("incident", "show", "1")["facts"] if one["kind"] == "handed"]
    assert (fact["party"], made["manifest"] in fact["hashes"], len(fact["hashes"])) == ("県警", True, 3)
    assert "incident.bundle" in [one["action"] for one in calls.json("ledger", "show")]


def test_what_would_be_handed_over_is_shown_first(calls: Calls) -> None:
    shown = calls.json(*BUNDLE[:-2], "--dry-run")
    assert [one["fact"] for one in shown["facts"]] == [1, 2]
    assert "proxy.log" in calls.run(*BUNDLE[:-2], "--dry-run")
    calls.run(*BUNDLE[:-2], code=2)
    assert not (calls.folder / "out").exists()


def test_a_later_bundle_tells_to_whom_the_same_file_went_before(calls: Calls) -> None:
    handed(calls)
    handed(calls, to="again")
    kinds = [one["kind"] for one in json.loads((calls.folder / "again/bundle.json").read_text())["facts"]]
    assert kinds == ["evidence", "evidence", "handed"]
    assert verified(calls, "again")["sound"]


def test_an_outsider_checks_a_fact_with_nothing_of_ours(outside: Calls) -> None:
    said = json.loads((outside.folder / "out/bundle.json").read_text())
    fact = said["facts"][0]
    proof = (outside.folder / f"out/proofs/entry-{fact['entry']}.tlog-proof").read_text()
    entry = json.loads(b64decode(proof.splitlines()[1].removeprefix("extra ")))
    text = json.dumps([fact["kind"], fact["said"]], sort_keys=True, separators=(",", ":"))
    mac = hmac.new(bytes.fromhex(fact["key"]), text.encode("ascii"), hashlib.sha256).hexdigest()
    assert entry["more"]["facts"] == [[fact["fact"], mac]]


def _replace(path: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        raw = (folder / path).read_bytes()
        assert old in raw
        (folder / path).write_bytes(raw.replace(old, new))

    return change


def _swap(folder: Path) -> None:
    one, other = sorted((folder / "proofs").glob("entry-*"))[:2]
    raw = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(raw)


def _link(folder: Path) -> None:
    (folder / "files/0001-proxy.log").unlink()
    (folder / "files/0001-proxy.log").symlink_to("/etc/hostname")


CHANGES: dict[str, Callable[[Path], None]] = {
    "a file": _replace("files/0001-proxy.log", b"GET", b"PUT"),
    "a file that is longer": _replace("files/0001-proxy.log", b"GET /", b"GET /more"),
    "what was said of it": _replace("bundle.json", b"the proxy", b"a friend!"),
    "for whom": _replace("bundle.json", b"\\u770c\\u8b66", b"\\u770c\\u5e81"),
    "the time": _replace("bundle.json", b'"replaced_by":null', b'"replaced_by":9'),
    "proofs change places": _swap,
    "a proof is gone": lambda folder: next((folder / "proofs").glob("entry-*")).unlink(),
    "the proof of the bundle is gone": lambda folder: (folder / "proofs/bundle.tlog-proof").unlink(),
    "a file is gone": lambda folder: (folder / "files/0001-proxy.log").unlink(),
    "a file is a link": _link,
    "a file more": lambda folder: (folder / "files/0003-more").write_text("x"),
    "how it is read": _replace("README.txt", b"Do not believe this copy", b"You can believe this one"),
    "how it is read is gone": lambda folder: (folder / "README.txt").unlink(),
    "whose ledger it is": _replace("policy.txt", b"\n", b"\r\n"),
    "whose ledger it is, gone": lambda folder: (folder / "policy.txt").unlink(),
    "a sum": _replace("SHA256SUMS", b"  files/0001", b"  files/0009"),
    "line ends of the sums": _replace("SHA256SUMS", b"\n", b"\r\n"),
    "the sums are gone": lambda folder: (folder / "SHA256SUMS").unlink(),
    "a link more": lambda folder: (folder / "away").symlink_to("/etc"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_somebody_changes_shows(outside: Calls, change: Callable[[Path], None]) -> None:
    change(outside.folder / "out")
    assert not verified(outside, code=8)["sound"]


def _forged(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "path", ["../vault/vault.json", "files/../bundle.json", "/etc/hostname", "files/..", "proofs/x"]
)
def test_a_manifest_leads_nowhere_outside(outside: Calls, path: str) -> None:
    manifest = outside.folder / "out/bundle.json"
    said = json.loads(manifest.read_text())
    said["files"][0]["path"] = path
    manifest.write_bytes(_forged(said))
    found = verified(outside, code=8)
    assert {"file": path, "says": "lies outside of the bundle"} in found["faults"]


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b'{"format":1}', b"[" * 100_000, b"\xff"])
def test_what_is_no_bundle_is_told_so(outside: Calls, raw: bytes) -> None:
    (outside.folder / "out/bundle.json").write_bytes(raw)
    outside.run("incident", "verify", "out", "--policy", "policy.txt", code=3)
    outside.run("incident", "verify", "nowhere", "--policy", "policy.txt", code=3)


def test_another_ledgers_key_proves_nothing(outside: Calls) -> None:
    outside.run("vault", "init")
    outside.run("ledger", "policy", "--to", "policy.txt")
    assert len(verified(outside, code=8)["faults"]) == 3


def test_only_evidence_as_it_was_recorded_is_handed_over(calls: Calls) -> None:
    calls.put("proxy.log", "POST /\n")
    calls.run("incident", "bundle", "1", "proxy.log", "--for", "県警", "--to", "out", code=3)
    assert "no evidence" in calls.said
    calls.run("incident", "bundle", "1", "--for", "県警", "--to", "out", code=3)
    assert "nothing to hand over" in calls.said
    calls.run("incident", "bundle", "1", "--fact", "99", "--for", "県警", "--to", "out", code=3)
    assert not (calls.folder / "out").exists()
    assert not list(calls.folder.glob(".out*"))
    (calls.folder / "there").mkdir()
    calls.run("incident", "bundle", "1", "--fact", "3", "--for", "県警", "--to", "there", code=2)
    assert not [one for one in calls.json("incident", "show", "1")["facts"] if one["kind"] == "handed"]


def test_what_was_withdrawn_goes_with_it_as_withdrawn(calls: Calls) -> None:
    calls.run("incident", "add", "evidence", "1", "proxy.log", "--source", "the other proxy")
    handed(calls)
    facts = json.loads((calls.folder / "out/bundle.json").read_text())["facts"]
    assert [(one["fact"], one["replaced_by"]) for one in facts] == [(1, 4), (2, None), (4, None)]
    assert verified(calls)["sound"]
