"""`sekisho match`: whose record is each, by the holders of a register, with a probability that means what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.clock import utc_now
from sekisho.errors import InputError
from sekisho.flow.fingerprint import of_code
from sekisho.flow.matching.holders import OFFICE_DIGITS, ROWS, Holders, holders_in, known_to
from sekisho.flow.matching.labels import labels
from sekisho.flow.matching.models import keep, learned, text_of
from sekisho.flow.parts import Parts, fingerprint
from sekisho.flow.registering import replaced
from sekisho.frames import to_arrow
from sekisho.matching import Matching
from sekisho.model import Item
from sekisho.persons.linkage import groups, people
from sekisho.persons.linkage.drift import drift
from sekisho.persons.linkage.link import CHUNK
from sekisho.persons.linkage.model import Model
from sekisho.persons.linkage.policy import AUTO, OUTCOMES, Policy, decided
from sekisho.persons.linkage.quality import measured, standing
from sekisho.register.rows import Rows, read
from sekisho.register.vaulted import Vaulted
from sekisho.report import matching as report
from sekisho.report import tabular
from sekisho.report.progress import Progress
from sekisho.vault import Register
from sekisho.wording import Text, language

CANDIDATES = pa.schema(
    [
        ("record", pa.string()),
        ("holder", pa.string()),
        ("probability", pa.float64()),
        ("outcome", pa.string()),
        ("rank", pa.int32()),
        ("reasons", pa.string()),
    ]
)
MATCHING = Text("Matching", "照合")


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of the records: ``outcomes`` counts them, ``none``: without any candidate; they add up.

    ``expected_wrong``: of the automatic merges, by their probabilities. ``files``: of the holders and of the records,
    to say what was read of them.
    """

    records: int
    holders: int
    outcomes: dict[str, int]
    none: int
    expected_wrong: float
    files: tuple[Rows | Vaulted, ...]
    model: Model
    quality: Matching | None

    @property
    def further(self) -> int:
        """Rows of a register file under the number of a row before: further names of its holder."""
        known = self.files[0]
        return known.taken - self.holders if isinstance(known, Rows) else 0


@dataclass(frozen=True, slots=True)
class How:
    """``model``: one that was learned before, or None to learn; ``keep``: where to write it; ``force``: overwrite.

    ``labels``: records whose holder is known; ``measured``: whether to say how good the matching is.
    """

    policy: Policy
    model: Path | None = None
    keep: Path | None = None
    labels: Path | None = None
    measured: bool = False
    force: bool = False
    shown: bool = True
    chunk: int = CHUNK  # records that are matched at once, and kept when done


def match(records: Path, register: Path | Register, to: Path, how: How) -> Matched:
    """Match the rows of ``records`` to the holders of a file or of the vault and write `CANDIDATES`.

    Raises InputError, UsageError, VaultError.
    """
    files = [file for file in (records, register, how.labels) if isinstance(file, Path)]
    tabular.look_at_target(to, force=how.force, sources=files)
    tabular.spare([*files, to], *filter(None, [how.keep]))
    if isinstance(register, Register):
        register.see_all("match.run")
        replaced.in_match(register, records)
    given = text_of(how.model)
    last = Model.from_json(given) if given else None
    known, asked = holders_in(register), read(records)
    code = of_code("persons/linkage", "register")
    mark = known.mark() if isinstance(known, Vaulted) else ""
    of = fingerprint(files, code, given, language(), str(how.chunk), mark)
    parts = Parts(to.with_name(f".{to.name}.parts"), of)
    design = people.design(known.mapping.values(), asked.mapping.values())
    if last:
        last.look_at(design)
    with known_to(design, register, known, shown=how.shown) as (linker, holders):
        rows = records_of(asked.batches(people.columns(design)))
        ids = rows.filter(alias=0)["id"]
        look_at_ids(ids, asked)
        certain = labels(how.labels, ids, holders.places) if how.labels else None
        model = last or learned(linker, rows, certain, parts, shown=how.shown)
        with Progress(MATCHING, ROWS, len(ids), shown=how.shown) as progress:
            linked = linker.link(rows, model, how.chunk, parts.kept)
            found = pl.concat(progress.through(linked, how.chunk))
        moved = drift(design, last, linker.train(rows, certain)) if last and how.measured else None
        keep(how.keep, model)
        ranked = decided(found, how.policy)
        quality = None
        if how.measured:
            standings = standing(_facts(rows, ranked, holders.foreign()), ranked, certain)
            quality = replace(measured(standings, design, model, how.policy, linker.people), drift=moved)
        tabular.write(to, CANDIDATES, [shown(ranked, ids, holders)], force=how.force)
        parts.drop()
        return summary(ranked, len(ids), linker.people, (known, asked), model, quality)


