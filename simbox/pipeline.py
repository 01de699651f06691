"""The whole way: a folder of operators' CDRs in, rigs and a seizure list out.

    take_in -> store -> for each night: census -> compute_bucket -> score_alone
                     -> seek_founders -> find_rigs -> list_sims -> the rig's points added once -> tables

A scan replays its nights in order, each on windows that end with it and on nothing known later: a scan over seven
nights and seven nightly runs share this code and give the same.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import polars as pl

from simbox import features, listing, report, rigs, scoring
from simbox.config import Config
from simbox.errors import InputError
from simbox.intake import NO_ALLOWANCES, Allowances, TakenIn, take_in
from simbox.looking_back import Bucket, LookingBack, Night
from simbox.stopwatch import Stopwatch
from simbox.store import Store
from simbox.tables.scores import USUAL
from simbox.tables.shown import ACTIVITY
from simbox.tables.streaming import TableStream
from simbox.telecom.cells import fuse_places

Progress = Callable[[str, int, int], None]
# What the habits of SIMs are read from.
HABIT_COLUMNS = ("imsi", "msisdn", "imei", "cell", "direction", "other_party", "night")


class Judged(NamedTuple):
    """Everything known after a night: each SIM's state, the rigs, the list."""

    state: scoring.State
    found: rigs.Found
    listed: listing.Listed
    activity: pl.DataFrame


class Scan(NamedTuple):
    """What a scan ends with: the tables of design's OUT, and what people are told of it."""

    taken: TakenIn
    nights: list[date]
    scores: pl.DataFrame
    history: pl.DataFrame
    reasons: pl.DataFrame
    last: Judged
    places: pl.DataFrame
    coverage: pl.DataFrame
    usual: pl.DataFrame
    warnings: list[str]
    seconds: dict[str, float]


def scan(
    source: Path,
    store: Store,
    features_file: Path,
    scratch: Path,
    config: Config,
    card: scoring.Scorecard,
    progress: Progress,
    judged: Callable[[list[date]], list[date]] = lambda nights: nights,
    allowed: Allowances = NO_ALLOWANCES,
) -> Scan:
    """Take a source folder in and judge its nights in order; FEATURES of the last one go to `features_file`.

    `judged` chooses among the store's nights those to judge; earlier ones only serve as their windows. `scratch` is an
    empty folder for what does not fit into memory, `allowed` what intake
    lets through this time.
    """
    watch = Stopwatch()
    with watch.time("intake"):
        taken = take_in(source, store, config, progress, allowed)
        places = fuse_places(taken.references.cells)
    nights = judged(store.nights())
    if not nights:
        raise InputError("there is no night to judge in the store")
    replay = Replay(store, features_file, scratch, taken, places, config, card, watch)
    history = []
    for number, night in enumerate(nights):
        progress("nights", number, len(nights))
        last = replay.judge(night, is_last=night == nights[-1])
        with watch.time("scoring"):
            scores = scoring.to_scores(last.state, card)
            history.append(scoring.to_history(scores, last.found.members, on_list(last.listed), night))
    progress("nights", len(nights), len(nights))
    reasons = scoring.to_reasons(last.state, last.found.points, card, replaced=last.found.replaced)
    return Scan(
        taken,
        nights,
        scores,
        pl.concat(history),
        reasons,
        last,
        places,
        replay.coverage(),
        replay.usual,
        replay.warnings(),
        watch.seconds,
    )


def on_list(listed: listing.Listed) -> pl.DataFrame:
    """The SIMs that count as listed: to seize or to review, not those that are only watched."""
    return listed.seizure_list.filter(pl.col("decision") != "watch")


class _Known(NamedTuple):
    """What a night's pass over the features leaves of all SIMs for the search for rigs."""

    habits: rigs.Habits
    lines: pl.DataFrame


class _Part(NamedTuple):
    """What is kept of the SIMs of some buckets, and the seconds that each stage took of a thread."""

    seen: pl.DataFrame
    habits: rigs.Habits
    lines: pl.DataFrame
    scored: scoring.Scored
    features: pl.DataFrame
    took: dict[str, float]


