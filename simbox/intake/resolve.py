"""The SIM behind a number, where a record carries only the number."""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

import polars as pl

PAIR = ("operator", "msisdn")
ASKED = (*PAIR, "night")
UNIQUE_AFTER = 1_000_000


class Numbers(NamedTuple):
    """Whose a number is: by the registry on a night (msisdn, night, registry_imsi), and by an operator's own records
    (operator, msisdn, seen_imsi)."""

    by_registry: pl.DataFrame
    by_records: pl.DataFrame


def know_numbers(asked: pl.DataFrame, subscribers: pl.DataFrame, seen: Iterable[pl.DataFrame]) -> Numbers:
    """What is known of the numbers asked for (operator, msisdn, night).

    By SUBSCRIBERS valid that night; of several the one valid last to begin. By the pairs in `seen`, records of the same
    operators that carry both (operator, msisdn, imsi), if the number was seen with one IMSI only.
    """
    return Numbers(
        _by_subscribers(asked.select("msisdn", "night").unique(), subscribers),
        _by_records(asked.select(*PAIR).unique(), seen),
    )


def fill_imsi(rows: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
    """CDRS without IMSI with `imsi` filled where the number leads to one SIM, by the registry first, else null."""
    return (
        rows.drop("imsi")
        .join(numbers.by_registry, on=["msisdn", "night"], how="left", maintain_order="left")
        .join(numbers.by_records, on=[*PAIR], how="left", maintain_order="left")
        .with_columns(imsi=pl.coalesce("registry_imsi", "seen_imsi"))
        .select(rows.columns)
    )


def unique_rows(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all frames once each; at most as many again and UNIQUE_AFTER are held on the way."""
    held: list[pl.DataFrame] = []
    fresh_rows = 0
    for frame in frames:
        held.append(frame.unique())
        fresh_rows += held[-1].height
        if fresh_rows > UNIQUE_AFTER:
            held, fresh_rows = [pl.concat(held).unique()], 0
    return pl.concat(held).unique()


def _by_subscribers(asked: pl.DataFrame, subscribers: pl.DataFrame) -> pl.DataFrame:
    since = pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("night"))
    until = pl.col("valid_to").is_null() | (pl.col("night") <= pl.col("valid_to"))
    valid = (
        asked.join(subscribers.select("imsi", "msisdn", "valid_from", "valid_to"), on="msisdn")
        .filter(since & until)
        .with_columns(begins=pl.col("valid_from").fill_null(pl.date(1, 1, 1)))
    )
    keys = ["msisdn", "night"]
    latest = valid.filter(pl.col("begins") == pl.col("begins").max().over(keys))
    return _only_one(latest.rename({"imsi": "registry_imsi"}), keys, "registry_imsi")


def _by_records(asked: pl.DataFrame, seen: Iterable[pl.DataFrame]) -> pl.DataFrame:
    nothing = asked.head(0).with_columns(imsi=pl.lit(None, dtype=pl.Int64))
    pairs = (frame.drop_nulls().join(asked, on=[*PAIR], how="semi").select(nothing.columns) for frame in seen)
    return _only_one(unique_rows(chain([nothing], pairs)).rename({"imsi": "seen_imsi"}), [*PAIR], "seen_imsi")


def _only_one(pairs: pl.DataFrame, keys: list[str], imsi: str) -> pl.DataFrame:
    counted = pairs.group_by(keys).agg(pl.col(imsi).min(), distinct=pl.col(imsi).n_unique())
    return counted.filter(pl.col("distinct") == 1).drop("distinct")
