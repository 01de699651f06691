"""What simbox.kernels.densest computes, by looking for the node with fewest links each time."""

from fractions import Fraction


def densest_part(edges, n):
    left = set(range(n))
    parts = [set(left)]
    while len(left) > 1:
        degrees = {node: sum(a in left and b in left and node in (a, b) for a, b in edges) for node in left}
        left = left - {min(left, key=lambda node: (degrees[node], node))}
        parts.append(set(left))
    density = [Fraction(sum(a in part and b in part for a, b in edges), max(len(part), 1)) for part in parts]
    best = parts[density.index(max(density))]
    return [node in best for node in range(n)]
