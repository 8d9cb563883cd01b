"""The account closes: numbers that must add up do, or an error names the difference."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.errors import AccountError
from sekisho.figures import Breakdown, Shield, Split
from sekisho.model import State
from sekisho.wording import Text

DOCUMENTS = Text("documents", "文書")
FILES = Text("files with records", "記録のあるファイル")
RECORDS = Text("records", "延べ記録")
PERSONS = Text("persons", "実人数")


def hold_inputs(documents: pa.Table, records: pa.Table, matches: pa.Table) -> None:
    """Each record lies in a document that knows of it and has one match; raises AccountError."""
    claimed = pc.sum(documents["records"]).as_py() or 0
    _equal(RECORDS, Text("as the documents say", "文書の申告"), claimed, _TABLE, records.num_rows)
    _equal(RECORDS, _TABLE, records.num_rows, Text("with a match", "照合結果あり"), matches.num_rows)
    known = pc.sum(pc.is_in(records["document_id"], documents["document_id"])).as_py() or 0
    _equal(RECORDS, _TABLE, records.num_rows, Text("in a known document", "文書が判明"), known)


def hold_exposed(claimed: int, records: int, unmatched: int, of_nobody: int) -> None:
    """Each record of an incident's documents was taken, and is somebody's unless it is unmatched; raises AccountError.

    ``claimed``: how many records the documents say they hold.
    """
    _equal(RECORDS, Text("as the documents say", "文書の申告"), claimed, _TABLE, records)
    _equal(RECORDS, _BY["unmatched"], unmatched, Text("of nobody", "本人なし"), of_nobody)


def close(made: Breakdown, documents: int, records: int) -> None:
    """Every sum of the breakdown; raises AccountError."""
    everybody = made.totals.all
    _sum(DOCUMENTS, "outcomes", (one.documents for one in made.endings), documents)
    _sum(RECORDS, "states", (one.records for one in made.standings), records)
    _sum(RECORDS, "table", (row.counts.all.records for row in made.table), records)
    _sum(RECORDS, "table", (row.counts.all.records for row in made.announced), records)
    _sum(RECORDS, "centres", (one.counts.all.records for one in made.centres), records)
    _sum(RECORDS, "issuers", (one.records for one in made.issuers), records)
    _sum(RECORDS, "locks", (one.records for one in made.locks), records)
    _sum(FILES, "protection", made.worst_files.values(), everybody.files)
    _sum(PERSONS, "combinations", (one.persons for one in made.combinations), everybody.persons)
    _sum(PERSONS, "issuers", (one.persons for one in made.issuers), everybody.persons)
    _sum(PERSONS, "residences", (one.persons for one in made.residences), everybody.persons)
    for combination in made.combinations:
        sides = (combination.protected, combination.unprotected, combination.undetermined)
        _sum(PERSONS, "protection", sides, combination.persons)
    unmatched = next(one.records for one in made.standings if one.state == State.UNMATCHED)
    _sum(RECORDS, "unmatched", [everybody.unmatched], unmatched)
    for split in (
        made.totals,
        *(row.counts for row in (*made.table, *made.announced)),
        *(one.counts for one in made.centres),
    ):
        _sides(split)


def _sides(split: Split) -> None:
    """Records add up; a file or person on several sides makes the sides more than all, never less."""
    sides = [split.of(shield) for shield in Shield]
    _sum(RECORDS, "protection", (side.records for side in sides), split.all.records)
    for name, whole in (("files", split.all.files), ("persons", split.all.persons)):
        found = [getattr(side, name) for side in sides]
        if not max(found) <= whole <= sum(found):
            _equal(Text(name, name), Text("by protection", "保護別"), sum(found), _TABLE, whole)


def _sum(what: Text, by: str, parts: Iterable[int], whole: int) -> None:
    _equal(what, _BY[by], sum(parts), Text("in all", "全体"), whole)


def _equal(what: Text, one_name: Text, one: int, other_name: Text, other: int) -> None:
    if one == other:
        return
    said = Text(
        "The account does not close: {what} {one_name} {one:,}, {other_name} {other:,}; difference {gap:,}.",
        "集計が一致しません: {what} {one_name} {one:,}、{other_name} {other:,}（差 {gap:,}）。",
    )
    raise AccountError(
        said.fill(what=what, one_name=one_name, one=one, other_name=other_name, other=other, gap=one - other),
        Text(
            "Nothing was reported. Scan and settle again; if it stays, report it.",
            "結果は出力していません。走査と照合をやり直し、解消しない場合は報告してください。",
        ),
    )


_TABLE = Text("in the table", "一覧")
_BY = {
    "outcomes": Text("by outcome", "結果別"),
    "states": Text("by state", "照合状態別"),
    "table": Text("by items", "項目別"),
    "centres": Text("by centre", "拠点別"),
    "issuers": Text("by issuer", "発行元別"),
    "residences": Text("by residence", "居住地別"),
    "combinations": Text("by items", "項目別"),
    "locks": Text("by lock", "保護の種類別"),
    "protection": Text("by protection", "保護別"),
    "unmatched": Text("unmatched", "照合不能"),
}
