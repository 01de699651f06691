"""CDRS to FEATURES: every pattern of every SIM, in every window, by compiled kernels."""

from simbox.features.arrays import add_place, code_places
from simbox.features.beyond import ABSENT, GRAPH
from simbox.features.catalogue import CATALOGUE, FEATURES
from simbox.features.census import Census
from simbox.features.compute import compute_bucket
from simbox.features.extremes import Extremes
from simbox.features.long_sims import OutOfOrderError, compute_long_sim
from simbox.features.partitioning import Part, Partition, partition_by_sim
from simbox.features.population import Population
from simbox.features.presence import PRESENCE_COLUMNS, Presence, find_presence
from simbox.features.seen import SEEN_COLUMNS, sims_seen

__all__ = [
    "ABSENT",
    "CATALOGUE",
    "FEATURES",
    "GRAPH",
    "PRESENCE_COLUMNS",
    "SEEN_COLUMNS",
    "Census",
    "Extremes",
    "OutOfOrderError",
    "Part",
    "Partition",
    "Population",
    "Presence",
    "add_place",
    "code_places",
    "compute_bucket",
    "compute_long_sim",
    "find_presence",
    "partition_by_sim",
    "sims_seen",
]
