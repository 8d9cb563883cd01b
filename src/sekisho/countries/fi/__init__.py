"""Finland, the small second country: one file, one identifier."""

from sekisho.countries.words import Words

WORDS = Words()
