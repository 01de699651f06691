"""What SIMs around a rig show, told once for all that is asked of it: places, handsets, models, acts."""

from typing import NamedTuple

import polars as pl

from simbox.rigs.behaviour import act_shares, settled
from simbox.rigs.comparisons import TAC_DIVISOR


class Traits(NamedTuple):
    """Of the SIMs (imsi) whose records are given: their legs by place (imsi, place, legs), the places that hold a
    quarter of them (imsi, place), their handsets by place (imsi, imei, place), the model that each shows most (imsi,
    tac), and what each does (imsi, act, events, permille)."""

    sims: pl.DataFrame
    legs: pl.DataFrame
    homes: pl.DataFrame
    handsets: pl.DataFrame
    models: pl.DataFrame
    acts: pl.DataFrame


def find_traits(records: pl.DataFrame) -> Traits:
    """The traits of the SIMs of placed records."""
    # Of hundreds of thousands of companions records are counted once; all but the acts is read of these counts, which
    # are a tenth as many.
    shown = records.group_by("imsi", "imei", "place").agg(legs=pl.len())
    legs = shown.filter(pl.col("place").is_not_null()).group_by("imsi", "place").agg(pl.col("legs").sum())
    return Traits(
        sims=shown.select("imsi").unique().sort("imsi"),
        legs=legs,
        homes=settled(legs),
        # An IMEI elsewhere is a copy of it, so the place belongs to the handset.
        handsets=shown.drop_nulls(["imei", "place"]).select("imsi", "imei", "place"),
        models=_models(shown),
        acts=act_shares(records),
    )


def _models(shown: pl.DataFrame) -> pl.DataFrame:
    """(imsi, tac): the handset model that each SIM shows most."""
    on_model = shown.filter(pl.col("imei").is_not_null()).group_by("imsi", tac=pl.col("imei") // TAC_DIVISOR)
    return (
        on_model.agg(pl.col("legs").sum())
        .sort("imsi", "legs", "tac", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
        .select("imsi", "tac")
    )
