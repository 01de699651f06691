"""What a night looks back on: the SIMs active in it alone have FEATURES, whoever else is read."""

import polars as pl

from simbox.config import load_config
from simbox.looking_back import LookingBack
from simbox.store import open_store
from simbox.tables.reading import read_run_table
from simbox.tables.reference import PLACES


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
