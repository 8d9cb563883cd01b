"""A function that is run apart gives bytes back, and can do nothing else."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.documents.apart import Apart, ApartError
from sekisho.model import Limits

HERE = ("tests.documents.test_apart",)


class OddError(Exception):
    reason = "odd"


def doubled(data: bytes) -> bytes:
    return data + data


def odd() -> bytes:
    raise OddError


def crash() -> bytes:
    os.abort()


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def call_home() -> bytes:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
    return b"sent"


def become() -> bytes:
    os.execv("/bin/true", ["true"])
    return b""


def too_much() -> bytes:
    return bytes(8 << 20)


def hungry() -> bytes:
    return bytes(2 << 30)


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with Apart(HERE, Limits(seconds=3, memory_bytes=512 << 20, output_bytes=4 << 20)) as made:
        yield made


@pytest.mark.parametrize("size", [0, 1, 100_000, 2_000_000])
def test_it_gives_what_the_function_gives(apart: Apart, size: int) -> None:
    data = os.urandom(size)
    assert apart.run(doubled, data) == data + data


def test_what_the_function_raises_is_told_by_its_reason(apart: Apart) -> None:
    with pytest.raises(ApartError) as error:
        apart.run(odd)
    assert error.value.reason == "odd"


@pytest.mark.parametrize("work", [crash, become, call_home, too_much, hungry], ids=lambda work: work.__name__)
def test_what_it_must_not_do_gives_nothing(apart: Apart, work: object) -> None:
    with pytest.raises(ApartError) as error:
        apart.run(work)  # type: ignore[arg-type]
    assert error.value.reason == ""
    assert apart.run(doubled, b"a") == b"aa"


def test_no_file_of_anybodys_can_be_read(apart: Apart, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("a")
    for path in ("/etc/passwd", "/proc/1/environ", str(tmp_path / "list.csv")):
        with pytest.raises(ApartError):
            apart.run(read, path)


def test_what_takes_too_long_is_ended(apart: Apart) -> None:
    begun = time.monotonic()
    with pytest.raises(ApartError):
        apart.run(time.sleep, 60)
    assert time.monotonic() - begun < 20