class Replay:
    """The nights one after the other, each knowing what the one before it left."""

    def __init__(
        self,
        store: Store,
        features_file: Path,
        scratch: Path,
        taken: TakenIn,
        places: pl.DataFrame,
        config: Config,
        card: scoring.Scorecard,
        watch: Stopwatch,
    ) -> None:
        self._store, self._features_file, self._scratch = store, features_file, scratch
        self._taken, self._places = taken, places
        self._config, self._card, self._watch = config, card, watch
        self._coverage: list[pl.DataFrame] = []
        self._extremes = features.Extremes()
        self._looking_back = LookingBack(store, places, config, report.COVERAGE_COLUMNS, self._cover)
        self._nights = self._looking_back.nights
        self._pairs_dropped = 0
        self.usual = USUAL.empty()
        self._last = Judged(scoring.NOTHING_KNOWN, rigs.NO_RIGS, listing.NOTHING_LISTED, ACTIVITY.empty())

    def judge(self, night: date, *, is_last: bool) -> Judged:
        """Everything known after `night`, from records up to it and what the night judged before left.

        Only of the last night FEATURES are written and links and activity kept: no other night's are read.
        """
        with self._watch.time("features"):
            looked = self._looking_back.prepare(night)
            self._extremes.see_handsets(looked.population.sims_on_imei[looked.windows[-1]])
            self.usual = self._find_usual(looked)
        state, known = self._score(looked, is_last=is_last)
        with self._watch.time("rigs"):
            found, records = self._find_rigs(state, looked, known, with_links=is_last)
        with self._watch.time("listing"):
            listed = self._list(found, records, state, night)
        with self._watch.time("scoring"):
            state = scoring.add_rigs(state, found.points, on_list(listed), night)
        activity = _activity(found, records) if is_last else ACTIVITY.empty()
        self._last = Judged(state, found, listed, activity)
        return self._last

    def _find_usual(self, looked: Night) -> pl.DataFrame:
        """USUAL of a night: what some SIMs do tells how far the card's edges are moved."""
        drawn = self._looking_back.draw(looked, scoring.SAMPLE_SIMS, {*scoring.MOVED, *self._card.needs()})
        nights = (looked.night - self._nights[0]).days + 1
        return scoring.find_scales(scoring.measure_usual(drawn, nights), self._card.usual)

    def warnings(self) -> list[str]:
        """What the judging could not do, and what it met that can't be meant, one sentence each."""
        warnings = self._extremes.warnings()
        if self._pairs_dropped:
            warnings.append(f"{self._pairs_dropped} candidate pairs were not compared: raise rigs.candidates_per_sim")
        return warnings

    def _cover(self, cdrs: pl.DataFrame) -> None:
        self._extremes.see_records(cdrs)
        self._coverage.append(report.count_records(cdrs, self._places))

    def coverage(self) -> pl.DataFrame:
        """COVERAGE of the nights up to the last judged one."""
        return report.join_coverage(self._coverage)

    def _score(self, looked: Night, *, is_last: bool) -> tuple[scoring.State, _Known]:
        """The state with every SIM active in the night scored alone, as many at a time as memory allows, and what is
        kept of all SIMs seen."""
        evidence, reasons, untold, seen, habits, lines = [], [], [], [], [], []
        histograms = scoring.EMPTY
        took: Counter[str] = Counter()
        start = perf_counter()
        fields = None if is_last else {*self._card.needs(), *rigs.LINE_FEATURES}
        stream = TableStream(features.FEATURES, self._features_file, self._scratch) if is_last else None
        work = partial(self._score_bucket, longest=looked.windows[-1], keep=is_last)
        with stream or nullcontext():
            for part in self._looking_back.map_buckets(looked, work, fields=fields):
                if stream is not None:
                    stream.add(part.features)
                seen.append(part.seen)
                habits.append(part.habits)
                lines.append(part.lines)
                evidence.append(part.scored.evidence)
                reasons.append(part.scored.reasons)
                untold.append(part.scored.untold)
                histograms = histograms.add(part.scored.histograms)
                took.update(part.took)
        self._watch.share(perf_counter() - start, took)
        with self._watch.time("scoring"):
            who = pl.concat(seen)
            given = scoring.finish_reasons(pl.concat(reasons), histograms, self.usual, who)
            base = scoring.base_points(self._config.scoring.prevalence)
            kept = scoring.finish_untold(pl.concat(untold), histograms, self.usual, looked.night)
            state = scoring.carry(self._last.state, who, pl.concat(evidence), given, base, kept)
            known = _Known(rigs.join_habits(habits), pl.concat(lines))
            state = self._look_around(state, known, looked)
        return state, known

    def _score_bucket(self, bucket: Bucket, longest: int, *, keep: bool) -> _Part:
        start = perf_counter()
        seen = features.sims_seen(bucket.read(features.SEEN_COLUMNS))
        habits = rigs.find_habits(features.add_place(bucket.read(HABIT_COLUMNS), self._places))
        lines = rigs.find_lines(bucket.features.filter(pl.col("window_nights") == longest))
        noted = perf_counter()
        who = seen.select("imsi", "operator")
        card, prevalence = self._card, self._config.scoring.prevalence
        scored = scoring.score_alone(bucket.features, who, card, prevalence, card.told_from(), self.usual)
        took = {"features": bucket.seconds + noted - start, "scoring": perf_counter() - noted}
        return _Part(seen, habits, lines, scored, bucket.features if keep else bucket.features.clear(), took)

    def _look_around(self, state: scoring.State, known: _Known, looked: Night) -> scoring.State:
        """The second pass: what the first one thinks of the SIMs around each, and what was reported by then."""
        habits = known.habits
        own = state.sims.select("imsi", evidence="evidence_own")
        suspects = own.filter(pl.col("evidence") >= scoring.SUSPECTS_FROM)
        called = self._store.read_sims(looked.held, suspects["imsi"], scoring.CALL_COLUMNS)
        around = scoring.Surroundings(
            habits.at_home.select("imsi", "place"),
            habits.handsets,
            habits.sims,
            self._looking_back.first_nights(),
            scoring.find_calls(called, habits.numbers),
            known.lines.select("imsi", "callees"),
        )
        context = scoring.score_context(scoring.measure_context(own, around), self._card)
        reports = scoring.score_reports(self._taken.references.reports, habits.numbers, looked.night)
        return scoring.look_around(state, context, reports)

    def _find_rigs(
        self, state: scoring.State, looked: Night, known: _Known, *, with_links: bool
    ) -> tuple[rigs.Found, pl.DataFrame]:
        """The rigs, and the placed records of the SIMs around them: read of suspects first, then of what is near the
        rigs they found."""
        limit = self._config.rigs.candidates_per_sim
        habits, held, night, population = known.habits, looked.held, looked.night, looked.population
        crowd = rigs.Crowd(
            sims=habits.sims.height,
            sims_on_imei=population.handsets,
            sims_at_place=population.sims_at_place,
            settled=habits.at_home.group_by("place").agg(settled_sims=pl.len()),
            places=self._places.select("place", "place_lat", "place_lon").unique(),
            imsis=habits.sims["imsi"].sort(),
            homes=habits.at_home,
            numbers=habits.numbers,
            popular=rigs.popular_numbers(habits, limit),
            lines=known.lines,
            begun=habits.begun,
        )
        # A rig's ties are what surrounds its SIMs: they are not counted on top of what these already added.
        own = state.sims.select("imsi", evidence_alone="evidence_own")
        seeds = state.sims.filter(pl.col("evidence") >= self._card.bands.watch).select("imsi")
        suspects = rigs.Suspects(
            records=self._records_of(seeds, held),
            evidence=own,
            begins=datetime.combine(self._nights[0], datetime.min.time(), tzinfo=UTC),
            night=night,
        )
        base = scoring.base_points(self._config.scoring.prevalence)
        founding = rigs.seek_founders(suspects, crowd, self._places, base, self._config.rigs)
        members = self._last.found.members.select("imsi")
        near = rigs.find_companions(habits, founding.founders, own, crowd, base)
        around = pl.concat([near, members]).unique()
        records = self._records_of(around, held)
        zones = pl.DataFrame(
            [(key, operator.timezone) for key, operator in self._config.operators.items()],
            schema={"operator": pl.String, "zone": pl.String},
            orient="row",
        )
        found = rigs.find_rigs(
            suspects._replace(records=records),
            founding,
            crowd,
            self._places,
            zones,
            self._last.found,
            base,
            self._config.rigs,
            with_links=with_links,
        )
        self._pairs_dropped = max(self._pairs_dropped, found.pairs_dropped)
        return found, records

    def _records_of(self, sims: pl.DataFrame, held: list[date]) -> pl.DataFrame:
        """Placed CDRS of some SIMs (imsi), in the store's order."""
        return features.add_place(self._store.read_sims(held, sims["imsi"]), self._places)

    def _list(self, found: rigs.Found, records: pl.DataFrame, state: scoring.State, night: date) -> listing.Listed:
        networks = {
            code.replace("-", ""): key for key, entry in self._config.operators.items() for code in entry.mcc_mncs
        }
        members = found.members.select("rig_id", "imsi", "probability")
        held = records.join(members.select("imsi"), on="imsi", how="semi")
        known = self._looking_back.first_nights()
        references = self._taken.references
        owners = listing.look_up_owners(
            known.join(members, on="imsi", how="semi"), known["imsi"], references.subscribers, networks, night
        )
        places = rigs.site_places(held.join(members.select("imsi", "rig_id"), on="imsi"))
        candidates = listing.Candidates(
            members=members,
            records=held,
            owners=owners,
            sites=places.join(found.sites.select("rig_id", "place_rank", "raid_windows"), on=["rig_id", "place_rank"]),
            places=self._places,
            reasons=scoring.to_reasons(state, found.points, self._card, members.select("imsi")),
            sims_seen=state.sims.height,
        )
        return listing.list_sims(
            candidates, references.gateways, references.exemptions, night, self._config.listing, self._last.listed
        )


def _activity(found: rigs.Found, records: pl.DataFrame) -> pl.DataFrame:
    members = found.members.select("rig_id", "imsi")
    placed = records.join(members, on="imsi")
    return report.member_activity(records, members, rigs.site_places(placed))
