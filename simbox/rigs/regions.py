"""The region that holds a gateway: where the cells that served it would serve, those of all networks together.

Each network and technology is asked by itself: of its cells, which serves at a point? Mostly the strongest, which is
mostly the nearest one that points there, but walls and hills shift levels by 6 to 10 dB (3GPP TR 36.942, 38.901), so
that the chances of the cells fall off softly with their levels. What several networks say of one gateway narrows the
point down, as sectors of different masts cross. No cell decides alone: another gateway of the rig, or a card on its
way, may have been served by it.

The constants without a source were set on rigs drawn by the project's own generator (family A, seeds of no published
table) so that nine circles of ten hold their gateway. How wide a circle gets depends on what is told: the area of two
sectors and more where one network serves, well under one sector where three do.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.telecom.cells import DEFAULT_RANGE_M, METRES_PER_DEGREE
from simbox.telecom.reception import Masts, axis_distance_m, hear

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOLDS = 0.9
LEAST_RADIUS_M = 250.0
LEAST_RANGE_M = 50.0
# The difference of two shadowings of 8 dB at one spot, half of it common to both, spreads as a logistic of 5 to 8 dB.
SOFTNESS_DB = 7.0
# A cell's legs come in runs, one gateway's worth of chance: ten times the legs are twice the evidence.
WEIGHT_POWER = 0.3
# What networks and technologies say of a spot is not independent: they share masts, and walls are walls to all.
EVIDENCE = 1.2
LAYERS_POWER = 0.3
# That a cell served from wherever: by another gateway, by a card on its way, by an echo over water.
ANYWHERE = 0.01
# A planned range is a line on a map; at twice the range every other terminal is out of reach.
REACH = 2.0
REACH_POWER = 4
# In ranges of the place's own cells: how far cells still tell of it, how far from it the gateway is sought, and whose
# cells can serve there. Only the nearest do.
SERVING_REACH = 1.5
GRID_REACH = 1.6
HEARD_REACH = 5.0
MOST_HEARD = 60
SIDE = 31
# Packed cells begin with kind and network.
LAYER_BITS = 36
# Of a layer the kind of cell is what stands above so many bits (1 is ECGI); so many legs tell which mast serves there.
KIND_SHIFT = 21
LTE_KIND = 1
LEAST_LEGS = 5
SCHEMA = {
    "rig_id": pl.String, "place": pl.Int64, "lat": pl.Float64, "lon": pl.Float64, "radius_m": pl.Float64,
    "mast_lat": pl.Float64, "mast_lon": pl.Float64, "site": pl.String,
}  # fmt: skip


class Air(NamedTuple):
    """All cells that can be located, by kind and network (`layer`) and then latitude."""

    layer: Ints
    lat: Floats
    lon: Floats
    azimuth_deg: Floats
    range_m: Floats
    cell: Ints
    site: list[str | None]


class Served(NamedTuple):
    """Cells (positions in Air) that served a rig, with legs, and whether they belong to the place asked for."""

    at: Ints
    legs: Floats
    is_own: npt.NDArray[np.bool_]


class Standing(NamedTuple):
    """Where the gateway may stand: points with probabilities; `expected` is each cell's chance to serve it."""

    lat: float
    lon: float
    half_m: float
    probability: Floats
    expected: dict[int, float]


