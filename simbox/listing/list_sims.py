"""Members of rigs to LISTED: unregistered first, registered for review, the exempted apart."""

from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from simbox.config import Listing
from simbox.listing.lawful import MISUSED, find_lawful
from simbox.tables.cdrs import CODE_SENDERS
from simbox.tables.listed import DECISION, REVIEW, SEIZURE_LIST, STATE
from simbox.telecom.identifiers import print_cell, print_imei

QUIET_NIGHTS = 2
IMEIS_SHOWN = 5
MILLION = 1_000_000


class Listed(NamedTuple):
    """SEIZURE_LIST and REVIEW."""

    seizure_list: pl.DataFrame
    review: pl.DataFrame


NOTHING_LISTED = Listed(SEIZURE_LIST.empty(), REVIEW.empty())


class Candidates(NamedTuple):
    """What the list is drawn from: members (rig_id, imsi, probability), their placed records, their owners (of
    `look_up_owners`), SITES with `place`, PLACES, counted REASONS, and how many SIMs were seen at all."""

    members: pl.DataFrame
    records: pl.DataFrame
    owners: pl.DataFrame
    sites: pl.DataFrame
    places: pl.DataFrame
    reasons: pl.DataFrame
    sims_seen: int


def list_sims(
    candidates: Candidates,
    gateways: pl.DataFrame,
    exemptions: pl.DataFrame,
    night: date,
    config: Listing,
    previous: Listed = NOTHING_LISTED,
) -> Listed:
    """The cards to take, by decision, then by probability times what they did; what is exempt goes to REVIEW.

    Decisions: seize for the unregistered, review for everybody else, watch for those not sure enough or past the
    innocents that a list may be expected to hold. SIMs listed before whose records are no longer held stay.
    """
    sure_enough = candidates.members.filter(pl.col("probability") >= config.watch_probability)
    rows = _describe(sure_enough, candidates, night, config)
    lawful = find_lawful(rows.select("imsi", "msisdn"), _handsets(rows, candidates), gateways, exemptions, night)
    rows = rows.join(lawful, on="imsi", how="left", maintain_order="left").with_columns(
        pl.col("exempt").fill_null(value=False),
        reasons=pl.when(pl.col("list_entry") == MISUSED)
        .then(pl.concat_str(pl.lit(MISUSED + " "), pl.col("reasons")))
        .otherwise(pl.col("reasons")),
    )
    carried = candidates.members.join(candidates.records, on="imsi", how="anti")
    to_list = pl.concat(
        [_decide(rows.filter(~pl.col("exempt")), candidates.sims_seen, config), _carry(previous.seizure_list, carried)],
        how="diagonal_relaxed",
    )
    to_review = pl.concat(
        [rows.filter("exempt").with_columns(decision=pl.lit("review")), _carry(previous.review, carried)],
        how="diagonal_relaxed",
    )
    return Listed(SEIZURE_LIST.conform(_rank(to_list)), REVIEW.conform(_rank(to_review)))


def _describe(members: pl.DataFrame, candidates: Candidates, night: date, config: Listing) -> pl.DataFrame:
    records = candidates.records.join(members.select("imsi"), on="imsi", how="semi")
    lives = records.group_by("imsi").agg(
        first_at=pl.col("started_at").min(),
        last_at=pl.col("started_at").max(),
        last_night=pl.col("night").max(),
        worth=_worth(config),
        shown_msisdn=pl.col("msisdn").drop_nulls().sort().last(),
    )
    state = (
        pl.when(pl.col("last_night") >= night)
        .then(pl.lit("live"))
        .when(pl.col("last_night") >= night - timedelta(days=QUIET_NIGHTS))
        .then(pl.lit("quiet"))
        .otherwise(pl.lit("silent"))
        .cast(STATE)
    )
    codes = (
        candidates.reasons.filter(pl.col("counted") & (pl.col("points") > 0))
        .sort("imsi", "points", "code", descending=[False, True, False])
        .group_by("imsi", maintain_order=True)
        .agg(reasons=pl.col("code").unique(maintain_order=True).str.join(" "))
    )
    sites = candidates.sites.select("rig_id", "place", "place_rank", "raid_windows")
    return (
        members.join(candidates.owners, on="imsi", how="left", maintain_order="left")
        .join(lives, on="imsi", how="inner", maintain_order="left")
        .join(_imeis(records), on="imsi", how="left", maintain_order="left")
        .join(_main_cells(records, candidates.places), on="imsi", how="left", maintain_order="left")
        .join(sites, on=["rig_id", "place"], how="left", maintain_order="left")
        .join(codes, on="imsi", how="left", maintain_order="left")
        .with_columns(
            state=state,
            msisdn=pl.coalesce("msisdn", "shown_msisdn"),
            operator=pl.coalesce("home_operator", "recording_operator"),
            imeis=pl.col("imeis").fill_null(""),
            reasons=pl.col("reasons").fill_null(""),
        )
    )


