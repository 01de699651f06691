"""Family B: laws written to differ from family A's, for evaluation only.

Talk time is truncated log-logistic (Vaz de Melo et al., 2010), contacts come in circles and their number follows a
power law with a cut-off (Onnela et al., 2007), people explore and return (Song et al., 2010; waiting time and jumps as
published there), towns are grids of blocks that thin out from the middle, networks lack other fields, and rigs keep
other shifts and rotate cards after more calls or fewer, in no fixed order.
"""

import msgspec
import numpy as np

from simbox.synth.days import in_runs, travel_s, walk_between_home_and_work
from simbox.synth.family import Family
from simbox.synth.laws import DAY_S, DURATION_MU, DURATION_SIGMA
from simbox.synth.network import Land
from simbox.synth.people import any_building
from simbox.synth.population import COMMUTES, Sims
from simbox.synth.randomness import Floats, Ints, runs_of, stream
from simbox.synth.scenario import Habit, Scenario
from simbox.synth.stays import Stays, join_stays

LONGEST_TALK_S = 3600.0
# A log-logistic of this shape for each lognormal deviation has the published mean of 97-100 s with a median of 44 s.
SHAPE = 1.8
DEGREE_LEAST, DEGREE_EXPONENT, DEGREE_MOST = 3.4, 1.9, 300
CIRCLES = (0.45, 0.78)
INNER, MIDDLE = 3, 12
INNER_SHARES = (0.5, 0.3, 0.2)
VISITS = 5
WAIT_BETA, WAIT_LEAST_H, WAIT_MOST_H = 0.8, 0.3, 17.0
JUMP_BETA, JUMP_LEAST_KM = 1.75, 0.3
# Scouters, regulars and routiners (Zen): how many there are, and how often each goes somewhere new.
EXPLORERS, EXPLORES = (0.203, 0.548, 0.25), (0.45, 0.15, 0.04)
CANDIDATES = 8
STREET_KM = 0.14


def talk_time_s(
    rng: np.random.Generator, count: int, mu: float | Floats = DURATION_MU, sigma: float | Floats = DURATION_SIGMA
) -> Floats:
    """Talk times of answered calls: truncated log-logistic, whole seconds, at least one."""
    shape = SHAPE / np.asarray(sigma)
    # Truncation by drawing below the share of calls that end in time.
    longest = 1.0 / (1.0 + (np.exp(mu) / LONGEST_TALK_S) ** shape)
    uniform = rng.random(count) * longest
    seconds = np.exp(mu) * (uniform / (1.0 - uniform)) ** (1.0 / shape)
    return np.clip(np.ceil(seconds), 1, LONGEST_TALK_S)


def contact_rank(rng: np.random.Generator, contacts: Ints) -> Ints:
    """Which contact is called: one of the inner three, of the circle around them, or any."""
    circle = rng.random(contacts.size)
    within = rng.random(contacts.size)
    inner = np.searchsorted(np.cumsum(INNER_SHARES)[:-1], within, side="right")
    middle = INNER + np.floor(within * MIDDLE).astype(np.int64)
    anyone = np.floor(within * contacts).astype(np.int64)
    rank: Ints = np.where(circle < CIRCLES[0], inner, np.where(circle < CIRCLES[1], middle, anyone))
    # Whoever has a small circle calls all of it.
    return np.where(rank < contacts, rank, np.floor(within * contacts).astype(np.int64))


def befriend(seed: int, sims: Sims) -> None:
    """Numbers of contacts by a power law with a cut-off; who talks much has many."""
    rng = stream(seed, "degrees")
    luck = np.log(np.maximum(sims.popularity, 1e-9)) + 1.3 * rng.standard_normal(sims.count)
    below = (np.argsort(np.argsort(luck)) + 0.5) / sims.count
    degree = DEGREE_LEAST * (1.0 - below) ** (-1.0 / (DEGREE_EXPONENT - 1.0))
    sims.contacts = np.clip(degree, 2, DEGREE_MOST).astype(np.int64)


def walk(rng: np.random.Generator, sims: Sims, land: Land, people: Ints, weekend: bool) -> Stays:
    """A day of visits to places known and new, each stay short or long by a power law; trains leave as in family A."""
    by_train = sims.departs_s[people] > 0
    others = _explore(rng, sims, land, people[~by_train], weekend)
    return join_stays([others, walk_between_home_and_work(rng, sims, land, people[by_train], weekend)])


def _explore(rng: np.random.Generator, sims: Sims, land: Land, people: Ints, weekend: bool) -> Stays:
    count = people.size
    home = sims.home[people]
    works = (sims.moves[people] == COMMUTES) & (rng.random(count) < (0.25 if weekend else 0.9))
    # What kind of explorer somebody is lasts.
    kind = np.searchsorted(np.cumsum(EXPLORERS)[:-1], people * 0.6180339887498949 % 1.0, side="right")
    known = np.stack([home, sims.work[people], *sims.others[people].T], axis=1)
    spots = [home]
    for visit in range(VISITS):
        usual = known[np.arange(count), rng.choice(known.shape[1], count, p=(0.3, 0.25, 0.2, 0.15, 0.1))]
        usual = np.where(~works & (usual == sims.work[people]), home, usual)
        spot = np.where(rng.random(count) < np.array(EXPLORES)[kind], _new_place(rng, land, home), usual)
        spots.append(np.where(works, sims.work[people], spot) if visit == 0 else spot)
    spots.append(home)
    at = np.stack(spots, axis=1).astype(np.int64)
    starts = np.zeros((count, 2 * VISITS + 3))
    clock = np.maximum(np.where(works, rng.gumbel(7.4, 0.6, count), rng.gumbel(10.0, 2.0, count)), 0.5) * 3600
    for visit in range(1, VISITS + 2):
        # Nobody sets out for anywhere but home at night.
        at[:, visit] = np.where(clock > 20.5 * 3600, home, at[:, visit])
        starts[:, 2 * visit - 1] = clock
        clock = clock + travel_s(land, at[:, visit - 1], at[:, visit])
        starts[:, 2 * visit] = clock
        wait_s = _waits_s(rng, count)
        clock = clock + np.where(works & (visit == 1), np.maximum(wait_s, rng.uniform(5.0, 9.0, count) * 3600), wait_s)
    origin, spot = np.zeros(starts.shape, dtype=np.int64), np.zeros(starts.shape, dtype=np.int64)
    origin[:, 0::2] = spot[:, 0::2] = at
    origin[:, 1::2], spot[:, 1::2] = at[:, :-1], at[:, 1:]
    return in_runs(people, starts, origin, spot)


