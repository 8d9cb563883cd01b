"""The letters of scripts, to stand in a class of a regular expression."""

KANJI = "\u3400-\u9fff\uf900-\ufaff々〆\U00020000-\U0003ffff"
KATAKANA = "ァ-ヴー"
