"""What simbox.kernels.summaries computes, by Python's statistics."""

import math
import statistics
from collections import Counter


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


def sort_to_mode_share(values):
    return Counter(values).most_common(1)[0][1] / len(values) if values else math.nan


def entropy(counts):
    if sum(counts) == 0:
        return math.nan
    return math.fsum(-count / sum(counts) * math.log(count / sum(counts)) for count in counts if count)


def top_tallies(tallies, shift):
    largest = sorted((tally // 2**shift % 2**32 for tally in tallies), reverse=True)[:5]
    return largest + [0] * (5 - len(largest))
