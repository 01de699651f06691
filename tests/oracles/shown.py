"""What simbox.kernels.shown finds of one SIM's values, from the definition."""


def shown(values, keeps_all):
    distinct = list(dict.fromkeys(value for value in values if value >= 0))
    return distinct or [-1] * keeps_all
