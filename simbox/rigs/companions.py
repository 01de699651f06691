"""What is kept of every SIM, and whom to look at beside a rig's founders: quiet SIMs at their places, on their
handsets, of their runs of cards."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.firsts import count_seen, first_seen, sim_borders
from simbox.rigs.behaviour import SETTLED_SHARE
from simbox.rigs.comparisons import TAC_DIVISOR
from simbox.rigs.crowd import Crowd
from simbox.rigs.ties import NEIGHBOURS, TIE_CAP, densest, models_in_use, most_ties

LEAST_FOUNDERS = 2
# Each round fills gaps in the runs of cards of the one before, as far as these look like a rig's at all.
JOINING_ROUNDS = 3
# An IMEI on more SIMs than a rig has cards is a counterfeit series and says nothing.
COMMON_IMEI_SIMS = 500
# Who calls whom is kept of an eighth of all SIMs: enough to tell which numbers everybody calls.
SAMPLED = 8
# Lines that call so many numbers, and are called by a tenth of as many, have customers.
BUSY_CALLEES = 25
LEAST_RINGING = 4
RINGING_SHARE = 0.1


class Habits(NamedTuple):
    """Of every SIM over the nights looked back on, once each: that it is there (imsi), where it is at home (imsi,
    place: those that hold a quarter of its legs), its handsets (imsi, imei) and numbers (imsi, msisdn); of every eighth
    SIM whom it called or wrote to, as (other_party, callers); and how many SIMs are first heard where and when, as
    (place, night, new_sims)."""

    sims: pl.DataFrame
    at_home: pl.DataFrame
    handsets: pl.DataFrame
    numbers: pl.DataFrame
    called: pl.DataFrame
    begun: pl.DataFrame


def find_habits(placed: pl.DataFrame) -> Habits:
    """The habits of the SIMs whose placed CDRS of all these nights are given, those of a SIM together and in time."""
    imsi = placed["imsi"].to_numpy()
    borders = sim_borders(imsi)
    place = placed["place"].fill_null(-1).to_numpy()
    legs = count_seen(place, borders)
    located = np.repeat(np.add.reduceat(legs, borders[:-1]), np.diff(borders)) if imsi.size else legs
    is_home = (legs > 0) & (legs >= SETTLED_SHARE * located)
    mine = (pl.col("imsi") % SAMPLED == 0) & (pl.col("direction") == "mo") & pl.col("other_party").is_not_null()
    called = placed.filter(mine).group_by("other_party").agg(callers=pl.col("imsi").n_unique().cast(pl.Int64))
    return Habits(
        sims=pl.DataFrame({"imsi": imsi[borders[:-1]]}),
        at_home=pl.DataFrame({"imsi": imsi[is_home], "place": place[is_home]}),
        handsets=_shown(placed, "imei", borders),
        numbers=_shown(placed, "msisdn", borders),
        called=called,
        begun=_count_begun(placed[borders[:-1]].select("place", "night", new_sims=pl.lit(1, dtype=pl.Int64))),
    )


def _shown(placed: pl.DataFrame, column: str, borders: npt.NDArray[np.int64]) -> pl.DataFrame:
    """(imsi, `column`) of the values that each SIM shows."""
    values = placed[column].fill_null(-1).to_numpy()
    is_new = first_seen(values, borders)
    return pl.DataFrame({"imsi": placed["imsi"].to_numpy()[is_new], column: values[is_new]})


def join_habits(habits: Iterable[Habits]) -> Habits:
    """The habits of different SIMs together."""
    joined = Habits(*(pl.concat(frames) for frames in zip(*habits, strict=True)))
    called = joined.called.group_by("other_party").agg(pl.col("callers").sum())
    return joined._replace(called=called, begun=_count_begun(joined.begun))


def _count_begun(firsts: pl.DataFrame) -> pl.DataFrame:
    return firsts.drop_nulls("place").group_by("place", "night").agg(pl.col("new_sims").sum())


def popular_numbers(habits: Habits, candidates_per_sim: int) -> pl.DataFrame:
    """(other_party) of the numbers that more SIMs call than are compared with each other."""
    return habits.called.filter(pl.col("callers") * SAMPLED > candidates_per_sim).select("other_party")


# Of FEATURES; what `find_lines` reads.
LINE_FEATURES = ("callees", "callers")


def find_lines(features: pl.DataFrame) -> pl.DataFrame:
    """(imsi) of the busy SIMs that customers ring, from FEATURES rows of one window."""
    callers = pl.col("callers")
    busy = pl.col("callees") >= BUSY_CALLEES
    return features.filter(busy & (callers >= LEAST_RINGING) & (callers >= RINGING_SHARE * pl.col("callees"))).select(
        "imsi"
    )


def find_companions(
    habits: Habits, founders: pl.DataFrame, evidence: pl.DataFrame, crowd: Crowd, base_points: int
) -> pl.DataFrame:
    """(imsi) of the founders (group, imsi) and of those around them that could join a rig if all that is not known yet
    spoke for it: SIMs settled where two founders or more are, on a founder's IMEI, or next to one in the order of IMSIs
    in use. `evidence` (imsi, evidence_alone) is that of all SIMs."""
    sims = founders.select("imsi").unique()
    hot = (
        habits.at_home.join(sims, on="imsi", how="semi")
        .group_by("place")
        .agg(founders=pl.len())
        .filter(pl.col("founders") >= LEAST_FOUNDERS)
    )
    handsets = habits.handsets
    common = handsets.group_by("imei").agg(sims=pl.len()).filter(pl.col("sims") > COMMON_IMEI_SIMS)
    shown = handsets.join(sims, on="imsi", how="semi").select("imei").unique().join(common, on="imei", how="anti")
    in_use = habits.sims["imsi"].sort()
    around = pl.concat(
        [
            habits.at_home.join(hot, on="place", how="semi").select("imsi"),
            handsets.join(shown, on="imei", how="semi").select("imsi"),
            _neighbours(sims, in_use),
            sims,
        ]
    ).unique()
    at_home = habits.at_home.join(around, on="imsi", how="semi")
    on_imei = handsets.join(around, on="imsi", how="semi")
    models = on_imei.select("imsi", tac=pl.col("imei") // TAC_DIVISOR).unique()
    tied = [
        densest(founders, at_home, crowd.settled, "place", "place", base_points),
        densest(founders, on_imei, crowd.sims_on_imei, "imei", "handset", base_points),
        densest(founders, models, models_in_use(crowd), "tac", "handset", base_points),
        # Whom they call is not known before their records are read.
        _at_most(around, "contacts"),
    ]
    joined = sims
    # Who joins in one round may be next to who joins in the following one.
    for _ in range(JOINING_ROUNDS):
        next_to = _at_most(_neighbours(joined, in_use).join(around, on="imsi", how="semi"), "batch")
        could_join = most_ties(pl.concat([*tied, next_to])).join(evidence, on="imsi")
        joined = pl.concat(
            [sims, could_join.filter(pl.col("evidence_alone") + pl.col("ties") >= 0).select("imsi")]
        ).unique()
    return joined.sort("imsi")


def _at_most(sims: pl.DataFrame, family: str) -> pl.DataFrame:
    points = pl.lit(float(TIE_CAP[family]))
    return sims.select("imsi", family=pl.lit(family), points=points)


def _neighbours(sims: pl.DataFrame, imsis: pl.Series) -> pl.DataFrame:
    """(imsi) of the SIMs within five ranks of one of these in the order of IMSIs in use."""
    in_use = imsis.to_numpy()
    rank = np.searchsorted(in_use, sims["imsi"].to_numpy())
    near = (rank[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1)).ravel()
    return pl.DataFrame({"imsi": np.unique(in_use[np.clip(near, 0, in_use.size - 1)])})
