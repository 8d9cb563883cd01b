"""What a sample says about the whole: the share of errors and how far off it may be."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log

_NEGLIGIBLE = 1e-17


def clopper_pearson(wrong: int, checked: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact two-sided interval for a share of which ``wrong`` of ``checked`` were seen.

    Clopper and Pearson, Biometrika 26 (1934): the shares under which so few, or so many, are no rarer than
    (1 - confidence) / 2.

    >>> [round(share, 4) for share in clopper_pearson(0, 100)]
    [0.0, 0.0362]
    >>> [round(share, 4) for share in clopper_pearson(4, 20)]
    [0.0573, 0.4366]
    """
    if wrong > checked / 2:  # the same from the other side, where less has to be summed
        low, high = clopper_pearson(checked - wrong, checked, confidence)
        return 1 - high, 1 - low
    tail = (1 - confidence) / 2
    low = 0.0 if wrong == 0 else _where(lambda p: 1 - _at_most(wrong - 1, checked, p) > tail)
    high = 1.0 if wrong == checked else _where(lambda p: _at_most(wrong, checked, p) < tail)
    return low, high


def _where(turned: Callable[[float], bool]) -> float:
    """The share from which on ``turned`` holds, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if turned(middle) else (middle, high)
    return high


def _at_most(count: int, checked: int, share: float) -> float:
    """The probability of at most ``count`` of ``checked`` under ``share`` (binomial)."""
    if share >= 1:
        return 0.0 if count < checked else 1.0
    whole, mean, total = lgamma(checked + 1), checked * share, 0.0
    for k in range(count, -1, -1):
        term = exp(whole - lgamma(k + 1) - lgamma(checked - k + 1) + k * log(share) + (checked - k) * log(1 - share))
        total += term
        if k < mean and term <= total * _NEGLIGIBLE:
            break
    return total
