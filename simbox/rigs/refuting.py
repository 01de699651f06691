"""What speaks against a hand-over: calls of both SIMs far apart at one time, for those are two ports."""

import numpy as np
import polars as pl

from simbox.kernels.pairing import apart_at_once
from simbox.rigs.crowd import Crowd

FAR_KM = 5.0


def refute(links: pl.DataFrame, spoken: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """Hand-overs, of a handset or a port, without those of pairs that were in calls far apart at one time.

    Nothing else is refuted by that, for a rig may have several gateways.
    """
    passed = links.select("imsi_a", "imsi_b")
    sims = pl.concat([passed["imsi_a"], passed["imsi_b"]]).unique().sort().to_numpy()
    calls = (
        spoken.filter((pl.col("service") == "voice") & (pl.col("duration_s") > 0))
        .select("imsi", "started_at", "duration_s", "place")
        .join(pl.DataFrame({"imsi": sims}), on="imsi", how="semi")
        .join(crowd.places, on="place")
        .sort("imsi", "started_at")
    )
    started_us = calls["started_at"].dt.epoch("us").to_numpy()
    refuted = apart_at_once(
        np.searchsorted(sims, passed["imsi_a"].to_numpy()),
        np.searchsorted(sims, passed["imsi_b"].to_numpy()),
        np.searchsorted(calls["imsi"].to_numpy(), np.append(sims, np.iinfo(np.int64).max)),
        started_us,
        started_us + calls["duration_s"].cast(pl.Int64).to_numpy() * 1_000_000,
        calls["place_lat"].to_numpy(),
        calls["place_lon"].to_numpy(),
        FAR_KM,
    )
    return links.filter(~pl.Series(refuted))
