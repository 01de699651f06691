"""Exemptions and lawful gateways: what keeps a SIM off the list, and a white entry used elsewhere.

A list of lawful ones is a master key for fraudsters, so a white entry exempts only while the IMEI works with its
owner's SIMs or at its place. An entry with neither exempts, and the SIM is reported for review.
"""

from datetime import date

import polars as pl

from simbox.telecom.cells import DEFAULT_RANGE_M, distance_m

MISUSED = "WHITE_IMEI_MISUSED"
DEFAULT_RADIUS_M = 500.0


def find_lawful(
    sims: pl.DataFrame, handsets: pl.DataFrame, gateways: pl.DataFrame, exemptions: pl.DataFrame, night: date
) -> pl.DataFrame:
    """(imsi, list_entry, author, exempt) for SIMs on a list: exempt or, with a white IMEI misused, not.

    `sims` carry imsi, msisdn; `handsets` imsi, imei, lat, lon (of the place where the SIM used that IMEI most).
    """
    by_list = _by_exemption(sims, handsets, exemptions.filter(pl.col("until").fill_null(night) >= night))
    by_gateway = _by_gateway(handsets, gateways.filter(pl.col("until").fill_null(night) >= night))
    return (
        pl.concat([by_list, by_gateway])
        .sort("imsi", "exempt", "list_entry", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
    )


def _by_exemption(sims: pl.DataFrame, handsets: pl.DataFrame, exemptions: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for id_type, holders in (
        ("imsi", sims.select("imsi", id="imsi")),
        ("msisdn", sims.select("imsi", id="msisdn")),
        ("imei", handsets.select("imsi", id="imei")),
    ):
        entries = exemptions.filter(pl.col("id_type") == id_type).select("id", "reason", "author")
        parts.append(holders.drop_nulls().join(entries, on="id"))
    reason = pl.concat_str(pl.lit("exemption: "), pl.col("reason").fill_null("no reason given"))
    return pl.concat(parts).select("imsi", list_entry=reason, author="author", exempt=pl.lit(True)).unique()


def _by_gateway(handsets: pl.DataFrame, gateways: pl.DataFrame) -> pl.DataFrame:
    white = gateways.filter(pl.col("list") == "white")
    used = handsets.join(white.rename({"imsi": "owner_imsi", "lat": "gateway_lat", "lon": "gateway_lon"}), on="imei")
    apart_m = distance_m(
        used["lat"].to_numpy(), used["lon"].to_numpy(), used["gateway_lat"].to_numpy(), used["gateway_lon"].to_numpy()
    )
    # The place is a mast: the gateway may stand anywhere in its sector.
    reach_m = pl.col("radius_m").fill_null(DEFAULT_RADIUS_M) + DEFAULT_RANGE_M
    judged = used.with_columns(apart_m=pl.Series(apart_m).fill_nan(None)).with_columns(
        bound=pl.col("owner_imsi").is_not_null() | pl.col("gateway_lat").is_not_null(),
        at_work=(pl.col("owner_imsi") == pl.col("imsi")).fill_null(value=False)
        | (pl.col("apart_m") <= reach_m).fill_null(value=False),
    )
    by_sim = judged.group_by("imsi").agg(
        at_work=pl.col("at_work").any(), bound=pl.col("bound").all(), author=pl.col("owner").min()
    )
    entry = (
        pl.when(pl.col("at_work"))
        .then(pl.lit("white gateway at work with its owner's SIM or at its place"))
        .when(~pl.col("bound"))
        .then(pl.lit("white gateway without owner's SIM or place"))
        .otherwise(pl.lit(MISUSED))
    )
    return by_sim.select("imsi", list_entry=entry, author="author", exempt=pl.col("at_work") | ~pl.col("bound"))
