"""What leaves the house in the played case, and what comes back: the print shop and the core system are played, too."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.cli._demo_stage import OFFICER, OPERATOR, Stage
from sekisho.vault.files import write_new

SHOP, CORE = "shop", "core"
CAPACITY, DAYS, SHEETS = 600, 20, 5
"""Letters that the invented shop prints on a day at least; within how many days it prints all; sheets of a batch that
are looked at.
"""
Told = Iterator[tuple[str, Any]]


def open_shop(stage: Stage) -> None:
    """Sinks to a print shop, sealed for its certificate, and to the core system."""
    places = {name: stage.products / name for name in ("print-shop", "core-system")}
    for place in places.values():
        place.mkdir()
    certificate = _certificate(stage.keys)
    sealed = (f"path={places['print-shop']}", f"certificate={certificate}")
    stage.approved(OFFICER, "sinks", "set", SHOP, "--kind", "print_shop", *sealed)
    stage.approved(OFFICER, "sinks", "set", CORE, "--kind", "folder", f"path={places['core-system']}")


def plan(stage: Stage, incident: int) -> Any:
    """Who is told how."""
    return stage.call(OFFICER, "letters", "plan", incident, "--words", stage.folder / "letter.toml")


def send(stage: Stage, incident: int, letters: int) -> Any:
    """``letters`` to the shop, which prints them; its list is held against ours, a sample looked at; they go out."""
    before, capacity = set(_bundles(stage)), max(CAPACITY, -(-letters // DAYS))
    sent = stage.approved(OFFICER, "letters", "send", incident, "--sink", SHOP, "--capacity", capacity)
    stage.call(OPERATOR, "sinks", "send")
    for bundle in sorted(set(_bundles(stage)) - before):
        _printed(stage, incident, bundle)
    return {**sent, "status": stage.call(OFFICER, "letters", "status", incident)}


def _printed(stage: Stage, incident: int, bundle: Path) -> None:
    """What the shop does with a bundle: opens it, prints it, and lists what it printed."""
    opened = stage.products / "letters" / bundle.name
    _open(bundle, stage.keys, opened)
    batch = ("--batch", json.loads((opened / "index.json").read_text("utf-8"))["batch"])
    stage.call(OPERATOR, "letters", "matched", incident, *batch, opened / "index.csv")
    drawn = stage.call(OPERATOR, "letters", "sample", incident, *batch, "--sheets", SHEETS)
    right = [one["letter"] for one in drawn]
    stage.call(OPERATOR, "letters", "sample", incident, *batch, "--right", *right, shown=False)
    stage.call(OPERATOR, "letters", "sent", incident, *batch, "--on", datetime.now(UTC).date().isoformat())


def _open(bundle: Path, keys: Path, to: Path) -> None:
    """Open a bundle with the shop's own key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs7

    certificate = x509.load_pem_x509_certificate((keys / "shop.pem").read_bytes())
    key = load_pem_private_key((keys / "shop.key").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    [sealed] = bundle.glob("*.p7m")
    with zipfile.ZipFile(io.BytesIO(pkcs7.pkcs7_decrypt_der(sealed.read_bytes(), certificate, key, []))) as plain:
        to.mkdir(parents=True)
        for name in plain.namelist():
            (to / Path(name).name).write_bytes(plain.read(name))


def core_system(stage: Stage) -> Told:
    """The core system takes every number."""
    stage.call(OFFICER, "reissue", "export", "--sink", CORE)
    stage.call(OPERATOR, "sinks", "send")
    for asked in sorted((stage.products / "core-system").rglob("numbers.csv")):
        stage.call(OFFICER, "reissue", "acknowledge", _answered(asked))
    stage.call(OFFICER, "reissue", "worklist", "--to", stage.products / "numbers-worklist.csv")
    yield "numbers", stage.call(OFFICER, "reissue", "status")


def _answered(asked: Path) -> Path:
    """The core system's answer to a file of numbers: it took them all."""
    answer = asked.with_name("answers.csv")
    with asked.open(encoding="utf-8-sig", newline="") as file, answer.open("w", encoding="utf-8-sig", newline="") as to:
        written = csv.writer(to)
        written.writerow(("旧番号", "新番号", "処理結果"))
        written.writerows((row["old_number"], row["new_number"], "反映済") for row in csv.DictReader(file))
    return answer


def _bundles(stage: Stage) -> Iterator[Path]:
    return (path.parent for path in (stage.products / "print-shop").rglob("index.json"))


def _certificate(keys: Path) -> Path:
    """The print shop's own, with its key beside it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented print shop")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_new(keys / "shop.key", private)
    (keys / "shop.pem").write_bytes(made.public_bytes(encoding))
    return keys / "shop.pem"
