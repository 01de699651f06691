"""Each modifier is drawn apart from the level, shows in the records and is named in the truth."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.errors import ConfigError
from simbox.synth import generate, load_scenario
from simbox.synth.handsets import build_models
from simbox.synth.levels import MODIFIERS, Modifier
from simbox.synth.modifiers import draw_modifiers, go_abroad, nights_asleep, only_lte
from simbox.synth.population import REGISTRATION, empty_sims
from simbox.synth.scenario import RigPlan, Segments

NIGHTS = 5
PLANTED: tuple[tuple[Modifier, ...], ...] = (
    (), ("imei_popular",), ("imei_white",), ("volte_without_cells",), ("foreign",), ("moves_house",), ("two_owners",),
    ("shared_batch",), ("asleep",), ("crowded",), ("fillers",),
)  # fmt: skip
RIG_OF = {names[0]: f"rig{number + 1}" for number, names in enumerate(PLANTED) if names}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five nights of eleven equal rigs, one of each modifier."""
    world: Path = tmp_path_factory.mktemp("modifiers") / "world"
    rigs = [
        RigPlan(kind="bypass", level="E1", ports=(6, 6), sims_per_port=(2, 2), blocked=False, modifiers=list(names))
        for names in PLANTED
    ]
    sample = load_scenario("sample")
    operators = {
        key: msgspec.structs.replace(habit, volte_without_cell_share=0.9 if key == "bereke" else 0.0)
        for key, habit in sample.operators.items()
    }
    segments = Segments(cloned_imei=0.08, licensed_gateway=0.01, dormitory=0.06, market=0.06, roamer=0.02)
    plan = msgspec.structs.replace(
        sample,
        subscribers=3000,
        nights=NIGHTS,
        rigs=rigs,
        operators=operators,
        segments=segments,
        truth_beside_source=False,
    )
    generate(world, plan, seed=21)
    return world


@pytest.fixture(scope="module")
def rigs(out: Path) -> pl.DataFrame:
    """What the truth says of rigs, a row for each house."""
    return pl.read_parquet(out.with_name("world.truth") / "rigs.parquet")


@pytest.fixture(scope="module")
def sims(out: Path) -> pl.DataFrame:
    """What the truth says of SIMs."""
    return pl.read_parquet(out.with_name("world.truth") / "sims.parquet")


