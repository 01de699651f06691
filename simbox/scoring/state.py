"""What is thought of every SIM seen so far: carried from night to night, ending as SCORES, REASONS and HISTORY."""

from datetime import date
from typing import NamedTuple

import polars as pl

from simbox.scoring.reason_rows import base_reasons, lone_reasons, replacing_reasons, rig_reasons
from simbox.scoring.score import judge
from simbox.scoring.scorecard import NoRig, Scorecard
from simbox.scoring.untold import NOTHING_UNTOLD, Untold, tell_in_full, tell_in_short
from simbox.tables.cdrs import INSTANT
from simbox.tables.scores import HISTORY, REASONS, SCORES

_SIMS: dict[str, pl.DataType | type[pl.DataType]] = {
    "imsi": pl.Int64,
    "operator": pl.String,
    "first_active_at": INSTANT,
    "last_active_at": INSTANT,
    "evidence_own": pl.Int32,
    "context": pl.Int32,
    "reported": pl.Int32,
    "evidence": pl.Int32,
    "peak_evidence": pl.Int32,
    "peak_night": pl.Date,
    "first_listed_night": pl.Date,
}


class State(NamedTuple):
    """`sims` has a row for each SIM seen, `reasons` those of the night on which each was last scored, of SIMs that are
    told in full, `untold` what is known of the others.

    `around` are the REASONS that the SIMs around each and reports give it, of the last night; `base` is the prior.
    """

    sims: pl.DataFrame
    reasons: pl.DataFrame
    around: pl.DataFrame = REASONS.empty()
    base: int = 0
    untold: Untold = NOTHING_UNTOLD


# What a SIM's own records, the SIMs around it and reports say of it.
ALONE = pl.col("evidence_own") + pl.col("context") + pl.col("reported")

NOTHING_KNOWN = State(pl.DataFrame(schema=_SIMS), REASONS.empty())


def carry(
    state: State, seen: pl.DataFrame, evidence: pl.DataFrame, reasons: pl.DataFrame, base: int,
    untold: Untold = NOTHING_UNTOLD,
) -> State:  # fmt: skip
    """The state with a night's SIMs: `seen` (imsi, operator, first_at, last_at), `evidence` alone (imsi,
    evidence_alone), the REASONS of those that are told in full, and what is known of the others.

    A SIM that was not active that night keeps what it had; one never active so far has the prior only.
    """
    sims = (
        state.sims.join(seen, on="imsi", how="full", coalesce=True, suffix="_tonight")
        .join(evidence.rename({"evidence_alone": "evidence_tonight"}), on="imsi", how="left")
        .select(
            "imsi",
            operator=pl.coalesce("operator_tonight", "operator"),
            first_active_at=pl.min_horizontal("first_active_at", "first_at"),
            last_active_at=pl.max_horizontal("last_active_at", "last_at"),
            evidence_own=pl.coalesce("evidence_tonight", "evidence_own", pl.lit(base)).cast(pl.Int32),
            context=pl.lit(0, dtype=pl.Int32),
            reported=pl.lit(0, dtype=pl.Int32),
            evidence=pl.coalesce("evidence_tonight", "evidence_own", pl.lit(base)).cast(pl.Int32),
            peak_evidence="peak_evidence",
            peak_night="peak_night",
            first_listed_night="first_listed_night",
        )
        .sort("imsi")
    )
    kept = state.reasons.join(evidence, on="imsi", how="anti")
    untold = state.untold.carry(evidence, untold)
    return State(sims.select(list(_SIMS)), pl.concat([kept, reasons]), base=base, untold=untold)


def look_around(state: State, *added: tuple[pl.DataFrame, pl.DataFrame]) -> State:
    """The state with what is added to each SIM's own evidence as of this night.

    Each of `added` is points, (imsi, context) or (imsi, reported), and the REASONS for them.
    """
    sims = state.sims
    for points, _ in added:
        sims = sims.drop(points.columns[1]).join(points, on="imsi", how="left", maintain_order="left")
    sims = sims.with_columns(pl.col("context", "reported").fill_null(0)).with_columns(
        evidence=pl.sum_horizontal("evidence_own", "context", "reported").cast(pl.Int32)
    )
    seen = [reasons.join(sims.select("imsi"), on="imsi", how="semi") for _, reasons in added]
    around = REASONS.conform(pl.concat([REASONS.empty(), *seen]))
    return state._replace(sims=sims.select(list(_SIMS)), around=around)


