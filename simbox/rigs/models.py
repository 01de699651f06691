"""Whether two SIMs show handsets of one model."""

import numpy as np
import polars as pl

from simbox.rigs.chances import load_chances
from simbox.rigs.comparisons import TAC_DIVISOR, points_of
from simbox.rigs.crowd import Crowd
from simbox.rigs.pairs import Pairs, Told, tell
from simbox.rigs.strangers import shares_of_models


def same_model(pairs: Pairs, spoken: pl.DataFrame, squares: pl.DataFrame, crowd: Crowd) -> Told:
    """LINKS of the pairs whose SIMs show mostly one handset model (TAC), worth more the fewer SIMs use that model, of
    all or of the suspects far away, whichever are more: makers of gateways are few, and each sells to many rings.

    A gateway's radios are of one make, or its IMEIs are written by one rule: `same_model` of chances.toml is the share
    of a rig's pairs that show it so.
    """
    on_model = crowd.sims_on_imei.group_by(tac=pl.col("imei") // TAC_DIVISOR).agg(pl.col("imei_sims").sum())
    models = main_models(spoken).join(on_model, on="tac")
    share = pl.max_horizontal(pl.col("imei_sims") / crowd.sims, pl.col("share_afar").fill_null(0))
    models = (
        models.join(shares_of_models(models.select("imsi", "tac"), squares), on="imsi", how="left")
        .with_columns(weight=points_of(load_chances().same_model / share))
        .filter(pl.col("weight") > 0)
        .sort("imsi")
    )
    sim = np.searchsorted(pairs.sims, models["imsi"].to_numpy())
    # Who shows no model, or one that everybody has, shares it with nobody.
    tac, legs, first_at, last_at = np.full((4, pairs.sims.size), -1, dtype=np.int64)
    weight = np.zeros(pairs.sims.size)
    tac[sim], legs[sim], weight[sim] = (models[name].to_numpy() for name in ("tac", "legs", "weight"))
    first_at[sim], last_at[sim] = (models[name].to_physical().to_numpy() for name in ("first_at", "last_at"))
    a, b = pairs.a, pairs.b
    return tell(
        pairs,
        np.minimum(weight[a], weight[b]),
        np.minimum(legs[a], legs[b]),
        (tac[a] == tac[b]) & (tac[a] >= 0),
        first_at=np.minimum(first_at[a], first_at[b]),
        last_at=np.maximum(last_at[a], last_at[b]),
    )


def main_models(spoken: pl.DataFrame) -> pl.DataFrame:
    """(imsi, tac, legs, first_at, last_at): the model that each SIM mostly shows, and on which legs."""
    return (
        spoken.filter(pl.col("imei").is_not_null())
        .group_by("imsi", tac=pl.col("imei") // TAC_DIVISOR)
        .agg(legs=pl.len(), first_at=pl.col("started_at").min(), last_at=pl.col("started_at").max())
        .sort("imsi", "legs", "tac", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
    )
