"""What each night looks back on: its windows, what is counted over all SIMs, and FEATURES bucket by bucket."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from time import perf_counter
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from simbox import features
from simbox.config import Config
from simbox.engines import map_in_order, worker_count
from simbox.store import Store
from simbox.tables.cdrs import CDRS
from simbox.telecom.identifiers import imsi_of_key, sim_key

Result = TypeVar("Result")
# Records of a night that a thread counts at once: more are no faster, and take more memory.
COUNTED_ROWS = 131_072


class Night(NamedTuple):
    """A night to be judged: the nights held for its windows, the counts known at it, and the SIMs active in it (imsi),
    which alone have FEATURES."""

    night: date
    held: list[date]
    windows: list[int]
    population: features.Population
    active: pl.DataFrame


class Bucket(NamedTuple):
    """SIMs of some buckets: FEATURES of those active in the night, seconds for these, and how CDRS of the nights held
    are had."""

    read: Callable[[Sequence[str]], pl.DataFrame]
    features: pl.DataFrame
    seconds: float = 0.0

    @property
    def cdrs(self) -> pl.DataFrame:
        """CDRS of the nights held with all columns."""
        return self.read(CDRS.names)


def choose_windows(configured: Sequence[int], night: date, begins: date) -> list[int]:
    """The windows, shortest first, up to the first that reaches back to the store's first night: longer ones hold the
    same records."""
    reach = (night - begins).days + 1
    return [window for window in configured if window < reach] + [window for window in configured if window >= reach][
        :1
    ]


def insert_sims(
    frames: Iterable[pl.DataFrame], sims: pl.Series, make: Callable[[int], Result]
) -> Iterator[pl.DataFrame | Result]:
    """Frames in store order, and between them what is made of each of some SIMs that they do not hold, at its place."""
    waiting = deque(np.sort(sim_key(sims.to_numpy())).tolist())
    for frame in frames:
        rest = frame
        while waiting and rest.height and waiting[0] < sim_key(rest["imsi"].tail(1).to_numpy())[0]:
            before = int(np.searchsorted(sim_key(rest["imsi"].to_numpy()), waiting[0]))
            if before:
                yield rest.head(before)
            yield make(int(imsi_of_key(np.array(waiting.popleft()))))
            rest = rest.slice(before)
        if rest.height:
            yield rest
    for key in waiting:
        yield make(int(imsi_of_key(np.array(key))))


class LookingBack:
    """The nights of a store one after the other, each with what is known at it and nothing later.

    `see` is shown each night's CDRS once, in parts, several at once, with the columns `seen` among others.
    """

    def __init__(
        self,
        store: Store,
        places: pl.DataFrame,
        config: Config,
        seen: Sequence[str] = (),
        see: Callable[[pl.DataFrame], None] = lambda cdrs: None,
    ) -> None:
        self._seen, self._see = seen, see
        self._store, self._config = store, config
        self._codes = features.code_places(places)
        self.nights = store.nights()
        self._census = features.Census()
        self._counted: set[date] = set()

    def first_nights(self) -> pl.DataFrame:
        """The first night (first_night) of each SIM (imsi) known at the night prepared last."""
        return self._census.first_nights()

    def prepare(self, night: date) -> Night:
        """The counts over all SIMs known at a night; nights must come in order."""
        windows = choose_windows(self._config.windows.nights, night, self.nights[0])
        held = [known for known in self.nights if night - timedelta(days=windows[-1]) < known <= night]
        self._count([known for known in self.nights if known <= night and known not in self._counted], held[0])
        return Night(night, held, windows, self._census.count(night, windows, self.nights[0]), self._census.active)

    def buckets(self, looked: Night, sims: pl.DataFrame | None = None) -> Iterator[Bucket]:
        """CDRS and FEATURES of a prepared night, as many SIMs at a time as memory allows; of some (imsi) or of all."""
        return self.map_buckets(looked, lambda bucket: bucket, sims)

    def draw(self, looked: Night, count: int, fields: Collection[str]) -> pl.DataFrame:
        """FEATURES with `operator` of some of the SIMs active in a prepared night, so many at most, drawn by their
        place in the store, which says nothing of them."""
        active = looked.active["imsi"]
        first = active.gather(np.argsort(sim_key(active.to_numpy()), kind="stable")[:count])

        def find(bucket: Bucket) -> pl.DataFrame:
            who = features.sims_seen(bucket.read(features.SEEN_COLUMNS)).select("imsi", "operator")
            return bucket.features.join(who, on="imsi", how="left", maintain_order="left")

        found = list(self.map_buckets(looked, find, pl.DataFrame({"imsi": first}), fields))
        nothing = features.FEATURES.empty().with_columns(operator=pl.lit(None, dtype=pl.String))
        return pl.concat([nothing, *found])

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

        def compute(part: pl.DataFrame | Bucket) -> Result:
            return work(self._compute(part, looked, fields) if isinstance(part, pl.DataFrame) else part)

        # One more waits, and one is read, while so many are worked on.
        held, memory = worker_count() + 2, self._store.memory.beside(self._census.held_bytes)
        rows = memory.rows_computed // held
        long_sims = self._census.long_sims(rows)
        if sims is not None:
            long_sims = long_sims.join(sims, on="imsi", how="semi", maintain_order="left")
        cdrs = self._store.stream(
            looked.held,
            rows=rows,
            sims=max(memory.sims_computed // held, 1),
            among=None if sims is None else sims["imsi"],
            without=long_sims["imsi"] if long_sims.height else None,
        )
        parts = insert_sims(cdrs, long_sims["imsi"], lambda imsi: self._compute_long(imsi, looked, fields))
        return map_in_order(compute, parts, worker_count())

    def _compute(self, cdrs: pl.DataFrame, looked: Night, fields: Collection[str] | None) -> Bucket:
        start = perf_counter()
        found = features.compute_bucket(cdrs, self._codes, looked.population, looked.night, looked.windows, fields)
        return Bucket(cdrs.select, found, perf_counter() - start)

    def _compute_long(self, imsi: int, looked: Night, fields: Collection[str] | None) -> Bucket | pl.DataFrame:
        """One SIM alone; all its records where only together they can be put in order."""

        def read(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
            return self._store.stream_sim(looked.held, imsi, columns)

        start = perf_counter()
        try:
            found = features.compute_long_sim(
                imsi, read, self._codes, looked.population, looked.night, looked.windows, fields
            )
        except features.OutOfOrderError:
            return self._store.read_sims(looked.held, pl.Series([imsi]))
        return Bucket(lambda columns: pl.concat(read(columns), rechunk=True), found, perf_counter() - start)

    def _count(self, nights: Sequence[date], since: date) -> None:
        """One pass over each night; of what was seen last before `since` only what never ends is kept."""
        columns = [*dict.fromkeys((*features.PRESENCE_COLUMNS, *self._seen))]

        def parts() -> Iterator[tuple[date, tuple[int, int]]]:
            for night in nights:
                for buckets in self._store.bucket_ranges([night], COUNTED_ROWS):
                    yield night, buckets

        def find(part: tuple[date, tuple[int, int]]) -> tuple[date, list[features.Presence]]:
            night, buckets = part
            found = []
            for cdrs in self._store.stream([night], columns, buckets, rows=COUNTED_ROWS, sims=COUNTED_ROWS):
                self._see(cdrs)
                found.append(features.find_presence(cdrs, self._codes))
            return night, found

        # A night is added up by a thread of its own while the next is counted: done in between, both cores waited.
        found = map_in_order(find, parts(), worker_count())
        with ThreadPoolExecutor(1, "simbox-census") as census:
            added: Future[None] | None = None
            for night, of_night in groupby(found, itemgetter(0)):
                shown = [presence for _, some in of_night for presence in some]
                if added is not None:
                    added.result()
                added = census.submit(self._census.add, night, shown, since)
                del shown
            if added is not None:
                added.result()
        self._counted.update(nights)