def _waits_s(rng: np.random.Generator, count: int) -> Floats:
    """How long people stay: power law between twenty minutes and seventeen hours."""
    tail = (WAIT_MOST_H / WAIT_LEAST_H) ** -WAIT_BETA
    hours: Floats = WAIT_LEAST_H * (1.0 - rng.random(count) * (1.0 - tail)) ** (-1.0 / WAIT_BETA)
    return np.minimum(hours * 3600.0, DAY_S)


def _new_place(rng: np.random.Generator, land: Land, home: Ints) -> Ints:
    """A building that seldom is far: one of several, the likelier by the power law of jumps."""
    city = np.repeat(land.city[home], CANDIDATES)
    there = any_building(rng, land, city).reshape(home.size, CANDIDATES)
    km = np.hypot(land.lat[there] - land.lat[home][:, None], (land.lon[there] - land.lon[home][:, None]) * 0.7) * 111.32
    weight = np.cumsum((km + JUMP_LEAST_KM) ** -JUMP_BETA, axis=1)
    chosen = (weight < rng.random(home.size)[:, None] * weight[:, -1:]).sum(axis=1)
    place: Ints = there[np.arange(home.size), np.minimum(chosen, CANDIDATES - 1)]
    return place


def blocks(rng: np.random.Generator, radius_km: float, count: int) -> Floats:
    """Buildings along a grid of streets, the fewer the farther from the middle; kilometres east and north of it."""
    away = radius_km * rng.gamma(2.0, 0.24, count)
    angle = rng.uniform(0, 2 * np.pi, count)
    km = np.stack([away * np.cos(angle), away * np.sin(angle)], axis=1)
    # One of the two coordinates lies on a street.
    along = rng.integers(0, 2, count)
    rows = np.arange(count)
    km[rows, along] = np.rint(km[rows, along] / STREET_KM) * STREET_KM
    turn = rng.uniform(0, np.pi / 2)
    turned: Floats = km @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return turned


def operators(scenario: Scenario, seed: int) -> Scenario:
    """Other networks with other files: what one writes and lacks in family A, another does here."""
    habits = list(scenario.operators.values())
    drawn = {
        key: _other_habit(stream(seed, "family B's habits", number), number, habits[number - 1], habit)
        for number, (key, habit) in enumerate(scenario.operators.items())
    }
    per_site = (scenario.sims_per_site[0] * 0.6, scenario.sims_per_site[1] * 0.8)
    return msgspec.structs.replace(scenario, operators=drawn, sims_per_site=per_site)


def _other_habit(rng: np.random.Generator, number: int, before: Habit, habit: Habit) -> Habit:
    return msgspec.structs.replace(
        before,
        mcc_mnc=f"436-{number + 1:02d}",
        msisdn_prefixes=habit.msisdn_prefixes,
        market_share=habit.market_share,
        mo_sms_radio=bool(rng.random() < 0.6),
        mt_sms_radio=bool(rng.random() < 0.6),
        mt_voice_radio=bool(rng.random() < 0.9),
        data_records=str(rng.choice(["none", "sparse"])),
        lost_legs_share=float(rng.uniform(0.001, 0.006)),
    )


def turns(rng: np.random.Generator, made: Ints, cap: int) -> tuple[Ints, Ints]:
    """A card's turn ends after more calls or fewer, as it does where talk time is counted and not calls."""
    owner, _ = runs_of(made)
    # Each call ends the turn with a chance such that turns have as many calls as the cap, on average.
    ends = rng.random(owner.size) < 1.0 / cap
    fresh = np.concatenate([[True], (np.diff(owner) != 0) | ends[:-1]])[: owner.size]
    first = np.flatnonzero(fresh)
    return owner[first], np.diff(np.append(first, owner.size))


def shift_h(rng: np.random.Generator, vishing: bool) -> tuple[float, float]:
    """A shift before or after noon, or from noon into the night."""
    if vishing:
        opening = float(rng.choice([7.6, 11.5]) + rng.normal(0.0, 0.3))
        return opening, opening + float(rng.uniform(7.0, 9.0))
    return float(rng.normal(12.5, 2.0)), float(min(rng.normal(23.2, 0.4), 23.7))


FAMILY_B = Family(
    name="B",
    talk_time_s=talk_time_s,
    contact_rank=contact_rank,
    befriend=befriend,
    walk=walk,
    buildings=blocks,
    city_exponent=(0.2, 0.5),
    operators=operators,
    turns=turns,
    in_turn=False,
    shift_h=shift_h,
    weekend_share=lambda vishing: 0.6 if vishing else 0.8,
)
