"""Weights estimated instead of set: FEATURES with known answers to a scorecard.

    worlds -> bins of every sign -> for each way of cheating and window an additive model -> tables of points
           -> one slope and offset after the strongest is taken -> bands by expected false discoveries

The model is a logistic regression on the steps from bin to bin, each step held to the direction that the domain gives
and pulled towards none, so that a table is as smooth as its examples are few. Some worlds are kept out of the fit: on
those the slope, the offset and the bands are set.
"""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import minimize
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from simbox.scoring.scorecard import Bands, Calibration, Context, Expert, Scorecard, Term
from simbox.scoring.ways import CONTEXT_SIGNS, SIGNS, WAYS, Sign, Way

POINTS = 10 / log(2)
MISSING = 255
# Windows that share their tables: a longer one than the worlds have nights is judged by their longest.
WINDOWS = ((1,), (3,), (7, 14, 30))
# What is not known may speak against a SIM, but hardly for its guilt, whatever it makes up for elsewhere.
MOST_WITHOUT = 12
# How many signs an expert keeps.
TERMS = 16
# Of the lawful SIMs that do hardly anything, many and alike, one in so many is learned from and counts for all.
IDLE_SHARE = 8
BUSY_A_NIGHT = 8.0
# One night is much like the next: of a lawful SIM's one in so many is learned from.
NIGHT_SHARE = 3
# SIMs, in thousandths, that are learned from as if their feed had no cells, and as many as if it had no IMEIs.
BLIND_PERMILLE = 60
# Share of rig SIMs at which models are fitted: that among SIMs which deserve a second look.
FIT_PREVALENCE = 0.002
FIT_PRIOR = log(FIT_PREVALENCE / (1 - FIT_PREVALENCE))
# Pull of each step towards none, in examples: those of one rig are alike, so they say less than as many strangers.
PULL = 4.0
CHOOSING_ROWS, FIT_ROWS = 24_000, 60_000
# Steps of the optimiser for the choice among all signs, and for the weights of those chosen.
CHOOSING_STEPS, STEPS = 5, 10
LEAST_LENGTH, LEAST_GAIN = 0.01, 1e-4

Bins = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Examples(NamedTuple):
    """Rows (SIM, night, window): `bins` has a column for each sign, `facts` what is known of each row.

    `facts`: world, night, imsi, window_nights, rig, kind, level, modifiers, segment, weight; `way` names the way of
    cheating of a rig's SIM where kind and level do not tell.
    """

    bins: Bins
    facts: pl.DataFrame


def to_examples(features: pl.DataFrame, world: str, *, thin: bool = True) -> Examples:
    """FEATURES with answers to bins of every sign; `thin` leaves out most of the lawful SIMs that are idle."""
    busiest = pl.max_horizontal("mo_calls_a_night", "sms_mo_a_night", "received_codes_a_night").max().over("imsi")
    idle = pl.col("rig").is_null() & (busiest.fill_null(0.0) < BUSY_A_NIGHT)
    rows = features.with_columns(
        weight=pl.when(idle & thin).then(float(IDLE_SHARE)).otherwise(1.0) * (NIGHT_SHARE if thin else 1),
        drawn=draw(features["imsi"]),
    )
    if thin:
        in_turn = (pl.col("drawn") + pl.col("night").to_physical()) % NIGHT_SHARE == 0
        drawn_idle = pl.col("drawn") // NIGHT_SHARE % IDLE_SHARE == 0
        lawful = pl.col("rig").is_null()
        rows = rows.filter(~lawful | in_turn & (~idle | drawn_idle)).with_columns(
            weight=pl.when(lawful).then("weight").otherwise(1.0)
        )
    rows = rows.with_columns(longest=pl.col("window_nights").max().over("night", "imsi"))
    looking_back = [sign.feature for sign in SIGNS if sign.longest]
    far = rows.select("night", "imsi", "longest").join(
        rows.select("night", "imsi", *looking_back, longest="window_nights"),
        on=["night", "imsi", "longest"], how="left", maintain_order="left",
    )  # fmt: skip
    bins = np.empty((rows.height, len(SIGNS)), dtype=np.uint8)
    for number, sign in enumerate(SIGNS):
        bins[:, number] = bin_of(sign.edges, (far if sign.longest else rows)[sign.feature])
    facts = rows.select(
        pl.lit(world).alias("world"), "night", "imsi", "window_nights",
        "rig", "kind", "level", "modifiers", "segment", "weight", pl.lit(None, dtype=pl.String).alias("way"),
    )  # fmt: skip
    return Examples(bins, facts)


