"""CDRS to FEATURES: every pattern of every SIM, in every window, by compiled kernels."""

from simbox.features.arrays import add_place, code_places
from simbox.features.catalogue import CATALOGUE, FEATURES
from simbox.features.compute import compute_bucket
from simbox.features.population import NightPresence, Population, count_population, record_presence

__all__ = [
    "CATALOGUE",
    "FEATURES",
    "NightPresence",
    "Population",
    "add_place",
    "code_places",
    "compute_bucket",
    "count_population",
    "record_presence",
]
