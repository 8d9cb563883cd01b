"""The letters of scripts, to stand in a class of a regular expression."""

KANJI = "\u3400-\u9fff\uf900-\ufaff々〆\U00020000-\U0003ffff"
KATAKANA = "ァ-ヴー"
CAPITALS, SMALL = "A-ZÀ-Þ", "a-zß-ÿ"
"""Latin letters of the west of Europe; a class of no more than these is looked up in a table."""
KATAKANA_OF = {code: code + 0x60 for code in range(0x3041, 0x3097)}
"""Hiragana -> katakana, by their codes."""
HIRAGANA_OF = {katakana: hiragana for hiragana, katakana in KATAKANA_OF.items()}
"""Katakana -> hiragana, by their codes."""
