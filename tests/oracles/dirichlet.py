"""What simbox.kernels.dirichlet computes, by the chain rule: event after event, by the odds that counts so far give."""

from math import log2


def surprise(counts):
    """log2 of the probability of a row of events with these counts, a slot after the other."""
    seen, slots, total = 0, len(counts), 0.0
    for count in counts:
        for before in range(count):
            total += log2((before + 1) / (seen + slots))
            seen += 1
    return total


def bits_for_one(one, other):
    together = [a + b for a, b in zip(one, other, strict=True)]
    return surprise(together) - surprise(one) - surprise(other)
