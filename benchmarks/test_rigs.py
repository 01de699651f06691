"""Seconds to find the rigs of a night among 10,000 to 200,000 suspect SIMs, and how these grow.

`python -m pytest benchmarks/test_rigs.py`; `extra_info` holds seconds by step, links, rigs and the exponent of growth.
`SIMBOX_BENCH_SUSPECTS=10000,20000` names other numbers of suspects.
"""

import os
from datetime import UTC, date, datetime, timedelta
from math import log
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from pytest_benchmark.fixture import BenchmarkFixture

from simbox import rigs, scoring
from simbox.config import Config
from simbox.tables.cdrs import CDRS

Longs = npt.NDArray[np.int64]

SUSPECTS = [int(count) for count in os.environ.get("SIMBOX_BENCH_SUSPECTS", "10000,100000,200000").split(",")]
# The bounds of the project: 100,000 suspects in a minute, and no faster growth than n log n.
BOUND_SIMS, BOUND_SECONDS = 100_000, 60.0
SLACK = 0.15

RIG_SIMS, PORTS, RIG_PLACES, RUN_SIMS = 1_200, 32, 4, 50
INNOCENT_SHARE, QUIET_SHARE = 0.2, 0.1
SIMS_A_SUSPECT = 10
NIGHTS = 30
FIRST_NIGHT = date(2026, 5, 1)
BEGINS = datetime.combine(FIRST_NIGHT, datetime.min.time(), tzinfo=UTC)
CELLS = 20_000
FIRST_IMSI, FIRST_NUMBER, FIRST_IMEI, FIRST_CELL = 401_010_000_000_000, 77_010_000_000, 35_000_000_000_000, 1 << 40
ELSEWHERE = 77_900_000_000
FURTHER = {"operator": pl.Enum(["altyn"]), "place": pl.Int64()}
RIG_EVIDENCE, OTHERS_EVIDENCE = 10, -60


class Drawn(NamedTuple):
    """What the search for rigs is given of a night: records of all SIMs drawn, suspects, what is known."""

    records: pl.DataFrame
    seeds: pl.DataFrame
    evidence: pl.DataFrame
    crowd: rigs.Crowd
    habits: rigs.Habits
    places: pl.DataFrame


