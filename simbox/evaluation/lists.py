"""The seizure list as it stands after the last night: who is on it, and who would be at other prevalences."""

from typing import Any

import polars as pl

from simbox.evaluation.intervals import upper_bound
from simbox.evaluation.pool import Pool
from simbox.evaluation.ranking import reweighted_precision

PREVALENCES = (3e-4, 1e-4)
DECISIONS = {"to act on": ("seize", "review"), "seize": ("seize",), "review": ("review",), "watch": ("watch",)}


def judge_list(pool: Pool) -> list[dict[str, Any]]:
    """Precision, recall, innocents by segment and for each million subscribers, and their number against the expected.

    Subscribers are the lawful SIMs with a record. Expected innocents are the sum of 1 - probability over the listed
    SIMs. Precision is re-weighted as if rig SIMs were 3e-4 and 1e-4 of all active ones, with the false positive rate
    that was seen and, `at least`, with its upper bound: no innocent among few says little.
    """
    columns = ("run", "imsi", "rig", "segment", "is_active", "is_seen")
    sims = pool.sims.select(columns)
    listed = pool.listed.join(sims, on=["run", "imsi"], how="inner")
    active = sims.filter("is_active")
    counts = {
        "rig_sims": active.filter(pl.col("rig").is_not_null()).height,
        "innocents": active.filter(pl.col("rig").is_null()).height,
        "subscribers": sims.filter(pl.col("rig").is_null() & pl.col("is_seen")).height,
    }
    return [
        {"list": name} | _judge(listed.filter(pl.col("decision").is_in(decisions)), **counts)
        for name, decisions in DECISIONS.items()
    ]


def _judge(listed: pl.DataFrame, rig_sims: int, innocents: int, subscribers: int) -> dict[str, Any]:
    wrong = listed.filter(pl.col("rig").is_null())
    right = listed.height - wrong.height
    caught = listed.filter(pl.col("rig").is_not_null() & pl.col("is_active")).height
    recall = caught / rig_sims if rig_sims else None
    rate = wrong.height / innocents if innocents else None
    most = upper_bound(wrong.height, innocents)
    expected = float((1 - listed["probability"]).sum())
    return {
        "sims": listed.height,
        "innocents": wrong.height,
        "precision": right / listed.height if listed.height else None,
        "innocent_share_at_most": upper_bound(wrong.height, listed.height),
        "recall": recall,
        "innocents_a_million_subscribers": wrong.height / subscribers * 1e6 if subscribers else None,
        "innocents_by_segment": dict(wrong.group_by("segment").len().sort("segment").iter_rows()),
        "precision_at_prevalence": {str(share): reweighted_precision(recall, rate, share) for share in PREVALENCES},
        "precision_at_least": {str(share): reweighted_precision(recall, most, share) for share in PREVALENCES},
        "expected_innocents": expected,
        "observed_of_expected": wrong.height / expected if expected else None,
    }
