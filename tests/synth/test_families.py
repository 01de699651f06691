"""Family B lives by other laws than family A, and both by what has been measured."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.synth import generate, load_scenario
from simbox.synth.family import Family
from simbox.synth.family_a import FAMILY_A
from simbox.synth.family_b import FAMILY_B
from simbox.synth.people import settle_people
from simbox.synth.population import Sims
from simbox.synth.randomness import Floats
from simbox.synth.world import World, build_world

FAMILIES = pytest.mark.parametrize("family", [FAMILY_A, FAMILY_B], ids=["A", "B"])
DRAWS = 200_000
NIGHTS = 5


def _world(name: str) -> World:
    scenario = load_scenario("sample")
    return build_world(type(scenario)(**{**_fields(scenario), "family": name, "subscribers": 3000}), 5)


def _fields(scenario: object) -> dict[str, object]:
    return {name: getattr(scenario, name) for name in type(scenario).__struct_fields__}  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def worlds() -> dict[str, World]:
    """A world of each family from one scenario and seed."""
    return {name: _world(name) for name in ("A", "B")}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Five nights of ordinary people's records, with cells' positions, in a world of each family."""
    records = {}
    for name in ("A", "B"):
        out: Path = tmp_path_factory.mktemp(f"family_{name}") / "world"
        generate(out, "sample", seed=5, subscribers=2500, nights=NIGHTS, rigs=0, family=name)  # type: ignore[arg-type]
        known = read_table(out, "subscribers").select("msisdn", known_imsi="imsi")
        segments = pl.read_csv(out / "truth.csv", schema_overrides={"imsi": pl.String}).select("imsi", "segment")
        cells = read_table(out, "cells").select("cell", pl.col("lat", "lon").cast(pl.Float64))
        records[name] = (
            read_cdrs(out)
            .join(known, on="msisdn", how="left")
            .with_columns(imsi=pl.coalesce("imsi", "known_imsi"))
            .join(segments.filter(pl.col("segment") == "ordinary"), on="imsi")
            .join(cells, on="cell", how="left")
        )
    return records


def _talk(family: Family) -> Floats:
    return family.talk_time_s(np.random.default_rng(1), DRAWS, 3.78, 1.29)


@FAMILIES
def test_talk_time_has_the_published_median_and_mean(family: Family) -> None:
    talk_s = _talk(family)
    assert 42 <= np.median(talk_s) <= 46
    assert 92 <= talk_s.mean() <= 110


def test_the_tails_of_talk_time_differ() -> None:
    a, b = _talk(FAMILY_A), _talk(FAMILY_B)
    assert (b < 10).mean() < 0.9 * (a < 10).mean()
    assert a.max() > 3600 >= b.max()
    assert (b > 1800).mean() > 1.15 * (a > 1800).mean()


@FAMILIES
def test_the_closest_get_their_published_share_of_calls(family: Family) -> None:
    rank = family.contact_rank(np.random.default_rng(1), np.full(DRAWS, 20))
    assert 0.2 <= (rank == 0).mean() <= 0.26
    assert 0.4 <= (rank < 3).mean() <= 0.52
    assert rank.max() == 19
    few = family.contact_rank(np.random.default_rng(2), np.arange(1, 6).repeat(1000))
    assert (few < np.arange(1, 6).repeat(1000)).all()
    assert few.min() == 0


def test_middle_contacts_are_called_as_often_as_one_another_in_b_alone() -> None:
    def share_of(rank: int) -> Callable[[Family], float]:
        return lambda family: float((family.contact_rank(np.random.default_rng(1), np.full(DRAWS, 20)) == rank).mean())

    assert share_of(3)(FAMILY_A) > 1.8 * share_of(13)(FAMILY_A)
    assert share_of(3)(FAMILY_B) < 1.2 * share_of(13)(FAMILY_B)


def _degrees(world: World) -> Sims:
    scenario = world.scenario
    sims = settle_people(scenario, 5, world.land, world.models, 20_000, 0)
    (FAMILY_B if scenario.family == "B" else FAMILY_A).befriend(5, sims)
    return sims


