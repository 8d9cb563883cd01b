"""Splink 5 on a public set, as its own demos set it up: ``splink_public.py SET OUT TABLE [TABLE]``.

Runs in an environment of its own that holds splink. SET: ``historical``, ``febrl3``, ``febrl4``. TABLE: parquet with
``unique_id`` and the columns of the set. OUT: a folder; ``pairs.parquet`` (``one``, ``other``, ``probability``), and of one
table ``clusters.parquet`` (``unique_id``, a column ``at_<threshold>`` each).
"""

import sys
from pathlib import Path

import splink.comparison_library as cl
from splink import Linker
from splink.blocking_rule_library import block_on
from splink_tables import Laps, registered, settings, write_pairs

THRESHOLDS = (0.5, 0.8, 0.95, 0.99, 0.999)

HISTORICAL = {
    "comparisons": [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="whole_name"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ],
    "blocks": [
        block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
        block_on("surname", "dob"),
        block_on("first_name", "dob"),
        block_on("postcode_fake", "first_name"),
        block_on("postcode_fake", "surname"),
        block_on("dob", "birth_place"),
        block_on("substr(postcode_fake,1,3)", "dob"),
        block_on("substr(postcode_fake,1,3)", "first_name"),
        block_on("substr(postcode_fake,1,3)", "surname"),
        block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
    ],
    "sure": [block_on("first_name", "surname", "dob"), block_on("dob", "postcode_fake")],
    "recall": 0.6,
    "train": [("first_name", "surname"), ("dob",)],
}
FEBRL = {
    "comparisons": [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
        cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]),
    ],
    "blocks": [
        block_on("soc_sec_id"),
        block_on("given_name", "surname"),
        block_on("date_of_birth"),
        block_on("address_1"),
        block_on("surname", "postcode"),
        block_on("given_name", "postcode"),
    ],
    "sure": [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")],
    "recall": 0.9,
    "train": [("date_of_birth",), ("given_name", "surname"), ("postcode",)],
}
SETS = {"historical": HISTORICAL, "febrl3": FEBRL, "febrl4": FEBRL}


def main():
    """Train, predict, cluster."""
    name, out, *paths = sys.argv[1:]
    told = SETS[name]
    columns = "*, first_name || ' ' || surname AS whole_name" if name == "historical" else "*"
    connection, tables = registered(paths, [f"side_{at}" for at in range(len(paths))], columns)
    link_type = "link_only" if len(tables) > 1 else "dedupe_only"
    chosen = settings(link_type, told["comparisons"], told["blocks"])
    linker = Linker(tables if len(tables) > 1 else tables[0], chosen, log_level="WARNING")
    laps = Laps()
    linker.training.estimate_probability_two_random_records_match(told["sure"], recall=told["recall"])
    linker.training.estimate_u_using_random_sampling(max_pairs=5_000_000, seed=1)
    for columns in told["train"]:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    found = linker.inference.predict(threshold_match_probability=0.001)
    if len(tables) == 1:
        linker.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=0.95)
    laps.lap("all")
    folder = Path(out)
    write_pairs(connection, found, folder / "pairs.parquet", "unique_id_l AS one, unique_id_r AS other")
    if len(tables) == 1:
        _clusters(linker, connection, found, folder)
    print(laps.said("all"))


def _clusters(linker, connection, found, folder):
    """Its clusters at every threshold; what only the first costs is counted."""
    made = [
        linker.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=threshold)
        for threshold in THRESHOLDS
    ]
    columns = ", ".join(f'c{at}.cluster_id AS "at_{threshold}"' for at, threshold in enumerate(THRESHOLDS))
    joined = made[0].physical_name + " c0"
    for at, one in enumerate(made[1:], 1):
        joined += f" JOIN {one.physical_name} c{at} USING (unique_id)"
    connection.execute(
        f"COPY (SELECT unique_id, {columns} FROM {joined}) TO '{folder / 'clusters.parquet'}' (FORMAT parquet)"
    )


if __name__ == "__main__":
    main()
