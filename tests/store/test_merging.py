"""Sorted pieces become one in store order, whatever the pieces and however little is held of them."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simbox.store.cursors import Cursor, cut_between_sims, merge_cursors
from simbox.store.order import merge_records, sort_records
from simbox.telecom.identifiers import bucket, sim_key

ONE_SIM = 401_770_000_000_001


def cursors(pieces, block_rows):
    return [Cursor(iter(list(piece.iter_slices(block_rows)))) for piece in pieces if piece.height]


def test_a_key_orders_by_bucket_then_imsi(make_cdrs):
    imsi = make_cdrs(500, sims=400)["imsi"]
    keyed = pl.DataFrame({"imsi": imsi, "key": sim_key(imsi.to_numpy()), "bucket": bucket(imsi.to_numpy())})
    assert keyed.sort("key")["imsi"].to_list() == keyed.sort("bucket", "imsi")["imsi"].to_list()
    assert keyed["key"].min() >= 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(rows=st.integers(1, 120), sims=st.integers(1, 20), seed=st.integers(0, 99), random=st.randoms())
def test_pieces_merged_are_the_whole_sorted(make_cdrs, rows, sims, seed, random):
    cdrs = make_cdrs(rows, sims=sims, seed=seed)
    of_piece = pl.Series("piece", [random.randrange(4) for _ in range(rows)])
    pieces = [sort_records(piece) for piece in cdrs.with_columns(of_piece).partition_by("piece", include_key=False)]
    expected = sort_records(cdrs)
    assert merge_records(pieces).equals(expected)
    frames = list(merge_cursors(cursors(pieces, 7), 1))
    assert pl.concat(frames).equals(expected)


@pytest.mark.parametrize("rows_at_once", [1, 20, 10_000])
def test_no_sim_is_cut(make_cdrs, monkeypatch, rows_at_once):
    monkeypatch.setattr("simbox.store.cursors.LEAST_ROWS", 1)
    pieces = [sort_records(make_cdrs(300, seed=seed, sims=40, first_record=1000 * seed)) for seed in range(3)]
    frames = list(merge_cursors(cursors(pieces, 10), rows_at_once))
    assert (len(frames) == 1) == (rows_at_once == 10_000)
    seen = [set(frame["imsi"]) for frame in frames]
    assert sum(len(sims) for sims in seen) == len(set().union(*seen))
    assert pl.concat(frames).equals(sort_records(pl.concat(pieces)))


def test_no_more_is_held_than_asked_for_but_of_one_sim(make_cdrs, monkeypatch):
    monkeypatch.setattr("simbox.store.cursors.LEAST_ROWS", 1)
    many = make_cdrs(5000, sims=500)
    loud = make_cdrs(600, sims=1, first_record=9000).with_columns(imsi=pl.lit(ONE_SIM))
    pieces = [sort_records(many), sort_records(loud)]
    heights = sorted(frame.height for frame in merge_cursors(cursors(pieces, 10), 100))
    assert heights[-1] >= 600
    assert heights[-2] < 200


def test_stays_that_touch_are_ordered_by_all_columns(make_cdrs):
    at_once = make_cdrs(50, sims=1).with_columns(started_at=pl.col("started_at").min())
    pieces = [sort_records(at_once[:25]), sort_records(at_once[25:])]
    assert merge_records(pieces).equals(sort_records(at_once))


def test_operators_of_all_pieces_are_kept(make_cdrs):
    pieces = [sort_records(make_cdrs(20, operators=(name,))) for name in ("zeta", "alpha")]
    merged = merge_records(pieces)
    assert merged.schema["operator"] == pl.Enum(["alpha", "zeta"])
    assert merged["operator"].value_counts().sort("operator")["count"].to_list() == [20, 20]


@pytest.mark.parametrize("sims", [1, 7, 1000])
def test_frames_are_cut_between_sims(make_cdrs, sims):
    whole = sort_records(make_cdrs(300, sims=40))
    pieces = list(cut_between_sims(whole, sims))
    assert pl.concat(pieces).equals(whole)
    assert max(piece["imsi"].n_unique() for piece in pieces) == min(sims, whole["imsi"].n_unique())
    assert sum(piece["imsi"].n_unique() for piece in pieces) == whole["imsi"].n_unique()
    assert list(cut_between_sims(whole.clear(), sims)) == []
