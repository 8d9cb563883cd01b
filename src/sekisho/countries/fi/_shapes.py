"""How dates and phone numbers look in Finnish text."""

from __future__ import annotations

from sekisho.countries.shapes import Shapes

SHAPES = Shapes(
    # three numbers with points between them may be anything where nobody is born
    date=r"(?:(?<=syntynyt )|(?<=synt\. ))(?:[1-9]|[12]\d|3[01])\.(?:[1-9]|1[0-2])\.(?:18|19|20)\d\d(?![\d.])",
    phone=r"(?<![\d+-])\+358(?:[ -]?\d){6,11}(?![\d-])",
)
