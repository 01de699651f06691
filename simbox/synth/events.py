"""Calls and messages as they happen, before any operator records them."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from simbox.synth.laws import DAY_S
from simbox.synth.randomness import Bools, Floats, Ints

VOICE, SMS, DATA = 0, 1, 2
BIN_S = 300
BINS = DAY_S // BIN_S


@dataclass
class Events:
    """One entry for each call or message: parties as in `parties`, seconds from the night's local midnight.

    `known` says whether the two know each other; a call's talk time is what it would be if it is answered. While
    events wait for their hour, times are as narrow as float32.
    """

    at_s: Floats | npt.NDArray[np.float32]
    caller: Ints
    called: Ints
    service: npt.NDArray[np.int8]
    answered: Bools
    talk_s: Floats | npt.NDArray[np.float32]
    known: Bools

    @property
    def count(self) -> int:
        """How many there are."""
        return self.at_s.size

    def select(self, mask: Bools | Ints | slice) -> "Events":
        """Some of them."""
        return Events(*(getattr(self, field.name)[mask] for field in fields(self)))


@dataclass(frozen=True)
class Lot:
    """Events in the order of the night's bins; `borders` says where each bin begins, and last where the night ends."""

    events: Events
    borders: Ints

    def between(self, first_bin: int, last_bin: int) -> Events:
        """The events of some bins, the last excluded."""
        return self.events.select(slice(int(self.borders[first_bin]), int(self.borders[last_bin])))


def in_bins(events: Events) -> Lot:
    """Events put in bins of five minutes, as narrow as they may be: those of a whole night wait in memory."""
    bins = np.clip(events.at_s / BIN_S, 0, BINS - 1).astype(np.uint16)
    # Numpy sorts 16-bit integers by radix, in a tenth of the time that times of day would take.
    order = np.argsort(bins, kind="stable")
    borders = np.concatenate([[0], np.cumsum(np.bincount(bins, minlength=BINS))])
    narrow = Events(
        events.at_s.astype(np.float32),
        events.caller,
        events.called,
        events.service,
        events.answered,
        events.talk_s.astype(np.float32),
        events.known,
    )
    return Lot(narrow.select(order), borders)


def even_spans(lots: list[Lot], events: int) -> list[tuple[int, int]]:
    """Runs of bins that cover the night, with about so many events each, at least one bin."""
    before = np.sum([lot.borders for lot in lots], axis=0)
    spans, first = [], 0
    while first < BINS:
        last = int(np.searchsorted(before, before[first] + events, side="right")) - 1
        last = min(max(last, first + 1), BINS)
        spans.append((first, last))
        first = last
    return spans


def join_events(parts: list[Events]) -> Events:
    """All of several lots, in the order given."""
    return Events(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Events)))


def make_events(
    at_s: Floats, caller: Ints, called: Ints, service: int, answered: Bools, talk_s: Floats, known: bool
) -> Events:
    """Events of one service between parties of one acquaintance."""
    return Events(
        at_s,
        caller,
        called,
        np.full(at_s.size, service, dtype=np.int8),
        answered,
        talk_s,
        np.full(at_s.size, known),
    )