def draw(suspects: int) -> Drawn:
    """Rigs of 1,200 SIMs: ports that SIMs use one after the other, cards in runs of fifty, callees shared, calls staged
    among them; a tenth of their SIMs is no suspect. A fifth of the suspects lives all over the country on its own."""
    random = np.random.default_rng(suspects)
    in_rigs = round(suspects * (1 - INNOCENT_SHARE) / (1 - QUIET_SHARE))
    innocents = round(suspects * INNOCENT_SHARE)
    sims = in_rigs + innocents
    everybody = SIMS_A_SUSPECT * suspects
    rig = np.where(np.arange(sims) < in_rigs, np.arange(sims) // RIG_SIMS, -1)
    imsi = _imsis(random, in_rigs, innocents, everybody)
    legs = random.integers(2, 41, sims)
    of_sim = np.repeat(np.arange(sims), legs)
    records = _records(random, of_sim, rig, imsi, in_rigs)
    places = _places(random)
    is_seed = random.random(in_rigs) >= QUIET_SHARE
    seeds = np.sort(imsi[np.concatenate([is_seed, np.ones(innocents, dtype=bool)])])
    evidence = np.full(sims, OTHERS_EVIDENCE)
    evidence[:in_rigs] = RIG_EVIDENCE + random.integers(-60, 60, in_rigs)
    habits = rigs.find_habits(records)
    in_use = pl.Series("imsi", FIRST_IMSI + np.arange(everybody) * 3)
    cells = places.select("place")
    crowd = rigs.Crowd(
        sims=everybody,
        sims_on_imei=habits.handsets.group_by("imei").agg(imei_sims=pl.len().cast(pl.Int64)).sort("imei"),
        sims_at_place=cells.with_columns(place_sims=pl.lit(everybody / CELLS)),
        settled=cells.with_columns(settled_sims=pl.lit(everybody // CELLS, dtype=pl.UInt32))
        .join(habits.at_home.group_by("place").agg(more=pl.len()), on="place", how="left")
        .select("place", pl.col("settled_sims") + pl.col("more").fill_null(0)),
        places=places.select("place", "place_lat", "place_lon"),
        imsis=in_use,
        homes=habits.at_home,
        numbers=habits.numbers,
        popular=rigs.popular_numbers(habits, Config().rigs.candidates_per_sim),
        lines=pl.DataFrame(schema={"imsi": pl.Int64}),
        begun=habits.begun,
    )
    return Drawn(
        records,
        pl.DataFrame({"imsi": seeds}),
        pl.DataFrame({"imsi": imsi, "evidence_alone": evidence.astype(np.int32)}),
        crowd,
        habits,
        places,
    )


def _imsis(random: np.random.Generator, in_rigs: int, innocents: int, everybody: int) -> Longs:
    """Every third IMSI is in use; a rig's are runs of those, the innocents' anywhere."""
    runs = random.permutation(everybody // RUN_SIMS)
    bought = -(-in_rigs // RUN_SIMS)
    cards = (runs[:bought, None] * RUN_SIMS + np.arange(RUN_SIMS)).ravel()[:in_rigs]
    anywhere = (runs[bought:, None] * RUN_SIMS + np.arange(RUN_SIMS)).ravel()
    imsi: Longs = FIRST_IMSI + 3 * np.concatenate([cards, random.permutation(anywhere)[:innocents]])
    return imsi


def _records(random: np.random.Generator, of_sim: Longs, rig: Longs, imsi: Longs, in_rigs: int) -> pl.DataFrame:
    of_rig, rows = rig[of_sim], of_sim.size
    boxed = of_rig >= 0
    card = of_sim % RIG_SIMS
    # A port's SIMs have it one after the other, each for a part of the month.
    turns = -(-RIG_SIMS // PORTS)
    turn_s = NIGHTS * 86_400 // turns
    started_s = np.where(
        boxed, card // PORTS * turn_s + random.integers(0, turn_s, rows), random.integers(0, NIGHTS * 86_400, rows)
    )
    home = random.integers(0, CELLS, imsi.size)[of_sim]
    cell = np.where(boxed, of_rig * RIG_PLACES + random.integers(0, RIG_PLACES, rows), home)
    imei = np.where(boxed, (of_rig * PORTS + card % PORTS) * 7, 10_000_000_000 + of_sim * 5_000_011 % 10**10)
    kind = random.random(rows)
    mate = np.minimum(of_rig * RIG_SIMS + random.integers(0, RIG_SIMS, rows), in_rigs - 1)
    shared = ELSEWHERE + of_rig * 10_000 + random.integers(0, 5_000, rows)
    other = np.where(boxed & (kind < 0.7), shared, ELSEWHERE + 10**9 + random.integers(0, 10**9, rows))
    staged = boxed & (kind >= 0.97) & (mate != of_sim)
    other = np.where(staged, FIRST_NUMBER + mate, other)
    frame = pl.DataFrame(
        {
            "record_id": np.arange(rows),
            "utc_offset_min": np.full(rows, 300),
            "imsi": imsi[of_sim],
            "msisdn": FIRST_NUMBER + of_sim,
            "imei": FIRST_IMEI + imei,
            "started_s": started_s,
            "duration_s": random.integers(0, 300, rows),
            "other_party": other,
            "cell": FIRST_CELL + cell,
            "place": FIRST_CELL + cell,
            "direction": random.choice(["mo", "mt"], rows, p=[0.95, 0.05]),
        }
    )
    at = pl.lit(BEGINS) + pl.duration(seconds="started_s")
    return (
        frame.with_columns(
            night=at.dt.date(),
            operator=pl.lit("altyn"),
            service=pl.lit("voice"),
            started_at=at,
            answered=pl.col("duration_s") > 0,
            other_kind=pl.when(pl.col("other_party") < ELSEWHERE).then(pl.lit("on_net")).otherwise(pl.lit("off_net")),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in (CDRS.schema | FURTHER).items())
        .sort("imsi", "started_at", "record_id")
    )


def _places(random: np.random.Generator) -> pl.DataFrame:
    cells = FIRST_CELL + np.arange(CELLS)
    # The cells of a rig stand together.
    house = np.arange(CELLS) // RIG_PLACES
    lat = (41 + random.random(CELLS // RIG_PLACES) * 14)[house]
    lon = (47 + random.random(CELLS // RIG_PLACES) * 40)[house]
    return pl.DataFrame(
        {"cell": cells, "place": cells, "place_lat": lat, "place_lon": lon, "lat": lat, "lon": lon}
    ).with_columns(azimuth_deg=pl.lit(None, dtype=pl.Float64), site=pl.lit("mast"), range_m=pl.lit(2_000.0))


def find(drawn: Drawn) -> tuple[rigs.Found, dict[str, float]]:
    """The rigs among the suspects, as a night's judging seeks them, and the seconds of each step."""
    seconds: dict[str, float] = {}
    config, base = Config().rigs, scoring.base_points(Config().scoring.prevalence)
    night = FIRST_NIGHT + timedelta(days=NIGHTS - 1)

    def among(sims: pl.DataFrame) -> rigs.Suspects:
        held = drawn.records.join(sims, on="imsi", how="semi", maintain_order="left")
        return rigs.Suspects(held, drawn.evidence, BEGINS, night)

    suspects = among(drawn.seeds)
    start = perf_counter()
    founding = rigs.seek_founders(suspects, drawn.crowd, drawn.places, base, config)
    seconds["seek_founders"] = perf_counter() - start
    start = perf_counter()
    near = rigs.find_companions(drawn.habits, founding.founders, drawn.evidence, drawn.crowd, base)
    seconds["find_companions"] = perf_counter() - start
    companions = among(near)
    zones = pl.DataFrame({"operator": ["altyn"], "zone": ["Asia/Almaty"]})
    start = perf_counter()
    found = rigs.find_rigs(companions, founding, drawn.crowd, drawn.places, zones, rigs.NO_RIGS, base, config)
    seconds["find_rigs"] = perf_counter() - start
    return found, seconds


def test_rigs_among_suspects(benchmark: BenchmarkFixture) -> None:
    find(draw(1_000))
    whole: dict[int, float] = {}

    def run() -> None:
        for suspects in SUSPECTS:
            drawn = draw(suspects)
            found, seconds = find(drawn)
            whole[suspects] = sum(seconds.values())
            benchmark.extra_info[str(suspects)] = {
                **{step: round(taken, 2) for step, taken in seconds.items()},
                "links": found.links.height,
                "rigs": found.rigs.height,
                "members": found.members.height,
            }

    benchmark.pedantic(run, rounds=1)
    if BOUND_SIMS in whole:
        assert whole[BOUND_SIMS] <= BOUND_SECONDS
    for few, many in zip(SUSPECTS, SUSPECTS[1:], strict=False):
        growth = log(whole[many] / whole[few]) / log(many / few)
        benchmark.extra_info[f"exponent {few} to {many}"] = round(growth, 2)
        n_log_n = log(many * log(many) / (few * log(few))) / log(many / few)
        assert growth <= n_log_n + SLACK
