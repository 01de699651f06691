"""Whether two SIMs fall silent and start again together, for whole nights, while others at that place are heard."""

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.rigs.candidates import spread
from simbox.rigs.comparisons import links_of
from simbox.rigs.crowd import Crowd
from simbox.rigs.strangers import found_afar

# When a box rests, a third of its cards stop and start within the same two hours as another one does: the last call of
# each falls where its callers let it. Set by reasoning: in the worlds of the scenarios no box rests.
TOGETHER_CHANCE = 0.3
HOURS_A_SLOT = 2
# Whatever is counted, one in ten of a house is silent with another one: of a cut of its power no mast tells.
LEAST_CHANCE = 0.1
# A card that is away for longer was in a drawer: whatever wakes it is no pause of the box.
LONGEST_NIGHTS = 7
CENTI = 100

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def silent_together(
    records: pl.DataFrame, spoken: pl.DataFrame, squares: pl.DataFrame, crowd: Crowd, candidates_per_sim: int
) -> pl.DataFrame:
    """Silences of whole nights, at a place where both are at home, that begin and end within the same two hours of the
    same nights; each silence of only one of them, while the other was about, speaks against it.

    A stranger's chance is the share of those usually at the place, suspects (`records`) aside, who were missed there as
    well, or that of suspects far away, of the same operator and about then, who were silent so, whichever is more: of
    an outage, a lost file, or a holiday nobody is to blame. `events` are the silences they have in common.
    """
    silences = _silences(spoken)
    afar = _silent_afar(silences, spoken, squares)
    at_home = silences.join(afar, on=["imsi", "silence"]).join(crowd.homes, on="imsi")
    rows = (
        _missed(at_home, records, crowd)
        .with_columns(chance=pl.max_horizontal("chance", "missed", LEAST_CHANCE))
        .filter(pl.col("chance") < TOGETHER_CHANCE)
        .with_columns(own=pl.len().over("imsi").cast(pl.Int64))
        .sort("place", "silence", "at_s", "imsi")
    )
    slot = rows.select(pl.struct("place", "silence").rle_id().cast(pl.Int64)).to_series().to_numpy()
    # Of those silent at one place and time each is paired with so many that stopped after it.
    following = np.arange(rows.height) + 1
    most = np.maximum(candidates_per_sim // rows["own"].to_numpy(), 1)
    one, other = spread(following, np.minimum(np.searchsorted(slot, slot, side="right"), following + most))
    sims, sim = np.unique(rows["imsi"].to_numpy(), return_inverse=True)
    a, b = np.minimum(sim[one], sim[other]), np.maximum(sim[one], sim[other])
    chance = rows["chance"].to_numpy()
    met = pl.DataFrame(
        {
            "a": a,
            "b": b,
            "silence": rows["silence"].gather(one),
            "chance": np.maximum(chance[one], chance[other]),
            "first_at": pl.select(pl.min_horizontal(rows["stop"].gather(one), rows["stop"].gather(other))).to_series(),
            "last_at": pl.select(pl.max_horizontal(rows["start"].gather(one), rows["start"].gather(other))).to_series(),
        }
    )
    # Of the places where both are at home the one counts where others are missed least.
    each = met.sort("a", "b", "silence", "chance", "first_at", "last_at").unique(
        ["a", "b", "silence"], keep="first", maintain_order=True
    )
    pairs = each.group_by("a", "b", maintain_order=True).agg(
        events=pl.len().cast(pl.Int64),
        centipoints=(CENTI * 10 * (TOGETHER_CHANCE / pl.col("chance")).log(2)).round(0).cast(pl.Int64).sum(),
        first_at=pl.col("first_at").min(),
        last_at=pl.col("last_at").max(),
    )
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    alone = _silences_while_about(silences, spoken, sims, a, b) - 2 * pairs["events"].to_numpy()
    against = 10 * np.log2(1 - TOGETHER_CHANCE) * np.maximum(alone, 0)
    told = pairs.with_columns(
        imsi_a=pl.Series(sims[a]),
        imsi_b=pl.Series(sims[b]),
        weight=pl.col("centipoints") / CENTI + pl.Series(against),
        forward=pl.lit(value=False),
        backward=pl.lit(value=False),
    )
    return links_of(told, "silent_together")


def _silences(spoken: pl.DataFrame) -> pl.DataFrame:
    """(imsi, from_night, to_night, stop, start, at_s, silence) of gaps of whole nights: the nights of the last leg
    before and the first one after, when these were, and a number that says in which two hours."""
    slot_s = HOURS_A_SLOT * 3600
    legs = spoken.select("imsi", "started_at", night=pl.col("night").dt.epoch("d").cast(pl.Int64)).sort(
        "imsi", "started_at", "night"
    )
    same = pl.col("imsi") == pl.col("imsi").shift()
    nights = pl.col("to_night") - pl.col("from_night") - 1
    stop, start = (pl.col(name).dt.epoch("s") for name in ("stop", "start"))
    return (
        legs.select(
            "imsi",
            is_same=same,
            from_night=pl.col("night").shift(),
            to_night="night",
            stop=pl.col("started_at").shift(),
            start="started_at",
        )
        .filter(pl.col("is_same") & nights.is_between(1, LONGEST_NIGHTS))
        .with_columns(at_s=stop, silence=(stop // slot_s) * 1_000_000 + start // slot_s)
        .drop("is_same")
    )


def _missed(silences: pl.DataFrame, records: pl.DataFrame, crowd: Crowd) -> pl.DataFrame:
    """Silences at a place with the share of the SIMs usually there, but suspects, that were `missed` in the nights
    between; of a place where nobody else is all that may be said is that."""
    night = pl.col("night").dt.epoch("d").cast(pl.Int64)
    at = silences.select("place").unique()
    suspects = (
        records.drop_nulls("place")
        .join(at, on="place", how="semi")
        .group_by("place", "night")
        .agg(own=pl.col("imsi").n_unique())
    )
    others = (
        crowd.sims_at_place.join(at, on="place", how="semi")
        .join(suspects, on=["place", "night"], how="left")
        .select(
            "place",
            night=night,
            others=(pl.col("place_sims").cast(pl.Int64) - pl.col("own").fill_null(0).cast(pl.Int64)).clip(0),
        )
    )
    places = others["place"].unique().sort()
    known = silences.filter(pl.col("place").is_in(places.implode()))
    begins = int(others.select(pl.col("night").min().fill_null(0)).item())
    nights = int(others.select(pl.col("night").max().fill_null(0)).item()) - begins + 1
    # Of each place those of all nights before one: all places by all spans of nights would be millions.
    cell = np.searchsorted(places.to_numpy(), others["place"].to_numpy()) * nights + others["night"].to_numpy() - begins
    heard = np.bincount(cell, others["others"].to_numpy(), places.len() * nights).astype(np.int64)
    before = np.zeros((places.len(), nights + 1), dtype=np.int64)
    before[:, 1:] = heard.reshape(-1, nights).cumsum(axis=1)
    place = np.searchsorted(places.to_numpy(), known["place"].to_numpy())
    first, last = (
        np.clip(known[name].to_numpy() - begins + more, 0, nights)
        for name, more in (("from_night", 1), ("to_night", 0))
    )
    length = pl.col("to_night") - pl.col("from_night") - 1
    all_nights = crowd.sims_at_place["night"].n_unique()
    return (
        known.with_columns(
            total=pl.Series(before[place, -1]), during=pl.Series(before[place, last] - before[place, first])
        )
        .with_columns(
            usual=(pl.col("total") - pl.col("during")) / pl.max_horizontal(all_nights - length, 1),
            heard=pl.col("during") / length,
        )
        .with_columns(missed=((pl.col("usual") - pl.col("heard")).clip(0) + 1) / (pl.col("usual") + 1))
        .drop("total", "during", "usual", "heard")
    )


def _silent_afar(silences: pl.DataFrame, spoken: pl.DataFrame, squares: pl.DataFrame) -> pl.DataFrame:
    """(imsi, silence, chance): how many suspects far away were silent in the same nights and hours, of those of the
    operator who were about before and after."""
    night = pl.col("night").dt.epoch("d").cast(pl.Int64)
    lives = spoken.group_by("imsi").agg(
        operator=pl.col("operator").cast(pl.String).min(), first=night.min(), last=night.max()
    )
    every = lives.group_by("operator").agg(everybody=pl.len())
    spans = silences.select("from_night", "to_night").unique()
    about = (
        lives.group_by("operator", "first", "last")
        .agg(sims=pl.len())
        .join(spans, how="cross")
        .filter((pl.col("first") <= pl.col("from_night")) & (pl.col("last") >= pl.col("to_night")))
        .group_by("operator", "from_night", "to_night")
        .agg(about=pl.col("sims").sum())
        .join(every, on="operator")
        .select("operator", "from_night", "to_night", about_share=pl.col("about") / pl.col("everybody"))
    )
    found = []
    for (operator,), of_operator in lives.sort("imsi").group_by("operator", maintain_order=True):
        own = silences.join(of_operator, on="imsi", how="semi")
        sims = of_operator.select("imsi", anything=pl.lit(0))
        everybody = found_afar(sims, squares, "anything").select("imsi", everybody="afar")
        silent = found_afar(own.select("imsi", "silence"), squares, "silence").select("imsi", "silence", "afar")
        found.append(
            own.select("imsi", "silence", "from_night", "to_night", operator=pl.lit(operator))
            .join(everybody, on="imsi")
            .join(silent, on=["imsi", "silence"])
        )
    if not found:
        return pl.DataFrame(schema={"imsi": pl.Int64, "silence": pl.Int64, "chance": pl.Float64})
    chance = (pl.col("afar") + 1) / (pl.col("everybody") * pl.col("about_share") + 1)
    return (
        pl.concat(found)
        .join(about, on=["operator", "from_night", "to_night"])
        .select("imsi", "silence", chance=chance.clip(upper_bound=1))
    )


def _silences_while_about(silences: pl.DataFrame, spoken: pl.DataFrame, sims: Longs, a: Longs, b: Longs) -> Longs:
    """How many silences either SIM of each pair has that begin while the other is about."""
    night = pl.col("night").dt.epoch("d").cast(pl.Int64)
    lives = spoken.group_by("imsi").agg(first=night.min(), last=night.max())
    lives = pl.DataFrame({"imsi": sims}).join(lives, on="imsi", how="left", maintain_order="left")
    first, last = (lives[name].to_numpy() for name in ("first", "last"))
    begins = first.min(initial=last.max(initial=0))
    first, last = first - begins, last - begins
    nights = int(last.max(initial=0)) + 2
    own = silences.join(lives.select("imsi"), on="imsi", how="semi")
    cell = np.searchsorted(sims, own["imsi"].to_numpy()) * nights + own["from_night"].to_numpy() - begins + 1
    begun = np.bincount(cell, minlength=sims.size * nights).reshape(sims.size, nights).cumsum(axis=1)
    of_a = begun[a, last[b]] - begun[a, first[b]]
    of_b = begun[b, last[a]] - begun[b, first[a]]
    both: Longs = of_a + of_b
    return both
