"""Suspect SIMs to LINKS, RIGS, SITES and MEMBERS: which cards work in one box, and where it stands."""

from simbox.rigs.banking import port_chains
from simbox.rigs.batches import find_batches
from simbox.rigs.companions import (
    LINE_FEATURES,
    Habits,
    find_companions,
    find_habits,
    find_lines,
    join_habits,
    popular_numbers,
)
from simbox.rigs.crowd import Crowd
from simbox.rigs.evidence import FAMILY, family_weights
from simbox.rigs.find import find_rigs
from simbox.rigs.found import NO_RIGS, Found, Suspects
from simbox.rigs.founding import measure_founding, seek_founders
from simbox.rigs.locating import site_places

__all__ = [
    "FAMILY",
    "LINE_FEATURES",
    "NO_RIGS",
    "Crowd",
    "Found",
    "Habits",
    "Suspects",
    "family_weights",
    "find_batches",
    "find_companions",
    "find_habits",
    "find_lines",
    "find_rigs",
    "join_habits",
    "measure_founding",
    "popular_numbers",
    "port_chains",
    "seek_founders",
    "site_places",
]