def bin_of(edges: Sequence[float], values: pl.Series) -> Bins:
    """The bin of each value among ascending edges, MISSING where it is null."""
    found = values.to_numpy()
    return np.where(np.isnan(found), MISSING, np.searchsorted(np.array(edges), found, side="right")).astype(np.uint8)


def draw(imsi: pl.Series) -> pl.Series:
    """A number for each SIM that says nothing of it: one multiplication of its identity, the high bits."""
    mixed = imsi.to_numpy().astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return pl.Series("draw", (mixed >> np.uint64(40)).astype(np.int64))


def join_examples(parts: Sequence[Examples]) -> Examples:
    """Examples of several worlds together."""
    return Examples(np.concatenate([part.bins for part in parts]), pl.concat([part.facts for part in parts]))


def blind(examples: Examples) -> Examples:
    """The same with the places of some SIMs and the handsets of others left out, as if their feed had none."""
    drawn = draw(examples.facts["imsi"]).to_numpy() // (NIGHT_SHARE * IDLE_SHARE) % 1000
    bins = examples.bins.copy()
    for group, (first, last) in {
        "place": (0, BLIND_PERMILLE),
        "handset": (BLIND_PERMILLE // 2, BLIND_PERMILLE * 3 // 2),
    }.items():
        rows = np.flatnonzero((drawn >= first) & (drawn < last))
        columns = [number for number, sign in enumerate(SIGNS) if sign.needs == group]
        bins[rows[:, None], np.array(columns)] = MISSING
    return examples._replace(bins=bins)


def limit(sign: Sign, table: Floats) -> Floats:
    """A sign's log-odds by bin within what it may take away and give."""
    kept = np.clip(table, sign.least / POINTS, sign.most / POINTS)
    kept[-1] = min(kept[-1], MOST_WITHOUT / POINTS)
    for value, points in sign.ceilings:
        above = 1 + sign.edges.index(value)
        kept[above:-1] = np.minimum(kept[above:-1], points / POINTS)
    return kept


class Draft(NamedTuple):
    """An expert in the making: for each sign (its column) the log-odds by bin, the last where it is missing."""

    name: str
    windows: tuple[int, ...]
    columns: list[int]
    tables: list[Floats]
    start: float


def fit_drafts(examples: Examples) -> list[Draft]:
    """A draft for each way of cheating and class of windows of which there are examples."""
    seen = blind(examples)
    drafts = [_fit(way, windows, seen) for way in WAYS for windows in WINDOWS]
    return [draft for draft in drafts if draft]


def _fit(way: Way, windows: tuple[int, ...], examples: Examples) -> Draft | None:
    facts = examples.facts
    inside = facts["window_nights"].is_in(windows).to_numpy()
    lawful = facts["rig"].is_null().to_numpy()
    cheats = inside & _is_way(facts, way)
    if facts.filter(pl.Series(cheats))["rig"].n_unique() < 2:
        return None
    rows = np.flatnonzero(inside & (lawful | cheats))
    is_rig = cheats[rows]
    weights = _weights(facts[rows], is_rig)
    columns = [number for number, sign in enumerate(SIGNS) if sign.code in way.signs]
    few = _some(is_rig, np.zeros(rows.size), CHOOSING_ROWS)
    columns = [c for c in columns if np.unique(examples.bins[rows[few.rows], c]).size > 1]
    bins = examples.bins[rows[few.rows]][:, columns]
    tables, _ = _additive(
        bins, is_rig[few.rows], weights[few.rows] * few.times, [SIGNS[c] for c in columns], CHOOSING_STEPS
    )
    chosen = _most_telling(columns, tables, bins, is_rig[few.rows], weights[few.rows])[:TERMS]
    total = np.zeros(rows.size)
    for column, table in zip(columns, tables, strict=True):
        if column in chosen:
            total += table[np.minimum(examples.bins[rows, column], table.size - 1)]
    few = _some(is_rig, total, FIT_ROWS)
    bins = examples.bins[rows[few.rows]][:, chosen]
    signs = [SIGNS[c] for c in chosen]
    tables, constant = _additive(bins, is_rig[few.rows], weights[few.rows] * few.times, signs, STEPS)
    everyone = examples.bins[rows[~is_rig]][:, chosen]
    return _centre(way, windows, chosen, tables, constant, everyone, weights[~is_rig])


class _Few(NamedTuple):
    """Rows to fit on, and for how many each counts."""

    rows: npt.NDArray[np.intp]
    times: Floats


def _some(is_rig: Bools, log_odds: Floats, most: int) -> _Few:
    """At most so many rows, a third of rigs at most; of the lawful the likest to rigs' all, of the others some."""
    rigs, lawful = np.flatnonzero(is_rig), np.flatnonzero(~is_rig)
    every = -(-rigs.size * 3 // most)
    kept = rigs[::every]
    lawful = lawful[np.argsort(-log_odds[lawful], kind="stable")]
    room = (most - kept.size) // 2
    like, unlike = lawful[:room], np.sort(lawful[room:])
    step = max(-(-unlike.size // room), 1)
    return _Few(
        np.concatenate([kept, like, unlike[::step]]),
        np.concatenate([
            np.full(kept.size, rigs.size / kept.size), np.ones(like.size),
            np.full(unlike[::step].size, unlike.size / max(unlike[::step].size, 1)),
        ]),
    )  # fmt: skip


def _is_way(facts: pl.DataFrame, way: Way) -> Bools:
    task = pl.col("modifiers").fill_null("").str.extract(r"\b(send|receive|sms_only)$").fill_null("call")
    drawn = pl.col("kind").is_in(way.kinds) & pl.col("level").is_in(way.levels) & task.is_in(way.tasks)
    own = pl.when(pl.col("way").is_null()).then(drawn).otherwise(pl.col("way") == way.name)
    found = facts.select(pl.col("rig").is_not_null() & own)
    return found.to_series().fill_null(value=False).to_numpy()


def _weights(facts: pl.DataFrame, is_rig: Bools) -> Floats:
    """A rig counts by the root of its rows, all rigs together as many as FIT_PREVALENCE says."""
    sizes = facts.select(pl.len().over("world", "rig")).to_series().to_numpy()
    own = facts["weight"].to_numpy()
    weights = np.where(is_rig, own / np.sqrt(sizes), own)
    weights[is_rig] *= is_rig.sum() / weights[is_rig].sum()
    weights[~is_rig] *= is_rig.sum() * (1 - FIT_PREVALENCE) / FIT_PREVALENCE / weights[~is_rig].sum()
    return weights


def _additive(
    bins: Bins,
    is_rig: Bools,
    weights: Floats,
    signs: Sequence[Sign],
    steps: int,
    known_log_odds: Floats | float = FIT_PRIOR,
) -> tuple[list[Floats], float]:
    """For each sign its log-odds by bin, the last where it is missing, and the log-odds of a SIM in all first bins.

    Likelihood of the weighted rows, given log-odds that are known without the signs, less PULL / 2 for each squared
    step.
    """
    sizes = np.array([len(sign.edges) + 2 for sign in signs])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    places = np.minimum(bins, (sizes - 1)[None, :]).astype(np.int32) + offsets[None, :-1].astype(np.int32)
    rows = csr_array(
        (np.ones(places.size), places.ravel(), np.arange(0, places.size + 1, len(signs))),
        shape=(places.shape[0], int(offsets[-1])),
    )
    known = [slice(int(first), int(last) - 1) for first, last in zip(offsets[:-1], offsets[1:], strict=True)]
    free: list[tuple[float | None, float | None]] = [(None, None)]
    for sign in signs:
        step = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}[sign.direction]
        free += [(0.0, 0.0), *[step] * len(sign.edges), (None, None)]
    # A step counts in its own bin and in all above it.
    spread = np.zeros((int(offsets[-1]) + 1, int(offsets[-1]) + 1))
    spread[0, 0] = 1.0
    spread[1:, 1:] = np.eye(int(offsets[-1]))
    for part in known:
        spread[part.start + 1 : part.stop + 1, part.start + 1 : part.stop + 1] = np.tril(
            np.ones((part.stop - part.start, part.stop - part.start))
        )
    pull = np.concatenate([[0.0], np.full(int(offsets[-1]), PULL)])

    def loss(made: Floats, log_odds: Floats) -> float:
        likelihood = np.where(is_rig, np.logaddexp(0, -log_odds), np.logaddexp(0, log_odds)) @ weights
        return float(likelihood + pull @ made**2 / 2)

    def told(made: Floats) -> Floats:
        tables = spread @ made
        found: Floats = rows @ tables[1:] + (tables[0] + known_log_odds)
        return found

    made = np.zeros(pull.size)
    log_odds = told(made)
    worth = loss(made, log_odds)
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-log_odds))
        wrong = weights * (chance - is_rig)
        slope = spread.T @ np.concatenate([[wrong.sum()], rows.T @ wrong]) + pull * made
        doubt = weights * np.maximum(chance * (1 - chance), 1e-9)
        by_bin = rows.T @ doubt
        bent = np.empty_like(spread)
        bent[1:, 1:] = (rows.T @ (rows.multiply(doubt[:, None]).tocsr())).toarray()
        bent[0, 0], bent[0, 1:], bent[1:, 0] = doubt.sum(), by_bin, by_bin
        bent = spread.T @ bent @ spread + np.diag(pull)
        bounds = [
            tuple(None if edge is None else edge - at for edge in two) for two, at in zip(free, made, strict=True)
        ]
        change = _within(slope, bent, bounds)
        length = 1.0
        while True:
            log_there = told(made + length * change)
            there = loss(made + length * change, log_there)
            if there <= worth or length < LEAST_LENGTH:
                break
            length /= 2
        gained = worth - there
        made, log_odds, worth = made + length * change, log_there, there
        if gained < LEAST_GAIN * abs(worth):
            break
    tables = (spread @ made)[1:]
    return [tables[first:last] for first, last in zip(offsets[:-1], offsets[1:], strict=True)], float(made[0])


def _within(slope: Floats, bent: Floats, bounds: Sequence[tuple[float | None, ...]]) -> Floats:
    """The change that lowers slope @ change + change @ bent @ change / 2 most and stays within bounds."""
    scale = 1 / np.sqrt(np.diag(bent))
    bent = bent * scale[:, None] * scale[None, :]
    limits = [tuple(None if b is None else b / s for b in two) for two, s in zip(bounds, scale, strict=True)]
    found = minimize(
        lambda c: ((slope * scale) @ c + c @ (bend := bent @ c) / 2, slope * scale + bend),
        np.zeros(slope.size), jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 500, "maxcor": 30},
    ).x  # fmt: skip
    return found * scale


