"""What simbox.kernels.afar computes, from the definition."""


def add_afar(rows):
    """For each row (x, y, weight) of a thing the weight of those two squares away or more."""
    return [
        sum(weight for x, y, weight in rows if max(abs(x - own_x), abs(y - own_y)) >= 2) for own_x, own_y, _ in rows
    ]
