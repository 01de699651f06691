"""Each look-alike does what it is named for."""

from pathlib import Path

import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.synth import generate, load_scenario
from simbox.synth.scenario import Segments

VOICE_OUT = (pl.col("service") == "voice") & (pl.col("direction") == "mo")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world of look-alikes."""
    out = tmp_path_factory.mktemp("clean") / "world"
    generate(out, "clean", seed=21, subscribers=11000, nights=2)
    return out


@pytest.fixture(scope="module")
def legs(clean: Path) -> pl.DataFrame:
    """Its records with segments, sites, and IMEIs without check digit or software version."""
    sims = pl.read_parquet(clean.with_name("world.truth") / "sims.parquet").select("imsi", "segment")
    known = read_table(clean, "subscribers").select("msisdn", "registration", known_imsi="imsi")
    cells = read_table(clean, "cells").select("cell", pl.col("lat", "lon").cast(pl.Float64))
    return (
        read_cdrs(clean)
        .join(known, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"), imei=pl.col("imei").str.slice(0, 14))
        .filter(pl.col("imei").is_null() | (pl.col("imei") != "12345678901234"))
        .join(sims, on="imsi")
        .join(cells, on="cell", how="left")
    )


def test_every_segment_is_there(legs: pl.DataFrame) -> None:
    seen = legs.group_by("segment").agg(pl.col("imsi").n_unique())
    assert set(seen["segment"]) == {"ordinary", *Segments.__struct_fields__}
    assert seen["imsi"].min() >= 100


def test_no_rig_is_in_a_clean_world(clean: Path) -> None:
    assert pl.read_parquet(clean.with_name("world.truth") / "sims.parquet")["rig"].null_count() == 11000


@pytest.mark.parametrize(
    "segment", ["call_centre", "telesales", "licensed_gateway", "courier", "home_seller", "pollster", "pbx_gateway"]
)
def test_who_calls_many_calls_many(legs: pl.DataFrame, segment: str) -> None:
    theirs = legs.filter(VOICE_OUT & (pl.col("segment") == segment))
    assert theirs.height / theirs["imsi"].n_unique() / 2 >= 7
    assert theirs["other_party"].n_unique() / theirs.height >= 0.3


def test_couriers_are_on_the_move_and_seats_are_not(legs: pl.DataFrame) -> None:
    places = (
        legs.filter(pl.col("lat").is_not_null())
        .group_by("segment", "imsi")
        .agg(spread_deg=pl.col("lat").std() + pl.col("lon").std())
        .group_by("segment")
        .agg(pl.col("spread_deg").median())
    )
    spread = dict(places.iter_rows())
    assert spread["courier"] > 1.5 * spread["call_centre"]
    assert spread["train"] > 5 * spread["ordinary"]
    assert spread["test_sim"] > 1.5 * spread["call_centre"]
    assert spread["prison"] < 1.5 * spread["call_centre"]


@pytest.mark.parametrize("segment", ["bus", "metro"])
def test_passengers_change_places_at_one_time(legs: pl.DataFrame, segment: str) -> None:
    """Who lives at one stop and works at another is seen far from home only between two rides."""
    located = legs.filter(pl.col("lat").is_not_null() & (pl.col("segment") == segment))
    spread = (
        located.group_by("imsi").agg(pl.col("lat").max() - pl.col("lat").min(), pl.len()).filter(pl.col("len") >= 8)
    )
    assert spread["lat"].median() > 0.005


@pytest.mark.parametrize(
    "segment", ["family_phone", "barracks", "telesales", "second_hand", "prison", "repaired", "pollster"]
)
def test_shared_handsets_are_shared(legs: pl.DataFrame, segment: str) -> None:
    sharers = legs.filter(pl.col("segment") == segment).group_by("imei").agg(pl.col("imsi").n_unique())
    assert (sharers["imsi"] >= 2).sum() >= 20


def test_debt_collectors_ring_the_same_debtors_again(legs: pl.DataFrame) -> None:
    made = legs.filter(VOICE_OUT)
    callees = (
        made.group_by("segment", "imsi").agg(pl.len(), pl.col("other_party").n_unique()).filter(pl.col("len") >= 10)
    )
    again = callees.group_by("segment").agg(1 - pl.col("other_party").sum() / pl.col("len").sum())
    repeated_share = dict(again.iter_rows())
    assert repeated_share["debt_collector"] > 1.3 * repeated_share["pollster"]


def test_an_exchange_shows_a_gateways_imeis_and_is_on_no_list(clean: Path, legs: pl.DataFrame) -> None:
    white = set(read_table(clean, "gateways")["imei"])
    trunks = legs.filter(pl.col("segment") == "pbx_gateway")
    assert white.isdisjoint(trunks["imei"].drop_nulls())
    models = {imei[:8] for imei in white}
    assert trunks.filter(pl.col("imei").str.slice(0, 8).is_in(list(models)))["imsi"].n_unique() > 50


def test_every_look_alike_has_three_thousand_in_crowded() -> None:
    crowded = load_scenario("crowded")
    for name in Segments.__struct_fields__:
        assert getattr(crowded.segments, name) * crowded.subscribers >= 3000, name


def test_a_dealer_tries_dozens_of_cards_in_one_handset(legs: pl.DataFrame) -> None:
    tried = legs.filter(pl.col("segment") == "dealer_phone").group_by("imei").agg(pl.col("imsi").n_unique())
    assert (tried["imsi"] >= 25).sum() >= 2


def test_counterfeit_phones_show_one_imei_far_apart(legs: pl.DataFrame) -> None:
    clones = legs.filter(pl.col("segment") == "cloned_imei").group_by("imei")
    largest = clones.agg(pl.col("imsi").n_unique(), span_deg=pl.col("lat").max() - pl.col("lat").min()).sort("imsi")
    assert largest["imsi"][-1] >= 80
    assert largest["span_deg"][-1] > 0.3


def test_two_cards_of_one_phone_have_neighbouring_imeis(legs: pl.DataFrame) -> None:
    imeis = legs.filter((pl.col("segment") == "dual_sim") & pl.col("imei").is_not_null())["imei"].cast(pl.Int64)
    distinct = set(imeis)
    assert sum(imei + 1 in distinct or imei - 1 in distinct for imei in distinct) / len(distinct) >= 0.75


def test_newcomers_say_nothing_before_they_bought_their_card(clean: Path, legs: pl.DataFrame) -> None:
    bought = read_table(clean, "subscribers").select("imsi", pl.col("activated_on").cast(pl.Date))
    new = legs.filter(pl.col("segment").is_in(["newcomer", "dealer_phone"])).join(bought, on="imsi")
    assert new.filter(pl.col("started_at").dt.offset_by("5h").dt.date() < pl.col("activated_on")).is_empty()


def test_probes_and_agents_work_by_the_clock_and_the_counter(legs: pl.DataFrame) -> None:
    probes = legs.filter(pl.col("segment").is_in(["network_probe", "test_sim"]))
    assert set(probes["registration"].drop_nulls()) == {"test"}
    agents = legs.filter((pl.col("segment") == "topup_agent") & (pl.col("service") == "sms"))
    sent = agents.filter(pl.col("direction") == "mo")
    assert sent["other_party"].str.len_bytes().median() <= 4
