"""What SIMs have shown so far, from the definition."""

Pair = tuple[int, int]


def merge_shown(known: dict[Pair, Pair], shown: set[Pair], night: int, since: int) -> dict[Pair, Pair]:
    """First and last night of each pair of SIM and value, those shown last before `since` left out."""
    nights = {pair: (first, night if pair in shown else last) for pair, (first, last) in known.items()}
    nights |= {pair: (night, night) for pair in shown - set(known)}
    return {pair: nights[pair] for pair in sorted(nights) if nights[pair][1] >= since}
