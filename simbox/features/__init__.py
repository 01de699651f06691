"""CDRS to FEATURES: every pattern of every SIM, in every window, by compiled kernels."""

from simbox.features.arrays import add_place, code_places
from simbox.features.catalogue import CATALOGUE, FEATURES
from simbox.features.compute import compute_bucket
from simbox.features.population import Population, count_population, presence

__all__ = [
    "CATALOGUE",
    "FEATURES",
    "Population",
    "add_place",
    "code_places",
    "compute_bucket",
    "count_population",
    "presence",
]
