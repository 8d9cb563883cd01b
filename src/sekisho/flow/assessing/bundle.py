"""`sekisho incident bundle | verify`: evidence for an outsider, with its chain of custody and proofs of the ledger."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from sekisho.clock import utc_now
from sekisho.errors import InputError, LedgerError, SekishoError, UsageError, not_opened
from sekisho.flow.assessing.case import ADD, demand_open, digest_of, known, shown
from sekisho.flow.assessing.told import told, untold
from sekisho.flow.proving.ledger import prove
from sekisho.incidents.bundle import (
    ACTION,
    BUNDLE,
    FILES,
    FORMAT,
    MANIFEST,
    POLICY,
    PROOFS,
    README,
    SUMS,
    file_name,
    proof_name,
    sha256_of,
    sum_of,
)
from sekisho.incidents.case import Known
from sekisho.incidents.kinds import WITHDRAWN
from sekisho.incidents.moment import Moment
from sekisho.incidents.said import Said
from sekisho.incidents.saying import fact_of
from sekisho.ledger.meet import drain, policy_of
from sekisho.ledger.witnessing import have_cosigned
from sekisho.vault import Vault
from sekisho.vault.acts import canonical
from sekisho.vault.files import make_folder, sync_folder, write_new
from sekisho.wording import Text

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was made: where, its files and facts, and the entry of the ledger that says so.

    ``silent``: what is to be said of witnesses that did not cosign.
    """

    folder: Path
    files: int
    facts: int
    entry: int
    manifest: str
    silent: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom, which ``files``, and which ``facts`` beside those that speak of these files."""

    party: str
    files: Sequence[Path]
    facts: Sequence[int] = ()
    by: str = ""


def bundle(vault: Vault, incident: int, wanted: Wanted, target: Path) -> Bundle:
    """Make a bundle in the new folder ``target``, and say that it is handed over.

    A kill leaves ``target`` wholly there or not at all. Raises InputError, UsageError, RightsError, LedgerError.
    """
    vault.demand(ACTION)
    demand_open(vault, incident)
    there = known(vault, incident)
    chosen = _facts(there, wanted, [digest_of(path)[0] for path in wanted.files])
    partial = _begun(target)
    handed = None
    try:
        copied = _copied(wanted.files, there, partial)
        papers = _papers(vault, partial)
        manifest = canonical({**_manifest(vault, incident, wanted, copied, chosen), "papers": papers})
        write_new(partial / MANIFEST, manifest)
        digest = hashlib.sha256(manifest).hexdigest()
        entry, handed = _hand_over(vault, incident, wanted, [digest, *(one["sha256"] for one in copied)], len(chosen))
        silent = have_cosigned(vault, drain(vault))
        _prove(vault, partial, manifest, entry)
        write_new(partial / SUMS, _sums(partial).encode())
        partial.rename(target)
        sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        if handed is not None:
            with suppress(SekishoError):  # the machine has failed already: then somebody withdraws it later
                vault.case(incident).say(ADD, WITHDRAWN.name, {"fact": handed, "why": str(NOT_MADE)})
        raise
    return Bundle(target, len(copied), len(chosen), entry, digest, silent)


def preview(vault: Vault, incident: int, wanted: Wanted) -> list[Said]:
    """The facts that a bundle would hold; nothing is made or handed over. Raises InputError, RightsError."""
    vault.demand(ACTION)
    return _facts(shown(vault, incident), wanted, [digest_of(path)[0] for path in wanted.files])


def _facts(there: Known, wanted: Wanted, digests: Sequence[str]) -> list[Said]:
    """The facts that go with it: all that speak of the files, whether they still hold or not, and those asked for.

    Raises InputError where a file is no evidence, a fact is not there, or there is nothing to hand over.
    """
    evidence = {one.text("sha256") for one in there.standing("evidence")}
    for path, digest in zip(wanted.files, digests, strict=True):
        if digest not in evidence:
            raise _no_evidence(path)
    numbers = {one.number for one in there.facts}
    for number in wanted.facts:
        if number not in numbers:
            raise _no_fact(number)
    chosen = set(wanted.facts) | {one.number for one in there.facts if _speaks_of(one, digests)}
    chosen |= {one.number for one in there.facts if one.kind == "withdrawn" and one.values["fact"] in chosen}
    if not chosen:
        raise _nothing()
    return [one for one in there.facts if one.number in chosen]


def _speaks_of(one: Said, digests: Iterable[str]) -> bool:
    said = {one.text("sha256"), *(one.values.get("hashes") or ())} if one.kind in ("evidence", "handed") else set()
    return not said.isdisjoint(digests)


def _begun(target: Path) -> Path:
    if target.exists() or target.is_symlink():
        raise UsageError(
            Text("{folder} is there already.", "{folder} は既にあります。").fill(folder=target),
            Text("Name a new folder.", "新しいフォルダーを指定してください。"),
        )
    partial = target.with_name(f".{target.name}.partial")
    try:
        make_folder(target.absolute().parent)
        shutil.rmtree(partial, ignore_errors=True)  # what a kill left
        for folder in (partial, partial / FILES, partial / PROOFS):
            folder.mkdir(mode=0o700)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise _not_made(target, error) from error
    return partial


def _copied(files: Sequence[Path], there: Known, partial: Path) -> list[dict[str, Any]]:
    """Copy the files, each once; raises InputError where one changed meanwhile."""
    names = {one.sha256: one.name for one in there.evidence}
    made: dict[str, dict[str, Any]] = {}
    for path in files:
        digest, size = digest_of(path)
        if digest in made:
            continue
        name = file_name(len(made) + 1, names.get(digest) or path.name)
        _copy(path, partial / name)
        if digest not in names or sha256_of(partial / name) != digest:
            raise _no_evidence(path)
        sync_folder(partial / FILES)
        made[digest] = {"path": name, "name": names[digest], "sha256": digest, "size": size}
    return list(made.values())


def _copy(path: Path, to: Path) -> None:
    try:
        with path.open("rb") as file, to.open("xb") as made:
            os.fchmod(made.fileno(), 0o600)
            shutil.copyfileobj(file, made, BLOCK)
            made.flush()
            os.fsync(made.fileno())
    except OSError as error:
        raise not_opened(path, error) from error


def _manifest(
    vault: Vault, incident: int, wanted: Wanted, files: list[dict[str, Any]], facts: Sequence[Said]
) -> dict[str, Any]:
    entries, case = told(vault).get(incident, {}), vault.case(incident)
    doctored = sorted(set(untold(vault, incident, entries)) & {one.number for one in facts})
    if doctored:
        raise _doctored(doctored)
    return {
        "format": FORMAT,
        "incident": incident,
        "made": utc_now(),
        "party": wanted.party,
        "by": wanted.by,
        "files": files,
        "facts": [_fact(one, entries[one.number].entry, case.blind(one.number)) for one in facts],
    }


def _fact(one: Said, entry: int, key: bytes) -> dict[str, Any]:
    return {
        "fact": one.number,
        "kind": one.kind,
        "said_at": one.at,
        "said": dict(one.values),
        "replaced_by": one.by,
        "entry": entry,
        "key": key.hex(),
    }


def _hand_over(vault: Vault, incident: int, wanted: Wanted, hashes: list[str], facts: int) -> tuple[int, int]:
    """Say in one act that the bundle was made, and that the party has it; gives the entry and the fact."""
    there = known(vault, incident)
    at = Moment(datetime.now(there.place).replace(microsecond=0))
    given = {"party": wanted.party, "what": str(HANDED), "at": at, "by": wanted.by, "hashes": hashes}
    fact = fact_of("handed", given, there)
    counts = {"files": len(hashes) - 1, "facts": facts}
    with vault.act(ACTION, incident=incident, counts=counts, more={"manifest": hashes[0]}) as act:
        number = vault.case(incident).put("handed", fact)
    return act.seq, number


def _prove(vault: Vault, partial: Path, manifest: bytes, entry: int) -> None:
    entries = {one["entry"] for one in json.loads(manifest)["facts"]}
    for number in sorted(entries):
        write_new(partial / proof_name(number), bytes(prove(vault, number)))
    write_new(partial / BUNDLE, bytes(prove(vault, entry)))


def _papers(vault: Vault, partial: Path) -> dict[str, str]:
    """Write how it is read and whose ledger it is; gives the SHA-256 of each."""
    readme = files("sekisho.incidents").joinpath("bundle_readme.txt").read_bytes()
    papers = {README: readme, POLICY: str(policy_of(vault)).encode()}
    for name, said in papers.items():
        write_new(partial / name, said)
    return {name: hashlib.sha256(said).hexdigest() for name, said in papers.items()}


def _sums(partial: Path) -> str:
    names = (path.relative_to(partial).as_posix() for path in partial.rglob("*") if path.is_file())
    return "".join(sum_of(partial, name) for name in sorted(names))


HANDED = Text("evidence bundle", "証拠一式")
NOT_MADE = Text("the bundle could not be written", "証拠一式を書き込めなかった")


def _no_evidence(path: Path) -> InputError:
    said = Text("{file}, as it is now, is no evidence of this incident.", "{file} の現在の内容は証拠として未記録です。")
    hint = Text("Say it first: `sekisho incident add evidence`.", "先に `sekisho incident add evidence` で記録。")
    return InputError(said.fill(file=path), hint)


def _no_fact(number: int) -> InputError:
    return InputError(
        Text("There is no fact {n}.", "事実{n}はありません。").fill(n=number),
        Text("`sekisho incident show N --all` shows them.", "`sekisho incident show N --all` で確かめてください。"),
    )


def _doctored(facts: Sequence[int]) -> LedgerError:
    said = Text("The ledger holds something else of facts {all}.", "事実{all}は証跡の記載と一致しません。")
    return LedgerError(
        said.fill(all=", ".join(map(str, facts))),
        Text(
            "They were changed past the program: `sekisho vault check`.", "`sekisho vault check` で確かめてください。"
        ),
    )


def _nothing() -> InputError:
    return InputError(
        Text("There is nothing to hand over.", "引き渡すものがありません。"),
        Text("Name files or --fact.", "ファイルまたは --fact を指定してください。"),
    )


def _not_made(folder: Path, error: OSError) -> UsageError:
    said = Text("{folder} cannot be made: {why}.", "{folder} を作れません: {why}。")
    return UsageError(
        said.fill(folder=folder, why=error.strerror), Text("Name another place.", "別の場所を指定してください。")
    )