def _rows_of(bins: Bins, place: int, table: Floats) -> Floats:
    found: Floats = table[np.minimum(bins[:, place], table.size - 1)]
    return found


def _most_telling(columns: list[int], tables: list[Floats], bins: Bins, is_rig: Bools, weights: Floats) -> list[int]:
    """The signs in the order of how far they move the log-odds of rigs' SIMs and of the lawful ones like them."""
    parts = np.stack([_rows_of(bins, place, table) for place, table in enumerate(tables)], axis=1)
    total = parts.sum(axis=1)
    hard = np.exp(np.clip(total - np.quantile(total[is_rig], 0.2), -20, 0)) * weights
    hard[is_rig] *= hard[~is_rig].sum() / hard[is_rig].sum()
    mean = np.average(parts, axis=0, weights=hard)
    # What speaks apart, not what is merely different from the crowd, is worth a place.
    spread = np.sqrt(np.average((parts - mean) ** 2, axis=0, weights=hard))
    return [columns[place] for place in np.argsort(-spread, kind="stable") if spread[place] > 0.02]


def _centre(
    way: Way, windows: tuple[int, ...], columns: list[int], tables: list[Floats], constant: float,
    lawful: Bins, weights: Floats,
) -> Draft:  # fmt: skip
    """Everyday habits, the lawful SIMs' weighted median of each sign, have no points but the expert's own."""
    centred = []
    for place, (column, table) in enumerate(zip(columns, tables, strict=True)):
        share = np.bincount(np.minimum(lawful[:, place], table.size - 1), weights=weights, minlength=table.size)
        known = np.cumsum(share[:-1])
        usual = int(np.searchsorted(known, known[-1] / 2)) if known[-1] else table.size - 1
        constant += float(table[usual])
        sign = SIGNS[column]
        centred.append(limit(sign, table - table[usual]))
    return Draft(way.name, windows, columns, centred, constant)


