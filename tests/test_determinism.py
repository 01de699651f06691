"""Same in, same out: whatever the order of rows, the number of threads, and what lies beside."""

import gzip
import json
import random
import shutil
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simbox.features import FEATURES
from simbox.manifest import sha256_of
from simbox.nightly import run_scan
from simbox.store import Memory
from simbox.tables.cdrs import FILES, REJECTS
from simbox.tables.evidence import DAMAGE
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.reference import PLACES
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import HISTORY, REASONS, SCORES, USUAL
from simbox.tables.shown import ACTIVITY, COVERAGE

CLOCK = {"timings.json"}
# They hold hashes of the input and the numbers of its lines.
OF_THE_INPUT = {"files.parquet", "rejects.parquet", "manifest.json"}
PARQUET = (
    SCORES, HISTORY, REASONS, LINKS, RIGS, SITES, MEMBERS, DAMAGE, FEATURES, REJECTS, FILES, ACTIVITY, COVERAGE, PLACES,
    USUAL,
)  # fmt: skip


def bytes_below(folder: Path) -> dict[str, bytes]:
    """The bytes of every file by its path, the seconds left out."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in CLOCK}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def read_text(path: Path) -> bytes:
    with pa.input_stream(str(path), compression="detect") as stream:
        return stream.read()


@pytest.fixture(scope="module")
def shuffled(sample, tmp_path_factory) -> Path:
    """The sample with the rows of every file in another order, and without its truth."""
    source = tmp_path_factory.mktemp("shuffled") / "source"
    shutil.copytree(sample, source, ignore=shutil.ignore_patterns("truth*"))
    order = random.Random(7)
    for path in sorted([*source.rglob("*.csv*"), *source.rglob("*.zst")]):
        text = read_text(path)
        lines = text.splitlines(keepends=True)
        # A switch's file has a header and names above, a trailer below; a server's has neither.
        above, below = (2, 1) if path.suffix == ".gz" else (0, 0) if path.suffix == ".zst" else (1, 0)
        rows = lines[above : len(lines) - below]
        order.shuffle(rows)
        mixed = b"".join([*lines[:above], *rows, *lines[len(lines) - below :]])
        packed = {
            ".gz": lambda mixed: gzip.compress(mixed, mtime=0),
            ".zst": partial(pa.compress, codec="zstd", asbytes=True),
        }
        path.write_bytes(packed.get(path.suffix, bytes)(mixed))
    for path in sorted(source.rglob("*.parquet")):
        rows = pq.read_table(path)
        places = list(range(rows.num_rows))
        order.shuffle(places)
        pq.write_table(rows.take(pa.array(places)), path)
    return source


@pytest.fixture(scope="module")
def on_two_threads(sample, simbox, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("two") / "out"
    printed = simbox("scan", sample, "-o", out, "--threads", "2")
    assert printed.code == 0, printed.err
    return out


def test_the_number_of_threads_changes_nothing(sample_on_one_thread, on_two_threads):
    out, printed = sample_on_one_thread
    assert printed.code == 0, printed.err
    assert differing(bytes_below(out), bytes_below(on_two_threads)) == set()


def test_what_memory_holds_changes_nothing(sample, sample_run, tmp_path):
    class Little(Memory):
        rows_held, rows_merged, rows_computed, sims_computed = 9_000, 5_000, 7_000, 500

    run_scan(sample, tmp_path / "out", lambda *_: None, memory=Little(1 << 30))
    assert differing(bytes_below(sample_run.out), bytes_below(tmp_path / "out")) == set()


def test_another_process_finds_the_same(sample_on_one_thread, sample_run):
    assert differing(bytes_below(sample_on_one_thread[0]), bytes_below(sample_run.out)) == set()


def test_the_order_of_rows_and_the_truth_change_nothing(on_two_threads, shuffled, simbox, tmp_path):
    printed = simbox("scan", shuffled, "-o", tmp_path / "out", "--threads", "2")
    assert printed.code == 0, printed.err
    found = differing(bytes_below(on_two_threads), bytes_below(tmp_path / "out"))
    assert {name for name in found if not name.startswith("store/")} <= OF_THE_INPUT


def test_a_late_file_judges_anew_all_nights_that_it_touches(sample, sample_run, tmp_path):
    source, late = tmp_path / "source", Path("cdr/bereke/2026-05-13.parquet")
    shutil.copytree(sample, source, ignore=shutil.ignore_patterns("truth*", late.name))
    before, _ = run_scan(source, tmp_path / "out", lambda *_: None, store_path=tmp_path / "store")
    shutil.copy(sample / late, source / late)
    after, code = run_scan(source, tmp_path / "out", lambda *_: None, store_path=tmp_path / "store")
    assert code == 0
    assert before.nights == after.nights
    # It is of the second night of three, but for calls that went on past midnight; all nights after it know of it.
    changed = before.history.join(after.history, on=["imsi", "night", "score", "rig_id", "listed"], how="anti")
    assert {night.day for night in changed["night"]} >= {13, 14}
    mine, theirs = (bytes_below(folder) for folder in (tmp_path / "out", sample_run.out))
    found = differing(mine, {name: held for name, held in theirs.items() if not name.startswith("store/")})
    # The page says which files came and when, and links to no row.
    assert found <= OF_THE_INPUT | {"report.html"}


def test_the_truth_is_not_even_looked_at(sample_run):
    assert not [
        name for name in json.loads((sample_run.out / "manifest.json").read_text())["inputs"] if "truth" in name
    ]


@pytest.mark.parametrize("table", PARQUET, ids=[table.name for table in PARQUET])
def test_every_file_keeps_to_its_declared_table(sample_run, table):
    frame = table.check(pl.read_parquet(sample_run.out / table.file))
    assert tuple(frame.columns) == table.names
    assert frame.equals(table.conform(frame))
    if table is not FEATURES:
        rows = json.loads((sample_run.out / "manifest.json").read_text())["rows"]
        assert rows[table.name] == frame.height


@pytest.mark.parametrize("table", [SEIZURE_LIST, REVIEW], ids=["SEIZURE_LIST", "REVIEW"])
def test_every_list_has_its_columns_in_order(sample_run, table):
    frame = pl.read_csv(sample_run.out / table.file, infer_schema=False)
    assert tuple(frame.columns) == table.names
    required = [column.name for column in table.columns if not column.nullable and column.dtype != pl.String]
    assert frame.select(required).null_count().sum_horizontal().sum() == 0
    assert frame["rank"].to_list() == [str(rank) for rank in range(1, frame.height + 1)]
    assert frame["imsi"].str.contains(r"^[0-9]{14,15}$").all()


def test_no_file_is_left_that_no_table_declares(sample_run):
    written = {path.name for path in sample_run.out.iterdir()}
    tables = {table.file for table in (*PARQUET, SEIZURE_LIST, REVIEW)}
    assert written == tables | {"report.html", "manifest.json", "timings.json", "store"}


def test_counted_points_add_up_for_every_sim(sample_run):
    scores = pl.read_parquet(sample_run.out / "scores.parquet")
    reasons = pl.read_parquet(sample_run.out / "reasons.parquet")
    counted = reasons.filter("counted").group_by("imsi").agg(total=pl.col("points").sum())
    # Of the SIMs around it and its rig's ties the stronger counts; alone it has the former.
    own = reasons.filter((pl.col("counted") | (pl.col("expert") == "context")) & (pl.col("expert") != "rig"))
    alone = own.group_by("imsi").agg(alone=pl.col("points").sum())
    sums = scores.join(counted, on="imsi", how="left").join(alone, on="imsi", how="left")
    assert sums.filter(pl.col("evidence").ne_missing(pl.col("total"))).is_empty()
    assert sums.filter(pl.col("evidence_alone").ne_missing(pl.col("alone"))).is_empty()
    assert reasons.filter(pl.col("code") == "BASE")["imsi"].n_unique() == scores.height


def test_one_expert_counts(sample_run):
    reasons = pl.read_parquet(sample_run.out / "reasons.parquet").filter(
        pl.col("counted") & ~pl.col("expert").is_in(["base", "rig", "context", "reports"])
    )
    # Some reasons are read over the longest window or the night alone, whatever window the expert speaks of.
    voices = reasons.group_by("imsi").agg(
        voices=pl.col("expert").n_unique(), repeated=pl.struct("code", "window_nights").is_duplicated().any()
    )
    assert voices["voices"].max() == 1
    assert not voices["repeated"].any()


def test_scores_rise_with_evidence(sample_run):
    scores = pl.read_parquet(sample_run.out / "scores.parquet").sort("evidence")
    assert scores["score"].is_sorted()
    assert scores["probability"].is_sorted()
    assert scores["band"].to_physical().is_sorted()


def test_every_row_is_kept_or_rejected(sample_run):
    files = pl.read_parquet(sample_run.out / "files.parquet")
    rejects = pl.read_parquet(sample_run.out / "rejects.parquet")
    assert (files["rows_in"] == files["rows_kept"] + files["rows_rejected"]).all()
    assert rejects.height == files["rows_rejected"].sum() > 0
    by_file = rejects.group_by("file").agg(listed=pl.len())
    joined = files.join(by_file, on="file", how="left").with_columns(pl.col("listed").fill_null(0))
    assert (joined["listed"] == joined["rows_rejected"]).all()


def test_the_manifest_knows_every_file(sample_run):
    manifest = json.loads((sample_run.out / "manifest.json").read_text())
    written = {path.name for path in sample_run.out.iterdir() if path.is_file()} - CLOCK - {"manifest.json"}
    assert manifest["outputs"] == {name: sha256_of(sample_run.out / name) for name in written}
    read = [path for path in sample_run.source.rglob("*") if path.is_file()]
    used = {path.relative_to(sample_run.source).as_posix(): path for path in read if not path.name.startswith("truth")}
    used.pop("README.md")
    assert manifest["inputs"] == {name: sha256_of(path) for name, path in used.items()}


def test_what_stands_on_the_list_hangs_together(sample_run):
    listed = pl.read_csv(sample_run.out / "seizure_list.csv", infer_schema=False).with_columns(
        pl.col("imsi").cast(pl.Int64)
    )
    scores, members, history = (
        pl.read_parquet(sample_run.out / f"{name}.parquet") for name in ("scores", "members", "history")
    )
    assert listed.join(members, on=["imsi", "rig_id"], how="anti").is_empty()
    on_list = listed.filter(pl.col("decision") != "watch")
    assert on_list.join(scores.filter(pl.col("first_listed_night").is_not_null()), on="imsi", how="anti").is_empty()
    last = history.filter((pl.col("night") == pl.col("night").max()) & pl.col("listed"))
    assert set(last["imsi"]) == set(on_list["imsi"])
    rigs = pl.read_parquet(sample_run.out / "rigs.parquet")
    assert members.join(rigs, on="rig_id", how="anti").is_empty()
    assert set(rigs.join(members, on="rig_id", how="anti")["status"]) <= {"dissolved"}
