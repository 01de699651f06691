"""What the truth says of SIMs, nights and rigs."""

from pathlib import Path

import msgspec
import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.synth import generate, load_scenario
from simbox.synth.scenario import RigPlan, Scenario

TABLES = ("sims", "sim_nights", "rigs", "sessions")


def _truth(out: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(out.with_name(out.name + ".truth") / f"{name}.parquet")


def _plan(**changes: object) -> RigPlan:
    return msgspec.convert(
        {"kind": "bypass", "level": "E0", "ports": [12, 12], "sims_per_port": [2, 2], **changes}, RigPlan
    )


def _scenario(*rigs: RigPlan) -> Scenario:
    return msgspec.structs.replace(
        load_scenario("sample"), truth_beside_source=False, subscribers=1500, nights=4, rigs=list(rigs)
    )


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of one rig of each kind and task, some of whose cards are blocked."""
    world = tmp_path_factory.mktemp("truth") / "world"
    farm = {"kind": "sms_farm", "level": "E2"}
    rigs = (
        _plan(), _plan(kind="vishing", level="E2"), _plan(level="E1"), _plan(**farm, task="send"),
        _plan(**farm, task="receive"), _plan(**farm, task="sms_only"), _plan(level="E1", bank_share=1, ports=[5, 5]),
    )  # fmt: skip
    generate(world, _scenario(*rigs), seed=12)
    return world


@pytest.fixture(scope="module")
def legs(out: Path) -> pl.DataFrame:
    """Its records with the truth of each SIM."""
    known = read_table(out, "subscribers").select("msisdn", known_imsi="imsi")
    return (
        read_cdrs(out)
        .filter(pl.col("service").is_in(["voice", "sms"]) & pl.col("direction").is_in(["mo", "mt"]))
        .join(known, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"))
        .join(_truth(out, "sims"), on="imsi")
        .with_columns(night=pl.col("started_at").dt.offset_by("5h").dt.date())
    )


def test_a_world_without_rigs_has_every_table_with_all_its_columns(tmp_path: Path, out: Path) -> None:
    bare = tmp_path / "bare"
    generate(bare, _scenario(), seed=12)
    assert all(_truth(bare, name).schema == _truth(out, name).schema for name in TABLES)
    assert _truth(bare, "rigs").is_empty()
    assert _truth(bare, "sessions").is_empty()
    assert _truth(bare, "sim_nights").height > 2000


def test_the_first_active_event_of_a_night_is_that_of_the_records(out: Path, legs: pl.DataFrame) -> None:
    made = legs.filter(pl.col("direction") == "mo").group_by("imsi", "night").agg(pl.col("started_at").min(), pl.len())
    farms = legs.filter(pl.col("kind") == "sms_farm").select("imsi").unique()
    told = _truth(out, "sim_nights").join(farms, on="imsi", how="anti").join(made, on=["imsi", "night"])
    same = (told["first_at"] == told["started_at"]) & (told["events"] == told["len"])
    assert told.height > 2000
    # Broken rows can't be read back.
    assert same.mean() > 0.99


def test_calls_delivered_are_the_answered_ones_to_people(out: Path, legs: pl.DataFrame) -> None:
    own = legs.filter(pl.col("rig").is_not_null()).select("rig", other_party="msisdn").unique()
    calls = legs.filter((pl.col("service") == "voice") & (pl.col("direction") == "mo") & (pl.col("duration_s") > 0))
    outward = calls.join(own, on=["rig", "other_party"], how="anti").group_by("rig").len()
    told = (
        _truth(out, "rigs").unique("rig").join(outward, on="rig", how="left").with_columns(pl.col("len").fill_null(0))
    )
    voice = told.filter(pl.col("kind") != "sms_farm")
    assert (voice["calls_delivered"] / voice["len"]).is_between(0.98, 1.02).all()
    assert voice["sms_delivered"].sum() == 0
    assert told.filter(pl.col("kind") == "sms_farm")["len"].max() == 0 or told["calls_delivered"].min() == 0


def test_messages_are_delivered_by_those_who_send_and_by_those_who_receive(out: Path) -> None:
    farms = _truth(out, "rigs").filter(pl.col("kind") == "sms_farm").unique("rig")
    delivered = dict(farms.select(pl.col("modifiers").str.split(" ").list.last(), "sms_delivered").iter_rows())
    assert min(delivered.values()) > 200
    assert delivered["send"] > delivered["receive"]


def test_care_costs_calls(out: Path) -> None:
    kept = _truth(out, "rigs").unique("rig").group_by("level").agg(pl.col("throughput_share").mean())
    shares = dict(kept.iter_rows())
    assert shares["E0"] == 1.0
    assert shares["E0"] > shares["E1"] > shares["E2"] > 0.05


def test_a_box_without_voice_has_no_calls(out: Path, legs: pl.DataFrame) -> None:
    box = legs.filter(pl.col("modifiers").str.ends_with("sms_only"))
    assert set(box["service"]) == {"sms"} | ({"voice"} if (box["service"] == "voice").any() else set())
    assert box.filter(
        (pl.col("service") == "voice") & ((pl.col("direction") == "mo") | (pl.col("duration_s") > 0))
    ).is_empty()
    texts = box.filter(pl.col("direction") == "mt")["other_party"].str.contains("[A-Za-z]")
    assert texts.sum() > 100
    assert (box["direction"] == "mo").sum() > 100


def test_a_blocked_card_falls_silent_and_another_takes_its_port(out: Path) -> None:
    sessions = _truth(out, "sessions").filter(pl.col("rig").is_in(["rig1", "rig2"]))
    last = sessions.sort("rig", "port", "start_at").with_columns(
        night=pl.col("start_at").dt.offset_by("5h").dt.date(),
        follower=pl.col("imsi").shift(-1).over("rig", "port"),
        wait=pl.col("start_at").shift(-1).over("rig", "port") - pl.col("end_at"),
    )
    lives = sessions.group_by("rig", "imsi").agg(
        first=pl.col("start_at").min().dt.offset_by("5h").dt.date(),
        last=pl.col("start_at").max().dt.offset_by("5h").dt.date(),
    )
    nights = sorted(last["night"].unique())
    blocked = lives.filter(pl.col("last") < nights[-1])
    fresh = lives.filter(pl.col("first") > nights[0])
    assert blocked.height >= 4
    assert fresh.height >= 4
    # Some take over on the very night.
    assert not set(blocked["last"]).isdisjoint(fresh["first"])


def test_a_large_bank_is_used_in_part(out: Path) -> None:
    bank = (
        _truth(out, "rigs")
        .filter(pl.col("modifiers").str.contains("bank\\b") & (pl.col("ports") == 5))
        .row(0, named=True)
    )
    assert bank["sims"] >= 150
    assert 20 <= bank["active_sims"] <= 5 * 4 * 3.5
    assert "burnt" in bank["modifiers"]


def test_the_bank_may_stand_elsewhere(out: Path) -> None:
    rigs = _truth(out, "rigs")
    apart = (rigs["bank_lat"] != rigs["lat"]) | (rigs["bank_lon"] != rigs["lon"])
    assert (apart == rigs["modifiers"].str.contains("bank_apart")).all()
