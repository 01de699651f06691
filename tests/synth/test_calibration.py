"""Every level of either family keeps to what was measured of fraud, as far as its own care lets it."""

from pathlib import Path

import polars as pl
import pytest
from reading_worlds import read_cdrs, read_table

from simbox.synth.levels import LEVELS

WORLDS = 6
VOICE_OUT = (pl.col("service") == "voice") & (pl.col("direction") == "mo")
VOICE_IN = (pl.col("service") == "voice") & (pl.col("direction") == "mt")
EVERY_LEVEL = pytest.mark.parametrize("level", LEVELS)
# Published: .97 of a fraudulent SIM's calls are its own, .75 at the lower quartile; fd_all is rung by its own kind.
OUTGOING = {"fd_all": (0.55, 0.8)}
# Calls a SIM makes on a night it is active (published: 37 with up to ten dates); the careful give most of them up.
CALLS_A_NIGHT = {
    "E0": (20, 60), "E1": (15, 60), "E2": (6, 30), "E3": (6, 30), "E4": (1, 14), "E5": (2, 16), "E6": (6, 60),
}  # fmt: skip


@pytest.fixture(scope="module", params=["A", "B"])
def legs(request: pytest.FixtureRequest, worlds_of_levels: dict[str, list[Path]]) -> pl.DataFrame:
    """Calls and messages of some worlds of a family: those of ordinary people, and of rigs that call."""
    return pl.concat(_read(number, source) for number, source in enumerate(worlds_of_levels[request.param][:WORLDS]))


def _read(number: int, source: Path) -> pl.DataFrame:
    known = read_table(source, "subscribers").select("msisdn", known_imsi="imsi")
    truth = read_table(source, "truth").select("imsi", "kind", "level", "segment")
    return (
        read_cdrs(source)
        .filter(pl.col("service").is_in(["voice", "sms"]))
        .join(known, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"), imei=pl.col("imei").str.slice(0, 14))
        .join(truth, on="imsi")
        .filter((pl.col("segment") == "ordinary") | pl.col("kind").is_in(["bypass", "vishing"]))
        .select(
            "imsi", "kind", "level", "service", "direction", "other_party", "duration_s", "imei",
            night=pl.col("started_at").dt.offset_by("5h").dt.date(), world=pl.lit(number),
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def sims(legs: pl.DataFrame) -> pl.DataFrame:
    """What each of their SIMs did."""
    return legs.group_by("world", "imsi", "kind", "level").agg(
        made=VOICE_OUT.sum(),
        received=VOICE_IN.sum(),
        callees=pl.col("other_party").filter(VOICE_OUT).n_unique(),
        imeis=pl.col("imei").filter(pl.col("imei") != "12345678901234").n_unique(),
        nights=pl.col("night").filter(VOICE_OUT).n_unique(),
    )


def test_people_talk_as_was_measured(legs: pl.DataFrame) -> None:
    talk_s = legs.filter(VOICE_OUT & (pl.col("duration_s") > 0) & pl.col("level").is_null())["duration_s"]
    assert 40 <= talk_s.median() <= 48
    assert 92 <= talk_s.mean() <= 110


@EVERY_LEVEL
def test_talk_of_rigs_is_no_shorter_than_scams_and_no_longer_than_families(legs: pl.DataFrame, level: str) -> None:
    talk_s = legs.filter(VOICE_OUT & (pl.col("duration_s") > 0) & (pl.col("level") == level))
    medians = dict(talk_s.group_by("kind").agg(pl.col("duration_s").median()).iter_rows())
    means = dict(talk_s.group_by("kind").agg(pl.col("duration_s").mean()).iter_rows())
    # Published of scams: 41 s and 92 s. A few dozen SIMs decide each figure.
    assert 20 <= medians["vishing"] <= 50
    assert 50 <= means["vishing"] <= 130
    assert 30 <= medians["bypass"] <= 95
    assert 80 <= means["bypass"] <= 180


@EVERY_LEVEL
def test_most_calls_are_outgoing(sims: pl.DataFrame, level: str) -> None:
    busy = sims.filter((pl.col("level") == level) & (pl.col("made") + pl.col("received") >= 5))
    share = busy.select(pl.col("made") / (pl.col("made") + pl.col("received"))).to_series().median()
    least, most = OUTGOING.get(level, (0.8, 1.0))
    assert least <= share <= most


@EVERY_LEVEL
def test_scams_ring_ever_new_people(sims: pl.DataFrame, level: str) -> None:
    busy = sims.filter((pl.col("level") == level) & (pl.col("made") >= 5))
    different = dict(busy.group_by("kind").agg((pl.col("callees") / pl.col("made")).median()).iter_rows())
    # Published: .81. What is staged goes to the rig's own cards again and again.
    assert different["vishing"] >= (0.55 if level == "fd_all" else 0.81)
    assert different["bypass"] >= 0.55


@EVERY_LEVEL
def test_handsets_change_where_cards_rotate_and_nowhere_else(sims: pl.DataFrame, level: str) -> None:
    rules = LEVELS[level]
    several = sims.filter((pl.col("level") == level) & (pl.col("made") >= 3)).select(pl.col("imeis") >= 2).to_series()
    if rules.rotates:
        assert several.mean() >= 0.5
    elif rules.own_imei or rules.carried or rules.phones:
        assert several.mean() <= 0.2


@pytest.mark.parametrize("level", CALLS_A_NIGHT)
def test_calls_a_night_are_those_of_the_level(sims: pl.DataFrame, level: str) -> None:
    active = sims.filter((pl.col("level") == level) & (pl.col("nights") > 0))
    calls = active.select(pl.col("made") / pl.col("nights")).to_series().median()
    least, most = CALLS_A_NIGHT[level]
    assert least <= calls <= most
