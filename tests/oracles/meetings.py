"""What simbox.kernels.meetings computes, from the definition."""

from collections import defaultdict


def meet(own, rows, held, once, wanted, least_overlap):
    """The partners of one SIM by number, as (things, centiworth, overlap, first_at, last_at), and the rows compared.

    `own` are its rows' numbers; a row is (sim, share, worth, first_at, last_at, first, last).
    """
    compared, met = 0, defaultdict(list)
    for sim, share, worth, first_at, last_at, first, last in (rows[number] for number in own):
        for partner, other_share, _, other_first_at, other_last_at, _, _ in (
            rows[number] for number in held[first:last]
        ):
            if not (once[sim] and once[partner]) or sim < partner:
                compared += 1
                if wanted[sim] or wanted[partner]:
                    smaller = min(share, other_share)
                    times = min(first_at, other_first_at), max(last_at, other_last_at)
                    met[partner].append((round(smaller * worth * 100), round(smaller * 100), *times))
    told = {
        partner: (
            len(things),
            sum(worth for worth, _, _, _ in things),
            sum(overlap for _, overlap, _, _ in things),
            min(first_at for _, _, first_at, _ in things),
            max(last_at for _, _, _, last_at in things),
        )
        for partner, things in met.items()
    }
    return {partner: sums for partner, sums in told.items() if sums[2] >= least_overlap}, compared
