"""Trains the ensembles that `boosting` judges by; needs the extra `train` (scikit-learn).

FraudZen's detectors learn from labelled SIMs, one window at a time; so do these. Thresholds are fixed on the training
worlds: worlds are dealt into folds, and a SIM's sums come from trees that never saw its world.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from simbox.evaluation.baselines.boosting import Floats, Model, Trees, inputs_of, sum_trees
from simbox.kernels.trees import LEAF

FOLDS = 3
FALSE_POSITIVE_RATE = 1e-3
TREES = 100
LEAVES = 15
RATE = 0.1
LEAST_IN_LEAF = 20
VALUE_DECIMALS = 6


def train_boosting(worlds: Sequence[pl.DataFrame], windows: Sequence[int], count: int = TREES) -> Model:
    """Ensembles of `count` trees from FEATURES of several worlds, with `is_rig`, by SIM, night and window.

    A SIM is flagged where precision and recall over the training worlds were best together (F1, FraudZen's measures),
    each judged over all its nights by trees that have not seen it. ValueError where there are fewer worlds than two.
    """
    if len(worlds) < 2:
        raise ValueError("thresholds take two worlds or more: each is judged by trees of the others")
    folds = min(FOLDS, len(worlds))
    judged = []
    for fold in range(folds):
        held = [world for number, world in enumerate(worlds) if number % folds == fold]
        others = [world for number, world in enumerate(worlds) if number % folds != fold]
        trees = {window: _fit(pl.concat(others), window, count) for window in windows}
        judged += [_sums(world.with_columns(fold=pl.lit(fold)), trees) for world in held]
    zeros = _fix_zeros(pl.concat([sums.with_columns(world=pl.lit(n)) for n, sums in enumerate(judged)]))
    everything = pl.concat(worlds)
    return {window: _fit(everything, window, count)._replace(zero=np.array([zeros[window]])) for window in windows}


def _sums(world: pl.DataFrame, model: Model) -> pl.DataFrame:
    """(imsi, is_rig, window_nights, score): the highest sum of each SIM in each window, over its nights."""
    parts = [
        part.select("imsi", "is_rig", "window_nights").with_columns(score=pl.Series(sum_trees(inputs_of(part), trees)))
        for window, trees in model.items()
        for part in [world.filter(pl.col("window_nights") == window)]
    ]
    return pl.concat(parts).group_by("imsi", "is_rig", "window_nights").agg(pl.col("score").max())


def _fix_zeros(sums: pl.DataFrame) -> dict[int, float]:
    """The sum that counts as nothing in each window: equally rare among innocents, and best for F1 together."""
    innocents = sums.filter(~pl.col("is_rig"))
    rare = dict(
        innocents.group_by("window_nights")
        .agg(pl.col("score").quantile(1 - FALSE_POSITIVE_RATE, "higher"))
        .sort("window_nights")
        .iter_rows()
    )
    best = (
        sums.with_columns(score=pl.col("score") - pl.col("window_nights").replace_strict(rare))
        .group_by("world", "imsi", "is_rig")
        .agg(pl.col("score").max())
        .group_by("score")
        .agg(rigs=pl.col("is_rig").sum(), sims=pl.len())
        .sort("score", descending=True)
        .with_columns(f1=2 * pl.col("rigs").cum_sum() / (pl.col("sims").cum_sum() + pl.col("rigs").sum()))
    )
    place = int(best["f1"].arg_max() or 0)
    # Halfway to the next lower score, so that the last one flagged is above it.
    shift = float(best["score"][place : place + 2].mean())  # type: ignore[arg-type]
    return {window: float(zero) + shift for window, zero in rare.items()}


def _fit(rows: pl.DataFrame, window: int, count: int) -> Trees:
    part = rows.filter(pl.col("window_nights") == window).sort("imsi", "night", *_ties(rows))
    classifier = HistGradientBoostingClassifier(
        max_iter=count, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST_IN_LEAF,
        early_stopping=False, random_state=0,
    )  # fmt: skip
    # Its threads wait for one another at every step; where others use the processors that takes forty times as long.
    with threadpool_limits(1):
        classifier.fit(inputs_of(part), part["is_rig"].to_numpy())
    return trees_of(classifier)


def _ties(rows: pl.DataFrame) -> list[str]:
    return [name for name in ("mo_events", "mt_calls", "duration_total_s") if name in rows.columns]


def trees_of(classifier: HistGradientBoostingClassifier) -> Trees:
    """The classifier's trees as plain arrays, one tree after another."""
    first: list[int] = []
    columns: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in Trees._fields[1:7]}
    size = 0
    for [tree] in classifier._predictors:
        nodes = tree.nodes
        first.append(size)
        is_leaf = nodes["is_leaf"].astype(bool)
        columns["feature"].append(np.where(is_leaf, LEAF, nodes["feature_idx"]))
        columns["limit"].append(np.where(is_leaf, 0.0, nodes["num_threshold"]))
        columns["left"].append(nodes["left"].astype(np.int64) + size)
        columns["right"].append(nodes["right"].astype(np.int64) + size)
        columns["null_left"].append(nodes["missing_go_to_left"].astype(bool))
        columns["value"].append(np.where(is_leaf, nodes["value"].round(VALUE_DECIMALS), 0.0))
        size += nodes.size
    kinds: dict[str, Any] = {"feature": np.int32, "left": np.int32, "right": np.int32}
    joined = {name: np.concatenate(parts).astype(kinds.get(name, parts[0].dtype)) for name, parts in columns.items()}
    start: Floats = np.asarray(classifier._baseline_prediction, dtype=np.float64).ravel()
    return Trees(first=np.array(first, dtype=np.int32), **joined, start=start, zero=np.zeros(1))
