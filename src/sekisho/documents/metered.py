"""Counts the bytes that a container unpacks to, and stops it before the memory is spent."""

from __future__ import annotations

from sekisho.errors import OverLimitError
from sekisho.model import Limits, Reason

STEP = 1 << 20


class Meter:
    """What one container of ``packed`` bytes may still unpack to; shared by all its members.

    Every method raises OverLimitError where a limit is passed.
    """

    def __init__(self, limits: Limits, packed: int) -> None:
        self.limits = limits
        self.packed = packed
        self.spent = 0

    @property
    def left(self) -> int:
        """Bytes that may still come out."""
        by_ratio = max(self.limits.ratio_from_bytes, self.limits.ratio * self.packed)
        return min(self.limits.output_bytes, by_ratio) - self.spent

    def admit(self, unpacked: int, packed: int) -> None:
        """May ``packed`` bytes become ``unpacked``, as their header says? Asked before anything is unpacked."""
        self._hold(unpacked, packed, wasted=0)
        self._hold(self.spent + unpacked, self.packed, wasted=0)

    def count(self, unpacked: int) -> None:
        """``unpacked`` more bytes have come out."""
        self.spent += unpacked
        self._hold(self.spent, self.packed, wasted=self.spent)

    def _hold(self, unpacked: int, packed: int, *, wasted: int) -> None:
        if unpacked > max(self.limits.ratio_from_bytes, self.limits.ratio * packed):
            raise OverLimitError(Reason.RATIO, wasted=wasted)
        if unpacked > self.limits.output_bytes:
            raise OverLimitError(Reason.TOO_MUCH_OUTPUT, wasted=wasted)
