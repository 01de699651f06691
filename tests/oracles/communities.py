"""What simbox.kernels.communities computes, with dictionaries."""

from collections import Counter, defaultdict


def communities(a, b, weight, n):
    found = list(range(n))
    edges = Counter()
    for left, right, points in zip(a, b, weight, strict=True):
        edges[frozenset((left, right))] += points
    loops = Counter()
    nodes = n
    while True:
        near = defaultdict(Counter)
        for pair, points in edges.items():
            left, right = pair
            near[left][right] += points
            near[right][left] += points
        degree = [2 * loops[node] + sum(near[node].values()) for node in range(nodes)]
        labels, moved_once = _move_nodes(near, degree, nodes)
        if not moved_once:
            return found
        names = {label: number for number, label in enumerate(dict.fromkeys(labels))}
        labels = [names[label] for label in labels]
        found = [labels[node] for node in found]
        merged, merged_loops = Counter(), Counter()
        for node in range(nodes):
            merged_loops[labels[node]] += loops[node]
        for pair, points in edges.items():
            ends = frozenset(labels[node] for node in pair)
            if len(ends) == 1:
                merged_loops[next(iter(ends))] += points
            else:
                merged[ends] += points
        edges, loops, nodes = merged, merged_loops, len(names)


def _move_nodes(near, degree, nodes):
    labels = list(range(nodes))
    whole = sum(degree)
    moved_once = False
    moved = True
    while moved:
        moved = False
        for node in range(nodes):
            total = Counter()
            for other in range(nodes):
                if other != node:
                    total[labels[other]] += degree[other]
            into = Counter()
            for other, points in near[node].items():
                into[labels[other]] += points
            own = labels[node]
            gains = {label: into[label] * whole - total[label] * degree[node] for label in {own, *into}}
            most = max(gains.values())
            if most > gains[own]:
                labels[node] = min(label for label, gain in gains.items() if gain == most)
                moved = moved_once = True
    return labels, moved_once
