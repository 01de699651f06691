"""What simbox.kernels.partition computes, by Python's stable sort."""


def partition(codes, n):
    order = sorted(range(len(codes)), key=lambda record: codes[record])
    starts = [sum(code < sim for code in codes) for sim in range(n + 1)]
    return order, starts
