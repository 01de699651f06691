"""What is said of a batch's feeds and files: over their limits, misread, late, by a wrong clock, at odd hours."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import polars as pl

from simbox.intake.limits import passed_limits, warn_of_volume
from simbox.intake.profile import ProfiledFeed
from simbox.intake.skew import WARN_S
from simbox.intake.sources import show_file
from simbox.intake.staging import LONG_CALL_S, Staging, Tally
from simbox.intake.translate import EXCHANGED

_DROPPED = {
    "imei": "malformed or a placeholder",
    "cell": "malformed",
    "answered": "neither true nor false",
    "other_party": "not a number and not a name",
}
LEAST_TALKS = 20
# Hours are compared from a thousand records on; one curve must fit the other shifted, and not fit as it stands.
LEAST_RECORDS = 1000
FITS, DOES_NOT = 0.95, 0.85


def judge_feeds(
    feeds: Mapping[str, ProfiledFeed],
    entries: Mapping[int, Mapping[str, object]],
    tallies: Mapping[int, Tally],
    noted: Mapping[int, Counter[str]],
    ledger: pl.DataFrame,
) -> tuple[list[str], dict[str, list[str]], list[str]]:
    """What can't be meant by profiles, which limits each feed passed, and warnings of what is unusual."""
    wrong: list[str] = []
    passed: dict[str, list[str]] = {}
    warnings: list[str] = []
    for key, feed in feeds.items():
        numbers = [number for number, entry in entries.items() if entry["feed"] == key]
        if not numbers:
            continue
        counts: Counter[str] = Counter()
        hours = np.zeros(24, dtype=np.int64)
        for number in numbers:
            if number in tallies:
                counts.update(tallies[number].counts)
                hours += tallies[number].hours
        rows = sum(int(str(entries[number]["rows_in"])) for number in numbers)
        if counts["talks"] >= LEAST_TALKS and counts["long_talks"] * 2 > counts["talks"]:
            wrong.append(
                f"feed {key}: most of its calls last over {LONG_CALL_S:,} s: does duration_s.unit say s for what is ms?"
            )
            continue
        history = ledger.filter(pl.col("feed") == key)
        shares = {
            "rejects_share": counts["rejected"] / rows if rows else None,
            "unknown_cells_share": counts["unknown_cells"] / counts["cells"] if counts["cells"] else None,
            "junk_imeis_share": counts["junk_imeis"] / counts["imeis"] if counts["imeis"] else None,
        }
        reasons = passed_limits(feed.feed.limits, shares, history)
        exchanged = sum(noted.get(number, Counter())[EXCHANGED] for number in numbers)
        if reasons and exchanged:
            reasons.append(f"{EXCHANGED} {exchanged}")
        if reasons:
            passed[key] = reasons
            continue
        warnings += [
            warning for warning in [warn_of_volume(key, rows, history), _shifted(key, hours, history)] if warning
        ]
    return wrong, passed, warnings


def warn_of_files(files: pl.DataFrame, ledger: pl.DataFrame) -> list[str]:
    """Files that came after later ones, or repeat what others held."""
    warnings = []
    kept = files.filter(pl.col("refused").is_null()).sort("file")
    had = ledger["last_at"].max()
    for row in kept.to_dicts():
        shown = show_file(row["file"])
        if row["rows_repeated"]:
            warnings.append(f"{shown}: {row['rows_repeated']} records were there before and were left out")
        if had is not None and row["last_at"] is not None and row["last_at"].date() < had.date():  # type: ignore[union-attr]
            warnings.append(
                f"{shown} came late: the store had records up to {had.date()}, "  # type: ignore[union-attr]
                f"these are of {row['first_at'].date()} to {row['last_at'].date()}"
            )
    return warnings


def warn_of_rows(staging: Staging, files: pl.DataFrame) -> list[str]:
    """What was left empty, put right or could not be known, over all files taken; and clocks that go wrong."""
    dropped: Counter[str] = sum(staging.dropped.values(), Counter())
    warnings = [
        f"{field}: {count} records carry a value that is {_DROPPED[field]}; left empty"
        for field, count in sorted(dropped.items())
        if count
    ]
    noted: Counter[str] = sum(staging.noted.values(), Counter())
    warnings += [f"{what}: {count}" for what, count in sorted(noted.items()) if count]
    warnings += [
        f"operator {operator} has no timezone in simbox.toml: {count} records count by UTC days, without local hours"
        for operator, count in staging.count_without_zone().items()
    ]
    spoilt = staging.count_rule("precision_lost")
    if spoilt:
        warnings.append(
            f"{spoilt} rows have numbers like 7.70112E+10: a file went through a spreadsheet, which lost their digits"
        )
    for node, (ahead_s, calls) in sorted(staging.clocks.skews().items()):
        if abs(ahead_s) > WARN_S:
            way = "ahead of" if ahead_s > 0 else "behind"
            warnings.append(
                f"the clock of node {show_file(node)} is about {abs(ahead_s)} s {way} the others', by {calls} calls;"
                " its times were left as they are"
            )
    return warnings


def _shifted(key: str, hours: np.ndarray, history: pl.DataFrame) -> str | None:
    """A warning where a feed's day looks like its days before, some hours shifted: its zone may have changed."""
    before = [row for row in history.sort("named_on", "file_number")["hours"].tail(200) if row is not None]
    if not before or hours.sum() < LEAST_RECORDS:
        return None
    usual = np.sum([row.to_list() for row in before], axis=0)
    if usual.sum() < LEAST_RECORDS:
        return None
    fits = {shift: _correlation(np.roll(hours, -shift), usual) for shift in range(-11, 13)}
    best = max(fits, key=lambda shift: (fits[shift], -abs(shift)))
    if best == 0 or fits[best] < FITS or fits[0] > DOES_NOT:
        return None
    way = "later" if best > 0 else "earlier"
    return f"feed {key}: its day looks {abs(best)} h {way} than its days before: did its time zone change?"


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
