"""What each scenario takes away or adds."""

from pathlib import Path

import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.config import load_config
from simbox.errors import UsageError
from simbox.synth import generate, list_scenarios, load_scenario
from simbox.synth.levels import LEVELS


def _small(folder: Path, scenario: str, **numbers: int) -> Path:
    out = folder / "world"
    generate(out, scenario, seed=31, **{"subscribers": 3000, "nights": 1, **numbers})
    return out


@pytest.mark.parametrize("scenario", list_scenarios())
def test_every_scenario_makes_a_source_that_its_configuration_describes(tmp_path: Path, scenario: str) -> None:
    # Seized rigs are as large as they were, however few subscribers there are.
    rigs = 1 if scenario == "kazakhstan" else 3
    out = _small(tmp_path, scenario, subscribers=1500, **({"rigs": rigs} if load_scenario(scenario).rigs else {}))
    operators = {path.name for path in (out / "cdr").iterdir()}
    assert operators == set(load_config(out / "simbox.toml").operators)
    assert set(read_cdrs(out)["operator"]) == operators


@pytest.mark.parametrize("scenario", ["ladder", "crowded", "partial", "single", "straw", "noregistry"])
def test_rigs_of_every_level_are_in_it(scenario: str) -> None:
    plan = load_scenario(scenario)
    planned = {rig.level for rig in plan.rig_plans()}
    assert planned == {level for level in LEVELS if level.startswith("E")}
    straw = {rig.straw_share for rig in plan.rigs}
    assert straw == {(1.0, 1.0) if scenario == "straw" else (0.0, 1.0)}


def test_single_has_one_feed_but_rigs_use_all_operators(tmp_path: Path) -> None:
    out = _small(tmp_path, "single", rigs=6)
    assert set(read_table(out, "subscribers")["operator"]) == {"altyn"}
    sims = pl.read_parquet(tmp_path / "world.truth" / "sims.parquet").filter(pl.col("rig").is_not_null())
    assert sims["imsi"].str.slice(0, 5).n_unique() == 3


def test_straw_has_no_unregistered_card_in_a_rig(tmp_path: Path) -> None:
    out = _small(tmp_path, "straw", rigs=8)
    sims = pl.read_parquet(tmp_path / "world.truth" / "sims.parquet").filter(pl.col("rig").is_not_null())
    registry = read_table(out, "subscribers").join(sims, on="imsi")
    assert "unregistered" not in set(registry["registration"])


def test_noregistry_has_none(tmp_path: Path) -> None:
    assert not list(_small(tmp_path, "noregistry").glob("subscribers*"))


def test_gaps_differ_between_operators_of_partial(tmp_path: Path) -> None:
    voice = read_cdrs(_small(tmp_path, "partial", subscribers=3000)).filter(pl.col("service") == "voice")
    unanswered = voice.group_by("operator").agg((pl.col("duration_s") == 0).mean(), pl.col("cell").null_count())
    assert unanswered.n_unique(["duration_s"]) > 1


def test_hours_are_lost_and_the_new_year_is_greeted(tmp_path: Path) -> None:
    out = _small(tmp_path, "outage", nights=2)
    records = read_cdrs(out)
    zone = load_config(out / "simbox.toml").operators["altyn"].timezone
    local = pl.col("started_at").dt.convert_time_zone(str(zone))
    hours = records.group_by("operator", local.dt.date().alias("night"), local.dt.hour().alias("hour")).len()
    daytime = hours.filter(pl.col("hour").is_between(9, 20)).group_by("operator", "night").len()
    assert hours.height < 3 * 2 * 24
    assert daytime["len"].min() >= 11
    eve = hours.filter(pl.col("night") == pl.date(2026, 12, 31))
    assert eve.group_by("hour").agg(pl.col("len").sum()).sort("len")["hour"][-1] == 23


def _rigs_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "world.truth" / "rigs.parquet").unique("rig")