def test_numbers_of_contacts_are_as_published_and_their_tails_differ(worlds: dict[str, World]) -> None:
    contacts = {name: _degrees(world).contacts for name, world in worlds.items()}
    for own in contacts.values():
        assert 4 <= np.median(own) <= 9
    assert contacts["A"].min() == 2 < contacts["B"].min()
    assert np.quantile(contacts["B"], 0.99) > 1.3 * np.quantile(contacts["A"], 0.99)


def test_towns_of_b_are_more_alike_in_size_and_built_along_streets(worlds: dict[str, World]) -> None:
    first = {name: world.land.city_share[0] / world.land.city_share[1] for name, world in worlds.items()}
    assert first["B"] < 1.45 < 1.6 < first["A"]
    blocks = FAMILY_B.buildings(np.random.default_rng(3), 5.0, 4000)
    quarters = FAMILY_A.buildings(np.random.default_rng(3), 5.0, 4000)
    middle = [float((np.hypot(*km.T) < 1.0).mean()) for km in (blocks, quarters)]
    assert middle[0] > 1.5 * middle[1]


def test_networks_of_b_are_others(worlds: dict[str, World]) -> None:
    a, b = (worlds[name].scenario.operators for name in ("A", "B"))
    assert list(a) == list(b)
    assert not {habit.mcc_mnc for habit in a.values()} & {habit.mcc_mnc for habit in b.values()}
    assert all(a[key].imei_digits != b[key].imei_digits for key in a)


def test_rigs_of_b_keep_other_hours_and_change_cards_in_no_order() -> None:
    rng = np.random.default_rng(4)
    made = np.array([25, 40])
    _, capped = FAMILY_A.turns(rng, made, 10)
    owner, drawn = FAMILY_B.turns(rng, np.full(500, 40), 10)
    assert capped.tolist() == [10, 10, 5, 10, 10, 10, 10]
    assert np.bincount(owner, weights=drawn).tolist() == [40] * 500
    assert drawn.std() > 5
    assert drawn.mean() == pytest.approx(10, rel=0.25)
    starts = {f.name: [f.shift_h(rng, True)[0] for _ in range(200)] for f in (FAMILY_A, FAMILY_B)}
    assert np.std(starts["B"]) > 2 * np.std(starts["A"])
    assert FAMILY_A.in_turn
    assert not FAMILY_B.in_turn


def test_people_talk_as_measured_in_both(people: dict[str, pl.DataFrame]) -> None:
    for records in people.values():
        voice = records.filter((pl.col("service") == "voice") & (pl.col("direction") == "mo"))
        talk_s = voice.filter(pl.col("duration_s") > 0)["duration_s"]
        assert 38 <= talk_s.median() <= 48
        assert 88 <= talk_s.mean() <= 112
        assert 4.0 <= records.height / records["imsi"].n_unique() / NIGHTS <= 8.0
        calls = (
            records.filter(pl.col("service") == "voice")
            .group_by("imsi")
            .agg((pl.col("direction") == "mo").mean().alias("out"), pl.len())
        )
        assert 0.4 <= calls.filter(pl.col("len") >= 8)["out"].median() <= 0.62


def test_people_of_b_go_to_more_places_and_less_by_the_clock(people: dict[str, pl.DataFrame]) -> None:
    seen, away = {}, {}
    for name, records in people.items():
        placed = records.filter(pl.col("lat").is_not_null())
        masts = placed.group_by("imsi").agg(pl.struct("lat", "lon").n_unique(), pl.len()).filter(pl.col("len") >= 15)
        seen[name] = float((masts["lat"] / masts["len"]).median())
        spread = placed.group_by("imsi").agg(km=111.32 * pl.col("lat").std(), legs=pl.len())
        away[name] = float(spread.filter(pl.col("legs") >= 15)["km"].median())
    assert abs(seen["B"] / seen["A"] - 1) > 0.05
    assert abs(away["B"] / away["A"] - 1) > 0.1


def test_a_family_has_one_world_for_each_seed(tmp_path: Path) -> None:
    for name in ("once", "again"):
        generate(tmp_path / name, "sample", seed=7, subscribers=800, nights=1, family="B")
    files = sorted(path.relative_to(tmp_path / "once") for path in (tmp_path / "once").rglob("*.*"))
    assert all((tmp_path / "once" / path).read_bytes() == (tmp_path / "again" / path).read_bytes() for path in files)
