"""What simbox.kernels.partition computes, by Python's stable sort."""


def partition(codes, n):
    order = sorted(range(len(codes)), key=lambda record: codes[record])
    starts = [sum(code < sim for code in codes) for sim in range(n + 1)]
    return order, starts


def order_by_sim(imsi, started_at):
    sims = list(dict.fromkeys(imsi))
    order = sorted(range(len(imsi)), key=lambda record: (sims.index(imsi[record]), started_at[record], record))
    starts = [sum(sims.index(sim) < place for sim in imsi) for place in range(len(sims) + 1)]
    return order, starts


def into_parts(parts_of_records, values, parts):
    """The values of the records of each part, one part after the other, and how many each has."""
    by_part = [
        [value for value, own in zip(values, parts_of_records, strict=True) if own == part] for part in range(parts)
    ]
    return [value for part in by_part for value in part], [len(part) for part in by_part]
