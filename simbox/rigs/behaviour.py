"""What is read of single SIMs: where they are settled, what they do, who calls them from outside."""

import polars as pl

from simbox.rigs.crowd import Crowd

# A gateway at rest is served by two to six cells in turn, so no single place need hold half of its legs.
SETTLED_SHARE = 0.25


def settled(legs: pl.DataFrame) -> pl.DataFrame:
    """(imsi, place) of the places that hold a quarter of a SIM's legs or more, from (imsi, place, legs)."""
    return legs.filter(pl.col("legs") >= SETTLED_SHARE * pl.col("legs").sum().over("imsi")).select("imsi", "place")


def settled_places(records: pl.DataFrame) -> pl.DataFrame:
    located = records.filter(pl.col("place").is_not_null())
    return settled(located.group_by("imsi", "place").agg(legs=pl.len()))


def is_act() -> pl.Expr:
    """Whether a leg makes its SIM active: a call or SMS of its own, or a service's SMS received."""
    made = (pl.col("direction") == "mo") & pl.col("service").is_in(["voice", "sms"])
    code = (pl.col("direction") == "mt") & pl.col("other_kind").is_in(["short_code", "alphanumeric"])
    return made | code


def act_shares(records: pl.DataFrame) -> pl.DataFrame:
    """(imsi, act, events, permille): what each active SIM does, calling, sending SMS, receiving codes."""
    act = pl.when(pl.col("direction") == "mt").then(pl.lit("codes")).otherwise(pl.col("service").cast(pl.String))
    acts = records.filter(is_act()).group_by("imsi", act=act).agg(events=pl.len())
    return acts.with_columns(permille=pl.col("events") * 1000 // pl.col("events").sum().over("imsi"))


def outside_calls(records: pl.DataFrame, mates: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """Calls received (imsi, other_party) but for those of likely mates and of SIMs settled at the same place: staged
    calls come from the box itself, customers from all over the town."""
    voice = (pl.col("service") == "voice") & (pl.col("direction") == "mt") & pl.col("other_party").is_not_null()
    calls = records.filter(voice).select("imsi", "other_party").unique().join(mates, on="other_party", how="anti")
    neighbours = (
        calls.join(crowd.numbers.select(other_party="msisdn", caller="imsi"), on="other_party")
        .join(settled_places(records), on="imsi")
        .join(crowd.homes.rename({"imsi": "caller"}), on=["caller", "place"], how="semi")
        .select("imsi", "other_party")
        .unique()
    )
    return calls.join(neighbours, on=["imsi", "other_party"], how="anti").sort("imsi", "other_party")
