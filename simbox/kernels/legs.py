"""Which of a SIM's legs a function is about: it is handed their indices and so passes over no others.

Each function here writes the indices, in order, into the beginning of `chosen`, which is as long as the slice, and
says how many they are. A leg that is not chosen is overwritten by the next, so that nothing branches.
"""

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import kernel
from simbox.kernels.codes import CF, MO, MT, SMS, VOICE

Bytes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

SERVICES = 4
DIRECTIONS = 3


@kernel
def tally_legs(service: Bytes, direction: Bytes, legs: Longs) -> None:
    """How many legs of each service and direction there are, at service * DIRECTIONS + direction."""
    legs[: SERVICES * DIRECTIONS] = 0
    for i in range(service.size):
        legs[service[i] * DIRECTIONS + direction[i]] += 1


@kernel
def choose_calls(service: Bytes, direction: Bytes, way: int, chosen: Longs) -> int:
    """Calls made (`way` is MO) or received (MT)."""
    count = 0
    for i in range(service.size):
        chosen[count] = i
        count += (service[i] == VOICE) & (direction[i] == way)
    return count


@kernel
def choose_calls_to_numbers(service: Bytes, direction: Bytes, other_party: Longs, chosen: Longs) -> int:
    """Calls made that carry the far end's number."""
    count = 0
    for i in range(service.size):
        chosen[count] = i
        count += (service[i] == VOICE) & (direction[i] == MO) & (other_party[i] >= 0)
    return count


@kernel
def choose_both_ways(service: Bytes, direction: Bytes, chosen: Longs) -> int:
    """Calls made and received."""
    count = 0
    for i in range(service.size):
        chosen[count] = i
        count += (service[i] == VOICE) & (direction[i] <= MT)
    return count


@kernel
def choose_linked(service: Bytes, direction: Bytes, other_party: Longs, chosen: Longs) -> int:
    """Calls and SMS, made and received, that carry the far end's number."""
    count = 0
    for i in range(service.size):
        chosen[count] = i
        count += (service[i] <= SMS) & (direction[i] <= MT) & (other_party[i] >= 0)
    return count


@kernel
def choose_events(service: Bytes, direction: Bytes, chosen: Longs) -> int:
    """Calls made and SMS sent."""
    count = 0
    for i in range(service.size):
        chosen[count] = i
        count += (service[i] <= SMS) & (direction[i] == MO)
    return count


@kernel
def choose_met(first_leg: Ints, chosen: Longs) -> int:
    """Calls and SMS that carry the far end's number, by the first leg with it that each has."""
    count = 0
    for i in range(first_leg.size):
        chosen[count] = i
        count += first_leg[i] >= 0
    return count


@kernel
def choose_served(direction: Bytes, place: Ints, chosen: Longs) -> int:
    """Legs that carry a cell, but for forwarded ones, which say nothing of where the phone is."""
    count = 0
    for i in range(place.size):
        chosen[count] = i
        count += (place[i] >= 0) & (direction[i] != CF)
    return count
