"""Each level of evasion does what it gives calls up for."""

from pathlib import Path

import msgspec
import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.errors import ConfigError
from simbox.synth import generate, load_scenario
from simbox.synth.scenario import RigPlan

NIGHTS = 5


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five nights with two rigs of each level from E2 on."""
    world: Path = tmp_path_factory.mktemp("levels") / "world"
    rigs = [
        RigPlan(kind=kind, level=level, ports=(8, 8), sims_per_port=(2, 2), premises=2 if level == "E3" else 1)
        for level in ("E0", "E2", "E3", "E4", "E5", "E6")
        for kind in ("bypass", "vishing")
    ]
    plan = msgspec.structs.replace(
        load_scenario("sample"), subscribers=3000, nights=NIGHTS, rigs=rigs, truth_beside_source=False
    )
    generate(world, plan, seed=11)
    return world


@pytest.fixture(scope="module")
def legs(out: Path) -> pl.DataFrame:
    """Records of the rigs' cards, with the cells' positions."""
    known = read_table(out, "subscribers").select("msisdn", known_imsi="imsi")
    cells = read_table(out, "cells").select("cell", pl.col("lat", "lon").cast(pl.Float64))
    sims = _truth(out, "sims").filter(pl.col("rig").is_not_null())
    return (
        read_cdrs(out)
        .join(known, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"), imei=pl.col("imei").str.slice(0, 14))
        .filter(pl.col("imei").is_null() | (pl.col("imei") != "12345678901234"))
        .join(sims, on="imsi")
        .join(cells, on="cell", how="left")
        .with_columns(night=pl.col("started_at").dt.offset_by("5h").dt.date())
    )


def _truth(out: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(out.with_name("world.truth") / f"{name}.parquet")


def test_the_more_careful_the_fewer_calls(out: Path) -> None:
    rigs = _truth(out, "rigs").unique("rig")
    kept = dict(rigs.group_by("level").agg(pl.col("throughput_share").mean()).iter_rows())
    assert kept["E0"] == 1.0 > kept["E6"] > kept["E2"] > kept["E5"] > kept["E4"] > 0.03
    made = rigs.group_by("level").agg(calls=pl.col("calls_delivered").sum() / pl.col("ports").sum())
    calls = dict(made.iter_rows())
    assert calls["E0"] > calls["E2"] > calls["E4"]


def test_commuting_cards_change_premises_by_day(out: Path, legs: pl.DataFrame) -> None:
    rigs = _truth(out, "rigs").filter(pl.col("level") == "E3")
    assert rigs.height == 4
    sessions = _truth(out, "sessions").join(rigs.unique("rig").select("rig"), on="rig")
    gateways = sessions.group_by("rig", "imsi").agg(pl.col("gateway").n_unique())
    assert (gateways["gateway"] == 2).mean() > 0.8
    cells = legs.group_by("level", "imsi").agg(pl.col("cell").n_unique(), pl.len()).filter(pl.col("len") >= 20)
    seen = dict(cells.group_by("level").agg(pl.col("cell").mean()).iter_rows())
    assert seen["E3"] > seen["E2"]


def test_commuting_cards_work_elsewhere_by_day_and_return(out: Path) -> None:
    rigs = _truth(out, "rigs").filter(pl.col("level") == "E3").unique("rig").select("rig", "gateways")
    # Gateways stand at one premises and the other in turn.
    assert (rigs["gateways"] % 2 == 0).all()
    order = pl.col("start_at").dt.offset_by("5h")
    days = (
        _truth(out, "sessions")
        .join(rigs, on="rig")
        .sort("rig", "imsi", "start_at")
        .with_columns(night=order.dt.date(), premises=pl.col("gateway") % 2)
        .group_by("rig", "imsi", "night", maintain_order=True)
        .agg(premises=pl.col("premises").rle().struct.field("value"))
    )
    three = days.filter(pl.col("premises").list.len() == 3)
    assert three.height > 0.5 * days.height
    assert (three["premises"].list.first() == three["premises"].list.last()).all()
    # Where a card begins its day is where it lives.
    homes = three.group_by("imsi").agg(pl.col("premises").list.first().n_unique(), pl.len()).filter(pl.col("len") > 1)
    assert (homes["premises"] == 1).all()
    assert days["premises"].list.len().max() <= 3


def test_carried_cards_call_in_bursts_as_people_do(legs: pl.DataFrame) -> None:
    made = legs.filter((pl.col("direction") == "mo") & (pl.col("service") == "voice")).sort("imsi", "started_at")
    gaps = made.with_columns(
        gap_s=pl.col("started_at").diff().over("imsi", "night").dt.total_seconds() - pl.col("duration_s").shift(1)
    ).drop_nulls("gap_s")
    soon = dict(gaps.group_by("level").agg((pl.col("gap_s") < 600).mean()).iter_rows())
    long = dict(gaps.group_by("level").agg((pl.col("gap_s") > 7200).mean()).iter_rows())
    # People: four in ten follow the one before within the half hour (burst_share), the others come when they will.
    assert 0.25 <= soon["E5"] <= 0.6
    assert long["E5"] > 0.1 > long["E0"]


def test_phones_have_no_gateway_but_one_handset_each(out: Path, legs: pl.DataFrame) -> None:
    rigs = _truth(out, "rigs").filter(pl.col("level") == "E6")
    assert (rigs["gateways"] == rigs["ports"]).all()
    assert (rigs["modifiers"].str.contains("imei_market")).all()
    shown = (
        legs.filter((pl.col("level") == "E6") & pl.col("imei").is_not_null())
        .group_by("rig")
        .agg(pl.col("imei").n_unique(), pl.col("imei").str.slice(0, 8).n_unique().alias("models"))
    )
    assert (shown["imei"] <= 8).all()
    assert (shown["models"] >= 3).all()


def test_quiet_cards_live_for_up_to_four_nights_and_most_of_the_bank_lies_idle(out: Path, legs: pl.DataFrame) -> None:
    quiet = legs.filter((pl.col("level") == "E4") & (pl.col("direction") == "mo"))
    lives = quiet.group_by("imsi").agg(days=(pl.col("night").max() - pl.col("night").min()).dt.total_days() + 1)
    assert lives["days"].max() <= 4
    assert quiet.group_by("imsi", "night").len()["len"].median() <= 8
    banks = _truth(out, "rigs").filter(pl.col("level") == "E4")
    assert (banks["sims"] >= 30 * banks["ports"]).all()
    assert (banks["active_sims"] < 0.5 * banks["sims"]).all()
    assert (banks["active_sims"] > 2.5 * banks["ports"]).all()


def test_carried_cards_move_as_people_do_two_in_a_gateway(out: Path, legs: pl.DataFrame) -> None:
    spread = (
        legs.filter(pl.col("lat").is_not_null())
        .group_by("level", "imsi")
        .agg(span=pl.col("lat").max() - pl.col("lat").min(), legs=pl.len())
        .filter(pl.col("legs") >= 10)
        .group_by("level")
        .agg(pl.col("span").median())
    )
    spans = dict(spread.iter_rows())
    assert spans["E5"] > 1.5 * spans["E2"]
    sessions = _truth(out, "sessions").join(
        _truth(out, "rigs").filter(pl.col("level") == "E5").unique("rig").select("rig"), on="rig"
    )
    together = sessions.group_by("rig", "port", pl.col("start_at").dt.offset_by("5h").dt.date()).agg(
        pl.col("imsi").n_unique()
    )
    # Two, and a third where one was blocked.
    assert together["imsi"].median() == 2
    assert together["imsi"].max() <= 4
    assert (sessions["start_at"] <= sessions["end_at"]).all()


def test_carried_bypass_rings_the_same_families_and_a_scam_never_does(legs: pl.DataFrame) -> None:
    made = legs.filter((pl.col("level") == "E5") & (pl.col("direction") == "mo") & (pl.col("service") == "voice"))
    again = made.group_by("kind", "imsi").agg(pl.len(), pl.col("other_party").n_unique()).filter(pl.col("len") >= 10)
    different = dict(again.group_by("kind").agg((pl.col("other_party") / pl.col("len")).median()).iter_rows())
    assert different["bypass"] < 0.8
    assert different["vishing"] > 0.85


def test_two_phones_and_a_cable_show_handsets_that_people_have(out: Path, legs: pl.DataFrame) -> None:
    subscribers = set(_truth(out, "sims").filter(pl.col("rig").is_null())["imsi"])
    models = read_cdrs(out).filter(pl.col("imsi").is_in(list(subscribers)))["imei"].str.slice(0, 8).drop_nulls()
    phones = legs.filter((pl.col("level") == "E6") & pl.col("imei").is_not_null())["imei"].str.slice(0, 8)
    assert phones.is_in(models.unique().implode()).mean() > 0.95


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('level = "E3"', "rigs[0].premises: cards of level E3 commute between two or more"),
        ('level = "E4"\nburnt = true', "rigs[0].burnt: cards of level E4 are not worn out in a night"),
    ],
)
def test_a_level_that_its_plan_contradicts_is_refused(tmp_path: Path, lines: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'[operators.a]\n[[rigs]]\nkind = "bypass"\n{lines}\n')
    with pytest.raises(ConfigError) as error:
        load_scenario(path)
    assert list(error.value.problems) == [problem]
