"""One number for several values of a SIM: shares, means, spreads and medians, NaN where there is none."""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import kernel
from simbox.kernels.sorting import sort

TOP = 5


@kernel
def share(part: float, whole: float) -> float:
    """`part` of `whole`; NaN where the whole is zero."""
    if whole == 0:
        return math.nan
    return part / whole


@kernel
def mean(values: npt.NDArray[np.int64]) -> float:
    """Arithmetic mean; NaN without values."""
    total = 0.0
    for value in values:
        total += value
    return share(total, values.size)


@kernel
def variation(values: npt.NDArray[np.int64]) -> float:
    """Coefficient of variation: population standard deviation / mean; NaN under two values or at a mean of 0."""
    if values.size < 2:
        return math.nan
    average = mean(values)
    squares = 0.0
    for value in values:
        squares += (value - average) * (value - average)
    return share(math.sqrt(squares / values.size), average)


@kernel
def sort_to_median(values: npt.NDArray[np.int64]) -> float:
    """The median (of an even number the mean of the middle two), NaN without values; sorts them in place."""
    if values.size == 0:
        return math.nan
    sort(values)
    middle = values.size // 2
    if values.size % 2 == 1:
        return float(values[middle])
    return (values[middle - 1] + values[middle]) / 2


@kernel
def sort_to_mode_share(values: npt.NDArray[np.int64]) -> float:
    """Values that equal the commonest one / values: 1 where all are the same; NaN without any; sorts them in place."""
    sort(values)
    most = 0
    run = 0
    for i in range(values.size):
        run = run + 1 if i > 0 and values[i] == values[i - 1] else 1
        most = max(most, run)
    return share(most, values.size)


@kernel
def entropy(counts: npt.NDArray[np.int64]) -> float:
    """Shannon entropy of counts in nat (natural logarithm, as bandicoot's); NaN where all are zero."""
    total = 0
    for count in counts:
        total += count
    if total == 0:
        return math.nan
    nat = 0.0
    former = 0
    part = 0.0
    for count in counts:
        # Most counts are small and like the one before, and the logarithm is what costs.
        if count != former:
            of_all = count / total
            part = of_all * math.log(of_all) if count > 0 else 0.0
            former = count
        nat -= part
    return nat


@kernel
def top_tallies(tallies: npt.NDArray[np.int64], shift: int) -> tuple[int, int, int, int, int]:
    """The five largest of 32-bit tallies that lie `shift` bits up, falling, 0 where there are fewer."""
    first = second = third = fourth = fifth = 0
    for packed in tallies:
        rest = (packed >> shift) & 0xFFFFFFFF
        # The larger one stays and the smaller goes on: no branch, for which way it goes can't be guessed.
        first, rest = max(first, rest), min(first, rest)
        second, rest = max(second, rest), min(second, rest)
        third, rest = max(third, rest), min(third, rest)
        fourth, rest = max(fourth, rest), min(fourth, rest)
        fifth = max(fifth, rest)
    return first, second, third, fourth, fifth
