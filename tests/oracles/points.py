"""What simbox.kernels.points computes, SIM by SIM."""


def add_points(bins, features, windows, tables, start):
    sims = range(len(bins[0][0]))
    return [
        start + sum(table[bins[f][w][sim] + 1] for f, w, table in zip(features, windows, tables, strict=True))
        for sim in sims
    ]


def add_points_of_pairs(bins, firsts, first_windows, seconds, second_windows, tables, totals):
    asked = list(zip(firsts, first_windows, seconds, second_windows, tables, strict=True))
    return [
        total + sum(table[bins[f][w][sim] + 1][bins[s][v][sim] + 1] for f, w, s, v, table in asked)
        for sim, total in enumerate(totals)
    ]
