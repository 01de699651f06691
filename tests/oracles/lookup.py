"""What simbox.kernels.lookup finds, by a dict."""


def look_up(keys, wanted):
    places = {key: place for place, key in enumerate(keys)}
    return [places.get(key, -1) for key in wanted]


def take_counts(counts, at):
    return [counts[place] if place >= 0 else -1 for place in at]
