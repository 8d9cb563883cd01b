"""Splink 5 on leaked records with numbers, trained by its own EM: ``splink_leak.py HOLDERS RECORDS OUT``.

Runs in an environment of its own that holds splink. Columns: ``unique_id``, ``number``, ``family``, ``given`` and the
same with ``_kana``, ``birth``, ``sex``, ``address``, folded and split by us, which spares it that.
OUT: ``record``, ``holder``, ``probability`` of each pair; CPU seconds and peak memory are printed as JSON.
"""

import sys

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker
from splink.blocking_rule_library import block_on
from splink_tables import Laps, registered, settings, write_pairs


def name(part):
    """Kanji or reading the same, with term frequencies of the reading; alike; else. Null where nothing compares."""
    kana = f"{part}_kana"
    known = f"({part}_l IS NULL OR {part}_r IS NULL) AND ({kana}_l IS NULL OR {kana}_r IS NULL)"
    alike = "jaro_winkler_similarity({0}_l, {0}_r) >= {1}"
    levels = [
        cll.CustomLevel(known, "null").configure(is_null_level=True),
        cll.ExactMatchLevel(part).configure(tf_adjustment_column=part),
        cll.ExactMatchLevel(kana).configure(tf_adjustment_column=kana),
        cll.CustomLevel(f"{alike.format(part, 0.9)} OR {alike.format(kana, 0.9)}", "close"),
        cll.CustomLevel(f"{alike.format(part, 0.7)} OR {alike.format(kana, 0.75)}", "alike"),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(comparison_levels=levels, output_column_name=part)


def number():
    """The same; one or two digits differ; else."""
    near = "length(number_l) = length(number_r) AND hamming(number_l, number_r) <= 2"
    levels = [cll.NullLevel("number"), cll.ExactMatchLevel("number"), cll.CustomLevel(near, "near"), cll.ElseLevel()]
    return cl.CustomComparison(comparison_levels=levels, output_column_name="number")


def birth():
    """The same day; one character; two of year, month and day; else."""
    two = (
        "substr(birth_l, 1, 7) = substr(birth_r, 1, 7) OR substr(birth_l, 6) = substr(birth_r, 6)"
        " OR (substr(birth_l, 1, 4) = substr(birth_r, 1, 4) AND substr(birth_l, 9) = substr(birth_r, 9))"
    )
    levels = [
        cll.NullLevel("birth"),
        cll.ExactMatchLevel("birth"),
        cll.LevenshteinLevel("birth", 1),
        cll.CustomLevel(two, "two parts"),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(comparison_levels=levels, output_column_name="birth")


def main():
    """Train and predict."""
    holders, records, out = sys.argv[1:4]
    connection, tables = registered((holders, records), ("h_side", "r_side"))
    compared = [number(), name("family"), name("given"), birth(), cl.ExactMatch("sex"), cl.ExactMatch("address")]
    blocks = [
        block_on("number"),
        block_on("family", "given", "birth"),
        block_on("family_kana", "given_kana", "birth"),
        block_on("birth", "given"),
        block_on("birth", "given_kana"),
        block_on("birth", "family"),
        block_on("birth", "family_kana"),
        block_on("family", "given", "substr(birth, 1, 4)"),
        block_on("family_kana", "given_kana", "substr(birth, 1, 4)"),
        block_on("family", "given", "substr(birth, 6)"),
        block_on("family_kana", "given_kana", "substr(birth, 6)"),
        block_on("family", "given", "address"),
        block_on("family_kana", "given_kana", "address"),
    ]
    laps = Laps()
    linker = Linker(tables, settings("link_only", compared, blocks), log_level="WARNING")
    linker.training.estimate_probability_two_random_records_match([block_on("number", "birth")], recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=5_000_000, seed=1)
    laps.lap("u")
    for rule in (("number",), ("birth", "given")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule), max_pairs=3_000_000)
    laps.lap("em")
    found = linker.inference.predict(threshold_match_probability=0.001)
    write_pairs(connection, found, out, "unique_id_r::BIGINT AS record, unique_id_l AS holder")
    laps.lap("all")
    print(laps.said())


if __name__ == "__main__":
    main()
