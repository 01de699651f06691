"""The shape of a Weibull law that fits a SIM's gaps best."""

import math

import numpy as np
import numpy.typing as npt

from simbox.kernels._jit import kernel

LARGEST_SHAPE = 1000.0
TOLERANCE = 1e-10


@kernel
def weibull_shape(logarithms: npt.NDArray[np.float64]) -> float:
    """Maximum-likelihood shape k of a two-parameter Weibull law, from the natural logarithms of its values.

    The root of sum(x^k ln x) / sum(x^k) - 1/k - mean(ln x), which rises with k, by Newton's method held inside
    a bracket, to a relative step of 1e-10; (nearly) equal values have shape 1000, the largest given.
    """
    largest = logarithms[0]
    for logarithm in logarithms:
        largest = max(largest, logarithm)
    total = 0.0
    for logarithm in logarithms:
        total += logarithm - largest
    mean = total / logarithms.size
    squares = 0.0
    for logarithm in logarithms:
        squares += (logarithm - largest - mean) ** 2
    deviation = math.sqrt(squares / logarithms.size)
    # ln x has the standard deviation pi / (k sqrt 6): from there four steps do on average.
    shape = min(LARGEST_SHAPE, math.pi / math.sqrt(6.0) / max(deviation, 1e-9))
    low, high = 0.0, LARGEST_SHAPE
    for _ in range(100):
        weights = 0.0
        first = 0.0
        second = 0.0
        for logarithm in logarithms:
            # Scaled by the largest value, so that no power overflows.
            distance = logarithm - largest
            weight = math.exp(shape * distance)
            weights += weight
            first += weight * distance
            second += weight * distance * distance
        slope = first / weights
        excess = slope - 1.0 / shape - mean
        if excess < 0.0:
            low = shape
        else:
            high = shape
        if low >= LARGEST_SHAPE:
            return LARGEST_SHAPE
        rise = second / weights - slope * slope + 1.0 / (shape * shape)
        following = shape - excess / rise
        if not low < following < high:
            following = (low + high) / 2.0
        if abs(following - shape) <= TOLERANCE * shape:
            return following
        shape = following
    return shape
