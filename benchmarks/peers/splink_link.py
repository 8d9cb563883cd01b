"""Splink 5 on two prepared parquet files, trained by its own EM: ``splink_link.py HOLDERS RECORDS OUT [MODEL]``.

MODEL: m and u are taken from there, if it is there, else kept there; it goes for another number of holders too.

Runs in an environment of its own that holds splink. Columns: ``unique_id``, ``family``, ``given``, ``family_key``,
``given_key``, ``birth``, ``year``, ``month_day``, ``sex``. OUT: ``record``, ``holder``, ``probability`` of each pair.
The blocks are those of our own design; values are prepared by us, which spares it the folding.
"""

import json
import sys
from pathlib import Path

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker
from splink.blocking_rule_library import block_on
from splink_tables import Laps, registered, settings, write_pairs

MOST_PAIRS = 3_000_000


def name(part):
    """Exact with term frequencies, equal but for what is folded, alike, else."""
    levels = [
        cll.NullLevel(part),
        cll.ExactMatchLevel(part).configure(tf_adjustment_column=part),
        cll.ExactMatchLevel(f"{part}_key"),
        cll.JaroWinklerLevel(part, 0.9),
        cll.JaroWinklerLevel(part, 0.8),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(comparison_levels=levels, output_column_name=part)


def birth():
    """The same day; one edit; month and day the same; the year and month the same; else."""
    levels = [
        cll.NullLevel("birth"),
        cll.ExactMatchLevel("birth").configure(tf_adjustment_column="birth"),
        cll.LevenshteinLevel("birth", 1),
        cll.CustomLevel("month_day_l = month_day_r", "month and day"),
        cll.CustomLevel("substr(birth_l, 1, 7) = substr(birth_r, 1, 7)", "year and month"),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(comparison_levels=levels, output_column_name="birth")


def main():
    """Train and predict."""
    holders, records, out = sys.argv[1:4]
    connection, tables = registered((holders, records), ("h_side", "r_side"))
    blocks = [
        block_on("birth", "given_key"),
        block_on("birth", "family_key"),
        block_on("family_key", "given_key", "year"),
        block_on("family_key", "given_key", "month_day"),
    ]
    compared = [name("family"), name("given"), birth(), cl.ExactMatch("sex")]
    model = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    count = tables_size(connection, holders)
    if model and model.exists():
        predict(Linker(tables, given(model, count), log_level="WARNING"), connection, out, Laps())
        return
    linker = Linker(tables, settings("link_only", compared, blocks), log_level="WARNING")
    laps = Laps()
    linker.training.estimate_probability_two_random_records_match(
        [block_on("family_key", "given_key", "birth", "sex")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5_000_000, seed=1)
    laps.lap("u")
    for rule in (("birth", "given_key"), ("birth", "family_key"), ("family_key", "given_key")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule), max_pairs=MOST_PAIRS)
    laps.lap("em")
    if model:
        told = linker.misc.save_model_to_json(None)
        model.write_text(json.dumps({**told, "holders": count}))
    predict(linker, connection, out, laps)


def tables_size(connection, path):
    """Rows of a parquet file."""
    return connection.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]


def given(model, holders):
    """A kept model, for so many holders: a pair drawn at random is the rarer a match the more there are."""
    told = json.loads(model.read_text())
    told["probability_two_random_records_match"] *= told.pop("holders") / holders
    return told


def predict(linker, connection, out, laps):
    """All pairs worth naming."""
    found = linker.inference.predict(threshold_match_probability=0.001)
    laps.lap("predict")
    write_pairs(connection, found, out, "unique_id_r AS record, unique_id_l AS holder")
    laps.lap("all")
    print(laps.said())


if __name__ == "__main__":
    main()
