"""What shows of rigs' cards only over weeks: how long they live, how many handsets they show, whom they call."""

from pathlib import Path

import msgspec
import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.synth import generate, load_scenario
from simbox.synth.scenario import RigPlan

OUT = (pl.col("service") == "voice") & (pl.col("direction") == "mo")
IN = (pl.col("service") == "voice") & (pl.col("direction") == "mt")


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Forty-five nights of two naive, a rotating and a careful rig; one row for each card that called."""
    out: Path = tmp_path_factory.mktemp("rig_months") / "world"
    kinds = [("vishing", "E0"), ("bypass", "E0"), ("bypass", "E1"), ("vishing", "E2")]
    rigs = [RigPlan(kind=kind, level=level, ports=(8, 8), sims_per_port=(2, 2)) for kind, level in kinds]
    generate(out, msgspec.structs.replace(load_scenario("sample"), subscribers=700, nights=45, rigs=rigs), seed=11)
    known = read_table(out, "subscribers").select("msisdn", known_imsi="imsi")
    truth = read_table(out, "truth").filter(pl.col("rig").is_not_null()).select("imsi", "rig", "kind", "level")
    real = pl.col("imei").str.slice(0, 14)
    return (
        read_cdrs(out)
        .join(known, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"), night=pl.col("started_at").dt.offset_by("5h").dt.date())
        .join(truth, on="imsi")
        .group_by("imsi", "rig", "kind", "level")
        .agg(
            calls=OUT.sum(),
            calls_in=IN.sum(),
            callees=pl.col("other_party").filter(OUT).n_unique(),
            dates=pl.col("night").filter(OUT).n_unique(),
            imeis=real.filter(real != "12345678901234").n_unique(),
        )
        .filter(pl.col("calls") > 0)
    )


@pytest.mark.parametrize(("dates", "published"), [(3, 0.28), (7, 0.52), (14, 0.64)])
def test_cards_are_seen_on_as_many_dates_as_seized_ones(cards: pl.DataFrame, dates: int, published: float) -> None:
    assert cards.height > 150
    assert (cards["dates"] <= dates).mean() == pytest.approx(published, abs=0.08)


def test_a_quarter_of_the_cards_lasts(cards: pl.DataFrame) -> None:
    assert 0.1 <= (cards["dates"] >= 28).mean() <= 0.3


def test_nearly_all_calls_go_out(cards: pl.DataFrame) -> None:
    loud = cards.filter(pl.col("level") != "E2")
    assert 0.93 <= (loud["calls"] / (loud["calls"] + loud["calls_in"])).median() <= 0.99


def test_cold_callers_seldom_call_twice(cards: pl.DataFrame) -> None:
    different = cards.group_by("kind").agg((pl.col("callees") / pl.col("calls")).median())
    shares = dict(different.iter_rows())
    assert 0.8 <= shares["vishing"] <= 0.97
    assert 0.43 <= shares["bypass"] <= shares["vishing"]


def test_rotating_cards_show_many_handsets_and_others_one(cards: pl.DataFrame) -> None:
    imeis = dict(cards.group_by("level").agg((pl.col("imeis") >= 3).mean()).iter_rows())
    assert imeis["E1"] >= 0.457
    assert imeis["E0"] <= 0.1
    assert imeis["E2"] == 0.0
