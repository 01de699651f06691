"""What simbox.kernels.binning computes, by counting."""


def binning(values, edges, windows):
    bins = [-1 if value != value else sum(edge <= value for edge in edges) for value in values]
    return [bins[window::windows] for window in range(windows)]


def count_bins(bins, groups, among, wider):
    counts = {}
    for window, (own, kinds) in enumerate(zip(bins, groups, strict=True)):
        for found, kind, is_among in zip(own, kinds, among, strict=True):
            if is_among and found >= 0:
                key = (window, kind, wider[found])
                counts[key] = counts.get(key, 0) + 1
    return counts
