"""What simbox.kernels.weibull computes, by halving an interval."""

import math


def weibull_shape(logarithms):
    largest = max(logarithms)
    distances = [logarithm - largest for logarithm in logarithms]
    mean = math.fsum(distances) / len(distances)

    def excess(shape):
        powers = [math.exp(shape * distance) for distance in distances]
        weighted = math.fsum(p * d for p, d in zip(powers, distances, strict=True)) / math.fsum(powers)
        return weighted - 1 / shape - mean

    low, high = 0.0, 1000.0
    for _ in range(200):
        middle = (low + high) / 2
        if excess(middle) < 0:
            low = middle
        else:
            high = middle
    return high
