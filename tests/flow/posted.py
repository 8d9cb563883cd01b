"""Persons of a register who are exposed by an incident, and a print shop, for tests of their letters."""

from __future__ import annotations

import csv
import io
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pyarrow as pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sekisho.flow.assessing.case import say
from sekisho.incidents.master import MASTER, NUMBERS, TABLES
from sekisho.register.bring_in import bring_in
from sekisho.report.letter import Words
from sekisho.vault import Vault
from sekisho.vault.parcels import Parcel
from sekisho.wording import Text, unheard

HEAD = "基礎年金番号,氏名,氏名カナ,生年月日,郵便番号,住所,住定日,前住所,死亡,支援措置,国外,受給区分"
FULL = "basic_pension_number+name+birth_date+address"
WORDS = Words(
    Text("Sample Pension Service", "見本年金機構"),
    "0120-000-000",
    Text("Monday to Friday 8:30-21:00", "平日 8時30分から21時"),
    (Text("3-5-24 Takaido-nishi, Suginami-ku, Tokyo", "東京都杉並区高井戸西3-5-24"),),
    (Text("On 8 May 2015 a mail with malware was opened.", "5月8日、不正な電子メールが開かれました。"),),
)


def number(n: int) -> str:
    return f"4701-{n:06}"


def holder(n: int, name: str = "架空 花子", address: str = "沖縄県那覇市泉崎1-2-2", **more: str) -> str:
    since = more.get("since", "2001-04-01")
    ends = (more.get(column, "") for column in ("former", "deceased", "protected", "abroad", "pension"))
    born = more.get("born", "1970-04-06")
    return ",".join([number(n), name, "カクウ ハナコ", born, more.get("postal", "900-0021"), address, since, *ends])


def register(vault: Vault, *rows: str) -> None:
    path = vault.folder.parent / "holders.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    bring_in(vault.register(), path, secrets.token_hex(32), "test", unheard)


def incident(vault: Vault) -> int:
    """One that began on 8 May 2015, before the register's files came."""
    made = vault.incidents().open("a leak").number
    say(vault, made, "infected", at="2015-05-08T10:28")
    return made


def exposed(n: int, items: str = FULL, **more: object) -> dict[str, object]:
    row: dict[str, object] = {"person": 1000 + n, "holder": number(n), "state": "settled", "ask": False}
    row |= {"items": items, "other_items": "", "classes": "", "since": 1, "grown": 1, "was": ""}
    return row | {"number_of_items": items.count("+") + 1} | more


def counted(vault: Vault, incident: int, *rows: dict[str, object]) -> int:
    """The next version of the leak master."""
    leak = vault.leak(incident)
    leak.begin()
    tables = {name: schema.empty_table() for name, schema in TABLES.items()}
    full = [{name: row.get(name) for name in MASTER.names} for row in sorted(rows, key=lambda row: str(row["person"]))]
    tables["master"] = pa.Table.from_pylist(full, MASTER)
    named = [{"number": row["holder"], "person": row["person"], "kind": "holder"} for row in rows if row["holder"]]
    tables["numbers"] = pa.Table.from_pylist(named, NUMBERS)
    return leak.commit([leak.write(name, table) for name, table in tables.items()], "test", {}, {})


def parcels(vault: Vault, incident: int) -> list[Parcel]:
    found = vault.parcels(incident)
    return [found.parcel(one) for one in found.all()]


def index(parcel: Parcel) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(parcel.content["index.csv"].decode())))


def shop(vault: Vault, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    vault.sinks().set("shop", "print_shop", {"path": str(folder), "certificate": certificate()})


@cache
def certificate() -> str:
    """Of an invented print shop, whose key nobody needs here."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "print shop")])
    begin = datetime(2015, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=36_500))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
