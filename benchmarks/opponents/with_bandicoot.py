"""bandicoot: Python objects, one for each record, of a sample of SIMs, for it would take days for all.

To be installed by `pip install bandicoot`: it has no wheel, and so no place in the extra `bench` and its lock. It has
about half of the features that are compared. The sample is read beforehand, which is not timed. Its directions are
mixed where ours are of calls made, so it is given those records apart.
"""

import inspect
import warnings
from collections import namedtuple
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from . import COLUMNS

SAMPLE_SIMS = 200
Specification = namedtuple("Specification", "args varargs keywords defaults")


def _as_before_3_11(
    args: list[str],
    varargs: str | None = None,
    keywords: str | None = None,
    defaults: Iterable[Any] | None = None,
    formatvalue: Callable[[Any], str] = lambda value: f"={value!r}",
) -> str:
    values = list(defaults or ())
    plain = len(args) - len(values)
    parts = [name if i < plain else name + formatvalue(values[i - plain]) for i, name in enumerate(args)]
    parts += [f"*{varargs}"] if varargs else []
    parts += [f"**{keywords}"] if keywords else []
    return f"({', '.join(parts)})"


# bandicoot 0.6 calls two functions of inspect that Python 3.11 took away.
inspect.getargspec = lambda function: Specification(*inspect.getfullargspec(function)[:4])  # type: ignore[attr-defined]
inspect.formatargspec = _as_before_3_11  # type: ignore[attr-defined]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from bandicoot import individual
    from bandicoot.core import Position, Record, User


def of_files(folder: Path) -> pl.DataFrame:
    """Features of the sample from night files."""
    return _features(sample(folder))


def of_store(file: Path) -> pl.DataFrame:
    """Features of the sample from a file sorted by SIM and time."""
    return _features(sample(file))


@lru_cache
def sample(path: Path) -> pl.DataFrame:
    """The calls and SMS of SIMs taken evenly from all, by SIM and time."""
    records = pl.scan_parquet(path / "*.parquet" if path.is_dir() else path).select(COLUMNS)
    sims = records.select(pl.col("imsi").unique().sort()).collect()
    chosen = sims.gather_every(max(1, sims.height // SAMPLE_SIMS)).head(SAMPLE_SIMS)
    return records.join(chosen.lazy(), on="imsi", how="semi").sort("imsi", "started_at").collect()


def _features(records: pl.DataFrame) -> pl.DataFrame:
    spoken = records.filter((pl.col("service") <= 1) & (pl.col("direction") <= 1))
    rows = []
    for (imsi,), own in spoken.partition_by("imsi", as_dict=True, maintain_order=True).items():
        rows.append({"imsi": imsi, **_of_one(own)})
    return pl.DataFrame(rows, infer_schema_length=None)


def _of_one(own: pl.DataFrame) -> dict[str, Any]:
    everything = _user(own)
    is_call = pl.col("service") == 0
    made = _user(own.filter(is_call & (pl.col("direction") == 0)))
    lasted = _user(own.filter(is_call & (pl.col("direction") == 0) & (pl.col("duration_s") > 0)))
    events = _user(own.filter(pl.col("direction") == 0))
    duration = _ask(individual.call_duration, lasted, "call")
    gap = _ask(individual.interevent_time, made, "call")
    return {
        "mo_calls": _ask(individual.number_of_interactions, everything, "call", direction="out") or 0,
        "mt_calls": _ask(individual.number_of_interactions, everything, "call", direction="in") or 0,
        "sms_mo": _ask(individual.number_of_interactions, everything, "text", direction="out") or 0,
        "sms_mt": _ask(individual.number_of_interactions, everything, "text", direction="in") or 0,
        "callees": _ask(individual.number_of_contacts, everything, "call", direction="out") or 0,
        "callers": _ask(individual.number_of_contacts, everything, "call", direction="in") or 0,
        "sms_recipients": _ask(individual.number_of_contacts, everything, "text", direction="out") or 0,
        "sms_senders": _ask(individual.number_of_contacts, everything, "text", direction="in") or 0,
        "mo_share": _ask(individual.percent_initiated_interactions, everything, "call"),
        "active_nights": _ask(individual.active_days, events, "callandtext") or 0,
        "duration_mean_s": duration.get("mean"),
        "duration_median_s": duration.get("median"),
        "duration_max_s": duration.get("max"),
        "duration_cv": _variation(duration, lasted, 2),
        "gap_mean_s": gap.get("mean"),
        "gap_median_s": gap.get("median"),
        "gap_cv": _variation(gap, made, 3),
    }


def _variation(summary: dict[str, Any], user: User, least: int) -> float | None:
    return summary["std"] / summary["mean"] if len(user.records) >= least and summary.get("mean") else None


def _ask(indicator: Callable[..., Any], user: User, interaction: str, **options: Any) -> Any:
    """An indicator of the whole window; a summary comes as a dict, an empty one without records."""
    is_summary = indicator in (individual.call_duration, individual.interevent_time)
    if not user.records:
        return {} if is_summary else None
    if is_summary:
        options["summary"] = "extended"
    found = indicator(user, groupby=None, **options)["allweek"]["allday"].get(interaction)
    return {} if is_summary and found is None else found


def _user(records: pl.DataFrame) -> User:
    user = User()
    user.records = [
        Record(
            "call" if service == 0 else "text",
            "out" if direction == 0 else "in",
            str(party),
            datetime.fromtimestamp(started_at / 1e6, UTC).replace(tzinfo=None),
            duration_s if service == 0 else None,
            Position(antenna=str(place)),
        )
        for service, direction, party, started_at, duration_s, place in records.select(
            "service", "direction", "other_party", "started_at", "duration_s", "place"
        ).iter_rows()
    ]
    return user
