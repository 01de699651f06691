"""A night's SIMs scored: one pass over their features, bucket by bucket, and a second over what that thinks of them.

draw -> what is usual -> for each bucket: sims_seen, find_habits, score_alone -> peers counted -> carry
                      -> the SIMs around each, reports -> look_around
"""

from collections import Counter
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import polars as pl

from simbox import features, rigs, scoring
from simbox.config import Config
from simbox.looking_back import Bucket, LookingBack, Night
from simbox.stopwatch import Stopwatch
from simbox.store import Store
from simbox.tables.streaming import TableStream

# What the habits of SIMs are read from.
HABIT_COLUMNS = ("imsi", "msisdn", "imei", "cell", "direction", "other_party", "night")


class Known(NamedTuple):
    """What a night's pass over the features leaves of all SIMs for the search for rigs."""

    habits: rigs.Habits
    lines: pl.DataFrame


class _Part(NamedTuple):
    """What is kept of the SIMs of some buckets, and the seconds that each stage took of a thread."""

    seen: pl.DataFrame
    habits: rigs.Habits
    lines: pl.DataFrame
    callees: pl.DataFrame
    scored: scoring.Scored
    features: pl.DataFrame
    took: dict[str, float]


class NightScoring:
    """Scores the nights of a store, one after the other; FEATURES of the last go to `features_file`."""

    def __init__(
        self,
        store: Store,
        looking_back: LookingBack,
        features_file: Path,
        scratch: Path,
        reports: pl.DataFrame,
        places: pl.DataFrame,
        config: Config,
        card: scoring.Scorecard,
        watch: Stopwatch,
    ) -> None:
        self._store, self._looking_back = store, looking_back
        self._features_file, self._scratch = features_file, scratch
        self._reports, self._places, self._card, self._watch = reports, places, card, watch
        self._prevalence = config.scoring.prevalence

    def score(
        self, before: scoring.State, looked: Night, *, is_last: bool
    ) -> tuple[scoring.State, Known, pl.DataFrame]:
        """The state with every SIM active in the night scored, as many at a time as memory allows; what is kept of all
        SIMs seen; and USUAL."""
        with self._watch.time("features"):
            usual = self._find_usual(looked)
        scored, seen, habits, lines, callees = [], [], [], [], []
        took: Counter[str] = Counter()
        start = perf_counter()
        fields = None if is_last else {*self._card.needs(), *rigs.LINE_FEATURES}
        stream = TableStream(features.FEATURES, self._features_file, self._scratch) if is_last else None
        work = partial(self._score_bucket, longest=looked.windows[-1], keep=is_last, usual=usual)
        with stream or nullcontext():
            for part in self._looking_back.map_buckets(looked, work, fields=fields):
                if stream is not None:
                    stream.add(part.features)
                seen.append(part.seen)
                habits.append(part.habits)
                lines.append(part.lines)
                callees.append(part.callees)
                scored.append(part.scored)
                took.update(part.took)
        self._watch.share(perf_counter() - start, took)
        with self._watch.time("scoring"):
            state = self._carry(before, pl.concat(seen), scored, usual, looked)
            known = Known(rigs.join_habits(habits), pl.concat(lines))
            return self._look_around(state, known.habits, pl.concat(callees), looked), known, usual

    def _find_usual(self, looked: Night) -> pl.DataFrame:
        """USUAL of a night: what some SIMs do tells how far the card's edges are moved."""
        drawn = self._looking_back.draw(looked, scoring.SAMPLE_SIMS, scoring.USUAL_FEATURES)
        nights = (looked.night - self._looking_back.nights[0]).days + 1
        return scoring.find_scales(scoring.measure_usual(drawn, nights), self._card.usual)

    def _score_bucket(self, bucket: Bucket, longest: int, usual: pl.DataFrame, *, keep: bool) -> _Part:
        start = perf_counter()
        seen = features.sims_seen(bucket.read(features.SEEN_COLUMNS))
        habits = rigs.find_habits(features.add_place(bucket.read(HABIT_COLUMNS), self._places))
        of_longest = bucket.features.filter(pl.col("window_nights") == longest)
        lines, callees = rigs.find_lines(of_longest), of_longest.select("imsi", "callees")
        noted = perf_counter()
        who, card = seen.select("imsi", "operator"), self._card
        scored = scoring.score_alone(bucket.features, who, card, self._prevalence, card.bands.watch, usual)
        took = {"features": bucket.seconds + noted - start, "scoring": perf_counter() - noted}
        return _Part(seen, habits, lines, callees, scored, bucket.features if keep else bucket.features.clear(), took)

    def _carry(
        self,
        before: scoring.State,
        seen: pl.DataFrame,
        scored: list[scoring.Scored],
        usual: pl.DataFrame,
        looked: Night,
    ) -> scoring.State:
        """The state with what the first pass thinks of the night's SIMs, once all their peers have been counted."""
        evidence, reasons, untold = (
            pl.concat(parts) for parts in zip(*((one.evidence, one.reasons, one.untold) for one in scored), strict=True)
        )
        histograms = scoring.EMPTY.add(*(part.histograms for part in scored))
        told = scoring.finish_reasons(reasons, histograms, usual, seen)
        kept = scoring.finish_untold(untold, histograms, usual, looked.night)
        return scoring.carry(before, seen, evidence, told, scoring.base_points(self._prevalence), kept)

    def _look_around(
        self, state: scoring.State, habits: rigs.Habits, callees: pl.DataFrame, looked: Night
    ) -> scoring.State:
        """The second pass: what the first one thinks of the SIMs around each, and what was reported by then."""
        own = state.sims.select("imsi", evidence="evidence_own")
        suspects = own.filter(pl.col("evidence") >= scoring.SUSPECTS_FROM)
        called = self._store.read_sims(looked.held, suspects["imsi"], scoring.CALL_COLUMNS)
        around = scoring.Surroundings(
            habits.at_home.select("imsi", "place"),
            habits.handsets,
            habits.sims,
            self._looking_back.first_nights(),
            scoring.find_calls(called, habits.numbers),
            callees,
        )
        context = scoring.score_context(scoring.measure_context(own, around), self._card)
        reports = scoring.score_reports(self._reports, habits.numbers, looked.night)
        return scoring.look_around(state, context, reports)
