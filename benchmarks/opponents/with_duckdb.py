"""DuckDB: SQL over the Parquet files, gaps by window functions, counts of values by groupings of their own.

What does not fit into memory goes to disk, as far as its operators can.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

QUERY = """
WITH records AS (SELECT * FROM read_parquet('{files}')),
calls AS (
    SELECT imsi, other_party, started_at, started_at - lag(started_at) OVER mine AS gap,
        started_at - lag(started_at + duration_s * 1000000) OVER mine AS pause
    FROM records WHERE service = 0 AND direction = 0
    WINDOW mine AS (PARTITION BY imsi ORDER BY started_at)
),
gaps AS (
    SELECT imsi, avg(gap) / 1e6 AS gap_mean_s, median(gap) / 1e6 AS gap_median_s,
        CASE WHEN count(gap) >= 2 THEN stddev_pop(gap) / avg(gap) END AS gap_cv,
        avg((pause BETWEEN 0 AND 10000000)::INT) FILTER (pause IS NOT NULL) AS redial_share
    FROM calls GROUP BY imsi
),
callees AS (
    SELECT imsi, count(*) AS callees, list_sum(max(tally, 5)) / sum(tally) AS top5_callee_share,
        avg((tally >= 2)::INT) AS repeat_callee_share, count(*) / sum(tally) AS fan_out
    FROM (SELECT imsi, other_party, count(*) AS tally FROM calls GROUP BY ALL) GROUP BY imsi
),
places AS (
    SELECT imsi, count(*) AS places, max(tally) / sum(tally) AS top_place_share,
        ln(sum(tally)) - sum(tally * ln(tally)) / sum(tally) AS place_entropy
    FROM (
        SELECT imsi, place, count(*) AS tally FROM records WHERE place >= 0 AND direction <> 2 GROUP BY ALL
    ) GROUP BY imsi
),
stints AS (
    SELECT imsi, count(*) FILTER (former IS NULL OR place <> former) AS stints FROM (
        SELECT imsi, place, lag(place) OVER (PARTITION BY imsi ORDER BY started_at) AS former
        FROM records WHERE place >= 0 AND direction <> 2
    ) GROUP BY imsi
),
handsets AS (
    SELECT imsi, count(DISTINCT imei) AS imeis, count(*) FILTER (imei <> former) AS imei_changes FROM (
        SELECT imsi, imei, lag(imei) OVER (PARTITION BY imsi ORDER BY started_at) AS former
        FROM records WHERE imei >= 0
    ) GROUP BY imsi
),
whole AS (
    SELECT imsi,
        count(*) FILTER (service = 0 AND direction = 0) AS mo_calls,
        count(*) FILTER (service = 0 AND direction = 1) AS mt_calls,
        count(*) FILTER (service = 1 AND direction = 0) AS sms_mo,
        count(*) FILTER (service = 1 AND direction = 1) AS sms_mt,
        count(*) FILTER (service = 2 AND direction <> 2) AS data_legs,
        coalesce(sum(duration_s) FILTER (service = 0 AND direction = 0), 0) AS duration_total_s,
        avg(duration_s) FILTER (lasted) AS duration_mean_s,
        median(duration_s) FILTER (lasted) AS duration_median_s,
        max(duration_s) FILTER (lasted) AS duration_max_s,
        CASE WHEN count(*) FILTER (lasted) >= 2
            THEN stddev_pop(duration_s) FILTER (lasted) / avg(duration_s) FILTER (lasted) END AS duration_cv,
        avg((duration_s < 10)::INT) FILTER (lasted) AS short_call_share,
        count(DISTINCT other_party) FILTER (service = 0 AND direction = 1) AS callers,
        count(DISTINCT other_party) FILTER (service = 1 AND direction = 1) AS sms_senders,
        count(DISTINCT other_party) FILTER (service = 1 AND direction = 0) AS sms_recipients,
        count(DISTINCT local_minute // 60) FILTER (made) AS active_hours,
        avg((local_minute < 300)::INT) FILTER (made) AS night_share,
        avg((local_minute >= 540 AND local_minute < 1080)::INT) FILTER (made) AS office_share,
        count(DISTINCT night) FILTER (made) AS active_nights
    FROM (
        SELECT *, service = 0 AND direction = 0 AND duration_s > 0 AS lasted, service <= 1 AND direction = 0 AS made
        FROM records
    ) GROUP BY imsi
)
SELECT *, mo_calls / nullif(mo_calls + mt_calls, 0) AS mo_share, mo_calls + sms_mo AS mo_events,
    (mo_calls + sms_mo) / nullif(mo_calls + mt_calls + sms_mo + sms_mt, 0) AS mo_share_all
FROM whole LEFT JOIN gaps USING (imsi) LEFT JOIN callees USING (imsi) LEFT JOIN places USING (imsi)
    LEFT JOIN stints USING (imsi) LEFT JOIN handsets USING (imsi)
"""


def of_files(folder: Path) -> pl.DataFrame:
    """Features of unsorted night files."""
    return _features(folder / "*.parquet")


def of_store(file: Path) -> pl.DataFrame:
    """Features of a file sorted by SIM and time."""
    return _features(file)


def _features(files: Path) -> pl.DataFrame:
    with duckdb.connect() as connection, TemporaryDirectory(prefix="duckdb-") as spill:
        connection.execute("SET threads = 2")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = '{spill}'")
        if limit := os.environ.get("OPPONENT_MEMORY_BYTES"):
            connection.execute(f"SET memory_limit = '{int(limit) >> 20}MiB'")
        found = pl.DataFrame(connection.sql(QUERY.format(files=files)).to_arrow_table())
    return found.with_columns(pl.col("callees", "stints").fill_null(0))
