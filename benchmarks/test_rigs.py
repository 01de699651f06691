"""Seconds to find the rigs of a night among 10,000 to 200,000 suspect SIMs, and how these grow.

`python -m pytest benchmarks/test_rigs.py`; `extra_info` holds seconds by step, those of all cores together, pairs,
links, rigs and the exponents of growth. `SIMBOX_BENCH_SUSPECTS=10000,20000` names other numbers of suspects;
`python benchmarks/test_rigs.py 10000 20000` prints the same as they come.

A drawn suspect has a hundred candidates, as in a scan of a world of the scenario ladder (122 for each of 1,572): the
limit is two hundred a SIM and block, and a rig of 1,200 cards at four places fills it.
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import log
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from pytest_benchmark.fixture import BenchmarkFixture

from simbox import rigs, scoring
from simbox.config import Config
from simbox.tables.cdrs import CDRS

Longs = npt.NDArray[np.int64]

SUSPECTS = [int(count) for count in os.environ.get("SIMBOX_BENCH_SUSPECTS", "10000,50000,100000,200000").split(",")]
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
# As many makes of gateway as the synthetic worlds have, all of one serial range.
MAKES = 6
# Whose evidence reaches the watch band is a suspect.
WATCH, MOST_EVIDENCE, LEAST_EVIDENCE = -38, 70, -100


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
    evidence = random.integers(WATCH, MOST_EVIDENCE, sims)
    evidence[:in_rigs][~is_seed] = random.integers(LEAST_EVIDENCE, WATCH, int((~is_seed).sum()))
    evidence[in_rigs:] = WATCH
    habits = rigs.find_habits(records)
    in_use = pl.Series("imsi", FIRST_IMSI + np.arange(everybody) * 3)
    cells = places.select("place")
    crowd = rigs.Crowd(
        sims=everybody,
        sims_on_imei=habits.handsets.group_by("imei").agg(imei_sims=pl.len().cast(pl.Int64)).sort("imei"),
        sims_at_place=cells.with_columns(place_sims=pl.lit(everybody / CELLS)).join(
            pl.DataFrame({"night": [FIRST_NIGHT + timedelta(days=number) for number in range(NIGHTS)]}), how="cross"
        ),
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
    port = of_rig % MAKES * 1_000_000 + (of_rig * PORTS + card % PORTS) * 7
    imei = np.where(boxed, port, 10_000_000_000 + of_sim * 5_000_011 % 10**10)
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
    """The rigs among the suspects, as a night's judging seeks them, and what that took: seconds by step and together,
    on the clock and of all cores, and the pairs that were compared."""
    config, base = Config().rigs, scoring.base_points(Config().scoring.prevalence)
    night = FIRST_NIGHT + timedelta(days=NIGHTS - 1)
    zones = pl.DataFrame({"operator": ["altyn"], "zone": ["Asia/Almaty"]})
    took = {"wall_s": 0.0, "processor_s": 0.0}

    def among(sims: pl.DataFrame) -> rigs.Suspects:
        held = drawn.records.join(sims, on="imsi", how="semi", maintain_order="left")
        return rigs.Suspects(held, drawn.evidence, BEGINS, night)

    def timed(step: Callable[..., Any], *given: Any) -> Any:
        start, used = perf_counter(), process_time()
        answer = step(*given)
        took[f"{step.__name__}_s"] = perf_counter() - start
        took["wall_s"] += perf_counter() - start
        took["processor_s"] += process_time() - used
        return answer

    founding = timed(rigs.seek_founders, among(drawn.seeds), drawn.crowd, drawn.places, base, config)
    near = timed(rigs.find_companions, drawn.habits, founding.founders, drawn.evidence, drawn.crowd, base)
    found = timed(rigs.find_rigs, among(near), founding, drawn.crowd, drawn.places, zones, rigs.NO_RIGS, base, config)
    took["pairs"] = founding.linked.pairs.a.size
    return found, took


def measure(suspects: list[int], into: dict[str, Any]) -> None:
    """Puts what each number of suspects takes, and how that grows, into a table."""
    find(draw(1_000))
    former: tuple[int, dict[str, float]] | None = None
    for count in suspects:
        found, took = find(draw(count))
        into[str(count)] = {
            **{name: round(value, 2) for name, value in took.items()},
            "links": found.links.height,
            "rigs": found.rigs.height,
            "members": found.members.height,
        }
        if former is not None:
            few, less = former
            of_n_log_n = log(count * log(count) / (few * log(few))) / log(count / few)
            into[f"growth {few} to {count}"] = {
                "exponent": round(log(took["processor_s"] / less["processor_s"]) / log(count / few), 3),
                "that of n log n": round(of_n_log_n, 3),
            }
        former = count, took


def test_rigs_among_suspects(benchmark: BenchmarkFixture) -> None:
    told: dict[str, Any] = {}
    benchmark.pedantic(measure, (SUSPECTS, told), rounds=1)
    benchmark.extra_info.update(told)
    if str(BOUND_SIMS) in told:
        assert told[str(BOUND_SIMS)]["wall_s"] <= BOUND_SECONDS
    for growth in (row for name, row in told.items() if name.startswith("growth")):
        assert growth["exponent"] <= growth["that of n log n"] + SLACK


class Printed(dict[str, Any]):
    """A table that is printed as it is filled."""

    def __setitem__(self, name: str, row: Any) -> None:
        super().__setitem__(name, row)
        sys.stdout.write(f"{name}: {row}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    measure([int(count) for count in sys.argv[1:]] or SUSPECTS, Printed())
