"""How much people usually do in a country, against where the card's weights were estimated: its edges move with it.

Where everybody makes twice as many calls, an edge of thirty means sixty. Rather than each edge, what is measured of a
SIM is put on the card's scale before it is cut to bins, and back on its own before anybody reads it.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from simbox.scoring.peers import PEERS_BY, is_machine, is_new
from simbox.tables.scores import USUAL

# What moves. One call is one call in every country, so of counts only what goes beyond one is put to scale.
COUNTS = (
    "mo_calls_a_night", "mo_events", "mt_calls", "sms_mo_a_night", "sms_mt", "received_codes_a_night", "new_callees",
    "callers", "sms_recipients", "sms_senders", "busiest_hour_calls", "calls_without_move",
)  # fmt: skip
AMOUNTS = ("duration_total_s", "busy_share", "duty_cycle_share", "gap_median_s")
MOVED = (*COUNTS, *AMOUNTS)
# Of FEATURES; what `measure_usual` reads.
USUAL_FEATURES = (*MOVED, *PEERS_BY)
# The longest window that is looked at: all days of the week are in it, and many worlds have no more nights.
WEEK = 7
# SIMs whose features tell what is usual, drawn by their place in the store.
SAMPLE_SIMS = 10_000
# What is usual is the mean between these ranks: below them are those that do nothing, above them shops and rigs.
FROM_RANK, TO_RANK = 0.5, 0.9
# Of fewer SIMs of an operator nothing is concluded: chance would move an edge by a step or two.
LEAST_SIMS = 1000
# A scale is a power of the fourth root of two, so that chance in the sample moves nothing, and is at most four.
STEPS, MOST = 4, 4.0

Reference = Mapping[str, Sequence[float]]


def measure_usual(features: pl.DataFrame, nights: int) -> pl.DataFrame:
    """(operator, feature, nights, sims, usual): what people of each operator usually do, from one night's FEATURES of
    some of them with `operator`; `nights` is how many the store holds up to it.

    People are SIMs that are neither new nor machines. Null where nobody has the feature.
    """
    window = max((one for one in features["window_nights"].unique() if one <= WEEK), default=1)
    people = features.filter((pl.col("window_nights") == window) & ~is_new() & ~is_machine())
    usual = people.group_by("operator").agg(pl.len().cast(pl.Int64).alias("sims"), *(_between(name) for name in MOVED))
    held = min(nights, window)
    return (
        usual.unpivot(MOVED, index=["operator", "sims"], variable_name="feature", value_name="usual")
        .select("operator", "feature", nights=pl.lit(held, dtype=pl.Int16), sims="sims", usual="usual")
        .sort("operator", "feature")
    )


def find_scales(usual: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """USUAL: what is usual with each operator beside what was usual for the card, and the scale that follows.

    The scale is 1 where too few SIMs tell, or the card knows nothing of the feature.
    """
    of_card = pl.DataFrame(
        [(name, nights, float(value)) for name, of in reference.items() for nights, value in enumerate(of, start=1)],
        schema={"feature": pl.String, "nights": pl.Int16, "usual_of_card": pl.Float64},
        orient="row",
    )
    both = usual.join(of_card, on=["feature", "nights"], how="left")
    ratio = pl.col("usual") / pl.col("usual_of_card")
    known = (pl.col("sims") >= LEAST_SIMS) & ratio.is_finite() & (ratio > 0)
    steps = (ratio.clip(1 / MOST, MOST).log(2) * STEPS).round() / STEPS
    scale = pl.when(known).then(pl.lit(2.0).pow(steps)).otherwise(1.0)
    return USUAL.conform(both.with_columns(scale=scale))


def to_scale(features: pl.DataFrame, scales: pl.DataFrame) -> pl.DataFrame:
    """FEATURES, some columns of them, with `operator`: on the card's scale."""
    wide = _moved(scales).filter(pl.col("feature").is_in(features.columns))
    if wide.is_empty():
        return features
    names = wide["feature"].unique().sort().to_list()
    by_operator = wide.pivot("feature", index="operator", values="scale").rename({name: f"{name}/" for name in names})
    rows = features.join(by_operator, on="operator", how="left", maintain_order="left")
    on_scale = [_on_scale(name, pl.col(name), pl.col(f"{name}/").fill_null(1.0)) for name in names]
    return rows.with_columns(on_scale).select(features.columns)


def from_scale(reasons: pl.DataFrame, scales: pl.DataFrame, operators: pl.DataFrame) -> pl.DataFrame:
    """Reasons (with `feature`, `value`, `limit`, `beside_feature`, `beside`) as they were measured, from the card's
    scale, by the operator (imsi, operator) of each SIM."""
    moved = _moved(scales)
    if moved.is_empty():
        return reasons
    rows = reasons.join(operators.select("imsi", "operator"), on="imsi", how="left", maintain_order="left")
    for feature, columns in (("feature", ("value", "limit")), ("beside_feature", ("beside",))):
        told = moved.rename({"feature": feature, "scale": f"{feature}/"})
        rows = rows.join(told, on=["operator", feature], how="left", maintain_order="left")
        rows = rows.with_columns(
            _off_scale(pl.col(feature), pl.col(name), pl.col(f"{feature}/").fill_null(1.0)).alias(name)
            for name in columns
        )
    return rows.select(reasons.columns)


def _between(name: str) -> pl.Expr:
    known = pl.col(name).drop_nulls().sort()
    first = (known.len() * FROM_RANK).floor().cast(pl.Int64)
    return known.slice(first, (known.len() * TO_RANK).ceil().cast(pl.Int64) - first).mean().alias(name)


def _moved(scales: pl.DataFrame) -> pl.DataFrame:
    return scales.filter(pl.col("scale") != 1).select("operator", "feature", "scale")


def _on_scale(name: str, value: pl.Expr, scale: pl.Expr) -> pl.Expr:
    moved = pl.when(value > 1).then(1 + (value - 1) / scale).otherwise(value) if name in COUNTS else value / scale
    return moved.alias(name)


def _off_scale(feature: pl.Expr, value: pl.Expr, scale: pl.Expr) -> pl.Expr:
    of_count = pl.when(value > 1).then(1 + (value - 1) * scale).otherwise(value)
    return pl.when(feature.is_in(COUNTS)).then(of_count).otherwise(value * scale)
