"""People buy cards and give cards up, travel, port numbers and use data; worlds lie in several zones."""

from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.config import load_config
from simbox.intake.parties import kind_of_number, know_owners
from simbox.synth import generate, load_scenario
from simbox.synth.population import ALWAYS, REGISTRATION, SEGMENT
from simbox.synth.scenario import ZONES, Habit, Scenario
from simbox.synth.world import World, build_world
from simbox.tables.reference import PORTED, SUBSCRIBERS

DAY_S = 86_400


def _scenario(**changes: object) -> Scenario:
    return msgspec.structs.replace(load_scenario("sample"), **changes)


@pytest.fixture(scope="module")
def world() -> World:
    """Ten nights of a world with much churn and travel, before the first of them."""
    rates = {"churn_a_year": (3.0, 3.0), "trips_a_year": (5.0, 5.0), "ported_share": (0.1, 0.1)}
    return build_world(_scenario(subscribers=8000, nights=10, **rates), 5)


def test_as_many_cards_are_bought_as_given_up(world: World) -> None:
    ordinary = (world.sims.segment == SEGMENT["ordinary"]) & (world.sims.rig < 0)
    wanted = ordinary.sum() * 3.0 * 10 / 365
    assert (world.sims.live_to_s[ordinary] < ALWAYS).sum() == pytest.approx(wanted, rel=0.2)
    assert (world.sims.live_from_s[ordinary] > 0).sum() == pytest.approx(wanted, rel=0.2)


