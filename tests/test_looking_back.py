"""What a night looks back on: the SIMs active in it alone have FEATURES, whoever else is read."""

import polars as pl
import pytest

from simbox.config import load_config
from simbox.features import FEATURES, Census, OutOfOrderError
from simbox.looking_back import LookingBack, insert_sims
from simbox.scoring import find_scales, load_scorecard
from simbox.store import open_store
from simbox.tables.reading import read_run_table
from simbox.tables.reference import PLACES
from simbox.tables.scores import USUAL
from simbox.telecom.identifiers import sim_key


def test_features_are_the_same_without_the_records_of_those_who_have_none(sample, sample_run):
    store, config = open_store(sample_run.out / "store"), load_config(sample / "simbox.toml")
    looking_back = LookingBack(store, read_run_table(sample_run.out, PLACES), config)
    looked = looking_back.prepare(store.nights()[-1])
    everybody = list(looking_back.buckets(looked))
    active = list(looking_back.buckets(looked, looked.active))
    whole, alone = (pl.concat(bucket.features for bucket in buckets) for buckets in (everybody, active))
    key = ["imsi", "window_nights"]
    assert alone.sort(key).equals(whole.sort(key))
    assert set(looked.active["imsi"]) == set(whole["imsi"])
    assert sum(bucket.cdrs.height for bucket in active) < sum(bucket.cdrs.height for bucket in everybody)


@pytest.mark.parametrize("in_order", [True, False])
def test_sims_that_are_not_held_whole_are_found_the_same_at_their_place(sample, sample_run, monkeypatch, in_order):
    store, config = open_store(sample_run.out / "store"), load_config(sample / "simbox.toml")
    looking_back = LookingBack(store, read_run_table(sample_run.out, PLACES), config)
    looked = looking_back.prepare(store.nights()[-1])
    expected = list(looking_back.buckets(looked))
    some = pl.concat(bucket.cdrs for bucket in expected)["imsi"].unique().sort().gather_every(120)
    monkeypatch.setattr(Census, "long_sims", lambda census, records: some.to_frame("imsi"))
    if not in_order:
        # Without what tells the nights of a SIM apart from its records all of them are read together.
        monkeypatch.setattr("simbox.features.compute_long_sim", overlapping)
    found = list(looking_back.buckets(looked))
    assert len(found) > some.len()
    for kind in ("features", "cdrs"):
        whole, parts = (pl.concat(getattr(bucket, kind) for bucket in buckets) for buckets in (expected, found))
        # Within one bucket FEATURES are by IMSI; where these are cut depends on memory.
        assert parts.sort("imsi", maintain_order=True).equals(whole.sort("imsi", maintain_order=True)), kind
        assert (pl.concat(bucket.cdrs for bucket in found)["imsi"] == pl.concat(b.cdrs for b in expected)["imsi"]).all()


def test_sims_are_drawn_by_their_place_in_the_store_and_have_the_features_of_all(sample, sample_run):
    store, config = open_store(sample_run.out / "store"), load_config(sample / "simbox.toml")
    looking_back = LookingBack(store, read_run_table(sample_run.out, PLACES), config)
    looked = looking_back.prepare(store.nights()[-1])
    fields = {"mt_calls", "callees"}
    few, more = (looking_back.draw(looked, count, fields) for count in (50, 400))
    assert (few["imsi"].n_unique(), more["imsi"].n_unique()) == (50, 400)
    assert set(few["imsi"]) < set(more["imsi"]) < set(looked.active["imsi"])
    assert more["operator"].n_unique() == 3
    whole = read_run_table(sample_run.out, FEATURES).join(few.select("imsi"), on="imsi", how="semi")
    columns = ["imsi", "window_nights", *sorted(fields)]
    assert few.select(columns).sort(columns[:2]).equals(whole.select(columns).sort(columns[:2]))
    assert few["gyration_km"].null_count() == few.height
    assert looking_back.draw(looked, 10**6, fields)["imsi"].n_unique() == looked.active.height


def test_a_scan_says_what_is_usual_beside_what_was_so_for_the_card(sample_run):
    usual = read_run_table(sample_run.out, USUAL)
    assert usual["operator"].unique().sort().to_list() == ["altyn", "bereke", "tulpar"]
    assert set(usual["nights"]) == {3}
    of_card = load_scorecard().usual
    assert usual.equals(find_scales(usual.select("operator", "feature", "nights", "sims", "usual"), of_card))
    assert usual["scale"].n_unique() > 2
    assert set(usual["feature"]) == set(of_card)
    told = usual.filter(pl.col("feature") == "mt_calls")
    assert set(told["usual_of_card"]) == {of_card["mt_calls"][2]}


def overlapping(*asked: object) -> pl.DataFrame:
    raise OutOfOrderError


@pytest.mark.parametrize("some", [[], [0], [3, 4], [9], [0, 5, 9]])
@pytest.mark.parametrize("rows", [1, 4, 20])
def test_what_is_made_of_some_sims_stands_between_the_frames_of_the_others(some, rows):
    sims = pl.Series("imsi", [401_770_000_000_000 + sim for sim in range(10)])
    sims = sims[pl.Series(sim_key(sims.to_numpy())).arg_sort()]
    left = sims.filter(~pl.Series([place in some for place in range(10)]))
    frames = left.to_frame().iter_slices(rows)
    found = insert_sims(frames, sims.gather(some).sort(), lambda imsi: [imsi])
    assert [imsi for part in found for imsi in (part if isinstance(part, list) else part["imsi"])] == sims.to_list()
