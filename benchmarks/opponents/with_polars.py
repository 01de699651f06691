"""Polars: one lazy group-by, told that the file is sorted where it is; counts of values by group-bys of their own.

Its group-by holds all values of what is no plain sum, so records beyond some 30 million are taken a share of the SIMs
after the other, which costs a reading each.
"""

from pathlib import Path

import polars as pl

from . import COLUMNS

CALL = pl.col("service") == 0
MESSAGE = pl.col("service") == 1
MADE = pl.col("direction") == 0
RECEIVED = pl.col("direction") == 1
MO_CALL = CALL & MADE
EVENT = (CALL | MESSAGE) & MADE
HERE = (pl.col("place") >= 0) & (pl.col("direction") != 2)


# 3 GB of columns, and several times as much while they are grouped.
MOST_ROWS = 30_000_000


def of_files(folder: Path) -> pl.DataFrame:
    """Features of unsorted night files."""
    records = pl.scan_parquet(folder / "*.parquet").select(COLUMNS)
    shares = -(-_height(records) // MOST_ROWS)
    chosen = [records.filter(pl.col("imsi") % shares == share) for share in range(shares)] if shares > 1 else [records]
    return pl.concat([_features(share.sort("imsi", "started_at")) for share in chosen])


def of_store(file: Path) -> pl.DataFrame:
    """Features of a file sorted by SIM and time."""
    records = pl.scan_parquet(file).select(COLUMNS)
    rows = _height(records)
    shares = -(-rows // MOST_ROWS)
    # Where the SIM at the border begins is known from the sorted column alone.
    imsi = records.select("imsi").collect()["imsi"] if shares > 1 else pl.Series([0])
    borders = [imsi[rows * share // shares] for share in range(1, shares)]
    first, last = [None, *borders], [*borders, None]
    return pl.concat(
        [
            _features(_between(records, *bounds).with_columns(pl.col("imsi").set_sorted()))
            for bounds in zip(first, last, strict=True)
        ]
    )


def _between(records: pl.LazyFrame, first: int | None, last: int | None) -> pl.LazyFrame:
    if first is not None:
        records = records.filter(pl.col("imsi") >= first)
    return records if last is None else records.filter(pl.col("imsi") < last)


def _height(records: pl.LazyFrame) -> int:
    return int(records.select(pl.len()).collect().item())


def _features(records: pl.LazyFrame) -> pl.DataFrame:
    lasted = pl.col("duration_s").filter(MO_CALL & (pl.col("duration_s") > 0))
    hour = pl.col("local_minute").filter(EVENT) // 60
    start_s = pl.col("started_at").filter(MO_CALL) / 1e6
    gaps = start_s.diff().drop_nulls()
    pause = start_s - (start_s + pl.col("duration_s").filter(MO_CALL)).shift()
    place = pl.col("place").filter(HERE)
    imei = pl.col("imei").filter(pl.col("imei") >= 0)
    whole = records.group_by("imsi").agg(
        mo_calls=MO_CALL.sum(),
        mt_calls=(CALL & RECEIVED).sum(),
        sms_mo=(MESSAGE & MADE).sum(),
        sms_mt=(MESSAGE & RECEIVED).sum(),
        data_legs=((pl.col("service") == 2) & (pl.col("direction") != 2)).sum(),
        duration_total_s=lasted.sum(),
        duration_mean_s=lasted.mean(),
        duration_median_s=lasted.median(),
        duration_max_s=lasted.max(),
        duration_cv=lasted.std(ddof=0) / lasted.mean(),
        lasted=lasted.len(),
        short_call_share=(lasted < 10).mean(),
        callers=pl.col("other_party").filter(CALL & RECEIVED).n_unique(),
        sms_senders=pl.col("other_party").filter(MESSAGE & RECEIVED).n_unique(),
        sms_recipients=pl.col("other_party").filter(MESSAGE & MADE).n_unique(),
        active_hours=hour.n_unique(),
        night_share=(hour < 5).mean(),
        office_share=((hour >= 9) & (hour < 18)).mean(),
        active_nights=pl.col("night").filter(EVENT).n_unique(),
        gap_mean_s=gaps.mean(),
        gap_median_s=gaps.median(),
        gap_cv=gaps.std(ddof=0) / gaps.mean(),
        redial_share=pause.is_between(0, 10).mean(),
        stints=(place != place.shift()).sum() + (place.len() > 0),
        imeis=imei.n_unique(),
        imei_changes=(imei != imei.shift()).sum(),
        with_imei=imei.len(),
    )
    callees = _tallies(records.filter(MO_CALL), "other_party").agg(
        callees=pl.len(), top5=pl.col("tally").top_k(5).sum(), repeated=(pl.col("tally") >= 2).sum()
    )
    part = pl.col("tally") / pl.col("tally").sum()
    places = _tallies(records.filter(HERE), "place").agg(
        places=pl.len(), top_place_share=part.max(), place_entropy=-(part * part.log()).sum()
    )
    joined = whole.join(callees, on="imsi", how="left").join(places, on="imsi", how="left")
    calls = pl.col("mo_calls") + pl.col("mt_calls")
    made = pl.col("mo_calls") + pl.col("sms_mo")
    some = pl.when(pl.col("mo_calls") > 0)
    return joined.with_columns(
        mo_share=pl.when(calls > 0).then(pl.col("mo_calls") / calls),
        mo_events=made,
        mo_share_all=pl.when(calls + pl.col("sms_mo") + pl.col("sms_mt") > 0).then(
            made / (calls + pl.col("sms_mo") + pl.col("sms_mt"))
        ),
        duration_cv=pl.when(pl.col("lasted") >= 2).then("duration_cv"),
        callees=pl.col("callees").fill_null(0),
        fan_out=some.then(pl.col("callees") / pl.col("mo_calls")),
        top5_callee_share=some.then(pl.col("top5") / pl.col("mo_calls")),
        repeat_callee_share=some.then(pl.col("repeated") / pl.col("callees")),
        gap_cv=pl.when(pl.col("mo_calls") >= 3).then("gap_cv"),
        imeis=pl.when(pl.col("with_imei") > 0).then("imeis"),
        imei_changes=pl.when(pl.col("with_imei") > 0).then("imei_changes"),
    ).collect()


def _tallies(records: pl.LazyFrame, value: str) -> pl.lazyframe.group_by.LazyGroupBy:
    return records.group_by("imsi", value).agg(tally=pl.len()).group_by("imsi")