def evidence_of(drafts: Sequence[Draft], examples: Examples) -> pl.DataFrame:
    """(world, night, imsi, rig, level, segment, weight, log_odds) of each SIM and night: the strongest draft's."""
    windows = examples.facts["window_nights"].to_numpy()
    best = np.full(windows.size, -np.inf)
    for draft in drafts:
        rows = np.flatnonzero(np.isin(windows, draft.windows))
        best[rows] = np.maximum(best[rows], _total(draft, examples.bins[rows]))
    return (
        examples.facts.with_columns(log_odds=pl.Series(best))
        .group_by("world", "night", "imsi", maintain_order=True)
        .agg(
            pl.col("rig", "level", "segment", "weight").first(),
            pl.col("log_odds").max(),
        )
    )


# Lawful rows, in the order of a draft's log-odds, from which on its scale is set: those that it nearly takes for rigs'.
TAIL_SHARE = 0.005
SLOPES = (0.25, 1.25)


def align_drafts(drafts: Sequence[Draft], examples: Examples, prevalence: float) -> list[Draft]:
    """Each draft on a scale of its own that is honest where its false alarms are, on worlds it was not fitted on.

    An expert whose lawful look-alikes cheat in all but name would drown the others otherwise.
    """
    windows = examples.facts["window_nights"].to_numpy()
    lawful = examples.facts["rig"].is_null().to_numpy()
    ways = {way.name: _is_way(examples.facts, way) for way in WAYS}
    own = examples.facts["weight"].to_numpy()
    aligned = []
    for draft in drafts:
        rows = np.flatnonzero(np.isin(windows, draft.windows) & (lawful | ways[draft.name]))
        log_odds, is_rig = _total(draft, examples.bins[rows]), ~lawful[rows]
        if not is_rig.any():
            aligned.append(draft)
            continue
        weights = np.where(is_rig, 1.0, own[rows])
        weights[is_rig] *= weights[~is_rig].sum() * prevalence / is_rig.sum()
        weights *= is_rig.sum() / weights[is_rig].sum()
        tail = log_odds >= np.quantile(log_odds[~is_rig], 1 - TAIL_SHARE)
        model = LogisticRegression(C=1e6).fit(log_odds[tail, None], is_rig[tail], sample_weight=weights[tail])
        slope = float(np.clip(model.coef_[0, 0], *SLOPES))
        middle = np.average(log_odds[tail], weights=weights[tail])
        at_middle = float(model.intercept_[0]) + float(model.coef_[0, 0]) * middle - log(prevalence / (1 - prevalence))
        tables = [table * slope for table in draft.tables]
        aligned.append(draft._replace(tables=tables, start=draft.start * slope + at_middle - slope * middle))
    return aligned


