"""What SIMs have shown so far, from the definition."""

Pair = tuple[int, int]


def merge_shown(known: dict[Pair, int], shown: set[Pair], night: int, since: int | None) -> dict[Pair, int]:
    """With `since` the last night of each pair of SIM and value, those shown last before it left out; without, the
    first."""
    this_night = dict.fromkeys(shown, night)
    nights = this_night | known if since is None else known | this_night
    return {pair: nights[pair] for pair in sorted(nights) if since is None or nights[pair] >= since}
