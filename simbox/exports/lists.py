"""Lists as CSV: all SIMs, each operator's own cards by themselves, rigs and their places."""

import polars as pl

from simbox.exports.chosen import Chosen, file_part
from simbox.telecom.printing import csv_text


def export_csv(chosen: Chosen, separator: str = ",", byte_order_mark: bool = False) -> dict[str, bytes]:
    """sims.csv, sims-OPERATOR.csv with that operator's cards only, rigs.csv, sites.csv, damage.csv."""
    frames = {"sims.csv": chosen.sims, "rigs.csv": chosen.rigs, "sites.csv": chosen.sites, "damage.csv": chosen.damage}
    for operator in chosen.sims["operator"].unique().sort():
        own = chosen.sims.filter(pl.col("operator") == operator)
        frames[f"sims-{file_part(operator)}.csv"] = own
    return {
        name: csv_text(
            frame, redact=chosen.redact, separator=separator, byte_order_mark=byte_order_mark
        ).encode()
        for name, frame in frames.items()
    }  # fmt: skip
