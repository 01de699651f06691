"""What simbox.kernels.pairs computes, from the definition."""


def sort_rows(rows, second):
    return sorted(rows, key=lambda row: (second[row], row))


def pair_points(weights, caps):
    """Points of a pair from its weights (family, weight): the strongest of each family, capped, families summed."""
    strongest = {}
    for family, weight in weights:
        strongest[family] = max(weight, strongest.get(family, weight))
    return sum(round(min(weight, caps[family])) for family, weight in strongest.items())
