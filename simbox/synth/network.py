"""The land and the masts on it: cities, roads, buildings, and each operator's sites and sectors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simbox.synth.randomness import Floats, Ints, stream
from simbox.synth.scenario import Scenario

KM_PER_DEGREE = 111.32
LATTICE_STEP_KM = 0.8
ROAD_STEP_KM = 3.0
ROAD_SITE_KM = 9.0
SECTORS = 3
BuildingPlan = Callable[[np.random.Generator, float, int], Floats]
TECHNOLOGIES = ("2G", "4G", "5G")
GSM, LTE, NR = range(3)
# 5G came to the main city first.
NR_SITES_SHARE = (0.45, 0.8)
NR_ELSEWHERE = 0.5
# Cells reach as far as their band: 900, 1800 and 3500 MHz.
REACH = (1200.0, 900.0, 600.0)


@dataclass(frozen=True)
class Land:
    """Cities, and the spots people can be at: buildings, street corners (a lattice in each city), roads."""

    city_lat: Floats
    city_lon: Floats
    city_radius_km: Floats
    city_share: Floats
    building_start: Ints
    lattice_start: Ints
    lattice_side: Ints
    road_start: Ints
    road_spots: Ints
    lat: Floats
    lon: Floats
    city: Ints

    @property
    def cities(self) -> int:
        """How many cities there are."""
        return self.city_lat.size

    def buildings(self, city: int) -> tuple[int, int]:
        """First and last building spot of a city, the last excluded."""
        return int(self.building_start[city]), int(self.building_start[city + 1])


@dataclass(frozen=True)
class Cells:
    """Every cell, operator after operator: where its mast stands, where it points, what it is called."""

    operator: Ints
    technology: npt.NDArray[np.int8]
    lat: Floats
    lon: Floats
    azimuth_deg: Floats
    range_m: Floats
    city: Ints
    site: list[str]
    name: list[str]

    def of_operator(self, operator: int) -> tuple[int, int]:
        """First and last cell of an operator, the last excluded."""
        first, last = np.searchsorted(self.operator, [operator, operator + 1])
        return int(first), int(last)


def around_quarters(rng: np.random.Generator, radius_km: float, count: int) -> Floats:
    """Half of the buildings crowd around a few quarters, half are spread out; kilometres east and north."""
    quarters = rng.normal(0.0, 0.45, (max(3, count // 60), 2)) * radius_km
    near = quarters[rng.integers(0, len(quarters), count)] + rng.normal(0.0, 0.16 * radius_km, (count, 2))
    wide = rng.normal(0.0, 0.5 * radius_km, (count, 2))
    return np.where(rng.random((count, 1)) < 0.5, near, wide)


def build_land(
    scenario: Scenario, seed: int, sims: int, buildings: BuildingPlan, city_exponent: tuple[float, float]
) -> Land:
    """Draw the map: one main city, smaller ones around it, roads from the main city to each."""
    rng = stream(seed, "land")
    cities = int(rng.integers(int(scenario.cities[0]), int(scenario.cities[1]) + 1))
    share: Floats = (1.0 / np.arange(1, cities + 1) ** rng.uniform(*city_exponent)).astype(np.float64)
    share = share / share.sum()
    lat, lon = _city_centres(rng, cities)
    radius = rng.uniform(3.5, 6.0) * np.sqrt(share / share[0]) * max(1.0, (sims / 200_000) ** 0.35)
    radius_km = np.maximum(radius, 1.6)
    lats, lons, city = [], [], []
    building_start = [0]
    for index in range(cities):
        count = max(60, round(sims * share[index] / rng.uniform(4.0, 6.0)))
        km = buildings(rng, float(radius_km[index]), count)
        lats.append(lat[index] + km[:, 1] / KM_PER_DEGREE)
        lons.append(lon[index] + km[:, 0] / _km_per_lon(lat[index]))
        city.append(np.full(count, index))
        building_start.append(building_start[-1] + count)
    total = building_start[-1]
    lattice_start, sides = [], []
    for index in range(cities):
        side = max(4, round(2 * radius_km[index] / LATTICE_STEP_KM))
        axis = np.linspace(-radius_km[index], radius_km[index], side)
        east, north = np.meshgrid(axis, axis)
        lats.append(lat[index] + north.ravel() / KM_PER_DEGREE)
        lons.append(lon[index] + east.ravel() / _km_per_lon(lat[index]))
        city.append(np.full(side * side, index))
        lattice_start.append(total)
        sides.append(side)
        total += side * side
    road_start, road_spots = [], []
    for index in range(cities):
        # The main city's own road is a stub, so that roads are numbered as cities are.
        length = float(np.hypot((lat[index] - lat[0]) * KM_PER_DEGREE, (lon[index] - lon[0]) * _km_per_lon(lat[0])))
        count = max(2, round(length / ROAD_STEP_KM))
        fraction = np.linspace(0, 1, count)
        lats.append(lat[0] + fraction * (lat[index] - lat[0]))
        lons.append(lon[0] + fraction * (lon[index] - lon[0]))
        city.append(np.full(count, cities + index))
        road_start.append(total)
        road_spots.append(count)
        total += count
    return Land(
        lat,
        lon,
        radius_km,
        share,
        np.array(building_start),
        np.array(lattice_start),
        np.array(sides),
        np.array(road_start),
        np.array(road_spots),
        np.concatenate(lats),
        np.concatenate(lons),
        np.concatenate(city),
    )


def build_cells(scenario: Scenario, seed: int, land: Land, sims: int) -> Cells:
    """Draw each operator's masts: denser where more people live, some shared with another operator."""
    columns: dict[str, list[npt.NDArray[np.generic]]] = {
        name: [] for name in ("operator", "technology", "lat", "lon", "azimuth_deg", "range_m", "city")
    }
    sites: list[str] = []
    names: list[str] = []
    shared: list[tuple[float, float]] = []
    rng = stream(seed, "sites")
    sims_per_site = rng.uniform(*scenario.sims_per_site)
    for operator, (key, habit) in enumerate(scenario.operators.items()):
        site_lat, site_lon, site_city, spacing_km = _sites(rng, land, sims * habit.market_share / sims_per_site, shared)
        shared += list(zip(site_lat.tolist(), site_lon.tolist(), strict=True))
        number = site_lat.size
        lac = rng.permutation(np.arange(100, 9000))[: land.cities * 2]
        site_id = rng.permutation(np.arange(1000, 9999 if number < 8000 else 1000 + number * 2))[:number]
        turn = rng.uniform(0, 120, number)
        for technology in range(len(TECHNOLOGIES)):
            draws = stream(seed, "5G sites", operator) if technology == NR else rng
            masts = _with_5g(draws, land, site_city) if technology == NR else np.arange(number)
            for sector in range(SECTORS):
                columns["operator"].append(np.full(masts.size, operator))
                columns["technology"].append(np.full(masts.size, technology))
                columns["lat"].append(site_lat[masts])
                columns["lon"].append(site_lon[masts])
                columns["azimuth_deg"].append((turn[masts] + 120 * sector + draws.normal(0, 6, masts.size)) % 360)
                columns["range_m"].append(spacing_km[masts] * REACH[technology])
                columns["city"].append(site_city[masts])
                sites += [f"{key[:3].upper()}{identity}" for identity in site_id[masts]]
                areas = lac[site_city[masts] % (2 * land.cities)]
                names += _names(habit.mcc_mnc, technology, sector, site_id[masts], areas)
    return Cells(
        np.concatenate(columns["operator"]).astype(np.int64),
        np.concatenate(columns["technology"]).astype(np.int8),
        np.concatenate(columns["lat"]).astype(np.float64),
        np.concatenate(columns["lon"]).astype(np.float64),
        np.concatenate(columns["azimuth_deg"]).astype(np.float64),
        np.concatenate(columns["range_m"]).astype(np.float64),
        np.concatenate(columns["city"]).astype(np.int64),
        sites,
        names,
    )


