"""What simbox.kernels.points computes, SIM by SIM."""


def add_points(bins, features, windows, tables, start):
    sims = range(len(bins[0][0]))
    return [
        start + sum(table[bins[f][w][sim] + 1] for f, w, table in zip(features, windows, tables, strict=True))
        for sim in sims
    ]
