"""CDRS to FEATURES: every pattern of every SIM, in every window, by compiled kernels."""

from simbox.features.arrays import add_place, code_places
from simbox.features.beyond import ABSENT, GRAPH
from simbox.features.catalogue import CATALOGUE, FEATURES
from simbox.features.compute import compute_bucket
from simbox.features.extremes import Extremes
from simbox.features.partitioning import Part, Partition, partition_by_sim
from simbox.features.population import (
    NO_FIRST_NIGHTS,
    PRESENCE_COLUMNS,
    NightPresence,
    Population,
    count_population,
    record_presence,
)
from simbox.features.received import RECEIVED_COLUMNS, Received, join_received, received
from simbox.features.seen import sims_seen

__all__ = [
    "ABSENT",
    "CATALOGUE",
    "FEATURES",
    "GRAPH",
    "NO_FIRST_NIGHTS",
    "PRESENCE_COLUMNS",
    "RECEIVED_COLUMNS",
    "Extremes",
    "NightPresence",
    "Part",
    "Partition",
    "Population",
    "Received",
    "add_place",
    "code_places",
    "compute_bucket",
    "count_population",
    "join_received",
    "partition_by_sim",
    "received",
    "record_presence",
    "sims_seen",
]