def page_of(quality: Matching) -> str:
    """How good a matching is, as a page."""
    now = utc_now()
    return report.render(quality, {"made": now, "version": version("sekisho")})


def records_of(batches: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All rows, numbered, with ``id`` as their file names them; a former name, or another way to take
    the name apart, is one more row of the same record.
    """
    numbered = pl.concat(list(batches)).rename({"record": "id"}).with_row_index("record")
    rows = numbered.with_columns(
        pl.col("record").cast(pl.Int32),
        id=pl.coalesce("id", (pl.col("record") + 1).cast(pl.String)),
        office=pl.coalesce("office", pl.col(Item.BASIC_PENSION_NUMBER).str.slice(0, OFFICE_DIGITS)),
        alias=pl.lit(0, pl.Int8),
    )
    others = [people.other_names(rows), people.other_ways(rows), people.in_readings(rows)]
    return pl.concat([rows, *(some.with_columns(alias=pl.lit(1, pl.Int8)) for some in others)]).sort("record", "alias")


def look_at_ids(ids: pl.Series, asked: Rows) -> None:
    """Raises InputError where two records have one id."""
    twice = ids.filter(ids.is_duplicated())
    if not twice.is_empty():
        label = next(column.label for column in asked.columns if column.item == "record")
        raise InputError(
            Text(
                "The column {label} of {file} does not tell the records apart: {n:,} {n|row shares|rows share} an id.",
                "{file} の列 {label} では記録を区別できません（重複 {n:,}行）。",
            ).fill(label=label, file=asked.path, n=len(twice)),
            Text(
                "Give each record an id of its own, or no column `record`: then it is known by its row.",
                "記録ごとに異なる番号を付けるか、record 列を外してください（行番号で区別します）。",
            ),
        )


def _facts(rows: pl.DataFrame, ranked: pl.DataFrame, foreign: pl.Series) -> pl.DataFrame:
    """`groups.facts` of the records; a name is foreign too where the best candidate's is."""
    known = ranked.filter(pl.col("rank") == 1, pl.col("holder").is_in(foreign.implode()))["record"]
    script = pl.when(pl.col("record").is_in(known.implode())).then(pl.lit(groups.FOREIGN)).otherwise("script")
    return groups.facts(rows.filter(alias=0)).with_columns(script=script)


def shown(ranked: pl.DataFrame, ids: pl.Series, holders: Holders) -> pa.Table:
    """The `CANDIDATES`; ``ids`` by the records' numbers."""
    told = ranked.with_columns(
        record=ids.gather(ranked["record"]),
        holder=holders.named(ranked["holder"]),
        reasons=pl.col("reasons").cast(pl.String),
    )
    return to_arrow(told, CANDIDATES)


def summary(
    ranked: pl.DataFrame,
    records: int,
    holders: int,
    files: tuple[Rows | Vaulted, ...],
    model: Model,
    quality: Matching | None = None,
) -> Matched:
    """What became of the records."""
    best = ranked.filter(rank=1)
    counts = dict(best["outcome"].value_counts().iter_rows())
    wrong = best.filter(outcome=AUTO).select((1.0 - pl.col("probability")).clip(0.0).sum()).item()
    outcomes = {outcome: counts.get(outcome, 0) for outcome in OUTCOMES}
    return Matched(records, holders, outcomes, records - best.height, float(wrong), files, model, quality)
