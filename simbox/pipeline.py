"""The whole way: a folder of operators' CDRs in, rigs and a seizure list out.

    take_in -> store -> for each night: census -> what is usual -> compute_bucket -> score_alone -> the SIMs around
                     -> seek_founders -> find_rigs -> list_sims -> the rig's points added once -> tables

A scan replays its nights in order, each on windows that end with it and on nothing known later: a scan over seven
nights and seven nightly runs share this code and give the same.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox import features, listing, report, rigs, scoring
from simbox.config import Config
from simbox.errors import InputError
from simbox.intake import NO_ALLOWANCES, Allowances, TakenIn, take_in
from simbox.looking_back import LookingBack, Night
from simbox.night_scoring import Known, NightScoring
from simbox.stopwatch import Stopwatch
from simbox.store import Store
from simbox.tables.scores import USUAL
from simbox.tables.shown import ACTIVITY
from simbox.telecom.cells import fuse_places

Progress = Callable[[str, int, int], None]


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
        self._store, self._taken, self._places = store, taken, places
        self._config, self._card, self._watch = config, card, watch
        self._coverage: list[pl.DataFrame] = []
        self._extremes = features.Extremes()
        self._looking_back = LookingBack(store, places, config, report.COVERAGE_COLUMNS, self._cover)
        self._nights = self._looking_back.nights
        self._scored = NightScoring(
            store, self._looking_back, features_file, scratch, taken.references.reports, places, config, card, watch
        )
        self._batches = rigs.find_batches(taken.references.subscribers)
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
        state, known, self.usual = self._scored.score(self._last.state, looked, is_last=is_last)
        with self._watch.time("rigs"):
            found, records = self._find_rigs(state, looked, known, with_links=is_last)
        with self._watch.time("listing"):
            listed = self._list(found, records, state, night)
        with self._watch.time("scoring"):
            state = scoring.add_rigs(state, found.points, on_list(listed), night, self._card)
        activity = _activity(found, records) if is_last else ACTIVITY.empty()
        self._last = Judged(state, found, listed, activity)
        return self._last

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

    def _find_rigs(
        self, state: scoring.State, looked: Night, known: Known, *, with_links: bool
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
            from_abroad=population.from_abroad,
            batches=self._batches,
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
