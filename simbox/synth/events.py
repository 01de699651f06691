"""Calls and messages as they happen, before any operator records them."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from simbox.synth.randomness import Bools, Floats, Ints

VOICE, SMS, DATA = 0, 1, 2


@dataclass
class Events:
    """One entry for each call or message: parties as in `parties`, seconds from the night's local midnight.

    `known` says whether the two know each other; a call's talk time is what it would be if it is answered.
    """

    at_s: Floats
    caller: Ints
    called: Ints
    service: npt.NDArray[np.int8]
    answered: Bools
    talk_s: Floats
    known: Bools

    @property
    def count(self) -> int:
        """How many there are."""
        return self.at_s.size

    def select(self, mask: Bools | Ints) -> "Events":
        """Some of them."""
        return Events(*(getattr(self, field.name)[mask] for field in fields(self)))


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
