"""Which quiet SIMs join a rig, and which SIMs do the same."""

import numpy as np
import polars as pl

from simbox.kernels.lookup import look_up, make_lookup
from simbox.rigs.behaviour import act_shares
from simbox.rigs.ties import LONE_CAP, OVERLAP_POINTS, FounderTies, Ground, model_ties, ties

LEAST_LIKENESS = 300
MOST_LIKENESS = 1000
# What a shared model alone ties by, at the most.
LONE_MODEL_TIES = LONE_CAP - OVERLAP_POINTS
# Who is rung by those he calls looks like a company's line: only what two families tie to a rig joins it all the same.
RUNG_TIES = 110


def join_quiet(
    groups: pl.DataFrame,
    founders: pl.DataFrame,
    to_founders: FounderTies,
    taken: pl.DataFrame,
    rung: pl.DataFrame,
    ground: Ground,
    evidence: pl.DataFrame,
    sure: pl.DataFrame,
) -> pl.DataFrame:
    """(group, imsi) of active SIMs, not `taken`, that their own evidence and ties make likelier of a rig than not.

    Those `rung` by customers must be tied to it by more than one family."""
    near = ties(groups, to_founders, ground)

    def fitting(tied: pl.DataFrame) -> pl.DataFrame:
        likelier = (
            tied.join(sure, on="group", how="semi")
            .join(taken, on="imsi", how="anti")
            .join(evidence, on="imsi")
            .filter(pl.col("evidence_alone") + pl.col("ties") >= 0)
        )
        return (
            likelier.join(_likeness(likelier, founders, ground.traits.acts), on=["group", "imsi"])
            .join(rung.select("imsi", is_rung=pl.lit(value=True)), on="imsi", how="left")
            .filter(pl.col("is_rung").is_null() | (pl.col("ties") >= RUNG_TIES))
            .select("group", "imsi", fit=pl.col("ties") * pl.col("likeness"))
        )

    fits = fitting(near)
    # Each SIM shares its model with many groups, so that is looked at where it could decide.
    fit_nearby = fits.filter(pl.col("fit") > LONE_MODEL_TIES * MOST_LIKENESS)
    undecided = evidence.filter(pl.col("evidence_alone") >= -LONE_MODEL_TIES).join(fit_nearby, on="imsi", how="anti")
    left = undecided.select("imsi").join(taken, on="imsi", how="anti")
    by_model = fitting(model_ties(to_founders.sharing_model(left), near.select("group", "imsi"), to_founders))
    return (
        pl.concat([fits, by_model])
        .sort("imsi", "fit", "group", descending=[False, True, False])
        .unique("imsi", keep="first", maintain_order=True)
        .select("group", "imsi")
    )


def _likeness(pairs: pl.DataFrame, founders: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """(group, imsi, likeness) of pairs (group, imsi): how far a SIM does what the group does, in thousandths, from what
    each does (imsi, act, events, permille)."""
    usual = (
        own.join(founders, on="imsi")
        .group_by("group", "act")
        .agg(events=pl.col("events").sum())
        .with_columns(usual=pl.col("events") * 1000 // pl.col("events").sum().over("group"))
    )
    return (
        pairs.select("group", "imsi")
        .join(own, on="imsi")
        .join(usual, on=["group", "act"])
        .group_by("group", "imsi")
        .agg(likeness=pl.min_horizontal("permille", "usual").sum())
        .filter(pl.col("likeness") >= LEAST_LIKENESS)
    )


def do_alike(pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """The pairs (imsi_a, imsi_b) whose SIMs do the same: one box calls, another collects codes, whoever owns both."""
    own = act_shares(records)
    acts, sims = own["act"].unique().sort(), own["imsi"].unique().sort().to_numpy()
    table = make_lookup(sims)
    # Who does nothing is not among them: -1 is the last row, which stays empty.
    permille = np.zeros((sims.size + 1, acts.len()), dtype=np.int64)
    act = np.searchsorted(acts.to_numpy(), own["act"].to_numpy())
    permille[look_up(table, own["imsi"].to_numpy()), act] = own["permille"].to_numpy()
    a, b = (look_up(table, pairs[name].to_numpy()) for name in ("imsi_a", "imsi_b"))
    likeness = np.zeros(a.size, dtype=np.int64)
    for column in range(acts.len()):
        likeness += np.minimum(permille[a, column], permille[b, column])
    return pairs.filter(pl.Series(likeness >= LEAST_LIKENESS))
