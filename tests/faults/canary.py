"""A planted person, in every place where files hold names, and the ways in which their bytes could turn up again."""

from __future__ import annotations

import base64
import io
import json
import os
import quopri
import re
import sys
import threading
import urllib.parse
import zipfile
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from html import escape
from pathlib import Path

NAME, NUMBER, ADDRESS = "架空羅太郎", "9876-543210", "沖縄県那覇市架空羅町4丁目5番"
KANA, SHEET, MEMBER, SUBJECT = "カクウラタロウ", "架空羅の名簿", "架空羅の控え", "架空羅様の件"
CANARIES = (NAME, NUMBER, NUMBER.replace("-", ""), ADDRESS, KANA, SHEET, MEMBER, SUBJECT)
ENCODINGS = ("utf-8", "cp932", "euc_jp", "iso2022_jp", "utf-16-le", "utf-16-be")
_LIST = (
    "基礎年金番号,氏名,フリガナ,生年月日,住所\r\n"
    f"{NUMBER},{NAME},{KANA},1948-04-06,{ADDRESS}\r\n9876-543211,見本花子,ミホンハナコ,1950-01-02,\r\n"
)


def plant(share: Path) -> None:
    """Fill a folder with documents that hold the person, in their names too."""
    folder = share / f"{NAME}関係"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.csv").write_bytes(_LIST.encode("cp932"))
    (folder / f"{NUMBER}.txt").write_text(_LIST.replace(",", "\t"), encoding="utf-8")
    (folder / "sheet.xlsx").write_bytes(_workbook())
    (folder / f"{MEMBER}.xlsx").write_bytes(b"PK\x03\x04 broken " + NAME.encode())
    (folder / "mail.eml").write_bytes(_mail())
    with zipfile.ZipFile(folder / f"{MEMBER}.zip", "w") as archive:
        archive.writestr(f"{MEMBER}/{NAME}.csv", _LIST)
    (share / "holders.html").write_text(f"<p>{escape(NAME)} 様 {NUMBER} {ADDRESS}</p>", encoding="utf-8")


def _workbook() -> bytes:
    import xlsxwriter

    raw = io.BytesIO()
    with xlsxwriter.Workbook(raw, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        for at, line in enumerate(_LIST.splitlines()):
            sheet.write_row(at, 0, line.split(","))
    return raw.getvalue()


def _mail() -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = SUBJECT, f"{NAME} <a@example.jp>", "b@example.jp"
    mail.set_content(f"{NAME} 様\n基礎年金番号 {NUMBER}\n{ADDRESS}\n", charset="utf-8")
    mail.add_attachment(_LIST.encode("cp932"), maintype="text", subtype="csv", filename=f"{NAME}.csv")
    return bytes(mail)


def _forms(canary: str) -> Iterator[bytes]:
    yield json.dumps(canary)[1:-1].encode()
    yield urllib.parse.quote(canary).encode()
    yield "".join(f"&#{ord(c)};" for c in canary).encode()
    for encoding in ENCODINGS:
        raw = canary.encode(encoding)
        yield raw
        yield raw.hex().encode()
        yield quopri.encodestring(raw).strip()
        for before in range(3):  # base64 in each of its three places, without what stands beside
            yield base64.b64encode(bytes(before) + raw)[(before * 4 + 2) // 3 + 1 : -4]


NEEDLES = tuple(sorted({form for canary in CANARIES for form in _forms(canary)}))


def in_bytes(raw: bytes) -> bool:
    """Whether the person is in there, in any form."""
    return any(needle in raw for needle in NEEDLES)


def in_files(folder: Path, but: Iterable[Path] = ()) -> list[Path]:
    """The files below ``folder``, but for some folders, with the person in them or in their names."""
    left_out = tuple(but)
    found = []
    for path in folder.rglob("*"):
        if any(path.is_relative_to(one) for one in left_out):
            continue
        held = path.read_bytes() if path.is_file() else b""
        if in_bytes(held) or in_bytes(os.fsencode(path.name)):
            found.append(path)
    return found


class Watch:
    """Looks, while it is open, at the titles, environments and open files of all that a process has started.

    ``seen``: where the person was found. Files below ``asked`` may hold them.
    """

    def __init__(self, pid: int, *asked: Path) -> None:
        self.seen: set[str] = set()
        self.looked = 0
        self._pid, self._asked = pid, tuple(str(one) for one in asked)
        self._known: set[tuple[int, ...]] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            for pid in _family(self._pid):
                self._look_at(Path("/proc") / str(pid))

    def _look_at(self, process: Path) -> None:
        self.looked += 1
        for name in ("cmdline", "environ", "comm"):
            if in_bytes(_read(process / name)):
                self.seen.add(name)
        for link in _listed(process / "fd"):
            target = _target(link)
            if self._is_ours(target) and self._is_new(link) and in_bytes(os.fsencode(target) + b" " + _read(link)):
                self.seen.add(f"open: {target}")

    def _is_new(self, link: Path) -> bool:
        """Whether the file was not looked at as it is now."""
        try:
            state = link.stat()
        except OSError:
            return False
        known = (state.st_ino, state.st_size, state.st_mtime_ns)
        is_new = known not in self._known
        self._known.add(known)
        return is_new

    def _is_ours(self, target: str) -> bool:
        """Whether it is the path of a file that may have been written, and one that nobody asked for."""
        others = ("/dev", "/proc", "/memfd:", "/sys", "/usr", sys.prefix, sys.base_prefix)
        return target.startswith("/") and not target.startswith((*others, *self._asked))


def _family(pid: int) -> list[int]:
    family = [pid]
    for one in family:
        tasks = _listed(Path("/proc") / str(one) / "task")
        family += [int(child) for task in tasks for child in _read(task / "children").split()]
    return family


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


_WRITTEN = re.compile(r'^\d+ +(?:write|pwrite64|pwritev|writev|pwritev2)\(\d+<(/[^>]*)>(?:\(deleted\))?, .*?"(\\x.*)"')


def in_writes(log: Path, *asked: Path) -> set[str]:
    """The files that the person was ever written to, by a log of strace (-y -xx)."""
    found = set()
    for line in log.read_text(errors="replace").splitlines():
        match = _WRITTEN.match(line)
        if match and not match[1].startswith(("/dev", "/memfd:", *map(str, asked))):
            raw = bytes.fromhex("".join(re.findall(r"\\x([0-9a-f]{2})", match[2])))
            if in_bytes(raw):
                found.add(match[1])
    return found
