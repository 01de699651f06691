"""The SIM behind a number, where a record carries only the number."""

import polars as pl


def resolve_imsi(rows: pl.DataFrame, subscribers: pl.DataFrame, seen: list[pl.DataFrame]) -> pl.DataFrame:
    """CDRS without IMSI with `imsi` filled where the number leads to one SIM, else null.

    First by SUBSCRIBERS valid that night; of several the one valid last to begin. Then by the pairs in `seen`, CDRS of
    the same operators that carry both, if the number was seen with one IMSI only.
    """
    if rows.is_empty():
        return rows
    asked = rows.select("operator", "msisdn", "night").unique()
    by_registry = _by_subscribers(asked.select("msisdn", "night").unique(), subscribers)
    by_records = _by_records(asked.select("operator", "msisdn").unique(), seen)
    return (
        rows.drop("imsi")
        .join(by_registry, on=["msisdn", "night"], how="left", maintain_order="left")
        .join(by_records, on=["operator", "msisdn"], how="left", maintain_order="left")
        .with_columns(imsi=pl.coalesce("registry_imsi", "seen_imsi"))
        .select(rows.columns)
    )


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


def _by_records(asked: pl.DataFrame, seen: list[pl.DataFrame]) -> pl.DataFrame:
    keys = ["operator", "msisdn"]
    pairs = [
        frame.select(*keys, "imsi").drop_nulls().join(asked, on=keys, how="semi", nulls_equal=False).unique()
        for frame in seen
    ]
    if not pairs:
        return asked.head(0).with_columns(seen_imsi=pl.lit(None, dtype=pl.Int64))
    return _only_one(pl.concat(pairs).rename({"imsi": "seen_imsi"}), keys, "seen_imsi")


def _only_one(pairs: pl.DataFrame, keys: list[str], imsi: str) -> pl.DataFrame:
    counted = pairs.group_by(keys).agg(pl.col(imsi).min(), distinct=pl.col(imsi).n_unique())
    return counted.filter(pl.col("distinct") == 1).drop("distinct")
