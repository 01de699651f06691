"""What simbox.kernels.binning computes, by counting."""


def binning(values, edges):
    return [-1 if value != value else sum(edge <= value for edge in edges) for value in values]
