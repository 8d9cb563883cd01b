"""Japan: one file, one identifier. Each defines IDENTIFIER, a `model.Identifier`."""

from sekisho.countries.words import Words

WORDS = Words()