@pytest.fixture(scope="module")
def legs(out: Path, sims: pl.DataFrame) -> pl.DataFrame:
    """Records whose IMSI is known, with the truth of each SIM and the position of each cell."""
    known = read_table(out, "subscribers").select("msisdn", known_imsi="imsi")
    cells = read_table(out, "cells").select("cell", pl.col("lat", "lon").cast(pl.Float64))
    return (
        read_cdrs(out)
        .filter(pl.col("service").is_in(["voice", "sms"]) & pl.col("direction").is_in(["mo", "mt"]))
        .join(known, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"), imei=pl.col("imei").str.slice(0, 14))
        .join(sims, on="imsi")
        .join(cells, on="cell", how="left")
        .with_columns(night=pl.col("started_at").dt.offset_by("5h").dt.date())
    )


def test_the_truth_names_every_modifier_and_none_that_was_not_planted(rigs: pl.DataFrame) -> None:
    named = dict(rigs.unique("rig").select("rig", pl.col("modifiers").str.split(" ")).iter_rows())
    assert all(any(name.startswith(modifier) for name in named[rig]) for modifier, rig in RIG_OF.items())
    # Two rigs share a house, two a batch; nobody else is named for anything.
    counts = Counter(name for names in named.values() for name in names if name.startswith(MODIFIERS))
    assert {name: count for name, count in counts.items() if count > 1} == {"two_owners": 2, "shared_batch": 2}


@pytest.mark.parametrize(("modifier", "segment"), [("imei_popular", "cloned_imei"), ("imei_white", "licensed_gateway")])
def test_handsets_are_those_of_others(legs: pl.DataFrame, modifier: str, segment: str) -> None:
    real = legs.filter(pl.col("imei").is_not_null() & (pl.col("imei") != "12345678901234"))
    theirs = real.filter(pl.col("segment") == segment)["imei"].unique()
    assert real.filter(pl.col("rig") == RIG_OF[modifier])["imei"].is_in(theirs.implode()).mean() > 0.99
    assert real.filter(pl.col("rig") == "rig1")["imei"].is_in(theirs.implode()).sum() == 0


def test_the_white_list_has_the_entry_of_the_copied_gateway(out: Path, legs: pl.DataFrame) -> None:
    shown = legs.filter((pl.col("rig") == RIG_OF["imei_white"]) & (pl.col("imei") != "12345678901234"))["imei"].unique()
    white = read_table(out, "gateways").filter(pl.col("list") == "white")
    assert shown.is_in(white["imei"].str.slice(0, 14).implode()).all()
    assert shown.len() >= 2


def test_calls_over_4g_have_no_cell_for_anybody_at_that_operator(legs: pl.DataFrame) -> None:
    voice = legs.filter((pl.col("service") == "voice") & (pl.col("operator") == "bereke"))
    without = dict(
        voice.group_by((pl.col("rig") == RIG_OF["volte_without_cells"]).fill_null(False).alias("is_rig"))
        .agg(pl.col("cell").is_null().mean())
        .iter_rows()
    )
    assert without[True] == pytest.approx(0.8 * 0.9, abs=0.06)
    assert without[False] > 0.4
    assert set(legs.filter(pl.col("rig") == RIG_OF["volte_without_cells"])["operator"]) == {"bereke"}


def test_handsets_that_speak_4g_are_no_more_alike_than_others() -> None:
    models = build_models(1)
    rng = np.random.default_rng(1)
    shown = only_lte(models, lambda count: models.phones(rng, count), 400)
    assert shown is not None
    assert models.is_lte(shown).all()
    assert np.unique(shown).size == 400
    assert only_lte(models, lambda count: np.zeros(count, dtype=np.int64), 400) is None


def test_a_rig_that_is_named_foreign_has_a_foreign_card() -> None:
    for seed in range(40):
        sims = empty_sims(3)
        go_abroad(np.random.default_rng(seed), sims, np.arange(3))
        assert (sims.registration == REGISTRATION["roamer"]).any()


def test_foreign_cards_are_in_no_registry_and_come_from_one_network(out: Path, sims: pl.DataFrame) -> None:
    cards = sims.filter(pl.col("rig") == RIG_OF["foreign"])["imsi"]
    foreign = cards.filter(~cards.str.starts_with("401"))
    assert foreign.len() >= 4
    assert foreign.str.slice(0, 5).n_unique() == 1
    assert not set(foreign) & set(read_table(out, "subscribers")["imsi"])


def test_foreign_cards_roam_in(out: Path, sims: pl.DataFrame) -> None:
    foreign = sims.filter((pl.col("rig") == RIG_OF["foreign"]) & ~pl.col("imsi").str.starts_with("401"))["imsi"]
    assert read_cdrs(out)["imsi"].is_in(foreign.implode()).sum() > 100


def test_a_rig_moves_house_every_few_nights(rigs: pl.DataFrame, legs: pl.DataFrame) -> None:
    houses = rigs.filter(pl.col("rig") == RIG_OF["moves_house"]).sort("from_night")
    assert houses.height >= 2
    assert (houses["to_night"].to_list()[0] - houses["from_night"].to_list()[0]).days < 4
    seen = legs.filter((pl.col("rig") == RIG_OF["moves_house"]) & pl.col("lat").is_not_null())
    masts = []
    for house in houses.iter_rows(named=True):
        there = seen.filter(pl.col("night").is_between(house["from_night"], house["to_night"]))
        assert there["lat"].median() == pytest.approx(house["lat"], abs=0.04)
        assert there["lon"].median() == pytest.approx(house["lon"], abs=0.06)
        masts.append(set(there["lat"]))
    # Neighbouring houses may share a mast, not all of them.
    assert all(before != after for before, after in pairwise(masts))
    assert rigs.filter(pl.col("rig") != RIG_OF["moves_house"])["from_night"].null_count() == rigs.height - houses.height


def test_two_owners_live_in_one_building(rigs: pl.DataFrame) -> None:
    owners = rigs.filter(pl.col("modifiers").str.contains("two_owners"))
    assert owners["rig"].n_unique() == 2
    assert owners.select("lat", "lon").unique().height == 1
    assert owners["site"].n_unique() == 1


def test_the_cards_of_one_batch_lie_in_both_rigs(out: Path, rigs: pl.DataFrame, sims: pl.DataFrame) -> None:
    both = rigs.filter(pl.col("modifiers").str.contains("shared_batch"))["rig"].unique()
    cards = sims.join(read_table(out, "subscribers").select("imsi", "dealer"), on="imsi").filter(
        pl.col("rig").is_not_null()
    )
    blocks = cards.with_columns(block=pl.col("imsi").str.slice(0, 12)).group_by("block").agg(pl.col("rig").unique())
    split = blocks.filter(pl.col("rig").list.len() > 1).filter(
        pl.col("rig").list.eval(pl.element().is_in(both.implode())).list.all()
    )
    assert split.height >= 1


def test_a_sleeping_rig_is_silent_on_some_nights(out: Path, rigs: pl.DataFrame, sims: pl.DataFrame) -> None:
    nights = pl.read_parquet(out.with_name("world.truth") / "sim_nights.parquet").join(sims, on="imsi")
    awake = dict(nights.group_by("rig").agg(pl.col("night").n_unique()).iter_rows())
    assert 1 <= awake[RIG_OF["asleep"]] < NIGHTS
    assert awake["rig1"] == NIGHTS
    kept = dict(rigs.unique("rig").select("rig", "throughput_share").iter_rows())
    assert kept[RIG_OF["asleep"]] <= awake[RIG_OF["asleep"]] / NIGHTS


def test_some_night_is_slept_through_and_some_is_not() -> None:
    for seed in range(50):
        asleep = nights_asleep(np.random.default_rng(seed), 3)
        assert 0 < asleep.sum() < 3
    assert not nights_asleep(np.random.default_rng(1), 1).any()


def test_a_box_stands_where_many_people_are(rigs: pl.DataFrame, legs: pl.DataFrame) -> None:
    rig = rigs.filter(pl.col("rig") == RIG_OF["crowded"])
    place = str(rig["modifiers"][0]).split("crowded_")[1].split()[0]
    crowd = legs.filter((pl.col("segment") == place) & pl.col("cell").is_not_null())
    cells = legs.filter((pl.col("rig") == RIG_OF["crowded"]) & pl.col("cell").is_not_null())["cell"].unique()
    assert crowd.filter(pl.col("cell").is_in(cells.implode()))["imsi"].n_unique() >= 20


def test_fillers_ring_service_numbers_and_deliver_nothing(rigs: pl.DataFrame, legs: pl.DataFrame) -> None:
    made = legs.filter((pl.col("service") == "voice") & (pl.col("direction") == "mo") & pl.col("rig").is_not_null())
    short = made.with_columns(is_service=pl.col("other_party").str.len_bytes() <= 6)
    share = dict(short.group_by("rig").agg(pl.col("is_service").mean()).iter_rows())
    assert share[RIG_OF["fillers"]] > 0.03
    assert share["rig1"] == 0.0
    paid = short.filter((pl.col("rig") == RIG_OF["fillers"]) & (pl.col("duration_s") > 0) & ~pl.col("is_service"))
    told = rigs.filter(pl.col("rig") == RIG_OF["fillers"])["calls_delivered"][0]
    assert told == pytest.approx(paid.height, rel=0.03)


def test_modifiers_are_drawn_alike_at_every_level() -> None:
    levels = ("E0", "E1", "E2", "E3", "E4", "E6")
    for level in levels:
        plan = RigPlan(kind="bypass", level=level)
        rng = np.random.default_rng(3)
        drawn = Counter(name for _ in range(2000) for name in draw_modifiers(rng, plan, 0.1))
        # What another one excludes is rarer by a tenth or two.
        usual = set(MODIFIERS) - ({"imei_white"} if level == "E6" else set())
        assert set(drawn) == usual
        assert all(120 <= count <= 240 for count in drawn.values())


def test_a_car_has_no_building() -> None:
    plan = RigPlan(kind="bypass", level="E5")
    drawn = {name for seed in range(200) for name in draw_modifiers(np.random.default_rng(seed), plan, 0.3)}
    assert drawn == set(MODIFIERS) - {"two_owners", "crowded", "moves_house"}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('level = "E5"\nmodifiers = ["crowded"]', "rigs[0].modifiers: a rig of level E5 can't have crowded"),
        (
            'level = "E1"\nmodifiers = ["two_owners", "moves_house"]',
            "rigs[0].modifiers: two_owners and moves_house exclude each other",
        ),
    ],
)
def test_modifiers_that_cannot_be_are_refused(tmp_path: Path, lines: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'[operators.a]\n[[rigs]]\nkind = "bypass"\n{lines}\n')
    with pytest.raises(ConfigError) as error:
        load_scenario(path)
    assert list(error.value.problems) == [problem]
