"""What a rig cost: its traffic, times the rates that the operator set."""

import polars as pl

from simbox.config import Damage
from simbox.tables.evidence import DAMAGE

_NO_TARIFF = (
    "Its calls were paid for at the local tariff: what the people called may have lost is not in the records,"
    " so no loss is stated."
)


def estimate_damage(rigs: pl.DataFrame, rates: Damage) -> pl.DataFrame:
    """DAMAGE of RIGS: minutes of a bypass rig and SMS of an SMS farm, each times its rate.

    Of vishing and unknown rigs the traffic is stated, not a loss. Minutes and SMS are those of the nights that the last
    judged one looks back on, so that the loss is a lower bound for a rig that is older.
    """
    kind = pl.col("kind").cast(pl.String)
    by_minute = pl.lit(rates.loss_per_minute, dtype=pl.Float64)
    by_sms = pl.lit(rates.loss_per_sms, dtype=pl.Float64)
    loss = (
        pl.when(kind == "bypass").then(pl.col("minutes") * by_minute).when(kind == "sms_farm").then(
            pl.col("sms_count") * by_sms
        )
    )  # fmt: skip
    method = (
        pl.when(kind == "bypass")
        .then(pl.lit(_method("minutes of calls made", "loss_per_minute", rates.loss_per_minute, rates.currency)))
        .when(kind == "sms_farm")
        .then(pl.lit(_method("SMS sent", "loss_per_sms", rates.loss_per_sms, rates.currency)))
        .otherwise(pl.lit(_NO_TARIFF))
    )
    return DAMAGE.conform(
        rigs.select("rig_id", "kind", "minutes", "sms_count", loss=loss, currency=pl.lit(rates.currency), method=method)
    )


def _method(what: str, key: str, rate: float | None, currency: str) -> str:
    if rate is None:
        return f"No loss is stated: damage.{key} is not set in simbox.toml."
    return (
        f"{what[0].upper()}{what[1:]} in the nights looked back on, times {rate:g} {currency} each (damage.{key} of "
        "simbox.toml). Traffic before these nights is not in it."
    )
