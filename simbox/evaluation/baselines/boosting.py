"""Gradient boosting on the features of FraudZen's table 3 (Kouam, Viana, Tchana, AsiaCCS 2024).

That is what a published detector would make of the same records. Of the table's 22 features FEATURES has all; its share
of calls from and to abroad is two columns here. There is one ensemble of trees for each window; what a SIM shows in its
best window counts, each window on a scale by which innocents are equally rare. A SIM above zero is reported.

Ensembles and scales come from a file of plain numbers that ships with the package (`training` makes it), so that no
evaluation trains anything. It was made on ten worlds of family A and the scenario `ladder`, 15,000 lawful SIMs, seven
nights and 20 rigs of levels E0 to E6 each, of the seeds that `benchmarks/train_baseline.py` names. Zero is where
precision and recall were best together on these worlds (F1), each world judged by trees that were trained on others.
"""

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.features import FEATURES
from simbox.kernels.trees import add_leaves

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

MODEL_FILE = Path(__file__).with_name("fraudzen.npz")
# In the table's order: traffic, social, mobility, device.
FRAUDZEN_FEATURES = (
    "mo_calls", "mt_calls", "mo_share", "duration_total_s", "duration_mean_s", "duration_max_s", "night_calls",
    "night_duration_s", "night_callees", "gap_mean_s", "mo_calls_alone", "international_share",
    "mt_international_share", "sms_mo", "callees", "callers", "fan_out", "places", "places_per_call",
    "top_place_share", "calls_without_move", "sims_at_place", "sims_on_imei",
)  # fmt: skip


class Trees(NamedTuple):
    """The trees of one window: a node goes left where its feature is at most `limit`, or null and `null_left`.

    `first` is each tree's root; `feature` of a leaf is -1 and its `value` is added; `start` is what sums begin with,
    `zero` the sum that counts as nothing.
    """

    first: Ints
    feature: Ints
    limit: Floats
    left: Ints
    right: Ints
    null_left: npt.NDArray[np.bool_]
    value: Floats
    start: Floats
    zero: Floats


Model = dict[int, Trees]


def judge_by_boosting(features: pl.DataFrame, model: Model) -> pl.DataFrame:
    """(imsi, score, flagged) of the trained ensembles: each SIM in its best window, in log odds above the threshold.

    A window without an ensemble of its own is judged by that of the longest one below it.
    """
    scored = [
        part.select("imsi").with_columns(score=pl.Series(sum_trees(inputs_of(part), trees) - trees.zero))
        for (window,), part in features.group_by("window_nights")
        for trees in [model[max((known for known in model if known <= int(str(window))), default=min(model))]]
    ]
    empty = pl.DataFrame(schema={"imsi": pl.Int64, "score": pl.Float64})
    best = pl.concat([empty, *scored]).group_by("imsi").agg(pl.col("score").max())
    return best.with_columns(flagged=pl.col("score") > 0).sort("imsi")


def inputs_of(features: pl.DataFrame) -> Floats:
    """FraudZen's columns of FEATURES as the trees take them; null is NaN."""
    inputs: Floats = features.select(pl.col(FRAUDZEN_FEATURES).cast(pl.Float64)).to_numpy()
    return inputs


def sum_trees(inputs: Floats, trees: Trees) -> Floats:
    """Log odds of each row."""
    sums = np.full(inputs.shape[0], trees.start[0])
    nodes = (trees.feature, trees.limit, trees.left, trees.right, trees.null_left, trees.value)
    add_leaves(np.ascontiguousarray(inputs), trees.first, *nodes, sums)
    return sums


def read_model(path: Path) -> Model | str:
    """The ensembles by window, or why they can't be used."""
    try:
        with np.load(path, allow_pickle=False) as held:
            names = held["features"].tolist()
            windows = [int(window) for window in held["windows"]]
            model = {window: Trees(*(held[f"{field}_{window}"] for field in Trees._fields)) for window in windows}
    except FileNotFoundError:
        return f"{path.name} is missing; benchmarks/train_baseline.py makes it"
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return f"{path.name} is broken; benchmarks/train_baseline.py makes it anew"
    if names != list(FRAUDZEN_FEATURES) or not set(names) <= set(FEATURES.names):
        return f"{path.name} was trained on other features; benchmarks/train_baseline.py makes it anew"
    return model


def write_model(model: Model, path: Path) -> None:
    """Write the ensembles; the same model gives the same bytes."""
    arrays = {
        f"{name}_{window}": column for window in sorted(model) for name, column in model[window]._asdict().items()
    }
    np.savez_compressed(path, features=np.array(FRAUDZEN_FEATURES), windows=np.array(sorted(model)), **arrays)
