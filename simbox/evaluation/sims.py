"""Each SIM by itself: how many of the rigs' SIMs are caught while how few innocents are called.

Innocents are the lawful SIMs that were active in the judged nights. One that was not, and is called all the same, is a
false alarm too. Thresholds are set on all innocents of the pool at once, and ties are called together.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.evaluation.intervals import bootstrap_shares, upper_bound
from simbox.evaluation.pool import SMS_FARM, Pool
from simbox.evaluation.ranking import FALSE_POSITIVE_RATES, calibration, threshold_at

POPULATIONS = ("active", "detectable")
CURVE_RATES = tuple(float(f"{digit}e{power}") for power in range(-6, -1) for digit in (1, 2, 5))
BANDS = ("watch", "suspect", "strong")
OURS = "simbox"
ALONE = "simbox, SIMs alone"


class Ranking(NamedTuple):
    """A judge of SIMs: the pool's SIMs with `score` (null: the SIM is unknown) and, if it reports, `flagged` and since
    which night, `first_flagged_night`."""

    name: str
    sims: pl.DataFrame


def rank_sims(pool: Pool, baselines: pl.DataFrame) -> list[Ranking]:
    """Ours with the rigs' evidence, ours without it, and each baseline of `run_baselines` with its run.

    Ours reports what came on its list, to seize or to review, on any night; without rigs it reports nothing.
    """
    listed = pl.col("first_listed_night").is_not_null()
    ours = pool.sims.with_columns(
        score=pl.col("evidence").cast(pl.Float64), flagged=listed, first_flagged_night="first_listed_night"
    )
    alone = pool.sims.with_columns(score=pl.col("evidence_alone").cast(pl.Float64))
    rankings = [Ranking(OURS, ours), Ranking(ALONE, alone)]
    for name in baselines["baseline"].unique().sort(descending=True):
        scored = baselines.filter(pl.col("baseline") == name).drop("baseline")
        sims = pool.sims.join(scored, on=["run", "imsi"], how="left", maintain_order="left")
        rankings.append(Ranking(name, sims.with_columns(pl.col("flagged").fill_null(value=False))))
    return rankings


def judge_sims(pool: Pool, rankings: Sequence[Ranking]) -> dict[str, Any]:
    """Recall at false positive rates and at the shipped threshold by group, false alarms by segment, calibration."""
    innocents = _innocents(pool.sims)
    return {
        "innocents": innocents.height,
        "rankings": [_judge_ranking(ranking, innocents.height) for ranking in rankings],
        "bands": [_at_band(pool.sims, band, innocents.height) for band in BANDS],
        "calibration": _calibrate(pool.sims),
        "false_alarms_a_night": _alarms(pool),
        "segments": _segments(pool.sims),
    }


def _innocents(sims: pl.DataFrame) -> pl.DataFrame:
    return sims.filter(pl.col("rig").is_null() & pl.col("is_active"))


def _judge_ranking(ranking: Ranking, innocents: int) -> dict[str, Any]:
    lawful = ranking.sims.filter(pl.col("rig").is_null())
    scores = lawful["score"].drop_nulls().to_numpy()
    thresholds = [threshold_at(scores, innocents, rate) for rate in FALSE_POSITIVE_RATES]
    curve = [threshold_at(scores, innocents, rate) for rate in CURVE_RATES]
    reports = "flagged" in lawful.columns
    false_alarms = int(lawful["flagged"].sum()) if reports else None
    rows = [
        {"population": population, "by": by, "group": group} | _recall(sims, thresholds)
        for population in POPULATIONS
        for by, group, sims in _groups(ranking.sims.filter(pl.col("rig").is_not_null() & pl.col(f"is_{population}")))
    ]
    return {
        "name": ranking.name,
        "thresholds": dict(zip(map(str, FALSE_POSITIVE_RATES), thresholds, strict=True)),
        "false_alarms": false_alarms,
        "false_positive_rate": false_alarms / innocents if innocents and false_alarms is not None else None,
        "false_positive_rate_at_most": None if false_alarms is None else upper_bound(false_alarms, innocents),
        "recall": rows,
        "curves": _curves(ranking.sims, curve),
    }


def _groups(sims: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """All SIMs, then those of each level, kind, modifier, and window of the strongest expert."""
    yield "all", "all", sims
    exploded = sims.with_columns(pl.col("modifiers").str.split(" ")).explode("modifiers", empty_as_null=True)
    for by, column, frame in (
        ("level", "level", sims),
        ("kind", "kind", sims),
        ("modifier", "modifiers", exploded),
        ("window", "window", sims),
    ):
        held = frame.filter(pl.col(column).is_not_null() & (pl.col(column).cast(pl.String) != ""))
        for group in held[column].unique().sort():
            yield by, str(group), held.filter(pl.col(column) == group)


def _recall(sims: pl.DataFrame, thresholds: Sequence[float | None]) -> dict[str, Any]:
    """Shares of these rig SIMs, and of the calls they got through, that are caught; intervals over rigs.

    Messages count where all are of sms_farms: next to calls they would drown them.
    """
    caught = _caught(sims, thresholds)
    if sims["kind"].n_unique() > 1:
        is_farm = pl.col("kind") == SMS_FARM
        sims = sims.with_columns(calls=pl.when(is_farm).then(0.0).otherwise("calls"))
    by_rig = sims.select("rig", "calls", *caught.values()).with_columns(
        pl.col("calls").alias("all_calls"),
        *((pl.col(name) * pl.col("calls")).alias(f"calls_{name}") for name in caught),
    )
    rigs = by_rig.group_by("rig").agg(sims=pl.len(), **{c: pl.col(c).sum() for c in by_rig.columns if c != "rig"})
    rigs = rigs.sort("rig")
    return {
        "rigs": rigs.height,
        "sims": sims.height,
        "recall": _shares(rigs, list(caught), "sims"),
        "recall_of_calls": _shares(rigs, [f"calls_{name}" for name in caught], "all_calls"),
        "worst_rig": _worst(rigs),
    }


def _worst(rigs: pl.DataFrame) -> float | None:
    """The recall of the rig that was caught worst, by what was reported."""
    if rigs.is_empty() or "flagged" not in rigs.columns:
        return None
    return float((rigs["flagged"] / rigs["sims"]).to_numpy().min())


def _caught(sims: pl.DataFrame, thresholds: Sequence[float | None]) -> dict[str, pl.Series]:
    known = {
        str(rate): (sims["score"] > threshold).fill_null(value=False).cast(pl.Float64)
        for rate, threshold in zip(FALSE_POSITIVE_RATES, thresholds, strict=True)
        if threshold is not None
    }
    named = known | ({"flagged": sims["flagged"].cast(pl.Float64)} if "flagged" in sims.columns else {})
    return {name: series.alias(name) for name, series in named.items()}


def _shares(rigs: pl.DataFrame, columns: list[str], size: str) -> dict[str, Any]:
    """For each rate and for `flagged` the share with its interval; null where the rate can't be told."""
    hits = rigs.select(columns).to_numpy().astype(np.float64)
    sizes = rigs[size].to_numpy().astype(np.float64)
    total = float(sizes.sum())
    found: dict[str, Any] = dict.fromkeys([*map(str, FALSE_POSITIVE_RATES), "flagged"])
    if not total or not columns:
        return found
    intervals = bootstrap_shares(hits, sizes)
    for number, column in enumerate(columns):
        low, high = intervals[number] or (None, None)
        found[column.removeprefix("calls_")] = {"value": float(hits[:, number].sum()) / total, "low": low, "high": high}
    return found


