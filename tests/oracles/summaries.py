"""What simbox.kernels.summaries computes, by Python's statistics."""

import math
import statistics


def share(part, whole):
    return part / whole if whole else math.nan


def mean(values):
    return float(statistics.mean(values)) if values else math.nan


def variation(values):
    if len(values) < 2 or not any(values):
        return math.nan
    return statistics.pstdev(values) / statistics.mean(values)


def sort_to_median(values):
    return float(statistics.median(values)) if values else math.nan


def entropy(counts):
    if sum(counts) == 0:
        return math.nan
    return math.fsum(-count / sum(counts) * math.log(count / sum(counts)) for count in counts if count)
