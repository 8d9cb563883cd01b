"""What `sekisho protect` keeps and costs: ``python -m benchmarks.protect WORK [--files 1000]``, as root.

Office files of several invented estates lie on one share, with foreign owners, modes, ACLs, attributes and times. They
are scanned, planned, approved, done, scanned again and undone. Held against: other readers than the ones that locked
them (our own reader of Office's encryption; PDFium), every byte, right and time before and after. Without ``--read``
a scan only tells kinds and locks and takes every file for one that holds a record, which saves its hours.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import struct
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from sekisho import actors
from sekisho.documents import kinds
from sekisho.documents.office_locks import unlocked
from sekisho.estate.make import make
from sekisho.flow.protecting import mending, protect
from sekisho.flow.scanning.examine import Wants
from sekisho.flow.scanning.scan import Reader, Wishes, in_children, scan
from sekisho.model import DOCUMENTS, DOUBTS, RECORDS, Blob, Findings, SourceFile
from sekisho.protect.attributes import ACL, Attributes, attributes_of
from sekisho.protect.rules import Mending, Restricted, Rules
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.plans import PlanItem

KINDS = {
    *(".xlsx", ".xlsm", ".xlsb", ".xls", ".docx", ".docm", ".doc", ".pptx", ".pptm", ".ppt", ".pdf"),
    *(".ods", ".odt", ".odp", ".rtf"),
}
SCALE = 0.005
CHEAP = Cost(64, 1, 1)
MODES = (0o600, 0o640, 0o644, 0o660, 0o664, 0o444)
DPI_SCALE = 0.5
RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class State:
    """All that a file is."""

    sha256: str
    attributes: Attributes


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.protect", description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--read", action="store_true")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    arguments.work.mkdir(parents=True)
    share = arguments.work / "share"
    _fill(share, arguments.work / "estates", round(arguments.files * 1.3))
    with Vault.create(arguments.work / "vault", Secret.passphrase("a benchmark"), CHEAP) as vault:
        sys.stdout.write(_measured(vault, share, in_children if arguments.read else _glance))


def _fill(share: Path, estates: Path, wanted: int) -> None:
    """Office files of as many estates as it takes, with rights and times of all sorts."""
    dice, count, seed = random.Random(7), 0, 0
    while count < wanted:
        seed += 1
        make(estates, SCALE, seed)
        for path in sorted((estates / "estate").rglob("*")):
            if path.is_file() and path.suffix.lower() in KINDS and count < wanted:
                to = share / f"{seed:02d}" / path.relative_to(estates / "estate")
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, to)
                _dress(to, dice)
                count += 1
        shutil.rmtree(estates)


def _dress(path: Path, dice: random.Random) -> None:
    os.chown(path, dice.randrange(1000, 1010), dice.randrange(1000, 1010))
    path.chmod(dice.choice(MODES))
    if dice.random() < 0.3:
        os.setxattr(path, "user.DOSATTRIB", dice.randbytes(20))
    if dice.random() < 0.3:
        nobody, reader = 0xFFFFFFFF, dice.randrange(1000, 1010)
        entries = [(1, 6, nobody), (2, 4, reader), (4, 0, nobody), (0x10, 4, nobody), (0x20, 0, nobody)]
        os.setxattr(path, ACL, struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in entries))
    times = (dice.randrange(1_400_000_000 * 10**9, 1_700_000_000 * 10**9) for _ in range(2))
    os.utime(path, ns=(next(times), next(times)))


def _states(folder: Path) -> dict[str, State]:
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOATIME)
        with open(descriptor, "rb") as file:
            had = attributes_of(descriptor)
            found[path.relative_to(folder).as_posix()] = State(hashlib.file_digest(file, "sha256").hexdigest(), had)
    return found


def _measured(vault: Vault, share: Path, read: Reader) -> str:
    _enlist(vault)
    claim = Restricted(RESTRICTED, frozenset({"owner"}))
    rules = Rules(restricted=(claim,), mending=Mending(move_to=RESTRICTED))
    first = scan(vault, Wishes(share), read)
    made, proposal = protect.make_plan(vault, first, rules)
    assert proposal is not None
    _enter(vault, "bob")
    actors.approve(vault, proposal.hash)
    _enter(vault, "olga")
    before, kept = _states(share), shutil.copytree(share, share.with_name("kept"))
    begun = time.monotonic()
    done = mending.carry_out(vault, made.number)
    doing = time.monotonic() - begun
    wrong = list(_wrong(vault, made.number, before, share, kept))
    second = scan(vault, Wishes(share), read)
    standing = protect.standing(vault, made.number, rules)
    begun = time.monotonic()
    undone = mending.undo(vault, made.number)
    undoing = time.monotonic() - begun
    after = _states(share)
    differing = [name for name in before.keys() | after.keys() if before.get(name) != _but_read(after, before, name)]
    measures = Counter(one.planned["measure"] for one in vault.plans().items(made.number))
    worked = done.states.get("done", 0)
    assert standing.before is not None
    assert standing.after is not None
    records = [made.rows().get("records", 0) for made in (first, second)]
    lines = [
        f"files {len(before):,}, planned {sum(measures.values()):,}: {dict(measures)}",
        f"done {dict(done.states)}, left {dict(done.left)}: {doing:.1f} s, {worked / doing:.1f} files a second",
        f"lost or altered: {len(wrong)} {wrong[:5]}",
        f"breaking before {standing.before.breaking}, after {standing.after.breaking}",
        f"records read before {records[0]:,}, on the share after {records[1]:,}",
        f"undone {dict(undone.states)}, left {dict(undone.left)}: {undoing:.1f} s, {worked / undoing:.1f} a second",
        f"not as before: {len(differing)} {differing[:5]}",
    ]
    return "\n".join(lines) + "\n"


def _glance(files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
    """What each file is and how it is locked; nothing of what is in it."""
    for file in files:
        data = Path(os.fsdecode(file.path)).read_bytes()
        blob = Blob(file.document, data)
        known = kinds.recognised(blob)
        row = dict.fromkeys(DOCUMENTS.names) | {
            **dict.fromkeys(("document", "file"), file.document),
            "document_id": 0,
            "kind": known.kind if known else "",
            "named_kind": kinds.named_kind(file.document),
            "outcome": "READ",
            "reason": "",
            "protection": known.lock(blob).protection.name if known else "NONE",
            "password_beside": False,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "records": 1,
        }
        record = dict.fromkeys(RECORDS.names) | {"document_id": 0, "locator": "L1"}
        tables = (pa.Table.from_pylist([row], DOCUMENTS), pa.Table.from_pylist([record], RECORDS))
        yield file, Findings(*tables, DOUBTS.empty_table())


def _but_read(after: dict[str, State], before: dict[str, State], name: str) -> State | None:
    """What was never in the plan was read by the second scan, which moves its time of access."""
    state, was = after.get(name), before.get(name)
    if state is None or was is None or state.attributes.accessed_ns == was.attributes.accessed_ns:
        return state
    return replace(state, attributes=replace(state.attributes, accessed_ns=was.attributes.accessed_ns))


def _enlist(vault: Vault) -> None:
    actors.sign_in(vault, None)
    actors.enlist(vault, "alice", "officer", _secret("alice"), CHEAP)
    _enter(vault, "alice")
    for name, role in (("olga", "operator"), ("bob", "officer")):
        actors.enlist(vault, name, role, _secret(name), CHEAP)
    _enter(vault, "olga")


def _enter(vault: Vault, name: str) -> None:
    actors.sign_in(vault, actors.Who(name, _secret(name), ""))


def _secret(name: str) -> Secret:
    return Secret.passphrase(f"{name}'s own")


def _wrong(vault: Vault, plan: int, before: dict[str, State], share: Path, kept: Path) -> Iterator[str]:
    """Files that are not what they were, under their lock or in their new place; and lost ones."""
    now = _states(share)
    plans = vault.plans()
    items = {one.document: one for one in plans.items(plan)}
    for name, was in before.items():
        item = items.get(name)
        if item is None or item.state != "done":
            same = now.get(name) == was
        elif item.has_password:
            sealed = (share / name).read_bytes()
            same = now[name].attributes == was.attributes and _opens(
                item, sealed, (kept / name).read_bytes(), plans.password(item)
            )
        else:
            same = name not in now and now[f"{RESTRICTED}/{name}"].sha256 == was.sha256
        if not same:
            yield name
    yield from (name for name in now.keys() - before.keys() if not name.startswith(RESTRICTED))


def _opens(item: PlanItem, sealed: bytes, data: bytes, password: str) -> bool:
    if item.planned["kind"] == "pdf":
        return _pages(sealed, password) == _pages(data, None) and not _opens_without(sealed)
    return bytes(unlocked(Blob("x", sealed), password).data) == data


def _pages(data: bytes, password: str | None) -> list[tuple[str, bytes]]:
    """The text and the picture of each page, by PDFium."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data, password=password)
    return [_page(document, number) for number in range(len(document))]


def _page(document: Any, number: int) -> tuple[str, bytes]:
    page = document[number]
    picture = hashlib.sha256(bytes(page.render(scale=DPI_SCALE).buffer)).digest()
    return page.get_textpage().get_text_bounded(), picture


def _opens_without(sealed: bytes) -> bool:
    import pypdfium2

    try:
        pypdfium2.PdfDocument(sealed)
    except pypdfium2.PdfiumError:
        return False
    return True


if __name__ == "__main__":
    main()
