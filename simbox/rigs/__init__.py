"""Suspect SIMs to LINKS, RIGS, SITES and MEMBERS: which cards work in one box, and where it stands."""

from simbox.rigs.companions import Habits, find_companions, find_habits, find_neighbours, join_habits
from simbox.rigs.crowd import Crowd
from simbox.rigs.evidence import FAMILY
from simbox.rigs.find import find_rigs
from simbox.rigs.found import NO_RIGS, Found, Suspects
from simbox.rigs.locating import site_places

__all__ = [
    "FAMILY",
    "NO_RIGS",
    "Crowd",
    "Found",
    "Habits",
    "Suspects",
    "find_companions",
    "find_habits",
    "join_habits",
    "find_neighbours",
    "find_rigs",
    "site_places",
]
