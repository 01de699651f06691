"""Groups with a name to MEMBERS: how sure each card is, what it does in the rig, since when and until when."""

import polars as pl

from simbox.rigs.found import Found, Suspects
from simbox.tables.rigs import MEMBERS


def probability_of(evidence: pl.Expr) -> pl.Expr:
    """The probability that goes with an evidence in points, ten of which double the odds."""
    return 1 / (1 + pl.lit(2.0).pow(-evidence / 10))


def to_members(
    named: pl.DataFrame,
    gained: pl.DataFrame,
    links: pl.DataFrame,
    suspects: Suspects,
    sure: pl.DataFrame,
    previous: Found,
) -> pl.DataFrame:
    """MEMBERS of a night with what each gains (points, value), the probability of its rig, and how telling and how long
    after the other's last event its taking over of a port was (relay_points, relay_gap_s).

    `named` is (group, rig_id, imsi), `gained` (group, imsi, ties), `sure` (group, rig_evidence); members of the night
    before whose records are no longer held stay with their rig.
    """
    lives = (
        suspects.records.join(named, on="imsi", how="semi")
        .group_by("imsi")
        .agg(joined_at=pl.col("started_at").min(), last_at=pl.col("started_at").max(), last_night=pl.col("night").max())
    )
    current = (
        named.join(gained, on=["group", "imsi"], how="left")
        .join(sure, on="group")
        .join(suspects.evidence, on="imsi")
        .join(lives, on="imsi")
        .with_columns(pl.col("ties").fill_null(0), rig_probability=probability_of(pl.col("rig_evidence")))
        # Nobody is surer of a rig than the rig is sure to be one.
        .with_columns(
            points=pl.min_horizontal("ties", (pl.col("rig_evidence") - pl.col("evidence_alone")).clip(0)).cast(pl.Int32)
        )
        .with_columns(
            value=pl.col("ties").cast(pl.Float64),
            probability=probability_of(pl.col("evidence_alone") + pl.col("points")),
            left_at=pl.when(pl.col("last_night") < suspects.night).then(pl.col("last_at")),
        )
    )
    known = previous.members.select("rig_id", "imsi", role_before="role", joined_before="joined_at")
    predecessors = _predecessors(links, named)
    current = (
        current.join(known, on=["rig_id", "imsi"], how="left")
        .join(predecessors, on="imsi", how="left")
        .join(previous.members.select("rig_id").unique().with_columns(old_rig=pl.lit(True)), on="rig_id", how="left")
    )
    role = (
        pl.when(pl.col("role_before").is_not_null())
        .then(pl.col("role_before").cast(pl.String))
        .when(pl.col("replaces_imsi").is_not_null())
        .then(pl.lit("replacement"))
        .when(pl.col("old_rig").is_null())
        .then(pl.lit("founder"))
        .otherwise(pl.lit("joined"))
        .cast(MEMBERS.schema["role"])
    )
    current = current.with_columns(role=role, joined_at=pl.coalesce("joined_before", "joined_at"))
    columns = ["rig_id", "imsi", "probability", "role", "joined_at", "left_at", "replaces_imsi"]
    extra = ["points", "value", "rig_probability", "relay_points", "relay_gap_s"]
    carried = (
        previous.members.join(suspects.records, on="imsi", how="anti")
        .join(previous.points, on="imsi", how="left")
        .join(previous.replaced, on="imsi", how="left")
        .join(previous.rigs.select("rig_id", rig_probability="probability"), on="rig_id", how="left")
        .with_columns(left_at=pl.coalesce("left_at", pl.lit(suspects.begins)))
    )
    return pl.concat([current.select(columns + extra), carried.select(columns + extra)], how="vertical_relaxed")


def _predecessors(links: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """(imsi, replaces_imsi, relay_points, relay_gap_s): the SIM of the same rig whose falling silent this one's first
    event follows most tellingly."""
    gap_s = (pl.col("last_at") - pl.col("first_at")).dt.total_milliseconds() / 1000
    handed = links.filter(pl.col("comparison") == "relay").with_columns(
        relay_points=pl.col("weight").round(0).cast(pl.Int32), relay_gap_s=gap_s
    )
    told = ("weight", "relay_points", "relay_gap_s")
    forward = handed.filter(pl.col("direction") == "a_to_b").select(*told, imsi="imsi_b", replaces_imsi="imsi_a")
    backward = handed.filter(pl.col("direction") == "b_to_a").select(*told, imsi="imsi_a", replaces_imsi="imsi_b")
    rig_of = named.select("imsi", "rig_id")
    return (
        pl.concat([forward, backward])
        .join(rig_of, on="imsi")
        .join(rig_of.rename({"imsi": "replaces_imsi"}), on=["replaces_imsi", "rig_id"])
        .sort("imsi", "weight", "replaces_imsi", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
        .drop("weight", "rig_id")
    )