def _total(draft: Draft, bins: Bins) -> Floats:
    total = np.full(bins.shape[0], draft.start)
    for column, table in zip(draft.columns, draft.tables, strict=True):
        total += table[np.minimum(bins[:, column], table.size - 1)]
    return total


def calibrate(found: pl.DataFrame, prevalence: float) -> tuple[float, float]:
    """Slope and offset that make the strongest draft's log-odds honest at the stated prevalence, each rig SIM alike."""
    is_rig = found["rig"].is_not_null().to_numpy()
    own = found["weight"].to_numpy()
    # Levels count alike: what rigs there are is not known, and most worlds hold more of one than of another.
    alike = (1 / pl.len().over("level")).alias("alike")
    by_level = found.select(alike).to_series().to_numpy()
    weights = np.where(is_rig, by_level, own)
    weights[~is_rig] *= weights[is_rig].sum() * (1 - prevalence) / prevalence / weights[~is_rig].sum()
    weights *= is_rig.sum() / weights[is_rig].sum()
    log_odds = found["log_odds"].to_numpy()[:, None]
    model = LogisticRegression(C=1e6).fit(log_odds, is_rig, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0]) - log(prevalence / (1 - prevalence))


def to_points(drafts: Sequence[Draft], slope: float, offset: float) -> list[Draft]:
    """The drafts made honest by slope and offset, in whole points instead of log-odds."""
    return [
        draft._replace(
            tables=[np.rint(table * slope * POINTS) for table in draft.tables],
            start=float(round((draft.start * slope + offset) * POINTS)),
        )
        for draft in drafts
    ]