def _curves(sims: pl.DataFrame, curve: Sequence[float | None]) -> dict[str, list[tuple[float, float]]]:
    """(false positive rate, recall) of the active rig SIMs by level, at the rates that can be told."""
    active = sims.filter(pl.col("rig").is_not_null() & pl.col("is_active"))
    return {
        group: [
            (rate, float((part["score"] > threshold).fill_null(value=False).mean()))  # type: ignore[arg-type]
            for rate, threshold in zip(CURVE_RATES, curve, strict=True)
            if threshold is not None
        ]
        for by, group, part in _groups(active)
        if by in ("all", "level") and part.height
    }


def _at_band(sims: pl.DataFrame, band: str, innocents: int) -> dict[str, Any]:
    """Recall and realised false positive rate of a band and those above it, after the last night."""
    above = pl.col("band").is_in(BANDS[BANDS.index(band) :]).fill_null(value=False)
    in_rig = pl.col("rig").is_not_null()
    false_alarms = sims.filter(above & ~in_rig).height
    active = sims.filter(in_rig & pl.col("is_active"))
    return {
        "band": band,
        "recall": active.filter(above).height / active.height if active.height else None,
        "false_alarms": false_alarms,
        "false_positive_rate": false_alarms / innocents if innocents else None,
        "false_positive_rate_at_most": upper_bound(false_alarms, innocents),
    }


def _calibrate(sims: pl.DataFrame) -> dict[str, Any]:
    seen = sims.filter("is_seen")
    is_rig: npt.NDArray[np.bool_] = seen["rig"].is_not_null().to_numpy()
    return calibration(seen["probability"].to_numpy(), is_rig)


def _alarms(pool: Pool) -> dict[str, Any]:
    """False alarms for each million SIMs active in a night: those standing each night, and those that are new."""
    lawful = pool.sims.filter(pl.col("rig").is_null()).select("run", "imsi")
    sim_nights = pool.sim_nights.join(lawful, on=["run", "imsi"], how="semi").height
    history = pool.history.join(lawful, on=["run", "imsi"], how="semi")
    suspect = history.filter(pl.col("band").cast(pl.String).is_in(["suspect", "strong"]))
    found: dict[str, Any] = {"sim_nights": sim_nights}
    for name, alarms in (("suspect", suspect), ("listed", history.filter("listed"))):
        new = alarms.unique(["run", "imsi"]).height
        found[name] = {
            "standing_a_million": alarms.height / sim_nights * 1e6 if sim_nights else None,
            "new_a_million": new / sim_nights * 1e6 if sim_nights else None,
        }
    return found


def _segments(sims: pl.DataFrame) -> list[dict[str, Any]]:
    """For each look-alike its innocents, how many came on the list or stand at suspect, and the bound of that share."""
    lawful = sims.filter(pl.col("rig").is_null()).with_columns(
        listed=pl.col("first_listed_night").is_not_null(),
        suspect=pl.col("band").is_in(["suspect", "strong"]).fill_null(value=False),
    )
    rows = []
    for segment in lawful["segment"].unique().sort():
        part = lawful.filter(pl.col("segment") == segment)
        row: dict[str, Any] = {"segment": segment, "innocents": part.filter("is_active").height}
        for name in ("listed", "suspect"):
            called = part.filter(name).height
            trials = part.filter(pl.col("is_active") | pl.col(name)).height
            row[name] = {
                "false_alarms": called,
                "false_positive_rate": called / trials if trials else None,
                "false_positive_rate_at_most": upper_bound(called, trials),
            }
        rows.append(row)
    return rows
