"""Seconds from suspects to rigs, and how they grow with the suspects: `python -m pytest -s benchmarks/test_rigs.py`.

10,000 and 100,000 suspects of rigs of 1,200 cards each, as rigs burn them: forty ports, a card a night or two on each,
one IMEI a port, cards bought in runs, calls to strangers and a few among themselves. With SIMBOX_SUSPECTS=200000 the
larger number is that one.
"""

import math
import os
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simbox import rigs
from simbox.config import Rigs
from simbox.features import add_place
from simbox.tables.cdrs import CDRS, DIRECTION, OTHER_KIND, SERVICE
from simbox.telecom.cells import fuse_places
from simbox.telecom.identifiers import pack_cell

FEW, MANY = 10_000, int(os.environ.get("SIMBOX_SUSPECTS", 100_000))
POPULATION = 2_000_000
RIG_SIMS, PORTS, RUN = 1_200, 40, 60
NIGHTS = 30
FIRST = date(2026, 5, 1)
FIRST_IMSI, FIRST_MSISDN = 401_710_000_000_000, 77_900_000_000
PLACE_SIMS = 400
BASE_POINTS = -100
MOST_S = 60.0


class Drawn(NamedTuple):
    """What the search for rigs starts from."""

    suspects: rigs.Suspects
    habits: rigs.Habits
    crowd: rigs.Crowd
    places: pl.DataFrame


