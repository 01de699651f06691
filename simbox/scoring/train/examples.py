"""FEATURES with known answers, cut to bins, thinned where many are alike."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.scoring.scorecard import FIRST_NIGHT, LONGEST, NIGHT, OWN
from simbox.scoring.ways import SIGNS, Way

MISSING = 255
# Of the lawful SIMs that do hardly anything, many and alike, one in so many is learned from and counts for all.
IDLE_SHARE = 8
BUSY_A_NIGHT = 8.0
# One night is much like the next: of a lawful SIM's one in so many is learned from.
NIGHT_SHARE = 3
# SIMs, in thousandths, that are learned from as if their feed had no cells, and as many as if it had no IMEIs.
BLIND_PERMILLE = 60

# Whether no other night is held.
IS_FIRST = pl.col("window_nights").max().over("night") == 1

Bins = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


class Examples(NamedTuple):
    """Rows (SIM, night, window): `bins` has a column for each sign, `facts` what is known of each row.

    `facts`: world, night, imsi, window_nights, rig, kind, level, modifiers, segment, weight; `window_nights` is
    FIRST_NIGHT where no other night is held, `way` names the way of cheating of a rig's SIM where kind and level do not
    tell.
    """

    bins: Bins
    facts: pl.DataFrame


def to_examples(features: pl.DataFrame, world: str, *, thin: bool = True) -> Examples:
    """FEATURES with answers to bins of every sign; `thin` leaves out most of the lawful SIMs that are idle."""
    busiest = pl.max_horizontal("mo_calls_a_night", "sms_mo_a_night", "received_codes_a_night").max().over("imsi")
    idle = pl.col("rig").is_null() & (busiest.fill_null(0.0) < BUSY_A_NIGHT)
    rows = features.with_columns(
        weight=pl.when(idle & thin).then(float(IDLE_SHARE)).otherwise(1.0) * (NIGHT_SHARE if thin else 1),
        drawn=draw(features["imsi"]),
    )
    if thin:
        in_turn = (pl.col("drawn") + pl.col("night").to_physical()) % NIGHT_SHARE == 0
        drawn_idle = pl.col("drawn") // NIGHT_SHARE % IDLE_SHARE == 0
        lawful = pl.col("rig").is_null()
        # Of each world there is one first night: nobody is left out of it.
        whole = ~lawful | IS_FIRST
        rows = rows.filter(whole | in_turn & (~idle | drawn_idle)).with_columns(
            weight=pl.when(whole).then(1.0).otherwise("weight")
        )
    looked_at = {
        OWN: rows,
        NIGHT: _in_window(rows, pl.col.window_nights.min()),
        LONGEST: _in_window(rows, pl.col.window_nights.max()),
    }
    bins = np.empty((rows.height, len(SIGNS)), dtype=np.uint8)
    for number, sign in enumerate(SIGNS):
        bins[:, number] = bin_of(sign.edges, looked_at[sign.window][sign.feature])
    facts = rows.select(
        pl.lit(world).alias("world"), "night", "imsi", pl.when(~IS_FIRST).then("window_nights").otherwise(FIRST_NIGHT),
        "rig", "kind", "level", "modifiers", "segment", "weight", pl.lit(None, dtype=pl.String).alias("way"),
    )  # fmt: skip
    return Examples(bins, facts)


def _in_window(rows: pl.DataFrame, window: pl.Expr) -> pl.DataFrame:
    """For each row what the signs look at in another window of its SIM and night."""
    asked = rows.select("night", "imsi", asked=window.over("night", "imsi"))
    found = rows.select("night", "imsi", *sorted({sign.feature for sign in SIGNS}), asked="window_nights")
    return asked.join(found, on=["night", "imsi", "asked"], how="left", maintain_order="left")


def bin_of(edges: Sequence[float], values: pl.Series) -> Bins:
    """The bin of each value among ascending edges, MISSING where it is null."""
    found = values.to_numpy()
    return np.where(np.isnan(found), MISSING, np.searchsorted(np.array(edges), found, side="right")).astype(np.uint8)


def draw(imsi: pl.Series) -> pl.Series:
    """A number for each SIM that says nothing of it: one multiplication of its identity, the high bits."""
    mixed = imsi.to_numpy().astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return pl.Series("draw", (mixed >> np.uint64(40)).astype(np.int64))


def join_examples(parts: Sequence[Examples]) -> Examples:
    """Examples of several worlds together."""
    return Examples(np.concatenate([part.bins for part in parts]), pl.concat([part.facts for part in parts]))


def blind(examples: Examples) -> Examples:
    """The same with the places of some SIMs and the handsets of others left out, as if their feed had none."""
    drawn = draw(examples.facts["imsi"]).to_numpy() // (NIGHT_SHARE * IDLE_SHARE) % 1000
    bins = examples.bins.copy()
    for group, (first, last) in {
        "place": (0, BLIND_PERMILLE),
        "handset": (BLIND_PERMILLE // 2, BLIND_PERMILLE * 3 // 2),
    }.items():
        rows = np.flatnonzero((drawn >= first) & (drawn < last))
        columns = [number for number, sign in enumerate(SIGNS) if sign.needs == group]
        bins[rows[:, None], np.array(columns)] = MISSING
    return examples._replace(bins=bins)


def is_way(facts: pl.DataFrame, way: Way) -> Bools:
    task = pl.col("modifiers").fill_null("").str.extract(r"\b(send|receive|sms_only)$").fill_null("call")
    drawn = pl.col("kind").is_in(way.kinds) & pl.col("level").is_in(way.levels) & task.is_in(way.tasks)
    own = pl.when(pl.col("way").is_null()).then(drawn).otherwise(pl.col("way") == way.name)
    found = facts.select(pl.col("rig").is_not_null() & own)
    return found.to_series().fill_null(value=False).to_numpy()
