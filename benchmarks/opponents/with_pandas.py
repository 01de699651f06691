"""pandas: masks and group-bys on integers with its built-in aggregations, no Python function called for a group."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from . import COLUMNS


def of_files(folder: Path) -> pl.DataFrame:
    """Features of unsorted night files."""
    parts = [pd.read_parquet(file, columns=list(COLUMNS)) for file in sorted(folder.glob("*.parquet"))]
    return _features(pd.concat(parts, ignore_index=True).sort_values(["imsi", "started_at"], ignore_index=True))


def of_store(file: Path) -> pl.DataFrame:
    """Features of a file sorted by SIM and time."""
    return _features(pd.read_parquet(file, columns=list(COLUMNS)))


def _features(records: pd.DataFrame) -> pl.DataFrame:
    service, direction = records["service"], records["direction"]
    is_made = (service == 0) & (direction == 0)
    flags = pd.DataFrame(
        {
            "imsi": records["imsi"],
            "mo_calls": is_made,
            "mt_calls": (service == 0) & (direction == 1),
            "sms_mo": (service == 1) & (direction == 0),
            "sms_mt": (service == 1) & (direction == 1),
            "data_legs": (service == 2) & (direction != 2),
        }
    )
    found = flags.groupby("imsi", sort=False).sum()
    found["mo_share"] = found["mo_calls"] / (found["mo_calls"] + found["mt_calls"])
    found["mo_events"] = found["mo_calls"] + found["sms_mo"]
    events = found["mo_events"] + found["mt_calls"] + found["sms_mt"]
    found["mo_share_all"] = found["mo_events"] / events
    made = records[is_made]
    _add_durations(found, made[made["duration_s"] > 0])
    _add_gaps(found, made)
    _add_parties(found, records, flags, made)
    _add_hours(found, records[(service <= 1) & (direction == 0)])
    _add_places(found, records[(records["place"] >= 0) & (direction != 2)])
    _add_handsets(found, records[records["imei"] >= 0])
    return pl.DataFrame({"imsi": found.index.to_numpy(), **{name: found[name].to_numpy() for name in found.columns}})


def _add_durations(found: pd.DataFrame, lasted: pd.DataFrame) -> None:
    durations = lasted.groupby("imsi", sort=False)["duration_s"]
    found["duration_total_s"] = durations.sum()
    found["duration_total_s"] = found["duration_total_s"].fillna(0)
    found["duration_mean_s"] = durations.mean()
    found["duration_median_s"] = durations.median()
    found["duration_max_s"] = durations.max()
    found["duration_cv"] = (durations.std(ddof=0) / durations.mean()).where(durations.size() >= 2)
    found["short_call_share"] = (lasted["duration_s"] < 10).groupby(lasted["imsi"], sort=False).mean()


def _add_gaps(found: pd.DataFrame, made: pd.DataFrame) -> None:
    imsi = made["imsi"].to_numpy()
    follows = np.concatenate([[False], imsi[1:] == imsi[:-1]])
    started_at = made["started_at"].to_numpy()
    ended_at = started_at + made["duration_s"].to_numpy() * 1_000_000
    gap_s = pd.Series((np.diff(started_at, prepend=0) / 1e6)[follows])
    pause = (started_at - np.concatenate([[0], ended_at[:-1]]))[follows]
    of_sim = imsi[follows]
    gaps = gap_s.groupby(of_sim, sort=False)
    found["gap_mean_s"] = gaps.mean()
    found["gap_median_s"] = gaps.median()
    found["gap_cv"] = (gaps.std(ddof=0) / gaps.mean()).where(gaps.size() >= 2)
    is_redial = pd.Series((pause >= 0) & (pause <= 10_000_000))
    found["redial_share"] = is_redial.groupby(of_sim, sort=False).mean()


def _add_parties(found: pd.DataFrame, records: pd.DataFrame, flags: pd.DataFrame, made: pd.DataFrame) -> None:
    tally = made.groupby(["imsi", "other_party"], sort=False).size()
    of_sim = tally.groupby(level=0, sort=False)
    found["callees"] = of_sim.size()
    found["fan_out"] = found["callees"] / found["mo_calls"]
    top = tally.sort_values(ascending=False).groupby(level=0, sort=False).head(5)
    found["top5_callee_share"] = top.groupby(level=0, sort=False).sum() / found["mo_calls"]
    found["repeat_callee_share"] = (tally >= 2).groupby(level=0, sort=False).mean()
    for name, flag in (("callers", "mt_calls"), ("sms_senders", "sms_mt"), ("sms_recipients", "sms_mo")):
        pairs = records.loc[flags[flag], ["imsi", "other_party"]].drop_duplicates()
        found[name] = pairs.groupby("imsi", sort=False).size()
    counts = ["callees", "callers", "sms_senders", "sms_recipients"]
    found[counts] = found[counts].fillna(0)


def _add_hours(found: pd.DataFrame, events: pd.DataFrame) -> None:
    hours = pd.DataFrame({"imsi": events["imsi"], "hour": events["local_minute"] // 60, "night": events["night"]})
    by_hour = hours.drop_duplicates(["imsi", "hour"]).groupby("imsi", sort=False)
    found["active_hours"] = by_hour.size()
    found["active_nights"] = hours.drop_duplicates(["imsi", "night"]).groupby("imsi", sort=False).size()
    counts = ["active_hours", "active_nights"]
    found[counts] = found[counts].fillna(0)
    found["night_share"] = (hours["hour"] < 5).groupby(hours["imsi"], sort=False).mean()
    found["office_share"] = hours["hour"].between(9, 17).groupby(hours["imsi"], sort=False).mean()


def _add_places(found: pd.DataFrame, served: pd.DataFrame) -> None:
    tally = served.groupby(["imsi", "place"], sort=False).size()
    of_sim = tally.groupby(level=0, sort=False)
    found["places"] = of_sim.size()
    found["top_place_share"] = of_sim.max() / of_sim.sum()
    part = tally / of_sim.transform("sum")
    found["place_entropy"] = -(part * np.log(part)).groupby(level=0, sort=False).sum()
    is_new = (served["imsi"].diff() != 0) | (served["place"].diff() != 0)
    found["stints"] = is_new.groupby(served["imsi"], sort=False).sum()
    found["stints"] = found["stints"].fillna(0)


def _add_handsets(found: pd.DataFrame, seen: pd.DataFrame) -> None:
    pairs = seen[["imsi", "imei"]].drop_duplicates()
    found["imeis"] = pairs.groupby("imsi", sort=False).size()
    is_changed = (seen["imsi"].diff() == 0) & (seen["imei"].diff() != 0)
    found["imei_changes"] = is_changed.groupby(seen["imsi"], sort=False).sum()
