"""Lists for switches and registers: an identifier, why, until when, and nothing else."""

from datetime import date

import polars as pl

from simbox.exports.chosen import Chosen, file_part
from simbox.telecom.identifiers import pack_imei
from simbox.telecom.printing import csv_text

CLONE_WARNING = "cloned IMEIs are common: a block hits every phone that shows this one"


def export_blocking(chosen: Chosen, expires_on: date, outside: pl.DataFrame | None = None) -> dict[str, bytes]:
    """For each operator its IMSIs and its numbers that are to be seized, not those to be reviewed or watched.

    With `outside` (imei, outside_sims) also block-imei.csv: IMEIs of these SIMs, each with the SIMs outside the rigs
    that show it too, and the warning.
    """
    seized = chosen.sims.filter(pl.col("decision") == "seize").join(
        chosen.rigs.select("rig_id", "kind"), on="rig_id", how="left", maintain_order="left"
    )
    reasoned = seized.with_columns(
        reason_code=pl.format("SIMBOX_{}", pl.col("kind").cast(pl.String).fill_null("unknown").str.to_uppercase()),
        expires_on=pl.lit(expires_on),
    )
    files = {}
    for operator in reasoned["operator"].unique().sort():
        own = reasoned.filter(pl.col("operator") == operator)
        for identifier in ("imsi", "msisdn"):
            rows = own.select(identifier, "reason_code", "expires_on").drop_nulls(identifier).unique().sort(identifier)
            files[f"block-{file_part(operator)}-{identifier}.csv"] = csv_text(rows).encode()
    if outside is not None:
        rows = (
            reasoned.select("reason_code", "expires_on", imei=pl.col("imeis").str.split(" "))
            .explode("imei", empty_as_null=False, keep_nulls=False)
            .with_columns(pack_imei(pl.col("imei")))
            .drop_nulls("imei")
            .unique()
            .join(outside, on="imei", how="left")
            .select("imei", "reason_code", "expires_on", "outside_sims", warning=pl.lit(CLONE_WARNING))
            .sort("imei", "reason_code")
        )
        files["block-imei.csv"] = csv_text(rows).encode()
    return files
