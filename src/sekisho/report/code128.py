"""A Code 128 (ISO/IEC 15417, code set C: two digits a symbol) as widths of bars and gaps, in modules."""

from __future__ import annotations

from collections.abc import Iterator

_PATTERNS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
"""Of the values 0 to 105, six widths each; 105 begins code set C."""
_START_C, _STOP, _MODULUS = 105, "2331112", 103


def bars(digits: str) -> list[int]:
    """The widths, a bar first, bars and gaps in turn. Raises ValueError for anything but pairs of digits."""
    if not digits.isascii() or not digits.isdigit() or len(digits) % 2:
        raise ValueError(digits)
    return [int(width) for symbol in _symbols(digits) for width in symbol]


def _symbols(digits: str) -> Iterator[str]:
    values = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    check = (_START_C + sum(place * value for place, value in enumerate(values, 1))) % _MODULUS
    for value in (_START_C, *values, check):
        yield _PATTERNS[6 * value : 6 * value + 6]
    yield _STOP
