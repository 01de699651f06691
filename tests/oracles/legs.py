"""What simbox.kernels.legs chooses, from the definitions, for one SIM."""


def _where(flags):
    return [i for i, flag in enumerate(flags) if flag]


def choose_calls(service, direction, way):
    return _where((s, d) == (0, way) for s, d in zip(service, direction, strict=True))


def choose_calls_to_numbers(service, direction, other_party):
    return _where((s, d) == (0, 0) and p != -1 for s, d, p in zip(service, direction, other_party, strict=True))


def choose_both_ways(service, direction):
    return _where(s == 0 and d in (0, 1) for s, d in zip(service, direction, strict=True))


def choose_linked(service, direction, other_party):
    legs = zip(service, direction, other_party, strict=True)
    return _where(s in (0, 1) and d in (0, 1) and p != -1 for s, d, p in legs)


def choose_met(service, direction, other_party):
    return choose_linked(service, direction, other_party)


def choose_events(service, direction):
    return _where(s in (0, 1) and d == 0 for s, d in zip(service, direction, strict=True))


def choose_served(direction, place):
    return _where(d != 2 and p != -1 for d, p in zip(direction, place, strict=True))
