"""Scans in the vault: begun, finished, looked for and dropped; each has a data key of its own."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from sekisho.clock import utc_now
from sekisho.errors import VaultError
from sekisho.vault import scans
from sekisho.vault.files import make_folder
from sekisho.vault.forgetting import Forgetting
from sekisho.vault.holds import INCIDENT
from sekisho.vault.incidents import Incident
from sekisho.vault.keys.secret import KEY_BYTES, unwrap, wrap
from sekisho.vault.people import forget_all
from sekisho.vault.scans import About, Dropped, Scan
from sekisho.wording import Text


class Scanning(Forgetting):
    """The scans of a vault, and the incidents that they may be of."""

    def scans(self) -> list[About]:
        """Every scan that can be read, oldest first."""
        shut = {one.scan for one in self.unreadable()}
        return [one for one in self._kept_scans() if one.scan not in shut]

    def unreadable(self) -> list[About]:
        """The scans of incidents whose key is not here: they lie in a restored backup, which brings no such keys."""
        kept = self._kept_scans()
        wanted = {one.incident for one in kept} - {None}
        known = self.incidents().readable() if wanted else frozenset()
        return [one for one in kept if one.incident is not None and one.incident not in known]

    def _kept_scans(self) -> list[About]:
        rows = self._store.rows(
            "SELECT scan, root, begun, finished, program, incident FROM scans WHERE length(data_key) > 0 ORDER BY scan"
        )
        return [About(*row) for row in rows]

    def dropped(self) -> list[Dropped]:
        """What is known of scans that were dropped, oldest first."""
        rows = self._store.rows(
            "SELECT scan, root, begun, finished, program, value FROM scans JOIN notes USING (scan) WHERE name = ? "
            "ORDER BY scan",
            (scans.DROPPED,),
        )
        return [Dropped(About(*about), **json.loads(said)) for *about, said in rows]

    def begin_scan(self, root: str, program: str, incident: int | None = None) -> Scan:
        """A new scan with a data key of its own; one of an ``incident`` can be read as long as that has its key."""
        key = secrets.token_bytes(KEY_BYTES)
        with self._store.act("scan.begin") as act:
            number = self._store.rows("SELECT COALESCE(MAX(scan), 0) + 1 FROM scans")[0][0]
            act.counts["scan"] = number
            act.about = root.encode("utf-8", "surrogateescape")
            act.incident = incident
            row = (number, root, utc_now(), program, wrap(self._over_scans(incident), key, f"scan {number}"), incident)
            columns = "scan, root, begun, program, data_key, incident"
            self._store.run(f"INSERT INTO scans ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        shutil.rmtree(self._scan_folder(number), ignore_errors=True)
        make_folder(self._scan_folder(number))
        return self.scan(number)

    def scan(self, number: int | None = None) -> Scan:
        """One scan by its number, else the last finished one; raises VaultError where there is none."""
        chosen = [a for a in self.scans() if (a.finished if number is None else a.scan == number)]
        if not chosen:
            raise _no_scan() if number is None else _not_that_scan(number, self.scans())
        about = chosen[-1]
        wrapped = self._store.rows("SELECT data_key FROM scans WHERE scan = ?", (about.scan,))[0][0]
        key = unwrap(self._over_scans(about.incident), bytes(wrapped), f"scan {about.scan}")
        return Scan(self._store, self._scan_folder(about.scan), about, key)

    def readable_scan(self, number: int) -> Scan | None:
        """A scan; None where its key was destroyed, or lies in a backup of keys that was not brought back."""
        incident = self.incidents().of_scan(number)
        if incident is not None and not self.incidents().is_readable(incident):
            return None
        return self.scan(number)

    def finish_scan(self, scan: Scan) -> None:
        """Say that ``scan`` is complete: it is evidence from now on. Killed scans of the same folder are removed."""
        number, whose = scan.about.scan, (scan.about.root, scan.about.incident)
        killed = [
            one.scan
            for one in self.scans()
            if (one.root, one.incident) == whose and not one.finished and one.scan != number
        ]
        with self._store.act("scan.finish", counts={"scan": number, **scan.rows()}):
            self._store.run("UPDATE scans SET finished = ? WHERE scan = ?", (utc_now(), number))
            for one in killed:
                forget_all(self._store, one)
            for table in ("notes", "parts", "scans"):
                self._store.run(f"DELETE FROM {table} WHERE scan = ?", *((k,) for k in killed))  # noqa: S608
        self.finish_forgetting()
        self._sweep()

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget finished scans for good, their keys too; that they were, and how large, stays. Decisions stay."""
        gone = [self.scan(number).about for number in numbers]
        for one in gone:
            if one.incident is not None:
                self.holds().demand_free("scan.drop", INCIDENT, [str(one.incident)])
        with self._store.act("scan.drop", counts={"scans": len(gone)}, more={"scans": [one.scan for one in gone]}):
            scans.drop(self._store, [one.scan for one in gone], utc_now())
        self.finish_forgetting()
        self._sweep()

    def forget_incident(self, number: int) -> Incident:
        """Destroy an incident's key and drop its scans; raises InputError, HeldError, RightsError, VaultError."""
        forgotten = self.incidents().forget(number)
        self.finish_forgetting()
        self._sweep()
        for folder_of in (self._leak_folder, self._outgoing_folder, self._changes_folder, self._letters_folder):
            shutil.rmtree(folder_of(number), ignore_errors=True)
        return forgotten

    def _over_scans(self, incident: int | None) -> bytes:
        """The key under which the scans of an incident, or of none, have theirs."""
        return self.keys.key("scans") if incident is None else self.incidents().key(incident)

    def _sweep(self) -> None:
        """Remove what killed runs left behind: files that no transaction names."""
        named: dict[str, set[str]] = {self._scan_folder(about.scan).name: set() for about in self._kept_scans()}
        for scan, part in self._store.rows("SELECT scan, name FROM parts"):
            named[self._scan_folder(scan).name].add(part)
        for folder in (self.folder / "scans").glob("*"):
            if folder.name not in named:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            for path in folder.iterdir():
                if path.name not in named[folder.name]:
                    path.unlink(missing_ok=True)

    def _scan_folder(self, number: int) -> Path:
        return self.folder / "scans" / f"{number:06d}"


def _no_scan() -> VaultError:
    return VaultError(
        Text("The vault holds no finished scan.", "保管庫に完了した走査がありません。"),
        Text("Run `sekisho scan FOLDER` to its end.", "`sekisho scan フォルダー` を最後まで実行してください。"),
    )


def _not_that_scan(number: int, there: Sequence[About]) -> VaultError:
    held = ", ".join(str(about.scan) for about in there) or "-"
    return VaultError(
        Text("The vault holds no scan {n}.", "保管庫に番号 {n} の走査はありません。").fill(n=number),
        Text(
            "It holds: {held}. See `sekisho vault list`.", "あるのは {held} です（`sekisho vault list` で確認）。"
        ).fill(held=held),
    )
