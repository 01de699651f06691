"""What each night looks back on: its windows, what is counted over all SIMs, and FEATURES bucket by bucket."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, TypeVar

import polars as pl

from simbox import features
from simbox.config import Config
from simbox.engines import map_in_order, worker_count
from simbox.store import Store

Result = TypeVar("Result")


class Night(NamedTuple):
    """A night to be judged: the nights held for its windows and the counts known at it."""

    night: date
    held: list[date]
    windows: list[int]
    population: features.Population


class Bucket(NamedTuple):
    """SIMs of some buckets: CDRS of the nights held, FEATURES of those active in the night, and seconds for these."""

    cdrs: pl.DataFrame
    features: pl.DataFrame
    seconds: float = 0.0


def choose_windows(configured: Sequence[int], night: date, begins: date) -> list[int]:
    """The windows, shortest first, up to the first that reaches back to the store's first night: longer ones hold the
    same records."""
    reach = (night - begins).days + 1
    return [window for window in configured if window < reach] + [window for window in configured if window >= reach][
        :1
    ]


class LookingBack:
    """The nights of a store one after the other, each with what is known at it and nothing later.

    `see` is shown each night's CDRS once, in parts, with the columns `seen` among others.
    """

    def __init__(
        self,
        store: Store,
        scratch: Path,
        places: pl.DataFrame,
        config: Config,
        seen: Sequence[str] = (),
        see: Callable[[pl.DataFrame], None] = lambda cdrs: None,
    ) -> None:
        self._seen, self._see = seen, see
        self._store, self._scratch, self._places, self._config = store, scratch, places, config
        self._codes = features.code_places(places)
        self.nights = store.nights()
        self._presences: dict[date, features.NightPresence] = {}
        self._counted: set[date] = set()
        self.first_nights = features.NO_FIRST_NIGHTS
        self._received = features.join_received([])
        self._heard: list[features.Received] = []

    def prepare(self, night: date) -> Night:
        """The counts over all SIMs known at a night; nights must come in order."""
        windows = choose_windows(self._config.windows.nights, night, self.nights[0])
        held = [known for known in self.nights if night - timedelta(days=windows[-1]) < known <= night]
        for known in self.nights:
            if known <= night and known not in self._counted:
                self._count(known, keep=known >= held[0])
        for gone in [known for known in self._presences if known < held[0]]:
            self._presences.pop(gone).drop()
        self._join_heard()
        self._received = self._received.since(held[0])
        presences = [self._presences[known] for known in held]
        population = features.count_population(
            presences, self.first_nights, night, windows, self.nights[0], self._received
        )
        return Night(night, held, windows, population)

    def buckets(self, looked: Night, sims: pl.DataFrame | None = None) -> Iterator[Bucket]:
        """CDRS and FEATURES of a prepared night, as many SIMs at a time as memory allows; of some (imsi) or of all."""
        return self.map_buckets(looked, lambda bucket: bucket, sims)

    def map_buckets(
        self,
        looked: Night,
        work: Callable[[Bucket], Result],
        sims: pl.DataFrame | None = None,
        fields: Collection[str] | None = None,
    ) -> Iterator[Result]:
        """What `work` makes of each of `buckets`, in their order, several at once on threads of their own.

        With `fields` only these features are computed, the others are null.
        """

        def compute(cdrs: pl.DataFrame) -> Result:
            start = perf_counter()
            if sims is not None:
                cdrs = cdrs.join(sims, on="imsi", how="semi", maintain_order="left")
            found = features.compute_bucket(
                cdrs, self._places, self._codes, looked.population, looked.night, looked.windows, fields
            )
            return work(Bucket(cdrs, found, perf_counter() - start))

        workers = worker_count()
        memory = self._store.memory
        # One more is read while so many are worked on.
        rows, sims_at_once = memory.rows_computed // (workers + 1), max(memory.sims_computed // (workers + 1), 1)
        return map_in_order(compute, self._store.stream(looked.held, rows=rows, sims=sims_at_once), workers)

    def _count(self, night: date, *, keep: bool) -> None:
        """One pass over a night: its presence, what its numbers received, and the SIMs that are new."""
        columns = [*dict.fromkeys((*features.PRESENCE_COLUMNS, *features.RECEIVED_COLUMNS, *self._seen))]

        def placed() -> Iterator[pl.DataFrame]:
            for cdrs in self._store.stream([night], columns):
                self._heard.append(features.received(cdrs))
                self._see(cdrs)
                yield features.add_place(cdrs, self._places)

        found, sims = features.record_presence(placed(), night, self._scratch)
        # Each join goes over all that is known.
        if sum(part.served.height for part in self._heard) > self._received.served.height:
            self._join_heard()
        self._counted.add(night)
        new = sims.join(self.first_nights, on="imsi", how="anti")
        self.first_nights = pl.concat([self.first_nights, new.with_columns(first_night=pl.lit(night))])
        if keep:
            self._presences[night] = found
        else:
            found.drop()

    def _join_heard(self) -> None:
        self._received = features.join_received(self._heard, self._received)
        self._heard = []