def find_regions(legs: pl.DataFrame, asked: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """For places asked for (rig_id, place) lat, lon, radius_m, and who serves there best: mast_lat, mast_lon, site.

    From `legs` of rigs by rig_id, place and cell, and PLACES. Places of which no cell can be located are left out.
    """
    air = read_air(places)
    position = pl.DataFrame({"cell": air.cell, "at": np.arange(air.cell.size)})
    located = (
        legs.join(position, on="cell")
        .join(asked.select("rig_id", "place", is_asked=pl.lit(value=True)), on=["rig_id", "place"], how="left")
        .sort("rig_id", "place", "cell")
    )
    rows = []
    for (rig_id,), rig in located.group_by("rig_id", maintain_order=True):
        at, count = rig["at"].to_numpy(), rig["legs"].to_numpy().astype(np.float64)
        places_of_cells = rig["place"].to_numpy()
        for place in rig.filter(pl.col("is_asked"))["place"].unique().sort().to_list():
            standing, served = stand(Served(at, count, places_of_cells == place), air)
            lat, lon, radius_m = _circle(standing)
            mast = _best_mast(standing, served, air)
            rows.append((rig_id, place, lat, lon, radius_m, float(air.lat[mast]), float(air.lon[mast]), air.site[mast]))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def read_air(places: pl.DataFrame) -> Air:
    """PLACES as arrays."""
    cells = places.with_columns(layer=pl.col("cell") // (1 << LAYER_BITS)).sort("layer", "lat", "lon", "cell")
    return Air(
        cells["layer"].to_numpy(),
        cells["lat"].to_numpy(),
        cells["lon"].to_numpy(),
        cells["azimuth_deg"].fill_null(np.nan).to_numpy(),
        cells["range_m"].fill_null(DEFAULT_RANGE_M).clip(LEAST_RANGE_M).to_numpy(),
        cells["cell"].to_numpy(),
        cells["site"].to_list(),
    )


def stand(served: Served, air: Air) -> tuple[Standing, Served]:
    """Where the gateway stands that the own cells serve, and the served cells that were near enough to tell."""
    own, weight = served.at[served.is_own], served.legs[served.is_own]
    lat, lon = float(np.average(air.lat[own], weights=weight)), float(np.average(air.lon[own], weights=weight))
    range_m = float(np.average(air.range_m[own], weights=weight))
    east_m, north_m = _metres(air, served.at, lat, lon)
    is_near = (np.hypot(east_m, north_m) <= SERVING_REACH * range_m) | served.is_own
    served = Served(served.at[is_near], served.legs[is_near], served.is_own[is_near])
    weights = (served.legs / served.legs.max()) ** WEIGHT_POWER
    half_m = GRID_REACH * range_m
    grid_east, grid_north = _EAST * half_m, _NORTH * half_m
    layer = air.layer[served.at]
    evidence = np.zeros(_EAST.size)
    chances = np.zeros((served.at.size, _EAST.size))
    for one in np.unique(layer).tolist():
        mine = np.flatnonzero(layer == one)
        heard = _heard(one, served.at[mine], air, lat, lon, HEARD_REACH * range_m)
        level_db = hear(Masts(*_metres(air, heard, lat, lon), air.azimuth_deg[heard]), grid_east, grid_north)
        likely = np.exp((level_db - level_db.max(axis=0)) / SOFTNESS_DB)
        among = np.searchsorted(heard, served.at[mine])
        chances[mine] = likely[among] / likely.sum(axis=0)
        reach_m = REACH * air.range_m[served.at[mine], None]
        serving = chances[mine] / (1 + (axis_distance_m(level_db[among]) / reach_m) ** REACH_POWER)
        # Not a dot product: that one's last digits depend on the processor.
        evidence += (weights[mine, None] * np.log(ANYWHERE + serving)).sum(axis=0)
    evidence *= EVIDENCE / np.unique(layer).size ** LAYERS_POWER
    probability = np.exp(evidence - evidence.max())
    probability /= probability.sum()
    expected = dict(zip(served.at.tolist(), (chances * probability).sum(axis=1).tolist(), strict=True))
    return Standing(lat, lon, half_m, probability, expected), served


def _metres(air: Air, at: Ints, lat: float, lon: float) -> tuple[Floats, Floats]:
    narrow = METRES_PER_DEGREE * np.cos(np.radians(lat))
    return (air.lon[at] - lon) * narrow, (air.lat[at] - lat) * METRES_PER_DEGREE


def _heard(layer: int, served: Ints, air: Air, lat: float, lon: float, within_m: float) -> Ints:
    """The layer's cells nearest to a point, and those that served, in order."""
    first, last = np.searchsorted(air.layer, [layer, layer + 1]).tolist()
    reach_deg = within_m / METRES_PER_DEGREE
    south, north = np.searchsorted(air.lat[first:last], [lat - reach_deg, lat + reach_deg]).tolist()
    near = np.arange(first + south, first + north)
    distance_m = np.hypot(*_metres(air, near, lat, lon))
    nearest = np.argsort(distance_m, kind="stable")[:MOST_HEARD]
    return np.union1d(near[nearest[distance_m[nearest] <= within_m]], served)


def _circle(standing: Standing) -> tuple[float, float, float]:
    """The smallest circle round a point of the grid that holds nine tenths of the probability, and half a step.

    Of those that are smallest but for half a step of the grid, the one nearest to the mean.
    """
    held = np.cumsum(standing.probability[_ORDER], axis=1)
    enough = np.minimum((held < HOLDS).sum(axis=1), _EAST.size - 1)
    radius = _APART[np.arange(_CENTRES.size), enough]
    mean_east, mean_north = (float((standing.probability * side).sum()) for side in (_EAST, _NORTH))
    off_mean = np.hypot(_EAST[_CENTRES] - mean_east, _NORTH[_CENTRES] - mean_north).round(6)
    best = int(np.argmin(np.where(radius <= radius.min() + _STEP / 2, off_mean, np.inf)))
    east_m, north_m = _EAST[_CENTRES[best]] * standing.half_m, _NORTH[_CENTRES[best]] * standing.half_m
    lat = standing.lat + north_m / METRES_PER_DEGREE
    lon = standing.lon + east_m / (METRES_PER_DEGREE * np.cos(np.radians(standing.lat)))
    return float(lat), float(lon), max(LEAST_RADIUS_M, float(radius[best] + _STEP / 2) * standing.half_m)


def _best_mast(standing: Standing, served: Served, air: Air) -> int:
    """A cell of the mast that serves best where the gateway stands, of the network that says so most clearly.

    A mast is judged within its network and technology, by its share of the legs there times its chance to serve at that
    spot: of legs alone, a mast next door that walls let through for some handsets would be as good. 4G goes first: what
    falls back to 2G is served by whatever is left, and 5G stands on few masts.
    """
    layer = air.layer[served.at]
    legs_of = {int(one): float(served.legs[layer == one].sum()) for one in np.unique(layer)}
    score: dict[tuple[int, str | None, float, float], tuple[float, float, int]] = {}
    for at, legs in zip(served.at.tolist(), served.legs.tolist(), strict=True):
        mast = (int(air.layer[at]), air.site[at], float(air.lat[at]), float(air.lon[at]))
        former_legs, chance, cell = score.get(mast, (0.0, 0.0, at))
        score[mast] = (former_legs + legs, chance + standing.expected[at], cell)
    clearest = (-np.inf, -np.inf, 0)
    for (of_layer, *_), (legs, chance, cell) in score.items():
        is_first = of_layer >> KIND_SHIFT == LTE_KIND and legs_of[of_layer] >= LEAST_LEGS
        share = legs / (legs_of[of_layer] + LEAST_LEGS)
        clearest = max(clearest, (float(is_first), share * chance, -cell))
    return -clearest[2]


def _unit_grid() -> tuple[Floats, Floats, Ints, Ints, Floats]:
    """A square of points from -1 to 1, a fourth of them as centres, and the points by distance from each centre."""
    axis = np.linspace(-1.0, 1.0, SIDE)
    east, north = (side.ravel() for side in np.meshgrid(axis, axis))
    number = np.arange(east.size)
    centres = number[(number % SIDE % 2 == 1) & (number // SIDE % 2 == 1)]
    apart = np.hypot(east[centres, None] - east, north[centres, None] - north).round(9)
    order = np.argsort(apart, axis=1, kind="stable")
    return east, north, centres, order, np.take_along_axis(apart, order, axis=1)


_STEP = 2 / (SIDE - 1)
_EAST, _NORTH, _CENTRES, _ORDER, _APART = _unit_grid()
