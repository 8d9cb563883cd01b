"""What the peers' scripts share: tables given to Splink, settings, and what it took."""

import json
import resource
import time

import duckdb
from splink import SettingsCreator
from splink.backends.duckdb import DuckDBAPI


def registered(paths, labels, columns="*"):
    """A connection, and each of the parquet files as a table that Splink knows by its label."""
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order=false")
    api = DuckDBAPI(connection)
    tables = [
        api.register(connection.sql(f"SELECT {columns} FROM '{path}'").to_arrow_table(), dataset_display_name=label)
        for path, label in zip(paths, labels, strict=True)
    ]
    return connection, tables


def settings(link_type, comparisons, blocks):
    """Settings that keep no more than the probabilities."""
    return SettingsCreator(
        link_type=link_type,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


def write_pairs(connection, found, out, columns):
    """What was found as parquet."""
    connection.execute(
        f"COPY (SELECT {columns}, match_probability AS probability FROM {found.physical_name}) TO '{out}' (FORMAT parquet)"
    )


class Laps:
    """CPU seconds since it was made, by what was done."""

    def __init__(self):
        self._start = time.process_time()
        self._times = {}

    def lap(self, what):
        """``what`` is done."""
        self._times[what] = round(time.process_time() - self._start, 1)

    def said(self, only=""):
        """All of it, or one lap, with the peak of memory, as JSON."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
        return json.dumps({"cpu": self._times[only] if only else self._times, "peak_gib": round(peak, 2)})
