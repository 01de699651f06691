"""A classifier that sees no behaviour: only how identifiers look, where rows stand and what is missing.

If it tells rigs from people, the generator writes them by different code.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from reading_worlds import read_cdrs, read_table

# Kinds of leg. Whether somebody answered is behaviour, and feeds leave out other things of those who did not; a rig
# with foreign cards is compared with people who roam, who are in no registry either.
STRATUM = ("operator", "service", "direction", "talked", "in_registry")
CONTROLS = 2
BINS = 8
PENALTY = 3.0
NO_FEATURES = ("is_rig", "level", "modifiers", *STRATUM)
RUN = ("msin", "number", "imsi_tens")
HANDSET = ("imei_length", "imei_serial", "imei_digit")


def metadata(source: Path) -> pl.DataFrame:
    """One row for each SIM of a world: whose it is, and what can be said of it without looking at behaviour."""
    truth = pl.read_csv(source / "truth.csv", schema_overrides={"imsi": pl.String})
    subscribers = read_table(source, "subscribers").with_row_index("registry_row")
    records = read_cdrs(source).filter(pl.col("service").is_in(["voice", "sms"]))
    known = subscribers.select("msisdn", known_imsi="imsi")
    records = records.join(known, on="msisdn", how="left").with_columns(served=pl.coalesce("imsi", "known_imsi"))
    second = pl.col("started_at").dt.epoch("s")
    serial = pl.col("imei").str.slice(8, 6).cast(pl.Int64, strict=False)
    residuals = {
        f"{name}_missing": pl.col(name).is_null().cast(pl.Float64)
        for name in ("imsi", "msisdn", "imei", "other_party", "cell", "answered")
    }
    observed = records.with_columns(
        **residuals,
        talked=pl.col("duration_s") > 0,
        in_registry=pl.col("served").is_in(subscribers["imsi"].implode()),
        second_of_minute=(second % 60).cast(pl.Float64),
        second_is_odd=(second % 2).cast(pl.Float64),
        duration_is_odd=(pl.col("duration_s") % 2).cast(pl.Float64),
        row_is_odd=(pl.col("row") % 2).cast(pl.Float64),
        place_in_tie=pl.col("row").rank().over("file", "started_at") / pl.len().over("file", "started_at"),
        imei_length=pl.col("imei").str.len_bytes().cast(pl.Float64),
        imei_serial=serial.cast(pl.Float64),
        imei_digit=(serial % 10).cast(pl.Float64),
    )
    columns = [
        *residuals,
        "second_of_minute", "second_is_odd", "duration_is_odd", "row_is_odd", "place_in_tie", "imei_length",
        "imei_serial", "imei_digit",
    ]  # fmt: skip
    # One leg for each SIM and kind of leg: a mean would tell how many legs there are, and that is behaviour.
    legs = (
        observed.select("served", "row", "file", "imei", *STRATUM, *columns)
        .sort(pl.struct("file", "row").hash(seed=1))
        .unique(["served", *STRATUM], keep="first", maintain_order=True)
        # How an IMEI is written says something once; that many SIMs show it is behaviour.
        .with_columns(pl.when(pl.col("imei").is_first_distinct().over(STRATUM)).then(pl.col(name)) for name in HANDSET)
        .with_columns(pl.col(HANDSET).forward_fill().backward_fill().over("operator").fill_null(0.0))
        .drop("imei")
    )
    registry = subscribers.join(_other_tables(source, subscribers), on="imsi", how="left").select(
        "imsi",
        # The register is in the order of IMSIs, and in a run of cards those of today come last: that is behaviour.
        registry_row=(pl.col("registry_row") + 1 - pl.col("imsi").rank()) / pl.len(),
        msin=pl.col("imsi").str.slice(5).cast(pl.Float64),
        imsi_digit=pl.col("imsi").str.slice(14).cast(pl.Float64),
        imsi_tens=pl.col("imsi").str.slice(13, 1).cast(pl.Float64),
        number=pl.col("msisdn").str.slice(4).cast(pl.Float64),
        number_digit=pl.col("msisdn").str.slice(10).cast(pl.Float64),
        card_digit=pl.col("iccid").str.slice(18).cast(pl.Float64),
        card_length=pl.col("iccid").str.len_bytes().cast(pl.Float64),
        activation_missing=pl.col("activated_on").is_null().cast(pl.Float64),
        dealer_missing=pl.col("dealer").is_null().cast(pl.Float64),
        owner_missing=_within_registration("owner_code"),
        reason_missing=_within_registration("unregistered_reason"),
        is_ported=_place_within_registration("ported_row"),
        is_exempt=_place_within_registration("exemption_row"),
        is_white=_place_within_registration("gateway_row"),
        ported_row=_filled("ported_row"),
        ported_missing=_filled("ported_missing"),
        report_row=_filled("report_row"),
        report_second=_filled("report_second"),
        report_source=_filled("report_source"),
        report_kind=_filled("report_kind"),
    )
    whose = truth.select("imsi", "rig", "level", "modifiers", is_rig=pl.col("rig").is_not_null())
    labelled = legs.join(whose, left_on="served", right_on="imsi")
    rigs = labelled.filter("is_rig").unique("served", keep="first", maintain_order=True)
    # As many of the same operator and kind of leg from elsewhere: what a service or an operator lacks is no clue.
    others = labelled.filter(~pl.col("is_rig")).with_columns(turn=pl.int_range(pl.len()).over(STRATUM))
    wanted = rigs.group_by(STRATUM).agg(wanted=pl.len() * CONTROLS)
    others = others.join(wanted, on=STRATUM).filter(pl.col("turn") < pl.col("wanted"))
    short = others.group_by(STRATUM).len().filter(pl.col("len") > 0)
    matched = pl.concat([rigs.join(short.select(STRATUM), on=STRATUM), others.select(rigs.columns)])
    # Where a run of cards lies says something once for all that one rig bought of it.
    is_first = ~pl.col("is_rig") | pl.struct("rig", pl.col("served").str.slice(0, 12)).is_first_distinct()
    return (
        matched.sort("served", pl.struct("file", "row").hash(seed=3))
        .join(registry, left_on="served", right_on="imsi", maintain_order="left")
        .with_columns(pl.when(is_first).then(pl.col(name)) for name in RUN)
        .sort(pl.struct("file", "row").hash(seed=4))
        .with_columns(pl.col(RUN).forward_fill().backward_fill().over("operator"))
        .drop("served", "rig", "row", "file")
    )


def auc_on_other_worlds(seen: list[pl.DataFrame], unseen: list[pl.DataFrame]) -> float:
    """AUC on unseen worlds of a logistic model on binned metadata of seen ones."""
    scored = pl.concat(score_other_worlds(seen, unseen))
    return auc(scored["score"].to_numpy(), scored["is_rig"].to_numpy())


def score_other_worlds(seen: list[pl.DataFrame], unseen: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Unseen worlds with the `score` of a model that learned from seen ones."""
    train = pl.concat(seen)
    names = [name for name in train.columns if name not in NO_FEATURES]
    edges = {name: _edges(train[name]) for name in names}
    weights = _fit(_binned(train, edges), train["is_rig"].to_numpy().astype(np.float64))
    return [world.with_columns(score=pl.Series(_binned(world, edges) @ weights)) for world in unseen]