def test_nobody_uses_a_card_before_the_day_of_its_purchase(world: World) -> None:
    new = world.sims.live_from_s > 0
    assert (world.sims.live_from_s[new] // DAY_S == world.sims.bought_day[new]).all()
    assert (world.sims.bought_day[~new] < 0).all() or (world.sims.live_from_s[~new] <= 0).all()


def test_some_of_the_new_cards_were_bought_together_and_lie_together(world: World) -> None:
    new = np.flatnonzero(
        (world.sims.segment == SEGMENT["ordinary"]) & (world.sims.live_from_s > 0) & (world.sims.rig < 0)
    )
    _, sizes = np.unique(world.sims.group[new], return_counts=True)
    assert (sizes >= 2).sum() >= 20


def test_travellers_are_away_for_days_and_all_cards_of_a_phone_with_them(world: World) -> None:
    sims = world.sims
    away = sims.away_from_s < ALWAYS
    days = (sims.away_to_s[away] - sims.away_from_s[away]) / DAY_S
    assert 4 <= np.median(days) <= 9
    assert days.max() <= 30
    assert (sims.away_from_s == sims.away_from_s[sims.holder]).all()
    assert not away[sims.rig >= 0].any()


def test_people_abroad_are_silent_and_return(tmp_path: Path) -> None:
    scenario = _scenario(truth_beside_source=False, subscribers=2000, nights=8, trips_a_year=(8.0, 8.0), rig_count=0)
    generate(tmp_path / "world", scenario, seed=5)
    sims = build_world(msgspec.structs.replace(scenario), 5).sims
    trip = (sims.away_from_s > 2 * DAY_S) & (sims.away_to_s < 6 * DAY_S) & (sims.live_from_s < 0)
    trips = pl.DataFrame({
        "imsi": pl.Series(sims.imsi[trip]).cast(pl.String),
        "leaves_s": sims.away_from_s[trip],
        "returns_s": sims.away_to_s[trip],
    })  # fmt: skip
    midnight = pl.datetime(2026, 5, 12, time_zone="UTC").dt.offset_by("-5h")
    legs = (
        read_cdrs(tmp_path / "world")
        .join(trips, on="imsi")
        .with_columns(at_s=(pl.col("started_at") - midnight).dt.total_seconds())
    )
    # A message may arrive some seconds after it was sent.
    assert legs.filter(pl.col("at_s").is_between(pl.col("leaves_s") + 60, pl.col("returns_s") - 1)).is_empty()
    before = legs.filter(pl.col("at_s") < pl.col("leaves_s"))["imsi"].n_unique()
    after = legs.filter(pl.col("at_s") > pl.col("returns_s"))["imsi"].n_unique()
    assert trips.height >= 15
    assert min(before, after) >= 0.7 * trips.height


def test_ported_numbers_are_of_anothers_range_and_registered(world: World) -> None:
    sims = world.sims
    ported = sims.ported_day < ALWAYS
    assert 0.04 <= ported.mean() <= 0.1
    prefixes = [habit.msisdn_prefixes for habit in world.scenario.operators.values()]
    own = np.array(
        [str(number)[:4] in prefixes[operator] for number, operator in zip(sims.msisdn, sims.operator, strict=True)]
    )
    home = sims.segment != SEGMENT["roamer"]
    assert (own[home] == ~ported[home]).all()
    assert not (sims.registration[ported] == REGISTRATION["unregistered"]).any()
    assert np.unique(sims.msisdn).size == sims.count
    assert (sims.ported_day[ported] == sims.bought_day[ported]).all()
    # Straw owners' cards are ported as other registered ones are.
    rigs = (sims.rig >= 0) & (sims.registration != REGISTRATION["unregistered"])
    assert ported[rigs].any()


def test_a_number_that_left_is_off_net_where_its_new_operator_has_no_feed(tmp_path: Path) -> None:
    scenario = msgspec.structs.replace(load_scenario("single"), subscribers=3000, nights=1, rigs=[], rig_count=0)
    generate(tmp_path / "world", scenario, seed=9)
    ported = read_table(tmp_path / "world", "ported")
    assert set(ported["operator"]) == {"altyn", "bereke", "tulpar"}
    away = ported.filter((pl.col("operator") != "altyn") & pl.col("msisdn").str.slice(0, 4).is_in(["7790", "7791"]))
    assert away.height >= 10
    config = load_config(tmp_path / "world" / "simbox.toml")
    table = ported.with_columns(pl.col("msisdn").cast(pl.Int64), valid_to=pl.lit(None, pl.Date)).select(
        column.name for column in PORTED.columns
    )
    dialled = pl.DataFrame({
        "other_party": away["msisdn"].cast(pl.Int64),
        "operator": pl.repeat("altyn", away.height, eager=True, dtype=pl.Enum(["altyn"])),
        "night": pl.repeat(scenario.first_night, away.height, eager=True, dtype=pl.Date),
    })  # fmt: skip
    with_table = kind_of_number(dialled, know_owners(SUBSCRIBERS.empty(), table, config))
    without = kind_of_number(dialled, know_owners(SUBSCRIBERS.empty(), PORTED.empty(), config))
    assert set(with_table.cast(pl.String)) == {"off_net"}
    assert set(without.cast(pl.String)) == {"on_net"}


def test_sparse_data_records_show_a_sim_and_a_handset_at_a_cell_and_no_party(tmp_path: Path) -> None:
    scenario = _scenario(truth_beside_source=False, subscribers=1500, nights=1, rig_count=0)
    operators = {
        **scenario.operators,
        "tulpar": msgspec.structs.replace(scenario.operators["tulpar"], data_records="sparse", format="parquet"),
    }
    generate(tmp_path / "world", msgspec.structs.replace(scenario, operators=operators), seed=5)
    records = read_cdrs(tmp_path / "world").filter(pl.col("service").is_in(["voice", "sms", "data"]))
    data = records.filter((pl.col("service") == "data") & (pl.col("direction") != "transit"))
    assert set(data["operator"]) == {"tulpar"}
    assert data.height > 300
    assert data["other_party"].null_count() == data.height
    assert data["cell"].null_count() == 0
    assert data["volume_bytes"].null_count() == 0
    rest = records.filter(pl.col("service") != "data")
    assert rest["volume_bytes"].null_count() == rest.height
    # They make nobody active. Broken rows stand twice in a file.
    active = pl.read_parquet(tmp_path / "world.truth" / "sim_nights.parquet")["events"].sum()
    made = rest.filter(pl.col("direction") == "mo").height
    assert made - 15 <= active <= made


def test_without_a_pinned_zone_worlds_lie_in_several() -> None:
    scenario = _scenario(timezone=None, subscribers=500, nights=1, rig_count=0)
    zones = {build_world(scenario, seed).timezone for seed in range(12)}
    assert len(zones) >= 4
    assert zones <= set(ZONES)
    assert build_world(_scenario(subscribers=500, nights=1, rig_count=0), 3).timezone == "Asia/Almaty"


def test_people_keep_their_hours_wherever_they_are(tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        out = tmp_path / str(seed)
        generate(out, _scenario(timezone=None, subscribers=800, nights=1, rig_count=0), seed=seed)
        zone = next(iter(load_config(out / "simbox.toml").operators.values())).timezone
        hours = read_cdrs(out)["started_at"].dt.convert_time_zone(str(zone)).dt.hour()
        assert (hours.is_between(8, 21)).mean() > 0.75
        assert (hours.is_between(1, 4)).mean() < 0.1


def test_a_switch_that_starts_again_silences_everybody_at_once(tmp_path: Path) -> None:
    habit = Habit(market_share=1.0)
    scenario = _scenario(
        subscribers=6000, nights=1, rig_count=0, rigs=[], switch_restarts_a_night=6, operators={"altyn": habit}
    )
    generate(tmp_path / "world", scenario, seed=5)
    at = read_cdrs(tmp_path / "world")["started_at"].drop_nulls().sort()
    daytime = at.filter(at.dt.hour().is_between(4, 15))
    assert daytime.diff().max().total_seconds() >= 180
