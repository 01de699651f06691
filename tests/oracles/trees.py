"""What simbox.kernels.trees computes, by following the branches."""

from math import isnan


def leaf(row, tree):
    """The value of the leaf where a row ends; a tree is a number, or (feature, limit, left, right, null_left)."""
    if not isinstance(tree, tuple):
        return tree
    feature, limit, left, right, null_left = tree
    goes_left = null_left if isnan(row[feature]) else row[feature] <= limit
    return leaf(row, left if goes_left else right)


def add_leaves(rows, trees):
    return [sum((leaf(row, tree) for tree in trees), 0.0) for row in rows]
