"""What others run, to be measured beside ours: rules as operators have them, and a published detector's features.

A baseline is a function from FEATURES to (imsi, score, flagged): the higher the score, the likelier a rig's; flagged is
what it would report. It learns nothing from the world it is judged on.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from simbox.evaluation.baselines.boosting import FRAUDZEN_FEATURES, MODEL_FILE, judge_by_boosting, read_model
from simbox.evaluation.baselines.rules import RULE_FEATURES, shared_handset, volume_and_ratio

__all__ = ["BASELINE_FEATURES", "BOOSTING", "LONGEST_WINDOW", "RULES", "Baseline", "load_baselines"]

Baseline = Callable[[pl.DataFrame], pl.DataFrame]

RULES: dict[str, Baseline] = {"volume and ratio": volume_and_ratio, "shared handset": shared_handset}
BOOSTING = "boosting (FraudZen)"
BASELINE_FEATURES = frozenset((*FRAUDZEN_FEATURES, *RULE_FEATURES))
# FraudZen's detectors look back on a week at most, and that is what the trees were trained on: longer windows hold
# more of everything than a SIM of their lessons could do.
LONGEST_WINDOW = 7


def load_baselines(model_file: Path = MODEL_FILE) -> tuple[dict[str, Baseline], list[str]]:
    """The baselines by name, and why any is left out: the trained one where its file is absent or of other features."""
    model = read_model(model_file)
    if isinstance(model, str):
        return dict(RULES), [f"{BOOSTING} is left out: {model}"]
    return {**RULES, BOOSTING: lambda features: judge_by_boosting(features, model)}, []
