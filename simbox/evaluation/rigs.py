"""The rigs: which SIMs were put together, where the box is said to stand, what it is said to be."""

from typing import Any

import polars as pl

from simbox.evaluation.clusters import PART_SIMS, b_cubed, describe_found, match_rigs, pairwise
from simbox.evaluation.pool import Pool
from simbox.evaluation.premises import judge_premises
from simbox.evaluation.ranking import mean_or_null

SIMS_PER_PORT = {"up to 3": 3, "3 to 10": 10, "10 to 30": 30, "over 30": float("inf")}


def judge_rigs(pool: Pool) -> dict[str, Any]:
    """Agreement, recovery, fragments, innocents, premises, kind and ports, by level and by SIMs for each port.

    True rigs are counted by their SIMs active in the judged nights; one of fewer than three is no rig, and predicted
    rigs are those of the last night with all their members.
    """
    sims = _clustered(pool)
    matched = match_rigs(sims)
    described = describe_found(sims)
    true = (
        _describe_true(pool)
        .join(matched, on="rig")
        .join(described.select("found", "innocents"), on="found", how="left")
    )
    true = judge_premises(true, pool).join(
        pool.rigs.select(
            "found", found_kind=pl.col("kind").cast(pl.String), ports_low="ports_low", ports_high="ports_high"
        ),
        on="found",
        how="left",
    )
    groups = [("all", "all", true)]
    groups += [("level", level, true.filter(pl.col("level") == level)) for level in _values(true, "level")]
    groups += [("SIMs per port", label, true.filter(pl.col("sims_per_port") == label)) for label in SIMS_PER_PORT]
    return {
        "found": _judge_found(described),
        "groups": [
            {"by": by, "group": group} | _judge_group(part, sims, by == "all")
            for by, group, part in groups
            if part.height
        ],
        "stability": _stability(pool),
    }


def _clustered(pool: Pool) -> pl.DataFrame:
    """run, imsi, rig, found of active rig SIMs and of all members; a SIM of several predicted rigs is in the surest."""
    members = pool.members.sort("run", "imsi", "probability", "found", descending=[False, False, True, False]).unique(
        ["run", "imsi"], keep="first", maintain_order=True
    )
    return (
        pool.sims.select("run", "imsi", "rig", "is_active")
        .join(members.select("run", "imsi", "found"), on=["run", "imsi"], how="left")
        .filter((pl.col("rig").is_not_null() & pl.col("is_active")) | pl.col("found").is_not_null())
    )


def _describe_true(pool: Pool) -> pl.DataFrame:
    """Each true rig of three active SIMs or more: rig, run, kind, level, ports, sims_per_port."""
    active = pool.sims.filter(pl.col("rig").is_not_null() & pl.col("is_active"))
    sizes = active.group_by("rig").agg(active_sims=pl.len()).filter(pl.col("active_sims") >= PART_SIMS)
    rotation = pl.col("active_sims") / pl.col("ports")
    labels = [pl.when(rotation <= most).then(pl.lit(label)) for label, most in SIMS_PER_PORT.items()]
    return (
        pool.true_rigs.unique("rig", keep="first", maintain_order=True)
        .select("rig", "run", "kind", "level", "ports")
        .join(sizes, on="rig")
        .with_columns(sims_per_port=pl.coalesce(labels))
        .sort("rig")
    )


def _values(frame: pl.DataFrame, column: str) -> list[str]:
    return frame[column].drop_nulls().unique().sort().to_list()


def _judge_found(described: pl.DataFrame) -> dict[str, Any]:
    """All predicted rigs: how many are nobody's, mix true rigs, or hold innocents."""
    known = described.filter(pl.col("rigs") > 0)
    return {
        "rigs": described.height,
        "rigs_of_innocents": described.filter(pl.col("innocents") == pl.col("members")).height,
        "fused": described.filter(pl.col("rigs") > 1).height,
        "true_rigs_each": mean_or_null(known["rigs"].to_list()),
        "innocents_each": mean_or_null(described["innocents"].to_list()),
        "innocents_worst": int(described["innocents"].max() or 0),  # type: ignore[arg-type]
    }


def _judge_group(true: pl.DataFrame, sims: pl.DataFrame, is_all: bool) -> dict[str, Any]:
    """One group of true rigs; for all of them, predicted rigs without any true SIM count as well."""
    rigs = None if is_all else true["rig"]
    cubed, pairs = b_cubed(sims, rigs), pairwise(sims, rigs)
    matched = true.filter(pl.col("found").is_not_null())
    located = matched.filter(pl.col("radius_m").is_not_null())
    ports = matched.filter(pl.col("ports").is_not_null())
    return {
        "rigs": true.height,
        "sims": int(true["active_sims"].sum()),
        "b_cubed": cubed._asdict(),
        "pairwise": pairs._asdict(),
        "recovered": _share(true, pl.col("recovered")),
        "touched": _share(true, pl.col("found").is_not_null()),
        "fragments_each": mean_or_null(matched["parts"].to_list()),
        "innocents_each": mean_or_null(matched["innocents"].to_list()),
        "premises_in_region": _share(located, pl.col("premises_in_region")),
        "premises_found": mean_or_null(matched["premises_found"].drop_nulls().to_list()),
        "region_area_km2": _median(located["region_area_km2"]),
        "mast_right": _share(matched.filter(pl.col("mast_right").is_not_null()), pl.col("mast_right")),
        "kind_right": _share(matched, pl.col("found_kind") == pl.col("kind")),
        "ports_in_interval": _share(ports, pl.col("ports").is_between("ports_low", "ports_high")),
        "port_interval_width": _median((ports["ports_high"] - ports["ports_low"]).cast(pl.Float64)),
    }


def _share(frame: pl.DataFrame, is_right: pl.Expr) -> float | None:
    return frame.filter(is_right).height / frame.height if frame.height else None


def _median(values: pl.Series) -> float | None:
    return None if values.drop_nulls().is_empty() else float(values.median())  # type: ignore[arg-type]


def _stability(pool: Pool) -> list[dict[str, Any]]:
    """Of the rig SIMs that have a rig_id on one judged night and the next, the share whose rig_id is the same."""
    seen = pool.history.filter(pl.col("found").is_not_null()).select("run", "imsi", "night", "found")
    order = pool.history.select("run", "night").unique().sort("run", "night")
    order = order.with_columns(next_night=pl.col("night").shift(-1).over("run"))
    pairs = (
        seen.join(order, on=["run", "night"])
        .join(seen.rename({"night": "next_night", "found": "next_found"}), on=["run", "imsi", "next_night"])
        .join(pool.sims.select("run", "imsi", "rig", "level"), on=["run", "imsi"])
        .filter(pl.col("rig").is_not_null())
    )
    groups = [("all", pairs), *((level, pairs.filter(pl.col("level") == level)) for level in _values(pairs, "level"))]
    return [
        {"level": level, "sim_nights": part.height, "same_share": _share(part, pl.col("found") == pl.col("next_found"))}
        for level, part in groups
    ]