def test_seized_rigs_hold_as_many_cards_as_were_seized_and_few_work_at_once(tmp_path: Path) -> None:
    plan = load_scenario("kazakhstan")
    assert (plan.subscribers, plan.nights, len(plan.operators)) == (2_000_000, 30, 3)
    assert (plan.rig_count, plan.rig_cards) == (75, 89_000)
    _small(tmp_path, "kazakhstan", subscribers=9000, rigs=6)
    rigs = _rigs_of(tmp_path)
    assert rigs.height == 6
    assert rigs["sims"].sum() == round(6 * 89_000 / 75)
    assert (rigs["active_sims"] < 0.4 * rigs["sims"]).all()
    assert (rigs["sims"] / rigs["ports"]).is_between(20, 140).all()


def test_the_cards_of_all_rigs_can_be_set(tmp_path: Path) -> None:
    _small(tmp_path, "kazakhstan", rigs=4, rig_cards=800)
    assert _rigs_of(tmp_path)["sims"].sum() == 800


@pytest.mark.parametrize(
    ("scenario", "rigs", "cards", "problem"),
    [
        ("kazakhstan", 12, 35, "rig_cards: each rig has at least 3"),
        ("sample", 1, 100, "rigs[0].bank_share: cards counted together are a bank's, or never blocked"),
    ],
)
def test_cards_that_rigs_have_no_use_for_are_refused(
    tmp_path: Path, scenario: str, rigs: int, cards: int, problem: str
) -> None:
    with pytest.raises(UsageError) as error:
        _small(tmp_path, scenario, rigs=rigs, rig_cards=cards)
    assert problem in error.value.problems
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cards", [50, 200])
def test_an_adversary_as_published_has_so_many_cards_and_so_many_calls_offered(tmp_path: Path, cards: int) -> None:
    _small(tmp_path, "fraudzen_naive", subscribers=1500, nights=2, rig_cards=cards)
    rig = _rigs_of(tmp_path).row(0, named=True)
    assert (rig["sims"], rig["level"]) == (cards, "fd_naive")
    # 206 calls a day are offered, and more than half of them answered.
    assert 0.4 <= rig["calls_delivered"] / (2 * 206) <= 0.75


def test_variants_give_up_what_the_paper_says(tmp_path: Path) -> None:
    rigs = {}
    for name in ("naive", "social", "traffic", "mobility", "all"):
        folder = tmp_path / name
        folder.mkdir()
        _small(folder, f"fraudzen_{name}", subscribers=1500, rig_cards=50)
        rigs[name] = _rigs_of(folder).row(0, named=True)
    assert all(rigs[name]["ports"] == 25 for name in ("mobility", "all"))
    assert all("carried" in rigs[name]["modifiers"] for name in ("mobility", "all"))
    kept = {name: rig["throughput_share"] for name, rig in rigs.items()}
    assert kept["naive"] == kept["social"] == kept["mobility"] == 1.0
    assert kept["traffic"] > 0.7
    # Nearly all calls are refused.
    assert kept["all"] <= 0.2
    assert rigs["all"]["active_sims"] >= 40


def test_history_gives_callers_the_card_they_had(tmp_path: Path) -> None:
    different = {}
    for name in ("naive", "social"):
        folder = tmp_path / name
        folder.mkdir()
        out = _small(folder, f"fraudzen_{name}", subscribers=1500, nights=7, rig_cards=50)
        rigs = pl.read_parquet(folder / "world.truth" / "sims.parquet").filter(pl.col("rig").is_not_null())
        made = read_cdrs(out).filter((pl.col("service") == "voice") & (pl.col("direction") == "mo"))
        by_card = made.join(rigs, on="imsi").group_by("imsi").agg(pl.col("other_party").n_unique() / pl.len())
        different[name] = by_card["other_party"].mean()
    assert different["social"] < different["naive"] - 0.1
