"""A matching that the vault keeps goes on with new records and holders, and says what a full one would change."""

from __future__ import annotations

import json

import polars as pl
import pytest
from benchmarks.linkage.generate import Order, generate

from sekisho.cli._main import main
from sekisho.persons.linkage import train
from sekisho.vault.matchings import Matching

HOLDERS, RECORDS = 3_000, 1_200
COLUMNS = ["record", "holder", "probability", "outcome", "rank", "reasons"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ongoing")
    generate(Order(HOLDERS, RECORDS, seed=5), folder)
    register = pl.read_parquet(folder / "register" / "part-*.parquet")
    records = pl.read_parquet(folder / "records.parquet")
    moved = register[:60].with_columns(name_kana=pl.lit("アリアケ ") + pl.col("name_kana").str.split(" ").list.last())
    register[:2_900].write_parquet(folder / "holders.parquet")
    pl.concat([register[2_900:], moved]).write_parquet(folder / "update.parquet")
    records[:1_000].write_parquet(folder / "october.parquet")
    records[900:].write_parquet(folder / "november.parquet")
    return folder


class Desk:
    """Calls of one vault, in order."""

    def __init__(self, folder, capsys):
        self.folder, self._capsys = folder, capsys

    def call(self, *arguments):
        known = [str(self.folder / one) if "." in one else one for one in arguments]
        more = ["--vault", str(self.folder / "vault"), "--key-file", str(self.folder / "key"), "--quiet", "--json"]
        code = main([*known, *more])
        said = self._capsys.readouterr().out
        return code, json.loads(said) if code == 0 else said

    def match(self, *arguments, to="matches.parquet"):
        code, said = self.call("match", *arguments, "--register", "vault", "--to", to, "--force")
        assert code == 0
        return said, pl.read_parquet(self.folder / to)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(train, "_RANDOM_SIDE", 150)


def _of(matches, records):
    return matches.filter(pl.col("record").is_in(records)).sort("record", "rank")


def test_a_file_each_month_and_a_register_update_each_night(desk, capsys, quick):
    at = Desk(desk, capsys)
    assert at.call("register", "import", "holders.parquet")[0] == 0
    _, plain = at.match("october.parquet", "--keep-model", "model.json", to="plain.parquet")
    said, october = at.match("october.parquet", "--as", "orphans", "--model", "model.json")
    assert said["full"]
    assert said["taken"] == {"new": 1_000, "changed": 0, "known": 0}
    assert october.select(COLUMNS).equals(plain.select(COLUMNS))

    said, november = at.match("november.parquet", "--as", "orphans")
    assert said["taken"] == {"new": 200, "changed": 0, "known": 100}
    assert (said["looked_at"], said["full"]) == (200, False)
    ids = october["record"].unique().to_list()
    stays = ["record", "holder", "probability", "rank", "reasons"]
    assert _of(november, ids).select(stays).equals(_of(october, ids).select(stays))

    assert at.call("register", "import", "update.parquet")[0] == 0
    said, night = at.match("--as", "orphans")
    assert said["holders_since"] == {"new": 100, "changed": said["holders_since"]["changed"]}
    assert 0 < said["looked_at"] < 200
    moved = said["moved"]
    assert (moved["holders_then"], moved["holders_now"], moved["checked"]) == (2_900, 3_000, 1_200)
    assert moved["expected_least"] <= moved["differ"] <= moved["expected_most"]

    _, again = at.match("--as", "orphans")
    assert again.equals(night)
    said, full = at.match("--as", "orphans", "--full")
    assert said["full"]
    assert said["other"] == moved["differ"]
    assert full["record"].n_unique() > 0.9 * night["record"].n_unique()
    said, _ = at.match("--as", "orphans")
    assert "moved" not in said


def test_a_call_that_is_killed_leaves_the_matching_as_it_was(desk, capsys, quick, monkeypatch, tmp_path):
    at = Desk(desk, capsys)
    changed = pl.read_parquet(desk / "october.parquet").with_columns(sex=pl.lit("F"))
    changed.write_parquet(desk / "changed.parquet")
    _, before = at.match("--as", "orphans")

    def killed(matching):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Matching, "commit", killed)
        at.call("match", "changed.parquet", "--register", "vault", "--as", "orphans", "--to", "no.parquet")
    assert not (desk / "no.parquet").exists()
    said, after = at.match("--as", "orphans")
    assert said["looked_at"] == 0
    assert after.equals(before)
    said, _ = at.match("changed.parquet", "--as", "orphans")
    assert said["taken"]["changed"] + said["taken"]["known"] == 1_000
    assert said["taken"]["changed"] > 300
    assert said["records"] == 1_200


def test_a_pair_of_a_kept_matching_is_explained_by_what_it_stands_on(desk, capsys):
    at = Desk(desk, capsys)
    _, matches = at.match("--as", "orphans")
    unsure = matches.filter(pl.col("probability") < 0.99, pl.col("probability") > 0.01).head(3)
    for record, holder, probability in unsure.select("record", "holder", "probability").rows():
        code, why = at.call("explain", record, holder, "--register", "vault", "--as", "orphans")
        assert code == 0
        assert why["probability"] == pytest.approx(probability, rel=1e-5)
    assert unsure.height
    assert at.call("explain", "nobody", "4701-000001", "--register", "vault", "--as", "orphans")[0] == 3
    assert at.call("explain", "1", "4701-000001", "--register", "vault")[0] == 2


def test_what_is_kept_says_nothing_in_clear(desk):
    names = pl.read_parquet(desk / "october.parquet")["name_kana"].drop_nulls().unique()[:200].to_list()
    kept = [path.read_bytes() for path in (desk / "vault" / "matchings").rglob("*") if path.is_file()]
    assert len(kept) > 5
    assert not [name for name in names for content in kept if name.encode() in content]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (["--register", "vault", "--as", "never"], 3),
        (["october.parquet", "--register", "holders.parquet", "--as", "orphans"], 2),
        (["october.parquet", "--register", "vault", "--as", "../orphans"], 2),
        (["october.parquet", "--register", "vault", "--as", "orphans", "--report", "page.html"], 2),
        (["nameless.csv", "--register", "vault", "--as", "orphans"], 3),
        (["twice.csv", "--register", "vault", "--as", "orphans"], 3),
        (["--register", "vault"], 2),
    ],
)
def test_what_cannot_go_on_is_refused_and_changes_nothing(desk, capsys, call, code):
    (desk / "nameless.csv").write_text("name_kana,birth_date\nサトウ ハナコ,1948-04-06\n")
    (desk / "twice.csv").write_text("record,name_kana,birth_date\n1,サトウ ハナコ,1948-04-06\n1,カトウ ハナ,\n")
    kept = {path: path.stat().st_mtime_ns for path in (desk / "vault" / "matchings").rglob("listing.json")}
    assert Desk(desk, capsys).call("match", *call, "--to", "no.parquet")[0] == code
    assert not (desk / "no.parquet").exists()
    assert {path: path.stat().st_mtime_ns for path in (desk / "vault" / "matchings").rglob("listing.json")} == kept


def test_a_matching_that_was_changed_from_outside_is_an_error(desk, capsys):
    listing = desk / "vault" / "matchings" / "orphans" / "listing.json"
    whole = listing.read_bytes()
    listing.write_bytes(whole.replace(b"sha256", b"sha257", 1))
    code, _ = Desk(desk, capsys).call("match", "--register", "vault", "--as", "orphans", "--to", "no.parquet")
    listing.write_bytes(whole)
    assert code not in (0, 1)
    assert not (desk / "no.parquet").exists()
