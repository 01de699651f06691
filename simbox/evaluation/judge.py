"""Everything `simbox evaluate` says of one or several runs, as one document."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from simbox.evaluation.baselines import load_baselines
from simbox.evaluation.by_night import judge_by_night
from simbox.evaluation.links import judge_links
from simbox.evaluation.lists import judge_list
from simbox.evaluation.pool import Pool, read_pool
from simbox.evaluation.replay import run_baselines
from simbox.evaluation.rigs import judge_rigs
from simbox.evaluation.sims import judge_sims, rank_sims
from simbox.evaluation.throughput import judge_throughput, recall_by_throughput
from simbox.evaluation.times import judge_times

# A table that is published comes from worlds that hold so much, pooled over seeds.
PUBLISHED_SUBSCRIBERS = 300_000
PUBLISHED_RIGS = 20
DECIMALS = 6


def evaluate_runs(runs: Sequence[Path], truths: Sequence[Path]) -> dict[str, Any]:
    """Judge runs by the truths that stand at the same places, pooled; floats at six decimals, null for n/a.

    DamagedError for a folder that is no finished run, InputError for a truth that is none or of another world.
    """
    pool = read_pool(runs, truths)
    baselines, left_out = load_baselines()
    found = [run_baselines(run, config, baselines) for run, config in zip(runs, pool.configs, strict=True)]
    numbered = [scored.with_columns(run=pl.lit(number + 1)) for number, (scored, _) in enumerate(found)]
    rankings = rank_sims(pool, pl.concat(numbered))
    throughput = judge_throughput(pool)
    document = {
        "world": _describe(pool, all(replayed for _, replayed in found), left_out),
        "sim": judge_sims(pool, rankings),
        "list": judge_list(pool),
        "rig": judge_rigs(pool),
        "links": judge_links(pool),
        "time": judge_times(pool),
        "by_night": judge_by_night(pool, rankings),
        "throughput": throughput,
        "recall_by_throughput": recall_by_throughput(throughput),
    }
    rounded: dict[str, Any] = _round(document)
    return rounded


def evaluate_rigs(runs: Sequence[Path], truths: Sequence[Path]) -> dict[str, Any]:
    """What `evaluate_runs` says of rigs, without replaying anything."""
    rounded: dict[str, Any] = _round(judge_rigs(read_pool(runs, truths)))
    return rounded


def parts_of(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The parts of a suite's document with their names; other figures are one part, without a name."""
    return [(part["name"], part) for part in figures["parts"]] if "parts" in figures else [("", figures)]


def _describe(pool: Pool, replayed: bool, left_out: list[str]) -> dict[str, Any]:
    lawful = pool.sims.filter(pl.col("rig").is_null())
    active = pool.sims.filter(pl.col("rig").is_not_null() & pl.col("is_active"))
    rigs = active["rig"].n_unique()
    return {
        "runs": len(pool.names),
        "nights": list(pool.nights),
        "subscribers": lawful.height,
        "innocents": lawful.filter("is_active").height,
        "rigs": rigs,
        "rig_sims": active.height,
        "detectable_rig_sims": active.filter("is_detectable").height,
        "rig_sims_unseen": active.filter(~pl.col("is_seen")).height,
        "prevalence": active.height / max(1, pool.sims.filter("is_active").height),
        "baselines_saw_every_night": replayed,
        "baselines_left_out": left_out,
        "fit_to_publish": lawful.height >= PUBLISHED_SUBSCRIBERS and rigs >= PUBLISHED_RIGS,
    }


def _round(value: Any) -> Any:
    """The document with its floats at their decimals and nothing that JSON can't hold."""
    if isinstance(value, dict):
        return {key: _round(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_round(item) for item in value]
    if isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            return None
        # Small rates need their digits more than large shares do.
        return float(f"{value:.{DECIMALS}g}")
    return value
