"""Folders that are not as they should be: names, links, rights, and a folder that changes while it is scanned."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from pathlib import Path

import pytest
from tests.hostile.hostile_files import LIST
from tests.hostile.hostile_run import scanned, sekisho

NAMES = (
    b"\xff\xfe.csv",
    "改\n行.csv".encode(),
    "\u202egpj.csv".encode(),
    b"\x1b[31mred.csv",
    b" ",
    b"-rf",
    b"!",
    b"a" * 251,
)


@pytest.fixture
def share(tmp_path: Path) -> Path:
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "list.csv").write_text(LIST)
    return tmp_path / "share"


def test_a_missing_folder_is_said_in_one_line(tmp_path: Path) -> None:
    ended = sekisho(tmp_path, "scan", "nowhere", "--quiet")
    assert ended.returncode == 3
    assert "nowhere" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_every_name_opens_its_file_and_none_reaches_the_terminal_as_it_is(share: Path) -> None:
    for number, name in enumerate(NAMES):
        with open(os.path.join(os.fsencode(share), name), "w") as file:
            file.write(LIST + str(number))
    run = scanned(share.parent)
    assert run.code == 0, run.complained
    assert len(run.ends) == len(NAMES) + 1
    assert set(run.ends.values()) == {"READ "}
    assert len(run.records) == 2 * len(run.ends)
    assert not {"\x1b", "\u202e"} & set(run.said + run.complained)


def test_links_pipes_and_sockets_hold_nothing_up(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (share / "loop").symlink_to(".")
    (share / "away").symlink_to("/etc/passwd")
    (share / "nowhere").symlink_to("nowhere")
    (share / "one").symlink_to("two")
    (share / "two").symlink_to("one")
    os.mkfifo(share / "pipe")
    monkeypatch.chdir(share)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        run = scanned(share.parent)
    links = dict.fromkeys(("loop", "away", "nowhere", "one", "two"), "LEFT_OUT link")
    others = dict.fromkeys(("pipe", "socket"), "UNSUPPORTED not_a_file")
    assert run.ends == {"list.csv": "READ ", **links, **others}


def without_privilege() -> tuple[str, ...]:
    if os.geteuid():
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root reads everything, and setpriv is not here to take that away")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def test_what_may_not_be_read_is_said_and_the_rest_is_read(share: Path) -> None:
    (share / "secret.csv").write_text(LIST)
    (share / "secret.csv").chmod(0)
    (share / "closed").mkdir(mode=0)
    try:
        run = scanned(share.parent, before=without_privilege())
    finally:
        (share / "closed").chmod(0o700)
    assert run.ends == {"list.csv": "READ ", "secret.csv": "UNREADABLE no_rights", "closed/": "UNREADABLE no_rights"}


def test_a_folder_in_turmoil_is_scanned_to_its_end(share: Path) -> None:
    over = threading.Event()

    def stir() -> None:
        number = 0
        while not over.wait(0.002):
            number += 1
            for name in ("grows.csv", "swapped.csv"):
                with (share / name).open("a") as file:
                    file.write(LIST)
            os.replace(share / "swapped.csv", share / f"new{number % 5}.csv")
            (share / f"new{(number + 2) % 5}.csv").unlink(missing_ok=True)
            if number % 200 == 0:
                (share / "grows.csv").unlink()

    stirring = threading.Thread(target=stir)
    stirring.start()
    try:
        run = scanned(share.parent)
    finally:
        over.set()
        stirring.join()
    assert run.code == 0, run.complained
    assert run.ends["list.csv"] == "READ "
    assert set(run.ends.values()) <= {"READ ", "READ empty", "VANISHED gone", "UNREADABLE changed"}
