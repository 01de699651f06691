"""What was seen of the rigs, as pictures need it."""

import re
from datetime import date
from typing import NamedTuple

import polars as pl

_WINDOW = re.compile(r"([0-9]{2}):[0-9]{2}-([0-9]{2}):[0-9]{2}")


class Seen(NamedTuple):
    """ACTIVITY of the chosen rigs, PLACES of the run, and the nights looked back on that have records."""

    activity: pl.DataFrame
    places: pl.DataFrame
    nights: list[date]


def raid_hours(sites: pl.DataFrame) -> list[tuple[int, int]]:
    """(first hour, hour after the last) of each raid window of a rig's main place."""
    main = sites.filter((pl.col("place_rank") == 1) & pl.col("raid_windows").is_not_null())["raid_windows"]
    return [(int(first), int(last) or 24) for text in main for first, last in _WINDOW.findall(text)]
