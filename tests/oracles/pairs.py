"""What simbox.kernels.pairs computes, from the definition."""


def sort_rows(rows, second):
    return sorted(rows, key=lambda row: (second[row], row))


def pair_points(weights, caps):
    """Points of a pair from its weights (family, weight): the strongest of each family, capped, families summed."""
    strongest = {}
    for family, weight in weights:
        strongest[family] = max(weight, strongest.get(family, weight))
    return sum(round(min(weight, caps[family])) for family, weight in strongest.items())


def places_of_rows(parts, number):
    """The place of each row of parts (pairs, `number` having their numbers), those of a number together and in turn."""
    rows = [(number[pair], part, row) for part, pairs in enumerate(parts) for row, pair in enumerate(pairs)]
    place = {(part, row): at for at, (_, part, row) in enumerate(sorted(rows))}
    return [[place[part, row] for row in range(len(pairs))] for part, pairs in enumerate(parts)]