def add_rigs(state: State, points: pl.DataFrame, listed: pl.DataFrame, night: date, card: Scorecard) -> State:
    """The state with the members' points (imsi, points) from their rigs added once, what the card takes from a SIM that
    is in no rig taken, and the listed SIMs marked."""
    gained = points.select("imsi", "points")
    on_list = listed.select("imsi").unique().with_columns(listed_now=pl.lit(True))
    # Who is tied to a rig is near suspects too: one fact, so only the stronger of the two counts.
    with_rig = pl.col("evidence_own") + pl.col("reported") + pl.max_horizontal("context", "points")
    without = ALONE + no_rig_points(ALONE, card.bands.watch, card.no_rig)
    evidence = pl.when(pl.col("points").is_null()).then(without).otherwise(with_rig)
    higher = pl.col("peak_evidence").is_null() | (pl.col("evidence") > pl.col("peak_evidence"))
    sims = (
        state.sims.join(gained, on="imsi", how="left", maintain_order="left")
        .join(on_list, on="imsi", how="left", maintain_order="left")
        .with_columns(evidence=evidence.cast(pl.Int32))
        .with_columns(
            peak_night=pl.when(higher).then(pl.lit(night)).otherwise("peak_night"),
            peak_evidence=pl.max_horizontal("peak_evidence", "evidence"),
            first_listed_night=pl.coalesce("first_listed_night", pl.when("listed_now").then(pl.lit(night))),
        )
        .select(list(_SIMS))
    )
    return state._replace(sims=sims)


def no_rig_points(alone: pl.Expr, watch: int, no_rig: NoRig) -> pl.Expr:
    """What a SIM's being in no rig says of it, by its evidence alone: nothing of one below the band of the watched.

    A part of what speaks against it, so that SIMs keep their order and who was watched still is.
    """
    above = (alone - watch).clip(lower_bound=0)
    return -pl.min_horizontal(above * no_rig.percent // 100, pl.lit(no_rig.most)).cast(pl.Int32)


def to_scores(state: State, card: Scorecard) -> pl.DataFrame:
    """SCORES of the state."""
    sims = state.sims.with_columns(evidence_alone=ALONE, **judge(pl.col("evidence"), card, state.base))
    return SCORES.conform(sims.select(SCORES.names))


def to_reasons(
    state: State,
    points: pl.DataFrame,
    card: Scorecard,
    sims: pl.DataFrame | None = None,
    replaced: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """REASONS of the state, one for each member of a rig, from (imsi, points, value), one for each watched SIM that is
    in none, and one for each that took a silent one's port over, from `replaced` (imsi, relay_points, relay_gap_s); of
    all or some SIMs (imsi).

    Members and whoever is watched are told in full, of others all that their strongest expert says may be one sum.
    """
    if sims is not None:
        wanted = sims.select("imsi")
        state = state._replace(
            sims=state.sims.join(wanted, on="imsi", how="semi"),
            reasons=state.reasons.join(wanted, on="imsi", how="semi"),
            around=state.around.join(wanted, on="imsi", how="semi"),
            untold=state.untold.among(wanted),
        )
    known = points.join(state.sims.select("imsi", "context"), on="imsi").with_columns(
        counted=pl.col("points") > pl.col("context")
    )
    told = rig_reasons(known.filter(pl.col("points") != 0).select("imsi", "points", "value", "counted"))
    lost = no_rig_points(ALONE, card.bands.watch, card.no_rig)
    lone = state.sims.join(points, on="imsi", how="anti").select("imsi", points=lost)
    replacing = [] if replaced is None else [replacing_reasons(replaced.join(state.sims, on="imsi", how="semi"))]
    outdone = (pl.col("expert") == "context") & pl.col("imsi").is_in(known.filter("counted")["imsi"].implode())
    around = state.around.with_columns(counted=~outdone)
    others = state.sims.join(state.reasons, on="imsi", how="anti")
    priors = REASONS.conform(base_reasons(others["imsi"], state.base).with_columns(percentile=pl.lit(None)))
    watched = state.sims.filter(pl.col("evidence") >= card.bands.watch)
    matter = pl.concat([points.select("imsi"), watched.select("imsi")])
    rest = others.join(matter, on="imsi", how="anti").select("imsi", "evidence_own")
    return REASONS.conform(
        pl.concat([
            state.reasons, around, told, lone_reasons(lone), *replacing, priors,
            tell_in_full(state.untold.among(matter), card, state.sims),
            tell_in_short(state.untold, card, rest, state.base),
        ])
    )  # fmt: skip


def to_history(scores: pl.DataFrame, members: pl.DataFrame, listed: pl.DataFrame, night: date) -> pl.DataFrame:
    """HISTORY of one night: SIMs at watch or above with their rig and whether they stand on the list."""
    watched = scores.filter(pl.col("band") != "clear").select("imsi", "score", "band")
    return HISTORY.conform(
        watched.join(members.select("imsi", "rig_id"), on="imsi", how="left").with_columns(
            night=pl.lit(night), listed=pl.col("imsi").is_in(listed["imsi"].implode())
        )
    )
