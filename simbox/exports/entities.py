"""Entities and links as two CSV files, for the import specification of i2 Analyst's Notebook."""

import polars as pl

from simbox.exports.chosen import Chosen
from simbox.telecom.identifiers import pack_imei, print_imei, print_imsi, redact_imei, redact_imsi, redact_msisdn
from simbox.telecom.printing import csv_text

ENTITY = ("entity_id", "type", "label", "rig_id", "operator", "state", "decision", "lat", "lon", "first_at", "last_at")
LINK = ("from_id", "to_id", "type", "strength", "times", "direction", "first_at", "last_at")


def export_i2(chosen: Chosen) -> dict[str, bytes]:
    """i2-entities.csv (rigs, places, SIMs, numbers, handsets) and i2-links.csv between them.

    Entities have ids of their own; a label may be redacted and then need not be unique.
    """
    sims = _sims(chosen)
    numbers = _numbered(sims.drop_nulls("msisdn"), "msisdn", "Number")
    used = (
        sims.select("sim_id", imei=pl.col("imeis").fill_null("").str.split(" "))
        .explode("imei", empty_as_null=False, keep_nulls=False)
        .with_columns(pack_imei(pl.col("imei")))
        .drop_nulls("imei")
    )
    handsets = _numbered(used, "imei", "Handset")
    return {
        "i2-entities.csv": csv_text(_entities(chosen, sims, numbers, handsets)).encode(),
        "i2-links.csv": csv_text(_links(chosen, sims, numbers, used.join(handsets, on="imei"))).encode(),
    }


def _sims(chosen: Chosen) -> pl.DataFrame:
    listed = chosen.sims.select(
        "imsi", "msisdn", "operator", "state", "decision", "imeis", "place_rank", "first_at", "last_at"
    )
    members = chosen.members.select("rig_id", "imsi", "probability").sort("rig_id", "imsi")
    return members.join(listed, on="imsi", how="left", maintain_order="left").with_columns(
        sim_id=pl.format("SIM {}", pl.int_range(1, pl.len() + 1))
    )


def _numbered(frame: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    return frame.select(column).unique().sort(column).with_columns(id=pl.format(f"{name} {{}}", _count()))


def _count() -> pl.Expr:
    return pl.int_range(1, pl.len() + 1)


def _place(rank: pl.Expr) -> pl.Expr:
    return pl.format("{} place {}", pl.col("rig_id"), rank)


def _entities(
    chosen: Chosen, sims: pl.DataFrame, numbers: pl.DataFrame, handsets: pl.DataFrame
) -> pl.DataFrame:  # fmt: skip
    redact = chosen.redact
    show_imsi, show_imei = (redact_imsi, redact_imei) if redact else (print_imsi, print_imei)
    msisdn = redact_msisdn(pl.col("msisdn")) if redact else pl.col("msisdn").cast(pl.String)
    parts = [
        chosen.rigs.select(
            "rig_id", "lat", "lon", "first_at", "last_at", entity_id="rig_id", type=pl.lit("Rig"), label="rig_id"
        ),
        chosen.sites.select(
            "rig_id", "lat", "lon", "first_at", "last_at",
            entity_id=_place(pl.col("place_rank")), type=pl.lit("Place"), label=_place(pl.col("place_rank")),
        ),
        sims.select(
            "rig_id", "operator", "first_at", "last_at", state=pl.col("state").cast(pl.String),
            decision=pl.col("decision").cast(pl.String), entity_id="sim_id", type=pl.lit("SIM"),
            label=show_imsi(pl.col("imsi")),
        ),
        numbers.select(entity_id="id", type=pl.lit("Phone number"), label=msisdn),
        handsets.select(entity_id="id", type=pl.lit("Handset"), label=show_imei(pl.col("imei"))),
    ]  # fmt: skip
    return pl.concat(parts, how="diagonal_relaxed").select(ENTITY)


def _links(chosen: Chosen, sims: pl.DataFrame, numbers: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    ids = sims.select("imsi", "sim_id")
    placed = sims.drop_nulls("place_rank")
    tied = (
        chosen.links.join(ids.rename({"imsi": "imsi_a", "sim_id": "from_id"}), on="imsi_a")
        .join(ids.rename({"imsi": "imsi_b", "sim_id": "to_id"}), on="imsi_b")
        .sort("imsi_a", "imsi_b", "comparison")
    )
    parts = [
        sims.select(from_id="sim_id", to_id="rig_id", type=pl.lit("member of"), strength="probability"),
        placed.select(
            "first_at", "last_at", from_id="sim_id", to_id=_place(pl.col("place_rank")), type=pl.lit("used cells of")
        ),
        sims.join(numbers, on="msisdn", maintain_order="left").select(
            from_id="sim_id", to_id="id", type=pl.lit("has number")
        ),
        used.sort("sim_id", "id").select(from_id="sim_id", to_id="id", type=pl.lit("shown with")),
        tied.select(
            "from_id", "to_id", "first_at", "last_at", type="comparison", strength="weight", times="events",
            direction=pl.col("direction").cast(pl.String),
        ),
    ]  # fmt: skip
    return pl.concat(parts, how="diagonal_relaxed").select(LINK)
