"""How often what happens: every share that the generator uses, with its reason, or ``assumed``.

Shares of persons first, then those of records. No source gives error rates of the records of 2007. With these, the
first rule of that time (kana without voicing marks and small kana, birth date, sex, one holder) finds some 70 % of the
records that have a name and a holder; a trial of 1999 found "low 60s %" of all.
"""

from __future__ import annotations

# persons
FOREIGN = 0.02  # residents of foreign nationality, 2.5-3 % in the 2020s and 1 % in the 1990s
ALIAS = 0.15  # of foreigners: a Japanese name in daily use (通称), most of all among Koreans and Chinese; assumed
ALIAS_KNOWN = 0.6  # of them: the register has it; assumed
WOMAN_TAKES_HIS_NAME = 0.955  # vital statistics: 94-97 % of couples take the husband's
MAN_TAKES_HER_NAME = 0.035  # the rest of the couples, and adopted sons-in-law
FORMER_KNOWN = 0.5  # of changed names: the register has the former one; assumed
TWIN = 0.01  # of persons stand beside their twin: 5-10 in 1,000 births are twins
TWIN_ALIKE = 0.4  # of twins of one sex: given names that begin alike; assumed
NAMESAKE = 0.04  # of neighbours who could be father and son: both have one name; assumed (about .3 % of persons)
VARIANT = 0.15  # of surnames with 高 崎 辺 ...: the family register has the variant (髙 﨑 邉 ...); assumed
STAYED = 0.63  # live in the prefecture of their first job; with chance meetings 65 % agree, as measured elsewhere
BUILDING = 0.4  # of addresses name a building; a little under half of all households live in flats
NO_PERIODS = 0.06  # of persons: no period is known; assumed
STINT_MISSING = (0.2, 0.35, 0.25)  # the first, middle and last stint of work is not among the known periods; assumed

# records: whose they are, and what they carry
SPACE = 0.5  # of records: a blank between surname and given name; asked for
KANJI = 0.1  # of records: the name in kanji too; assumed (kanji were punched from the end of the 1970s)
NO_NAME = 0.09  # FACTS of 2007: 9.2 % had no name at all
NO_PERIOD = 0.05  # assumed
OFFICE_OF_ORIGIN, OFFICE_OF_HOME = 0.50, 0.32  # issued where the first job was, where they live now; else anywhere
FORMER_WITHOUT_PERIOD = 0.4  # as often as among records with a period
FORMER_NOTED = 0.02  # of records after a change of name: the former one is noted; assumed

# records: names. Shares are of all records where nothing else is said
MISREAD_LAST = 0.05  # assumed, after the 4 and 8 % that research used, as some names have one reading only
MISREAD_FIRST = 0.10
TYPO = 0.03  # assumed
VOICING_LOST = 0.02  # トヨタ for トヨダ; assumed
SMALL_KANA = 0.30  # host systems without small kana; assumed
SOUNDALIKE = 0.30  # of names with ヅ ヂ ヲ: written ズ ジ オ; assumed
LONG_MARK = 0.30  # of names with ー: dropped; assumed
SWAPPED = 0.003  # assumed
FOREIGN_SWAPPED = 0.15  # of foreigners' records: given name first; assumed
FOREIGN_LATIN = 0.10  # of foreigners' records: Latin letters in the kana field; assumed
UNDER_ALIAS = 0.5  # of records of persons with an alias; assumed
PLAIN_KANJI = 0.5  # of kanji names with a variant: the common character; many code pages lack the variant
FIELDS = ((10, 0.02), (15, 0.20))  # width in half-width characters, share of records from such a field; assumed

# records: birth date and sex
DAY_BY_ONE = 0.008  # all of these assumed, together about the 4 % that research used
DAY_BY_TEN = 0.006
MONTH_BY_ONE = 0.004
YEAR_BY_ONE = 0.006
YEAR_BY_TEN = 0.005
WRONG_ERA = 0.005  # 12 or 14 years: Taisho and Showa differ by 14
MONTH_DAY_SWAPPED = 0.003
DAY_UNKNOWN = 0.004
MONTH_UNKNOWN = 0.002
YEAR_UNKNOWN = 0.001
SEX_MISSING = 0.03  # assumed
SEX_WRONG = 0.005  # assumed
