"""Whether the turns of two SIMs end at one constant: a box takes a card out after so many calls, SMS or minutes."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.kernels.pairs import order_pairs
from simbox.rigs.chances import load_chances
from simbox.rigs.pairs import Pairs, Told, tell
from simbox.rigs.strangers import found_afar

# A card's calls of a night fill a turn and begin another one: a third of its turns end at the constant, two at least.
# That they end after a call or two says nothing.
LEAST_TURNS = 2
CAP_SHARE = 1 / 3
LEAST_CAP = 3
COUNTED = ("calls", "sms", "seconds")
# What ends a turn: another place, another handset, the end of the day.
ENDS = ("place", "imei", "night")

Longs = npt.NDArray[np.int64]


class Turns(NamedTuple):
    """Turns by SIM and time: whose they are, and what is made in each, by measure."""

    imsi: Longs
    made: dict[str, Longs]


def same_cap(pairs: Pairs, spoken: pl.DataFrame, squares: pl.DataFrame) -> Told:
    """LINKS of the pairs whose turns end at the same number of calls, SMS or whole minutes, worth more the fewer of the
    suspects far away that keep to such a number keep to this one: a tariff's limit is everybody's. A box has one rule
    for all its cards, but many of them seem to keep to another number by chance.

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
            alike.join(met, on=["imsi", "cap"])
            .with_columns(weight=10 * (load_chances().same_cap / share).log(2))
            .sort("imsi")
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


def _turns(legs: pl.DataFrame, end: str) -> Turns:
    """The turns of legs that come by SIM and time, which something ends where it is known."""
    known = legs.drop_nulls(end)
    imsi, value = known["imsi"].to_numpy(), known[end].to_physical().to_numpy()
    starts = np.flatnonzero((np.diff(imsi, prepend=-1) != 0) | (np.diff(value, prepend=-1) != 0))
    calls, sms, seconds = (
        np.add.reduceat(known[name].to_numpy(), starts) if starts.size else starts for name in COUNTED
    )
    return Turns(imsi[starts], {"calls": calls, "sms": sms, "minutes": seconds // 60})


def _most_common(turns: Turns) -> pl.DataFrame:
    """(measure, imsi, cap, turns) of the SIMs of whose turns, in which anything is made, enough end at one number."""
    found = [pl.DataFrame(schema={"measure": pl.String, "imsi": pl.Int64, "cap": pl.Int64, "turns": pl.Int64})]
    sim = np.cumsum(np.diff(turns.imsi, prepend=-1) != 0) - 1
    for measure, made in turns.made.items():
        row = np.flatnonzero(made > 0)
        order, starts = order_pairs(sim[row], made[row], int(sim.max(initial=-1)) + 1)
        ended = np.diff(starts, append=order.size)
        first = row[order[starts]]
        all_turns = np.bincount(sim[row])
        enough = (ended >= LEAST_TURNS) & (ended >= CAP_SHARE * all_turns[sim[first]]) & (made[first] >= LEAST_CAP)
        first, ended = first[enough], ended[enough]
        # Of two numbers that end as many the larger one is the limit.
        strongest = np.lexsort((made[first], ended, sim[first]))
        strongest = strongest[np.diff(sim[first[strongest]], append=-1) != 0]
        first = first[strongest]
        kept = {"imsi": turns.imsi[first], "cap": made[first], "turns": ended[strongest]}
        found.append(pl.DataFrame(kept).select(pl.lit(measure).alias("measure"), "imsi", "cap", "turns"))
    return pl.concat(found)