def auc_of_group(scored: list[pl.DataFrame], of_group: pl.Expr) -> tuple[int, float]:
    """How many SIMs of rigs a group has, and their AUC against others' of their world, operator and kind of leg."""
    right, pairs, sims = 0.0, 0, 0
    for world in scored:
        for _, part in world.filter(~pl.col("is_rig") | of_group).group_by(STRATUM):
            is_rig = part["is_rig"].to_numpy()
            own = int(is_rig.sum()) * int((~is_rig).sum())
            if own:
                right += own * auc(part["score"].to_numpy(), is_rig)
                pairs += own
                sims += int(is_rig.sum())
    return sims, right / pairs


def auc(score: npt.NDArray[np.float64], is_rig: npt.NDArray[np.bool_]) -> float:
    """The chance that a rig's SIM scores above somebody else's, ties counted half."""
    rank = pl.Series(score).rank("average").to_numpy()
    rigs = int(is_rig.sum())
    return float((rank[is_rig].sum() - rigs * (rigs + 1) / 2) / (rigs * (is_rig.size - rigs)))


def _other_tables(source: Path, subscribers: pl.DataFrame) -> pl.DataFrame:
    """Where each SIM stands in the other tables that name SIMs, and what they say of it; null where they don't."""
    numbers = subscribers.select("imsi", "msisdn")
    ported = read_table(source, "ported").select(
        "msisdn", ported_row=_place(), ported_missing=pl.col("valid_from").is_null().cast(pl.Float64)
    )
    reports = (
        read_table(source, "reports")
        .select(
            "msisdn",
            report_row=_place(),
            report_second=pl.col("reported_at").str.slice(17, 2).cast(pl.Float64),
            report_source=pl.col("source").rank("dense").cast(pl.Float64),
            report_kind=pl.col("kind").rank("dense").cast(pl.Float64),
        )
        .unique("msisdn", keep="first", maintain_order=True)
    )
    exempt = read_table(source, "exemptions").select(imsi="id", exemption_row=_place())
    white = read_table(source, "gateways").select("imsi", gateway_row=_place()).drop_nulls()
    return (
        numbers.join(ported, on="msisdn", how="left")
        .join(reports, on="msisdn", how="left")
        .join(exempt, on="imsi", how="left")
        .join(white.unique("imsi", keep="first", maintain_order=True), on="imsi", how="left")
        .drop("msisdn")
    )