def _with_5g(rng: np.random.Generator, land: Land, site_city: Ints) -> Ints:
    """The masts that have 5G: many in the main city, some in the others, none along roads."""
    share = rng.uniform(*NR_SITES_SHARE) * np.where(site_city == 0, 1.0, NR_ELSEWHERE)
    return np.flatnonzero((rng.random(site_city.size) < share) & (site_city < land.cities))


def _names(mcc_mnc: str, technology: int, sector: int, identities: Ints, areas: Ints) -> list[str]:
    """CGIs of 2G by location area, ECGIs of 4G by eNodeB, NCGIs of 5G by gNodeB of 24 bits (TS 38.413)."""
    if technology == GSM:
        cells = [(identity * 10 + sector + 1) % 65536 for identity in identities.tolist()]
        return [f"{mcc_mnc}-{area}-{cell}" for area, cell in zip(areas.tolist(), cells, strict=True)]
    if technology == LTE:
        return [f"{mcc_mnc}-e{identity * 256 + 10 + sector}" for identity in identities.tolist()]
    return [f"{mcc_mnc}-n{identity * 4096 + 20 + sector}" for identity in identities.tolist()]


def _sites(
    rng: np.random.Generator, land: Land, wanted: float, shared: list[tuple[float, float]]
) -> tuple[Floats, Floats, Ints, Floats]:
    lats, lons, cities, spacings = [], [], [], []
    for city in range(land.cities):
        first, last = land.buildings(city)
        count = max(4, round(wanted * land.city_share[city]))
        chosen = _spread(rng, land.lat[first:last], land.lon[first:last], count) + first
        # Masts stand near buildings, not on them.
        lats.append(land.lat[chosen] + rng.normal(0, 0.12, chosen.size) / KM_PER_DEGREE)
        lons.append(land.lon[chosen] + rng.normal(0, 0.12, chosen.size) / _km_per_lon(land.city_lat[city]))
        cities.append(np.full(chosen.size, city))
        spacings.append(np.full(chosen.size, land.city_radius_km[city] * 1.8 / np.sqrt(chosen.size)))
    for road in range(1, land.cities):
        count = int(land.road_spots[road] * ROAD_STEP_KM / ROAD_SITE_KM)
        fraction = (np.arange(count) + rng.random(count)) / max(count, 1)
        spots = land.road_start[road] + (fraction * (land.road_spots[road] - 1)).astype(np.int64)
        lats.append(land.lat[spots] + rng.normal(0, 0.4, count) / KM_PER_DEGREE)
        lons.append(land.lon[spots] + rng.normal(0, 0.4, count) / KM_PER_DEGREE)
        cities.append(np.full(count, land.cities + road))
        spacings.append(np.full(count, 6.0))
    lat, lon = np.concatenate(lats), np.concatenate(lons)
    if shared:
        masts = np.array(shared)
        for index in np.flatnonzero(rng.random(lat.size) < 0.3):
            distance = np.hypot(masts[:, 0] - lat[index], (masts[:, 1] - lon[index]) * 0.7) * KM_PER_DEGREE
            nearest = int(np.argmin(distance))
            if distance[nearest] < 0.8:
                lat[index], lon[index] = masts[nearest]
    return np.round(lat, 6), np.round(lon, 6), np.concatenate(cities), np.concatenate(spacings)


