"""What simbox.kernels.components computes, by walking from each node to all it can reach."""


def components(a, b, n):
    neighbours = {node: set() for node in range(n)}
    for left, right in zip(a, b, strict=True):
        neighbours[left].add(right)
        neighbours[right].add(left)
    labels = []
    for node in range(n):
        reached, waiting = {node}, [node]
        while waiting:
            new = neighbours[waiting.pop()] - reached
            reached |= new
            waiting.extend(new)
        labels.append(min(reached))
    return labels