def draw_records(cards: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CDRS of the cards of all rigs, and the cells, one for each rig and a few nobody uses."""
    random = np.random.default_rng(3)
    card = np.arange(cards)
    rig, within = card // RIG_SIMS, card % RIG_SIMS
    # Runs of cards lie apart in the range, as dealers sell them.
    imsi = FIRST_IMSI + (random.permutation(cards // RUN + 1)[card // RUN] * 20 + rig % 7) * RUN + card % RUN
    port, turn = within % PORTS, within // PORTS
    calls = random.integers(2, 40, cards)
    who = np.repeat(card, calls)
    night = (turn[who] + random.integers(0, 2, who.size)) % NIGHTS
    midnight = int(datetime.combine(FIRST, datetime.min.time(), tzinfo=UTC).timestamp()) * 1_000_000
    started = midnight + night * 86_400_000_000 + random.integers(8 * 3600, 22 * 3600, who.size) * 1_000_000
    staged = random.random(who.size) < 0.05
    mate = rig[who] * RIG_SIMS + random.integers(0, RIG_SIMS, who.size)
    stranger = cards + random.integers(0, POPULATION, who.size)
    frame = pl.DataFrame(
        {
            "record_id": np.arange(who.size),
            "night": pl.Series(night).cast(pl.Int32) + (FIRST - date(1970, 1, 1)).days,
            "utc_offset_min": np.full(who.size, 300, dtype=np.int16),
            "imsi": imsi[who],
            "msisdn": FIRST_MSISDN + who,
            "imei": 35_000_000_000_000 + rig[who] * PORTS + port[who],
            "started_at": started,
            "duration_s": random.integers(0, 200, who.size).astype(np.uint32),
            "other_party": FIRST_MSISDN + np.where(staged, np.minimum(mate, cards - 1), stranger),
            "cell": _cells(cards)[rig[who]],
        }
    ).with_columns(
        pl.col("night").cast(pl.Date),
        pl.col("started_at").cast(CDRS.schema["started_at"]),
        operator=pl.lit("alpha").cast(pl.Enum(["alpha"])),
        service=pl.lit("voice").cast(SERVICE),
        direction=pl.lit("mo").cast(DIRECTION),
        answered=pl.col("duration_s") > 0,
        other_kind=pl.lit("on_net").cast(OTHER_KIND),
    )
    sites = np.arange(cards // RIG_SIMS + 1)
    cells = pl.DataFrame(
        {
            "cell": _cells(cards),
            "lat": 43 + sites % 20 * 0.1,
            "lon": 76 + sites // 20 * 0.1,
            "azimuth_deg": np.full(sites.size, 90.0),
            "site": [f"S{site}" for site in sites],
            "range_m": np.full(sites.size, 1500.0),
            "technology": ["gsm"] * sites.size,
        }
    )
    return frame.select(CDRS.names).sort("imsi", "started_at", "record_id"), cells


def _cells(cards: int) -> np.ndarray:
    texts = pl.Series("cell", [f"401-71-1-{site + 1}" for site in range(cards // RIG_SIMS + 1)])
    return pl.select(pack_cell(pl.lit(texts))).to_series().to_numpy()


def draw(cards: int) -> Drawn:
    """So many suspects in a population of two million."""
    records, cells = draw_records(cards)
    places = fuse_places(cells)
    placed = add_place(records, places)
    habits = rigs.find_habits(placed)
    on_imei = habits.handsets.group_by("imei").agg(imei_sims=pl.len().cast(pl.Int32))
    at_place = placed.group_by("night", "place").agg(place_sims=pl.col("imsi").n_unique().cast(pl.Int32) + PLACE_SIMS)
    settled = habits.at_home.group_by("place").agg(settled_sims=pl.len() + PLACE_SIMS)
    strangers = FIRST_IMSI + 10**9 + np.arange(POPULATION - cards)
    crowd = rigs.Crowd(
        sims=POPULATION,
        sims_on_imei=on_imei,
        sims_at_place=at_place,
        settled=settled,
        places=places.select("place", "place_lat", "place_lon").unique(),
        imsis=pl.concat([habits.sims["imsi"], pl.Series("imsi", strangers)]).sort(),
        homes=habits.at_home,
        numbers=habits.numbers,
        popular=rigs.popular_numbers(habits, Rigs().candidates_per_sim),
        lines=pl.DataFrame(schema={"imsi": pl.Int64}),
    )
    evidence = habits.sims.with_columns(evidence_alone=pl.lit(20, dtype=pl.Int32))
    begins = datetime.combine(FIRST, datetime.min.time(), tzinfo=UTC)
    suspects = rigs.Suspects(placed, evidence, begins, FIRST + timedelta(NIGHTS))
    return Drawn(suspects, habits, crowd, places)


def find(drawn: Drawn) -> rigs.Found:
    """The rigs among the suspects, as a scan seeks them."""
    suspects, habits, crowd, places = drawn
    founding = rigs.seek_founders(suspects, crowd, places, BASE_POINTS, Rigs())
    around = rigs.find_companions(habits, founding.founders, suspects.evidence, crowd, BASE_POINTS)
    records = suspects.records.join(around, on="imsi", how="semi", maintain_order="left")
    zones = pl.DataFrame({"operator": ["alpha"], "zone": ["Asia/Almaty"]})
    near = suspects._replace(records=records)
    return rigs.find_rigs(near, founding, crowd, places, zones, rigs.NO_RIGS, BASE_POINTS, Rigs())


@pytest.mark.benchmark(group="rigs")
def test_many_suspects_are_grouped_in_a_minute(benchmark: BenchmarkFixture) -> None:
    few, many = draw(FEW), draw(MANY)
    find(few)
    start = perf_counter()
    find(few)
    seconds_few = perf_counter() - start
    found = benchmark.pedantic(find, (many,), rounds=1)
    seconds = benchmark.stats["mean"]
    # The same seconds for each suspect times the logarithm of their number.
    growth = (seconds / (MANY * math.log(MANY))) / (seconds_few / (FEW * math.log(FEW)))
    benchmark.extra_info |= {
        "suspects": MANY,
        "seconds": round(seconds, 1),
        "seconds_of_ten_thousand": round(seconds_few, 1),
        "growth_over_n_log_n": round(growth, 2),
        "rigs": found.rigs.height,
        "members": found.members.height,
        "links": found.links.height,
        "pairs_dropped": found.pairs_dropped,
    }
    print("\n", benchmark.extra_info)  # noqa: T201
    assert found.members.height > 0.9 * MANY
    assert seconds <= MOST_S * max(MANY / 100_000, 1)
    assert growth <= 1.0