def _worth(config: Listing) -> pl.Expr:
    """What a SIM's calls, SMS and codes received weigh together."""
    made, is_sms = pl.col("direction") == "mo", pl.col("service") == "sms"
    is_code = is_sms & (pl.col("direction") == "mt") & pl.col("other_kind").is_in(CODE_SENDERS)
    return (
        config.call_weight * (made & (pl.col("service") == "voice")).sum()
        + config.sms_weight * (made & is_sms).sum()
        + config.code_weight * is_code.sum()
    )


def _imeis(records: pl.DataFrame) -> pl.DataFrame:
    return (
        records.filter(pl.col("imei").is_not_null())
        .group_by("imsi", "imei")
        .agg(legs=pl.len())
        .sort("imsi", "legs", "imei", descending=[False, True, False])
        .group_by("imsi", maintain_order=True)
        .head(IMEIS_SHOWN)
        .with_columns(text=print_imei(pl.col("imei")))
        .group_by("imsi", maintain_order=True)
        .agg(imeis=pl.col("text").str.join(" "))
    )


def _main_cells(records: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The cell each SIM used most, with its mast, sector, place, and the network that recorded it there."""
    return (
        records.group_by("imsi", "cell", "place", "operator")
        .agg(legs=pl.len())
        .with_columns(located=pl.col("cell").is_not_null())
        .sort("imsi", "located", "legs", "cell", "operator", descending=[False, True, True, False, False])
        .unique("imsi", keep="first", maintain_order=True)
        .join(places.select("cell", "lat", "lon", "azimuth_deg"), on="cell", how="left", maintain_order="left")
        .select(
            "imsi",
            "place",
            "lat",
            "lon",
            "azimuth_deg",
            cell=print_cell(pl.col("cell")),
            recording_operator=pl.col("operator").cast(pl.String),
        )
    )


def _handsets(rows: pl.DataFrame, candidates: Candidates) -> pl.DataFrame:
    """(imsi, imei, lat, lon): where each SIM used each of its IMEIs most."""
    used = candidates.records.join(rows.select("imsi"), on="imsi", how="semi").filter(pl.col("imei").is_not_null())
    return (
        used.group_by("imsi", "imei", "cell")
        .agg(legs=pl.len())
        .join(candidates.places.select("cell", "lat", "lon"), on="cell", how="left")
        .sort("imsi", "imei", "legs", "cell", descending=[False, False, True, False], nulls_last=True)
        .unique(["imsi", "imei"], keep="first", maintain_order=True)
        .select("imsi", "imei", "lat", "lon")
    )


def _decide(rows: pl.DataFrame, sims_seen: int, config: Listing) -> pl.DataFrame:
    """Rows with their decision, those of highest probability first.

    Probabilities are added up as whole millionths, so that the cut is the same on any machine.
    """
    most = max(round(config.innocents_a_million * sims_seen), MILLION)
    by_certainty = rows.sort("probability", "imsi", descending=[True, False]).with_columns(
        innocents=((1 - pl.col("probability")) * MILLION).round(0).cast(pl.Int64).cum_sum(),
        place_in_list=pl.int_range(1, pl.len() + 1),
    )
    within = (pl.col("innocents") <= config.innocent_share * MILLION * pl.col("place_in_list")) & (
        pl.col("innocents") <= most
    )
    decision = (
        pl.when((pl.col("probability") < config.seize_probability) | ~within)
        .then(pl.lit("watch"))
        .when(pl.col("registration") == "unregistered")
        .then(pl.lit("seize"))
        .otherwise(pl.lit("review"))
    )
    return by_certainty.with_columns(decision=decision)


def _carry(rows: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """Rows of members listed before whose records are no longer looked back on."""
    kept = rows.join(carried, on="imsi", how="semi")
    return kept.with_columns(pl.col("decision").cast(pl.String), state=pl.lit("silent").cast(STATE), worth=pl.lit(0.0))


def _rank(rows: pl.DataFrame) -> pl.DataFrame:
    worth = (pl.col("probability") * pl.col("worth") * 100).round(0).cast(pl.Int64)
    ordered = rows.with_columns(pl.col("decision").cast(DECISION), worth=worth).sort(
        pl.col("decision").to_physical(), "worth", "imsi", descending=[False, True, False]
    )
    return ordered.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
