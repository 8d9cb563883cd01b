import shutil
from pathlib import Path

import pytest

from sekisho.ledger.checkpoint import Checkpoint
from sekisho.ledger.log import Log, append
from sekisho.ledger.note import NoteError, Signer, sign
from sekisho.ledger.tiles import packed, unpacked
from sekisho.ledger.verify import Fault, Kind, verify


def _again(log: Log, key) -> Log:
    return Log.open(log.folder, key)


@pytest.mark.parametrize(
    "sizes", [(0,), (1,), (255,), (256,), (257,), (1, 2, 3, 300), (600, 601, 1000), (65536 + 300,)]
)
def test_a_log_that_nobody_touched_is_sound(make_log, signer, sizes):
    log = make_log(*sizes)
    verdict = verify(_again(log, signer.verifier))
    assert verdict.sound
    assert not verdict.leftover
    assert (verdict.size, verdict.root) == (log.size, log.root)


@pytest.mark.parametrize("at", [0, 255, 256, 300, 599])
def test_the_entry_that_was_changed_is_named(make_log, signer, at):
    log = make_log(600)
    path = log.folder / ("tile/entries/002.p/88" if at >= 512 else f"tile/entries/{at // 256:03d}")
    entries = unpacked(path.read_bytes())
    entries[at % 256] = entries[at % 256].replace(b"scan", b"scam")
    path.write_bytes(packed(entries))
    verdict = verify(_again(log, signer.verifier))
    assert verdict.faults == [Fault(Kind.ENTRY, str(path.relative_to(log.folder)), at, at)]


def test_a_damaged_tile_is_not_taken_for_damaged_entries(make_log, signer):
    log = make_log(600)
    for path in ("tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"):
        other = Log(Path(shutil.copytree(log.folder, log.folder.with_name(path.replace("/", "-")))), log.signed)
        _flip(other.folder / path, 40)
        faults = verify(other).faults
        assert {one.kind for one in faults} == {Kind.TILE}
        assert path in {one.path for one in faults}


def test_missing_files_are_named_with_the_entries_they_held(make_log, signer):
    log = make_log(600)
    (log.folder / "tile/entries/001").unlink()
    assert verify(log).faults == [Fault(Kind.MISSING, "tile/entries/001", 256, 511)]
    (log.folder / "tile/1/000.p/2").unlink()
    assert Fault(Kind.MISSING, "tile/1/000.p/2") in verify(log).faults


def test_entries_and_tiles_that_were_rewritten_together_are_not_what_was_signed(make_log, signer, tmp_path):
    log = make_log(600)
    forger = Signer(signer.verifier.name, bytes(32))
    forged = Log(tmp_path / "forged", None)
    forged.folder.mkdir()
    append(forged, forger, [b"nothing happened"] * 600)
    shutil.rmtree(log.folder / "tile")
    shutil.copytree(forged.folder / "tile", log.folder / "tile")
    assert [one.kind for one in verify(log).faults] == [Kind.ROOT]


def test_of_a_large_log_every_share_is_looked_at(make_log, signer):
    log = make_log(256 * 130 + 7)
    assert verify(log).sound
    wrong = (0, 64 * 256 + 1, 65 * 256, 256 * 130 + 6)
    for at in wrong:
        name = next((log.folder / "tile/entries").glob(f"{at // 256:03d}.p/*"), None)
        path = name or log.folder / f"tile/entries/{at // 256:03d}"
        entries = unpacked(path.read_bytes())
        entries[at % 256] += b" "
        path.write_bytes(packed(entries))
    assert [(one.kind, one.first, one.last) for one in verify(log).faults] == [(Kind.ENTRY, at, at) for at in wrong]


def test_what_a_killed_append_left_is_told_and_is_no_fault(make_log, signer):
    log = make_log(600)
    (log.folder / "tile/entries/003").write_bytes(b"half")
    verdict = verify(log)
    assert verdict.sound
    assert verdict.leftover == ["tile/entries/003"]


def test_an_earlier_checkpoint_is_the_beginning_and_another_ones_is_not(make_log, signer):
    early = make_log(100)
    verdict = verify(make_log(100, 600, name="grown"))
    assert verdict.is_beginning(early.signed.checkpoint)
    assert not verdict.is_beginning(Checkpoint("x", 100, bytes(32)))
    assert not verdict.is_beginning(Checkpoint("x", 601, verdict.root))


def test_every_flipped_bit_of_a_small_log_is_found(make_log, signer):
    log = make_log(3)
    flipped = 0
    for path in sorted(one for one in log.folder.rglob("*") if one.is_file()):
        raw = path.read_bytes()
        for bit in range(len(raw) * 8):
            path.write_bytes(_with_flip(raw, bit))
            assert not _accepted(log.folder, signer), f"{path.name}: bit {bit}"
            flipped += 1
        path.write_bytes(raw)
    assert _accepted(log.folder, signer)
    assert flipped > 3 * 70 * 8


def _accepted(folder: Path, signer) -> bool:
    try:
        return verify(Log.open(folder, signer.verifier)).sound
    except NoteError:
        return False


def _flip(path: Path, bit: int) -> None:
    path.write_bytes(_with_flip(path.read_bytes(), bit))


def _with_flip(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_checkpoint_of_more_entries_than_there_are_is_found(make_log, signer):
    log = make_log(5)
    text = str(Checkpoint(signer.verifier.name, 6, log.root))
    (log.folder / "checkpoint").write_bytes(bytes(sign(text, [signer])))
    verdict = verify(Log.open(log.folder, signer.verifier))
    assert not verdict.sound
