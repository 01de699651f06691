"""What simbox.kernels.nights finds of one SIM's nights, from the definition."""


def number_nights(night):
    nights = list(dict.fromkeys(night))
    return nights, [nights.index(one) for one in night]
