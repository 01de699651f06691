"""Which network recorded each SIM, and when it was seen first and last."""

import numpy as np
import polars as pl

from simbox.kernels.firsts import sim_borders

SEEN_COLUMNS = ("imsi", "operator", "started_at")


def sims_seen(cdrs: pl.DataFrame) -> pl.DataFrame:
    """(imsi, operator, first_at, last_at) of CDRS in store order: the network that recorded most of a SIM's legs, the
    first by name of several with as many, and when the SIM was seen."""
    imsi = cdrs["imsi"].to_numpy()
    borders = sim_borders(imsi)
    starts, ends = borders[:-1], borders[1:] - 1
    code = cdrs["operator"].to_physical().to_numpy()
    # Most SIMs are recorded by one network only: no need to count.
    mixed = np.minimum.reduceat(code, starts) != np.maximum.reduceat(code, starts) if starts.size else starts > 0
    sims = pl.DataFrame(
        {
            "imsi": imsi[starts],
            "operator": cdrs["operator"].gather(starts).cast(pl.String),
            "first_at": cdrs["started_at"].gather(starts),
            "last_at": cdrs["started_at"].gather(ends),
        }
    )
    if not mixed.any():
        return sims
    of_mixed = cdrs.select("imsi", "operator").filter(pl.Series(np.repeat(mixed, np.diff(borders))))
    most = (
        of_mixed.group_by("imsi", pl.col("operator").cast(pl.String))
        .agg(legs=pl.len())
        .sort("imsi", "legs", "operator", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
        .select("imsi", most="operator")
    )
    return sims.join(most, on="imsi", how="left", maintain_order="left").select(
        "imsi", pl.coalesce("most", "operator").alias("operator"), "first_at", "last_at"
    )
