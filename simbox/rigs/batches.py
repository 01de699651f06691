"""Whether two cards were activated together: by one dealer on one day, as the operators' registers say."""

import numpy as np
import polars as pl

from simbox.rigs.candidates import spread
from simbox.rigs.chances import load_chances
from simbox.rigs.comparisons import NO_LINKS, links_of, points_of
from simbox.rigs.crowd import Crowd
from simbox.tables.rigs import LINKS

BATCH = ("operator", "dealer", "activated_on")


def find_batches(subscribers: pl.DataFrame) -> pl.DataFrame:
    """(imsi, batch, batch_sims) of SUBSCRIBERS whose dealer and date of activation are known: a number for the cards of
    one operator that a dealer activated on one day, and how many these are; of a card with several rows the last."""
    rows = subscribers.drop_nulls(["imsi", *BATCH]).sort("imsi", "valid_from", *BATCH)
    known = rows.unique("imsi", keep="last", maintain_order=True).sort(*BATCH, "imsi")
    return known.select(
        "imsi",
        batch=pl.struct(BATCH).rle_id().cast(pl.Int64),
        batch_sims=pl.len().over(BATCH).cast(pl.Int64),
    ).sort("imsi")


def same_batch(spoken: pl.DataFrame, crowd: Crowd, candidates_per_sim: int) -> pl.DataFrame:
    """LINKS of cards of one batch, worth more the smaller that is: a shop that equips a company sells as many in a day.

    Each is paired with so many that follow it in the order of IMSIs. `events` are the cards of the batch.
    """
    sims = spoken.select("imsi").unique().join(crowd.batches, on="imsi").sort("batch", "imsi")
    if sims.is_empty():
        return NO_LINKS
    batch = sims["batch"].to_numpy()
    following = np.arange(batch.size) + 1
    last = np.minimum(np.searchsorted(batch, batch, side="right"), following + candidates_per_sim)
    one, other = spread(following, last)
    # Strangers: any two SIMs are of this batch, or of another one as large, as seldom as that.
    chance = pl.col("batch_sims") / max(crowd.sims, 1)
    return links_of(
        pl.DataFrame(
            {
                "imsi_a": sims["imsi"].gather(one),
                "imsi_b": sims["imsi"].gather(other),
                "batch_sims": sims["batch_sims"].gather(one),
            }
        ).with_columns(
            weight=points_of(load_chances().same_batch / chance),
            events=pl.col("batch_sims"),
            forward=pl.lit(value=False),
            backward=pl.lit(value=False),
            first_at=pl.lit(None, dtype=LINKS.schema["first_at"]),
            last_at=pl.lit(None, dtype=LINKS.schema["last_at"]),
        ),
        "same_batch",
    )
