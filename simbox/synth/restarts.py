"""Switch restarts: everybody of an operator falls silent at one moment and starts again at another."""

import numpy as np
import numpy.typing as npt

from simbox.synth.laws import DAY_S
from simbox.synth.randomness import Bools, stream

RESTART_S = (180.0, 1500.0)


def in_restart(
    seed: int, night: int, restarts: int, operator: npt.NDArray[np.int8], at_s: npt.NDArray[np.int32]
) -> Bools:
    """Whether a leg would have needed its operator's switch while that was starting again."""
    down = np.zeros(at_s.size, dtype=bool)
    for number in np.unique(operator):
        rng = stream(seed, "restarts", night, int(number))
        for begin, lasts in zip(rng.uniform(0, DAY_S, restarts), rng.uniform(*RESTART_S, restarts), strict=True):
            down |= (operator == number) & (at_s >= begin) & (at_s < begin + lasts)
    return down