def _spread(rng: np.random.Generator, lat: Floats, lon: Floats, count: int) -> Ints:
    """Buildings drawn where people live, but no two of them close together while there is room elsewhere."""
    order = rng.permutation(lat.size)
    chosen: list[int] = []
    spacing_km = 2.0
    while len(chosen) < min(count, lat.size):
        for building in order:
            if len(chosen) == count:
                break
            others = np.array(chosen, dtype=np.int64)
            apart = np.hypot(lat[others] - lat[building], (lon[others] - lon[building]) * 0.7) * KM_PER_DEGREE
            if others.size == 0 or apart.min() > spacing_km * rng.random():
                chosen.append(int(building))
        spacing_km /= 2
    return np.array(chosen)


def _city_centres(rng: np.random.Generator, cities: int) -> tuple[Floats, Floats]:
    lat, lon = [rng.uniform(42.8, 51.5)], [rng.uniform(62.0, 79.0)]
    while len(lat) < cities:
        distance_km = rng.uniform(60.0, 240.0)
        angle = rng.uniform(0, 2 * np.pi)
        new_lat = lat[0] + distance_km * np.sin(angle) / KM_PER_DEGREE
        new_lon = lon[0] + distance_km * np.cos(angle) / _km_per_lon(lat[0])
        apart = [
            np.hypot((new_lat - a) * KM_PER_DEGREE, (new_lon - b) * _km_per_lon(lat[0]))
            for a, b in zip(lat, lon, strict=True)
        ]
        if min(apart) > 30.0:
            lat.append(new_lat)
            lon.append(new_lon)
    return np.array(lat), np.array(lon)


def _km_per_lon(lat: float) -> float:
    return float(KM_PER_DEGREE * np.cos(np.radians(lat)))
