"""What shows only over months: how often people call the same ones again, and how rarely they change the handset."""

from pathlib import Path

import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.synth import generate

NIGHTS = 60


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Habits of ordinary people over two months in a small world without rigs."""
    out: Path = tmp_path_factory.mktemp("months") / "world"
    generate(out, "sample", seed=11, subscribers=1000, nights=NIGHTS, rigs=0)
    known = read_table(out, "subscribers").select("msisdn", known_imsi="imsi")
    segments = pl.read_csv(out / "truth.csv", schema_overrides={"imsi": pl.String}).select("imsi", "segment")
    voice = pl.col("service") == "voice"
    made = voice & (pl.col("direction") == "mo")
    real = pl.col("imei").str.slice(0, 14)
    return (
        read_cdrs(out)
        .join(known, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"))
        .join(segments.filter(pl.col("segment") == "ordinary"), on="imsi")
        .group_by("imsi")
        .agg(
            calls=voice.sum(),
            calls_made=made.sum(),
            contacts=pl.col("other_party").filter(voice).n_unique(),
            imeis=real.filter(real != "12345678901234").n_unique(),
        )
        .filter(pl.col("calls") >= NIGHTS / 3)
    )


def test_calls_a_day_are_few_and_unequal(people: pl.DataFrame) -> None:
    a_day = people["calls"] / NIGHTS
    assert 1.4 <= a_day.median() <= 3.0
    assert 2.8 <= a_day.quantile(0.9) / a_day.median() <= 5.5


def test_people_call_the_same_ones_again(people: pl.DataFrame) -> None:
    assert 3.3 <= (people["calls"] / people["contacts"]).median() <= 6.8
    assert 18 <= people["contacts"].median() <= 45


def test_few_of_the_calls_go_to_somebody_new(people: pl.DataFrame) -> None:
    # 0.148 in eight months; the share falls as the months go by.
    assert 0.148 <= (people["contacts"] / people["calls"]).median() <= 0.3


def test_half_of_the_calls_are_outgoing(people: pl.DataFrame) -> None:
    assert 0.42 <= (people["calls_made"] / people["calls"]).median() <= 0.57


def test_an_eighth_changes_the_handset_in_two_months(people: pl.DataFrame) -> None:
    assert 0.07 <= (people["imeis"] >= 2).mean() <= 0.19