def to_card(drafts: Sequence[Draft], bands: Bands, context: Context | None, name: str, origin: str) -> Scorecard:
    """The card that drafts in whole points are, bins that say the same as one."""
    experts = []
    for draft in drafts:
        pairs = zip(draft.columns, draft.tables, strict=True)
        terms = [term for column, table in pairs if (term := _to_term(SIGNS[column], table.astype(int).tolist()))]
        experts.append(Expert(draft.name, terms, draft.windows[0], int(draft.start)))
    return Scorecard(name, origin, bands, Calibration(), experts, context)


def _to_term(sign: Sign, table: list[int]) -> Term | None:
    known, without = table[:-1], table[-1]
    told = [number for number in range(len(sign.edges)) if known[number] != known[number + 1]]
    if not told:
        return None
    points = [known[0], *(known[number + 1] for number in told)]
    return Term(sign.code, sign.feature, [sign.edges[number] for number in told], points, without, sign.longest)


# Share of false discoveries, at the stated prevalence, that may be expected at each band and above.
FALSE_DISCOVERIES = {"watch": 0.8, "suspect": 0.15, "strong": 0.03}


def set_bands(found: pl.DataFrame, prevalence: float) -> Bands:
    """The least evidence from which on few false discoveries are expected at the prevalence, each level alike.

    `found`: rig, level, weight, evidence of SIMs and nights.
    """
    rigs = found.filter(pl.col("rig").is_not_null())
    alike = rigs.select(share=1 / pl.len().over("level") / pl.col("level").n_unique())["share"].to_numpy()
    lawful = found.filter(pl.col("rig").is_null())
    rigs_at, lawful_at = rigs["evidence"].to_numpy(), lawful["evidence"].to_numpy()
    own = lawful["weight"].to_numpy()
    set_at: list[int] = []
    for most in FALSE_DISCOVERIES.values():
        least = set_at[-1] + 1 if set_at else int(rigs_at.min())
        while least < rigs_at.max():
            hits = alike[rigs_at >= least].sum() * prevalence
            # One more than were seen: none among few says little.
            alarms = (own[lawful_at >= least].sum() + 1) / (own.sum() + 1) * (1 - prevalence)
            if alarms / (alarms + hits) <= most:
                break
            least += 1
        set_at.append(least)
    return Bands(*set_at)


# False positive rates at which cards are compared.
RATES = (1e-3, 1e-4)


