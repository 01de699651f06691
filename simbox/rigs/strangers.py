"""What suspects have in common who can't share a box, for they live too far from each other.

Cards of two rigs are more alike than two people are: families abroad are called through whatever rig is cheapest, and
gateways are of a few makes. How alike is counted on suspects of far places, who stand for the strangers of a pair.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.afar import sums_afar
from simbox.rigs.crowd import Crowd

# No cell of GSM reaches farther, for its timing advance ends there: whoever lives two squares from another is served by
# other masts.
SQUARE_KM = 35.0
KM_A_DEGREE = 111.2
ROUNDS = 30
# Sums of integers are the same in any order.
MILLI = 1000

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def find_squares(seeds: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """(imsi, x, y): the square of the country in which each seed (imsi) lives, those without a known home left out; of
    several homes that at the place that comes first."""
    located = crowd.places.drop_nulls()
    middle = float(located.select((pl.col("place_lat").min() + pl.col("place_lat").max()) / 2).item() or 0.0)
    a_degree = KM_A_DEGREE / SQUARE_KM
    return (
        crowd.homes.join(seeds, on="imsi", how="semi")
        .join(located, on="place")
        .sort("imsi", "place")
        .unique("imsi", keep="first", maintain_order=True)
        .select(
            "imsi",
            x=(pl.col("place_lon") * a_degree * np.cos(np.radians(middle))).floor().cast(pl.Int64),
            y=(pl.col("place_lat") * a_degree).floor().cast(pl.Int64),
        )
    )


def clientele(reached: pl.DataFrame, reach: pl.DataFrame, squares: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """(imsi, clientele) of suspects: of two of them the product is how many numbers they share for no other reason than
    that both serve callers of one kind, beyond what any two people share.

    A law of rank one, as of random graphs with given degrees (Chung, Lu 2002), from the numbers that each shares with
    suspects far away, less those that it would share with people. `reached` (imsi, other_party) are numbers called,
    `reach` (imsi, reach) how many each calls, `squares` (imsi, x, y) where suspects live.
    """
    callers = squares.join(reach, on="imsi")
    by_square = callers.group_by("x", "y").agg(pl.col("reach").sum().cast(pl.Float64)).sort("x", "y")
    everywhere = np.array([0, by_square.height])
    x, y = (by_square[name].to_numpy() for name in ("x", "y"))
    by_square = by_square.select(
        "x", "y", reach_afar=pl.Series(sums_afar(everywhere, x, y, by_square["reach"].to_numpy()))
    )
    shared = _afar(reached.join(squares, on="imsi"), "other_party").group_by("imsi").agg(shared=pl.col("afar").sum())
    beyond = (
        callers.join(by_square, on=["x", "y"])
        .join(shared, on="imsi", how="left")
        .with_columns(
            beyond=pl.col("shared").fill_null(0) - pl.col("reach") * pl.col("reach_afar") / max(crowd.sims, 1)
        )
        .with_columns(milli=(MILLI * pl.col("beyond")).round(0).cast(pl.Int64))
        .filter(pl.col("milli") > 0)
    )
    total = beyond.group_by("x", "y").agg(pl.col("milli").sum()).sort("x", "y")
    x, y, milli = (total[name].to_numpy() for name in ("x", "y", "milli"))
    afar = _sum_of_others(x, y, milli / MILLI)
    own = pl.col("milli") / MILLI
    return (
        beyond.join(total.select("x", "y", afar=pl.Series(afar)), on=["x", "y"])
        .filter(pl.col("afar") > 0)
        # With one of its kind it shares no more than with all suspects far away, however few of those are of its kind.
        .select("imsi", clientele=pl.min_horizontal(own / pl.col("afar"), own.sqrt()))
    )


def _sum_of_others(x: Longs, y: Longs, beyond: Floats) -> Floats:
    """For each square the clientele of all suspects far from it, such that its own times this is what it shares."""
    everywhere = np.array([0, x.size])
    own = beyond / np.sqrt(max(beyond.sum(), 1.0))
    afar = own
    for _ in range(ROUNDS):
        afar = sums_afar(everywhere, x, y, own)
        # The mean of two rounds: alone, two squares would hand all of it to each other by turns.
        own = np.sqrt(own * np.divide(beyond, afar, out=np.zeros_like(own), where=afar > 0))
    return afar


def shares_of_models(models: pl.DataFrame, squares: pl.DataFrame) -> pl.DataFrame:
    """(imsi, share_afar) of suspects that show a model (imsi, tac): which share of the suspects far away show it too,
    of those who show any."""
    met = found_afar(models, squares, "tac").filter(pl.col("any_afar") > 0)
    return met.select("imsi", share_afar=pl.col("afar") / pl.col("any_afar"))


def found_afar(held: pl.DataFrame, squares: pl.DataFrame, thing: str) -> pl.DataFrame:
    """(imsi, thing, afar, any_afar) of things that suspects have (imsi, thing), each once: how many suspects far away
    have it too, and how many of them have any."""
    here = held.join(squares, on="imsi")
    holders = here.select("imsi", "x", "y", anything=pl.lit(0)).unique()
    anything = _afar(holders, "anything").select("imsi", any_afar="afar")
    return _afar(here, thing).join(anything, on="imsi")


def _afar(held: pl.DataFrame, thing: str) -> pl.DataFrame:
    """(imsi, thing, afar): how many suspects far away have a thing, from those who have it (imsi, thing, x, y)."""
    counts = held.group_by(thing, "x", "y").agg(sims=pl.len().cast(pl.Float64)).sort(thing, "x", "y")
    borders = np.append(np.flatnonzero(np.diff(counts[thing].to_numpy(), prepend=-1)), counts.height)
    x, y, sims = (counts[name].to_numpy() for name in ("x", "y", "sims"))
    afar = counts.select(thing, "x", "y", afar=pl.Series(sums_afar(borders, x, y, sims)))
    return held.join(afar, on=[thing, "x", "y"]).select("imsi", thing, "afar")
