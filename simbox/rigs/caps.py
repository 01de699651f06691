"""Whether the turns of two SIMs end at one constant: a box takes a card out after so many calls, SMS or minutes."""

import numpy as np
import polars as pl

from simbox.rigs.pairs import Pairs, Told, tell
from simbox.rigs.strangers import found_afar

# A box has one rule for all its cards; half of those that keep to a number seem to keep to another one by chance.
CAP_CHANCE = 0.5
# A card's calls of a night fill a turn and begin another one: a third of its turns end at the constant, two at least.
# That they end after a call or two says nothing.
LEAST_TURNS = 2
CAP_SHARE = 1 / 3
LEAST_CAP = 3
MEASURES = ("calls", "sms", "minutes")
# What ends a turn: another place, another handset, the end of the day.
ENDS = ("place", "imei", "night")


def same_cap(pairs: Pairs, spoken: pl.DataFrame, squares: pl.DataFrame) -> Told:
    """LINKS of the pairs whose turns end at the same number of calls, SMS or whole minutes, worth more the fewer of the
    suspects far away that keep to such a number keep to this one: a tariff's limit is everybody's.

    A turn is a SIM's unbroken stay at a place, on a handset, or a night. `events` are the turns of the one that has
    fewer which ended so.
    """
    caps = find_caps(spoken)
    parts = []
    for (_, _), alike in caps.group_by("end", "measure", maintain_order=True):
        met = found_afar(alike.select("imsi", "cap"), squares, "cap")
        # Who stands for everybody is one of them: of what nobody was seen to do little is known where few were seen.
        share = (pl.col("afar") + 1) / (pl.col("any_afar") + 1)
        parts.append(
            alike.join(met, on=["imsi", "cap"]).with_columns(weight=10 * (CAP_CHANCE / share).log(2)).sort("imsi")
        )
    weight = np.full(pairs.a.size, -np.inf)
    events = np.zeros(pairs.a.size, dtype=np.int64)
    keeps = np.zeros(pairs.sims.size, dtype=np.bool_)
    keeps[np.searchsorted(pairs.sims, caps["imsi"].unique().sort().to_numpy())] = True
    both = np.flatnonzero(keeps[pairs.a] & keeps[pairs.b])
    a, b = pairs.a[both], pairs.b[both]
    for alike in parts:
        sim = np.searchsorted(pairs.sims, alike["imsi"].to_numpy())
        cap, turns = np.full((2, pairs.sims.size), -1, dtype=np.int64)
        worth = np.zeros(pairs.sims.size)
        cap[sim], turns[sim], worth[sim] = (alike[name].to_numpy() for name in ("cap", "turns", "weight"))
        told = np.where((cap[a] == cap[b]) & (cap[a] >= 0), np.minimum(worth[a], worth[b]), -np.inf)
        better = told > weight[both]
        weight[both[better]] = told[better]
        events[both[better]] = np.minimum(turns[a], turns[b])[better]
    return tell(pairs, weight, events, weight > 0)


def find_caps(spoken: pl.DataFrame) -> pl.DataFrame:
    """(end, measure, imsi, cap, turns) of the SIMs that keep to a constant: what ends their turns, what is counted in
    them, the commonest number and how many turns ended at it; in that order.

    Of a turn that the records cut off they hold a smaller number.
    """
    is_call = (pl.col("service") == "voice") & (pl.col("direction") == "mo")
    legs = (
        spoken.filter(pl.col("direction") != "cf")
        .select(
            "imsi",
            "started_at",
            *ENDS,
            calls=is_call.cast(pl.Int64),
            sms=((pl.col("service") == "sms") & (pl.col("direction") == "mo")).cast(pl.Int64),
            seconds=is_call * pl.col("duration_s").cast(pl.Int64),
        )
        .sort("imsi", "started_at", *ENDS, "calls", "sms", "seconds")
    )
    found = [_most_common(_turns(legs, end)).with_columns(end=pl.lit(end)) for end in ENDS]
    return pl.concat(found).select("end", "measure", "imsi", "cap", "turns").sort("end", "measure", "imsi")


def _turns(legs: pl.DataFrame, end: str) -> pl.DataFrame:
    """(imsi, calls, sms, minutes) of each turn."""
    known = legs.filter(pl.col(end).is_not_null())
    is_new = (pl.col("imsi") != pl.col("imsi").shift()) | (pl.col(end) != pl.col(end).shift())
    turns = (
        known.with_columns(turn=is_new.fill_null(value=True).cum_sum())
        .group_by("turn")
        .agg(pl.col("imsi").first(), pl.col("calls", "sms", "seconds").sum())
    )
    return turns.select("imsi", "calls", "sms", minutes=pl.col("seconds") // 60)


def _most_common(turns: pl.DataFrame) -> pl.DataFrame:
    """(measure, imsi, cap, turns) of the SIMs of whose turns, in which anything is made, enough end at one number."""
    return (
        turns.unpivot(MEASURES, index="imsi", variable_name="measure", value_name="cap")
        .filter(pl.col("cap") > 0)
        .group_by("imsi", "measure", "cap")
        .agg(turns=pl.len().cast(pl.Int64))
        .with_columns(all_turns=pl.col("turns").sum().over("imsi", "measure"))
        .filter(
            (pl.col("turns") >= LEAST_TURNS)
            & (pl.col("turns") >= CAP_SHARE * pl.col("all_turns"))
            & (pl.col("cap") >= LEAST_CAP)
        )
        # Of two numbers that end as many the larger one is the limit.
        .sort("imsi", "measure", "turns", "cap", descending=[False, False, True, True])
        .unique(["imsi", "measure"], keep="first", maintain_order=True)
    )