def _place() -> pl.Expr:
    return pl.int_range(pl.len()) / pl.len()


def _filled(name: str) -> pl.Expr:
    """Values of others where there is none: to be complained of is behaviour, how the complaint is written is not."""
    own = pl.col(name)
    others = own.drop_nulls().gather(pl.int_range(pl.len()) * 7919 % pl.max_horizontal(own.drop_nulls().len(), 1))
    return pl.when(own.drop_nulls().len() > 0).then(pl.coalesce(own, others)).otherwise(0.0).cast(pl.Float64)


def _place_within_registration(name: str) -> pl.Expr:
    """Where a SIM stands among those registered alike if those that the table names come last, else by lot."""
    lot = pl.col("imsi").hash(seed=2) / 2.0**64
    place = (pl.col(name).is_not_null() + lot).rank() / pl.len()
    return place.over("registration")


def _within_registration(name: str) -> pl.Expr:
    missing = pl.col(name).is_null().cast(pl.Float64)
    return missing - missing.mean().over("registration")


def _edges(values: pl.Series) -> npt.NDArray[np.float64]:
    return np.unique(np.quantile(values.drop_nulls().to_numpy(), np.linspace(0, 1, BINS + 1)[1:-1]))


def _binned(frame: pl.DataFrame, edges: dict[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    columns = [np.ones(frame.height)]
    for name, cuts in edges.items():
        values = frame[name].to_numpy()
        place = np.where(np.isnan(values), cuts.size + 1, np.searchsorted(cuts, np.nan_to_num(values), side="left"))
        columns += [(place == bin_).astype(np.float64) for bin_ in range(cuts.size + 2)]
    return np.stack(columns, axis=1)


def _fit(inputs: npt.NDArray[np.float64], is_rig: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Logistic regression with a ridge, by Newton's steps."""
    weights = np.zeros(inputs.shape[1])
    ridge = PENALTY * np.eye(inputs.shape[1])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (is_rig - chance) - ridge @ weights
        curve = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + ridge
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-3:
            break
    return weights
