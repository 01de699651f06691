"""Counts over all SIMs of thirty nights against Polars: `python -m pytest benchmarks/test_census.py`.

Three million records of 300,000 SIMs by default; SIMBOX_BENCHMARK_RECORDS names another number. Values are compared
before times are told; `extra_info` holds the seconds of both and how many times faster the census is.
"""

import os
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

import polars as pl
import pytest
from plain_sources import make_plain_source
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.config import load_config
from simbox.intake import take_in
from simbox.looking_back import LookingBack
from simbox.store import Store, open_store
from simbox.telecom.cells import fuse_places

RECORDS = int(os.environ.get("SIMBOX_BENCHMARK_RECORDS", 3_000_000))
RECORDS_PER_SIM = 10
NIGHTS = 30
COLUMNS = ["night", "imsi", "imei", "cell"]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Store, pl.DataFrame]:
    """A source, the store that took it in, and its places."""
    folder = tmp_path_factory.mktemp("census")
    make_plain_source(folder / "source", RECORDS, RECORDS // RECORDS_PER_SIM, NIGHTS)
    store = open_store(folder / "store", create=True)
    found = take_in(folder / "source", store, load_config(folder / "source" / "simbox.toml"))
    return folder / "source", store, fuse_places(found.references.cells)


def with_polars(store: Store, places: pl.DataFrame, windows: list[int]) -> dict[str, pl.DataFrame]:
    """The same counts as somebody who knows Polars would write them."""
    last = store.nights()[-1]
    records = store.read(store.nights(), columns=COLUMNS).lazy()
    placed = records.join(places.lazy().select("cell", "place"), on="cell", how="left")
    pairs = records.drop_nulls("imei").group_by("imei", "imsi").agg(pl.col("night").max())
    wanted = {
        f"imei {window}": pairs.filter(pl.col("night") > last - timedelta(days=window))
        .group_by("imei")
        .agg(imei_sims=pl.len().cast(pl.Int32))
        .filter(pl.col("imei_sims") > 1)
        .sort("imei")
        for window in windows
    }
    wanted["first"] = records.group_by("imsi").agg(first_night=pl.col("night").min()).sort("imsi")
    wanted["place"] = (
        placed.select("night", place=pl.coalesce("place", "cell"), imsi="imsi")
        .drop_nulls("place")
        .unique()
        .group_by("night", "place")
        .agg(place_sims=pl.len().cast(pl.Int32))
        .sort("night", "place")
    )
    return dict(zip(wanted, pl.collect_all(list(wanted.values())), strict=True))


def with_a_census(looking_back: LookingBack, store: Store) -> dict[str, pl.DataFrame]:
    """The counts that a scan makes of these nights."""
    population = looking_back.prepare(store.nights()[-1]).population
    found = {f"imei {window}": counts.sort("imei") for window, counts in population.sims_on_imei.items()}
    found["first"] = looking_back.first_nights().sort("imsi")
    found["place"] = population.sims_at_place.sort("night", "place")
    return found


@pytest.mark.benchmark(group="census")
def test_counts_over_all_sims(benchmark: BenchmarkFixture, taken: tuple[Path, Store, pl.DataFrame]) -> None:
    source, store, places = taken
    config = load_config(source / "simbox.toml")
    expected = with_polars(store, places, config.windows.nights)
    found = with_a_census(LookingBack(store, places, config), store)
    assert set(found) == set(expected)
    for name, counts in expected.items():
        assert found[name].select(counts.columns).equals(counts), name
    start, processor = perf_counter(), process_time()
    with_polars(store, places, config.windows.nights)
    alternative = {"seconds": perf_counter() - start, "cpu_seconds": process_time() - processor}
    start, processor = perf_counter(), process_time()
    benchmark.pedantic(lambda: with_a_census(LookingBack(store, places, config), store), rounds=1)
    ours = {"seconds": perf_counter() - start, "cpu_seconds": process_time() - processor}
    benchmark.extra_info |= {
        "polars": alternative,
        "census": ours,
        "gain": round(alternative["seconds"] / ours["seconds"], 2),
    }
