"""Whether two groups of SIMs show the handsets of one box: the same IMEIs, or IMEIs written by one rule."""

import math

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs.comparisons import TAC_DIVISOR
from simbox.rigs.crowd import Crowd

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MEASURES = ("imei_shared", "rule_shared", "model_share_apart", "imeis_apart")
# How far the models of a box follow those of everybody: one gateway's make at the one end, phones' IMEIs copied at the
# other. Each is as likely as the others.
CONCENTRATIONS = (1.0, 10.0, 100.0, 1000.0)

_log_gamma = np.vectorize(math.lgamma, otypes=[np.float64])


def compare_handsets(pairs: pl.DataFrame, held: pl.DataFrame, crowd: Crowd) -> dict[str, Floats]:
    """MEASURES of the pairs (a, b) of groups, a < b, from records of their SIMs (with `group`); NaN where one of them
    shows nothing of the kind.

    `imei_shared`: binary logarithm of how seldom the seldomest IMEI shown by both is. `rule_shared`: how much likelier
    the models (TAC) of their IMEIs are drawn by one rule than by two, in bits: the Bayes factor of
    Dirichlet-multinomials around the models of all SIMs (Minka 2000, "Estimating a Dirichlet distribution").
    `model_share_apart`: how far the shares of SIMs apart are that show a group's main model, `imeis_apart`: how many
    times as many IMEIs a SIM, as a binary logarithm; a box writes its IMEIs by one rule.
    """
    groups = np.sort(held["group"].unique().to_numpy())
    a, b = (np.searchsorted(groups, pairs[name].to_numpy()) for name in ("a", "b"))
    shown = held.drop_nulls("imei").unique(["group", "imsi", "imei"]).select(
        "group", "imsi", "imei", tac=pl.col("imei") // TAC_DIVISOR
    )  # fmt: skip
    handsets = shown.group_by("group").agg(imeis=pl.col("imei").n_unique(), sims=pl.col("imsi").n_unique())
    main = shown.group_by("group", "tac").agg(on_main=pl.col("imsi").n_unique()).group_by("group").agg(
        pl.col("on_main").max()
    )  # fmt: skip
    main_share = _by_group(main.join(handsets, on="group"), pl.col("on_main") / pl.col("sims"), groups)
    imeis = _by_group(handsets, (pl.col("imeis") / pl.col("sims")).log(2), groups)
    seldomest = seldomest_imei(held, crowd)
    return {
        "imei_shared": np.array([seldomest.get(pair, 0.0) for pair in pairs.select("a", "b").iter_rows()]),
        "rule_shared": _rule_shared(shown, crowd, groups, a, b),
        "model_share_apart": np.abs(main_share[a] - main_share[b]),
        "imeis_apart": np.abs(imeis[a] - imeis[b]),
    }


def seldomest_imei(held: pl.DataFrame, crowd: Crowd) -> dict[tuple[int, int], float]:
    """Of each two groups that show one IMEI, the smaller number first, how seldom the seldomest such is, in bits."""
    shown = held.drop_nulls("imei").select("group", "imei").unique()
    seldom = shown.join(crowd.sims_on_imei, on="imei", how="left").with_columns(
        bits=(crowd.sims / pl.col("imei_sims").fill_null(1)).log(2)
    )
    met = seldom.join(seldom.select("imei", group_b="group"), on="imei").filter(pl.col("group") < pl.col("group_b"))
    best = met.group_by("group", "group_b").agg(pl.col("bits").max())
    return {(a, b): bits for a, b, bits in best.iter_rows()}


def _by_group(facts: pl.DataFrame, value: pl.Expr, groups: Longs) -> Floats:
    known = np.full(groups.size, np.nan)
    values = facts.select("group", value=value)
    known[np.searchsorted(groups, values["group"].to_numpy())] = values["value"].to_numpy()
    return known


def _rule_shared(shown: pl.DataFrame, crowd: Crowd, groups: Longs, a: Longs, b: Longs) -> Floats:
    on_model = _on_models(crowd)
    share = pl.col("imei_sims").fill_null(1) / max(int(on_model["imei_sims"].sum()), 1)
    counts = (
        shown.unique(["group", "imei"])
        .group_by("group", "tac")
        .agg(imeis=pl.len().cast(pl.Int64))
        .join(on_model, on="tac", how="left")
        .select("group", "tac", "imeis", share=share)
        .sort("group", "tac")
    )
    met = (
        counts.join(counts.drop("share"), on="tac", suffix="_b")
        .filter(pl.col("group") < pl.col("group_b"))
        .join(
            pl.DataFrame({"group": groups[a], "group_b": groups[b], "pair": np.arange(a.size)}), on=["group", "group_b"]
        )
        .sort("pair", "tac")
    )
    of = np.searchsorted(groups, counts["group"].to_numpy())
    imeis = np.bincount(of, counts["imeis"].to_numpy(), groups.size)
    alone, together = [], []
    for concentration in CONCENTRATIONS:
        prior = concentration * counts["share"].to_numpy()
        terms = _log_gamma(prior + counts["imeis"].to_numpy()) - _log_gamma(prior)
        single = np.bincount(of, terms, groups.size) + math.lgamma(concentration) - _log_gamma(concentration + imeis)
        prior = concentration * met["share"].to_numpy()
        one, other = met["imeis"].to_numpy(), met["imeis_b"].to_numpy()
        # A model that one group alone shows says as much of the two as of the one.
        more = _log_gamma(prior + one + other) + _log_gamma(prior)
        more -= _log_gamma(prior + one) + _log_gamma(prior + other)
        both = single[a] + single[b] + np.bincount(met["pair"].to_numpy(), more, a.size)
        for sims in (imeis[a], imeis[b]):
            both += _log_gamma(concentration + sims)
        both -= _log_gamma(concentration + imeis[a] + imeis[b]) + math.lgamma(concentration)
        alone.append(single)
        together.append(both)
    apart = np.logaddexp.reduce(alone) - math.log(len(CONCENTRATIONS))
    bits = (np.logaddexp.reduce(together) - math.log(len(CONCENTRATIONS)) - apart[a] - apart[b]) / math.log(2)
    return np.where((imeis[a] > 0) & (imeis[b] > 0), bits, np.nan)


def _on_models(crowd: Crowd) -> pl.DataFrame:
    return crowd.sims_on_imei.group_by(tac=pl.col("imei") // TAC_DIVISOR).agg(pl.col("imei_sims").sum())