def compare_cards(former: pl.DataFrame, found: pl.DataFrame) -> list[str]:
    """Recall by level at false positive rates, by the former card and by this one, a line each.

    `former` (world, night, imsi, evidence), `found` the same with rig and level. A SIM counts with what was thought of
    it on the last night on which it was active: after the first night of each world, and after all of them.
    """
    both = found.join(former, on=["world", "night", "imsi"], suffix="_former", how="inner")
    first = both.group_by("world").agg(pl.col("night").min())
    lines = []
    for title, rows in (("one night", both.join(first, on=["world", "night"], how="semi")), ("all nights", both)):
        last = rows.sort("night").unique(["world", "imsi"], keep="last", maintain_order=True)
        lawful = last.filter(pl.col("rig").is_null())
        lines.append(f"after {title}: {lawful.height} lawful SIMs; recall at 1e-3 and 1e-4, former card -> this one")
        limits = {
            (name, rate): _limit(lawful[name].to_numpy(), rate)
            for name in ("evidence_former", "evidence")
            for rate in RATES
        }
        caught = last.filter(pl.col("rig").is_not_null()).sort("level")
        for (level,), rigs in caught.group_by("level", maintain_order=True):
            recall = {key: float((rigs[key[0]].to_numpy() > limit).mean()) for key, limit in limits.items()}
            shown = [f"{recall['evidence_former', rate]:.2f} -> {recall['evidence', rate]:.2f}" for rate in RATES]
            lines.append(f"  {level}: {rigs.height:5d} SIMs   {'   '.join(shown)}")
    return lines


def _limit(evidence: npt.NDArray[np.int32], rate: float) -> int:
    """The evidence that must be exceeded for at most this share of lawful SIMs to be called, ties called together."""
    allowed = min(int(rate * evidence.size), evidence.size - 1)
    return int(np.partition(evidence, evidence.size - allowed - 1)[evidence.size - allowed - 1])


def fit_context(found: pl.DataFrame, prevalence: float) -> Context:
    """What the others around a SIM add to its own honest log-odds, on worlds that its experts were not fitted on.

    `found` is that of evidence_of with honest `log_odds`, CONTEXT, and `near_rig`: whether a lawful SIM is at home at a
    rig's place. Worlds hold many more rigs to a place than countries; so lawful SIMs near rigs count with the rigs,
    those far from any for the rest of the country.
    """
    is_rig = found["rig"].is_not_null().to_numpy()
    near = found["near_rig"].to_numpy() & ~is_rig
    levels = found.select((1 / pl.len().over("level")).alias("alike")).to_series().to_numpy()
    own = found["weight"].to_numpy()
    weights = np.where(is_rig, levels, own)
    weights[is_rig] *= is_rig.sum() / weights[is_rig].sum()
    far = ~is_rig & ~near
    weights[far] *= is_rig.sum() * (1 - prevalence) / prevalence / weights[far].sum()
    bins = np.stack([bin_of(sign.edges, found[sign.feature].cast(pl.Float64)) for sign in CONTEXT_SIGNS], axis=1)
    prior = log(prevalence / (1 - prevalence))
    own_log_odds = found["log_odds"].to_numpy() + prior
    tables, constant = _additive(bins, is_rig, weights, CONTEXT_SIGNS, STEPS, own_log_odds)
    tables = [limit(sign, table) for sign, table in zip(CONTEXT_SIGNS, tables, strict=True)]
    total = own_log_odds + sum(table[np.minimum(bins[:, place], table.size - 1)] for place, table in enumerate(tables))
    # What was cut off must not leave everybody less suspect than he is.
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(total + constant)))
        constant -= float((weights * (chance - is_rig)).sum() / (weights * chance * (1 - chance)).sum())
    terms = []
    for sign, table in zip(CONTEXT_SIGNS, tables, strict=True):
        points = np.rint(table * POINTS).astype(int).tolist()
        term = _to_term(sign, points)
        if term:
            terms.append(term)
    return Context(terms, round(constant * POINTS))
