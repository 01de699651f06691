"""Rows of two SIMs near each other in an order of things, from the definition."""


def list_near(own: list[int], others: list[int], first: list[int], last: list[int]) -> list[tuple[int, int]]:
    """The rows `own` with those of `others` that lie in their ranges."""
    return [(one, other) for one in own for other in others if first[one] <= other < last[one]]


def count_near(own: list[int], others: list[int], first: list[int], last: list[int]) -> int:
    return len(list_near(own, others, first, last))


def near_rows(sims: list[int], first: list[int], last: list[int], a: int, b: int) -> list[tuple[int, int]]:
    """Of rows of a SIM each, those of SIMs a and b of which one lies in the range of the other."""
    ends = [(a, b), (b, a)]
    rows = range(len(sims))
    return [(i, j) for i in rows for j in rows if (sims[i], sims[j]) in ends and first[i] <= j < last[i]]
