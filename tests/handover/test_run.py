"""A run is read back as it was written, damaged ones are refused, and what came later is no part of it."""

import hashlib
import json
import shutil
from datetime import date

import polars as pl
import pytest

from simbox.errors import DamagedError, InputError, UsageError
from simbox.handover import CaseOptions, case_files, choose_rigs, last_scored, read_measured, read_run
from simbox.handover.run import count_outside, known_files, read_records
from simbox.nightly import run_scan
from simbox.tables.cdrs import INSTANT


def quiet(*_):
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def run(sample_run):
    return read_run(sample_run.out)


def test_the_lists_come_back_as_they_were(run, sample_run):
    for told, made in (
        (run.listed, sample_run.scan.last.listed.seizure_list),
        (run.review, sample_run.scan.last.listed.review),
    ):
        instants = [name for name, dtype in made.schema.items() if dtype == INSTANT]
        assert told.equals(made.with_columns(pl.col(instants).dt.truncate("1s")))


def test_a_text_that_was_guarded_comes_back_bare(run, sample_run, tmp_path):
    out = shutil.copytree(sample_run.out, tmp_path / "out")
    text = (out / "seizure_list.csv").read_text(encoding="utf-8").splitlines()
    dealer = text[0].split(",").index("dealer")
    cells = text[1].split(",")
    cells[dealer] = "'=1+2"
    (out / "seizure_list.csv").write_text("\n".join([text[0], ",".join(cells), *text[2:]]) + "\n", encoding="utf-8")
    hash_again(out, "seizure_list.csv")
    assert read_run(out).listed["dealer"][0] == "=1+2"


def hash_again(out, name) -> None:
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["outputs"][name] = hashlib.sha256((out / name).read_bytes()).hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("name", ["rigs.parquet", "seizure_list.csv", "features.parquet"])
def test_a_changed_or_missing_file_is_named(sample_run, tmp_path, name):
    out = shutil.copytree(sample_run.out, tmp_path / "out")
    content = (out / name).read_bytes()
    (out / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(DamagedError, match=name):
        read_run(out)
    (out / name).unlink()
    with pytest.raises(DamagedError, match=name):
        read_run(out)


def test_a_run_of_an_older_version_is_told_so(sample_run, tmp_path):
    out = shutil.copytree(sample_run.out, tmp_path / "out")
    manifest = json.loads((out / "manifest.json").read_text())
    del manifest["scorecard"]
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DamagedError, match="scan again"):
        read_run(out)


def test_rigs_come_by_the_best_rank_of_their_sims(run):
    order = run.listed.sort("rank")["rig_id"].unique(maintain_order=True).to_list()
    assert choose_rigs(run, ()) == order
    assert choose_rigs(run, (order[2], order[0], order[2])) == [order[2], order[0]]


def test_a_rig_without_listed_sims_makes_no_case(run):
    bare = run._replace(listed=run.listed.clear())
    with pytest.raises(UsageError, match="nothing to make a case of"):
        case_files(bare, run.rigs["rig_id"][0], CaseOptions())


def test_records_are_those_of_the_sims(run):
    imsis = run.members["imsi"].head(5)
    store = run.store()
    wanted = store.read(store.nights()).filter(pl.col("imsi").is_in(imsis.implode()))
    assert read_records(run, imsis).equals(wanted)
    assert read_records(run, imsis.clear()).is_empty()


def test_outside_sims_are_counted_by_imei(run):
    store = run.store()
    everyone = store.read(store.nights(), columns=["imsi", "imei"]).drop_nulls().unique()
    imei = everyone.group_by("imei").len().sort("len", "imei")["imei"][-1]
    holders = everyone.filter(pl.col("imei") == imei)["imsi"].sort()
    imeis = pl.Series("imei", [imei, 1])
    assert count_outside(run, imeis, holders.head(1)).rows() == [(1, 0), (imei, holders.len() - 1)]
    assert count_outside(run, imeis, holders).rows() == [(1, 0), (imei, 0)]


def test_files_that_the_store_got_later_are_no_part_of_the_run(sample, tmp_path):
    source = shutil.copytree(sample, tmp_path / "source")
    for path in (source / "cdr").rglob("*"):
        if "0514" in path.name.replace("-", ""):
            path.unlink()
    out, store = tmp_path / "out", tmp_path / "store"
    run_scan(source, out, quiet, store_path=store)
    run = read_run(out)
    rig_id = choose_rigs(run, ())[0]
    before = case_files(run, rig_id, CaseOptions())
    # Late records of a night that was judged, of the same SIMs, and a night more.
    folder = source / "cdr" / "bereke"
    late = pl.read_parquet(folder / "2026-05-12.parquet").with_columns(pl.lit("sms").alias("service"))
    late.write_parquet(folder / "late.parquet")
    shutil.copy(sample / "cdr" / "bereke" / "2026-05-14.parquet", folder)
    run_scan(source, tmp_path / "later", quiet, store_path=store)
    assert len(run.store().nights()) == 3
    assert known_files(run).height == 6 < run.store().files().height
    assert case_files(run, rig_id, CaseOptions()) == before


def test_a_sim_is_of_the_last_judged_night_on_which_it_was_active(drawing):
    records = drawing.records(
        """
        imsi at      service direction other
        1    1T10:00 voice   mo        x1
        1    3T10:00 voice   mt        x1
        2    2T10:00 sms     mt        Bank
        3    3T10:00 voice   mt        x1
        4    4T10:00 voice   mo        x1
        """
    )
    nights = [date(2025, 3, day) for day in (1, 2, 3)]
    told = last_scored(records, nights)
    assert told["night"].to_list() == [nights[0], nights[1], nights[2], nights[2]]


def test_measured_rates_must_come_from_evaluate_or_match(tmp_path):
    good, bad = tmp_path / "match.json", tmp_path / "other.json"
    good.write_text(
        json.dumps({"seized": 1, "seized_from": "a", "seized_to": "b", "precision": {}, "recall": {}}), encoding="utf-8"
    )
    assert read_measured([good]) == {"match.json": good.read_bytes()}
    for content in ("", "{}", "[]", '{"list": 3}'):
        bad.write_text(content)
        with pytest.raises(InputError, match=r"other\.json"):
            read_measured([good, bad])
    with pytest.raises(InputError, match="twice"):
        read_measured([good, good])


def test_every_column_of_a_bundle_is_explained(run):
    files = case_files(run, choose_rigs(run, ())[0], CaseOptions())
    told = pl.read_csv(files["columns.csv"])
    tables = [name for name in files if name.endswith(".csv") and name != "columns.csv"]
    assert len(tables) == 15
    for name in tables:
        columns = files[name].split(b"\n", 1)[0].decode().split(",")
        assert told.filter(pl.col("file") == name)["column"].to_list() == columns
    assert told["meaning"].str.len_chars().min() > 3
