"""What simbox.kernels.firsts finds of one SIM's values, from the definitions."""


def first_seen(values):
    return [value >= 0 and value not in values[:place] for place, value in enumerate(values)]


def count_seen(values):
    return [values.count(value) * is_new for value, is_new in zip(values, first_seen(values), strict=True)]


def count_inside(nights, after):
    return [sum(night > bound for night in nights) for bound in after]
