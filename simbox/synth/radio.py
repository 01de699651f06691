"""Which cell serves a SIM: at rest it reselects among a handful of cells over neighbouring sites."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simbox.synth.handsets import SERIALS, Models
from simbox.synth.network import KM_PER_DEGREE, LTE, NR, SECTORS, Cells, Land
from simbox.synth.randomness import Bools, Floats, Ints, hashed_uniform, stream

# How many cells of 2G, 4G and 5G a spot hears: who moves between two of these sees six at most.
CANDIDATES = (3, 3, 2)
SHARES = 16
ON_NEWEST_SHARE = (1.0, 0.8, 0.65)
NR_MODELS_SHARE = 0.3
NR_MODELS_SALT = 0x5DEECE66D
NR_REACH = 1.5
NEAREST_SITES = 6
RESELECTION_S = 900
SHADOWING_DB = 6.0
SOFTNESS_DB = 3.5
CHUNK = 2048
TILE_KM = 0.2


@dataclass(frozen=True)
class Radio:
    """For each operator, layer and tile of land the cells that serve there, each as often as it does."""

    tile: npt.NDArray[np.int32]
    cells: npt.NDArray[np.int32]
    salt: int

    def serving(
        self,
        operator: npt.NDArray[np.int8],
        spot: Ints,
        sim: Ints,
        at_s: Floats,
        night: int,
        generation: npt.NDArray[np.int8],
    ) -> Ints:
        """The cell of each leg: lasting for about a quarter of an hour, then perhaps another of the same handful.

        Handsets of 4G fall back to 2G at times, those of 5G to 4G.
        """
        slot = night * 96 + (at_s / RESELECTION_S).astype(np.int64)
        drawn = hashed_uniform(self.salt, sim, slot) * SHARES
        share = drawn.astype(np.int64)
        falls_back = drawn - share >= np.array(ON_NEWEST_SHARE)[generation]
        _, layers, tiles, _ = self.cells.shape
        row = (operator * np.int64(layers) + generation - falls_back) * tiles + self.tile[spot]
        return self.cells.reshape(-1)[row * SHARES + share].astype(np.int64)

    def best(self, spot: int) -> Ints:
        """Each operator's likeliest cell at a spot."""
        return self.cells[:, LTE, self.tile[spot], 0].astype(np.int64)


def generation_of(models: Models, imei: Ints) -> npt.NDArray[np.int8]:
    """The newest technology that handsets speak: 0 for 2G, 1 for 4G, 2 for 5G, which some models of 4G know too."""
    lte = models.is_lte(imei)
    nr = hashed_uniform(NR_MODELS_SALT, imei // SERIALS) < NR_MODELS_SHARE
    return lte.astype(np.int8) + (lte & nr)


def build_radio(seed: int, land: Land, cells: Cells, operators: int) -> Radio:
    """Predict reception on every tile from distance, sector pattern and shadowing, each operator on a core."""
    tile, spots = _tiles(land)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        layers = pool.map(lambda operator: _layers(seed, land, cells, operator, spots), range(operators))
        return Radio(tile, np.stack(list(layers)), int(stream(seed, "reselection").integers(1 << 62)))


def _layers(seed: int, land: Land, cells: Cells, operator: int, spots: Ints) -> npt.NDArray[np.int32]:
    served = np.zeros((len(CANDIDATES), spots.size, SHARES), dtype=np.int32)
    area_of = land.city[spots]
    for layer, candidates in enumerate(CANDIDATES):
        own = np.flatnonzero((cells.operator == operator) & (cells.technology == layer))
        near = cells.city[own]
        for area in np.unique(area_of):
            # A road is served by its own masts and by those of the cities at its ends.
            mask = near == area
            if area >= land.cities:
                mask |= (near == area - land.cities) | (near == 0)
            here = np.flatnonzero(area_of == area)
            pool = own[mask]
            if layer == NR:
                # Where there is no 5G, 4G stands in for it.
                served[layer, here] = served[LTE, here]
                here = here[_in_reach(land, cells, pool, spots[here])]
            rng = stream(seed, "shadowing", operator, layer, int(area))
            for start in range(0, here.size, CHUNK):
                part = here[start : start + CHUNK]
                served[layer, part] = _reception(rng, land, cells, pool, spots[part], candidates)
    return served


def install_repeaters(seed: int, radio: Radio, spots: Ints) -> None:
    """Put one cell of each operator's handful alone on the air at some spots, and not always the strongest."""
    rng = stream(seed, "repeaters")
    for spot in spots:
        tile = radio.tile[spot]
        chosen = int(rng.integers(SHARES))
        radio.cells[:, :, tile, :] = radio.cells[:, LTE : LTE + 1, tile, chosen : chosen + 1]


def _tiles(land: Land) -> tuple[npt.NDArray[np.int32], Ints]:
    """The tile of each spot, and one spot for each tile."""
    row = np.floor(land.lat * (KM_PER_DEGREE / TILE_KM)).astype(np.int64)
    column = np.floor(land.lon * (KM_PER_DEGREE * 0.7 / TILE_KM)).astype(np.int64)
    key = (land.city * 1_000_000 + row - row.min()) * 1_000_000 + column - column.min()
    _, spots, tile = np.unique(key, return_index=True, return_inverse=True)
    return tile.astype(np.int32), spots


def _in_reach(land: Land, cells: Cells, pool: Ints, spots: Ints) -> Bools:
    """Which spots are near enough to one of the sites of these cells."""
    reached = np.zeros(spots.size, dtype=bool)
    if pool.size == 0:
        return reached
    narrow = np.cos(np.radians(float(land.lat[spots[0]])))
    lat, lon, range_m = (column[pool[: pool.size // SECTORS]] for column in (cells.lat, cells.lon, cells.range_m))
    for start in range(0, spots.size, CHUNK):
        some = spots[start : start + CHUNK]
        north = land.lat[some][:, None] - lat[None, :]
        east = (land.lon[some][:, None] - lon[None, :]) * narrow
        near_m = np.hypot(north, east).astype(np.float32) * np.float32(KM_PER_DEGREE * 1000)
        reached[start : start + CHUNK] = (near_m < NR_REACH * range_m.astype(np.float32)).any(axis=1)
    return reached


def _reception(
    rng: np.random.Generator, land: Land, cells: Cells, pool: Ints, spots: Ints, candidates: int
) -> npt.NDArray[np.int32]:
    narrow = KM_PER_DEGREE * np.cos(np.radians(float(land.lat[spots[0]])))
    # Cells come sector by sector, so that one distance does for all sectors of a mast.
    sectors = pool.reshape(SECTORS, -1)
    masts = sectors[0]
    north = ((land.lat[spots][:, None] - cells.lat[masts]) * KM_PER_DEGREE).astype(np.float32)
    east = ((land.lon[spots][:, None] - cells.lon[masts]) * narrow).astype(np.float32)
    keep = min(NEAREST_SITES, masts.size)
    nearest = np.argpartition(north**2 + east**2, keep - 1, axis=1)[:, :keep]
    north, east = np.take_along_axis(north, nearest, axis=1), np.take_along_axis(east, nearest, axis=1)
    heard = sectors[:, nearest].transpose(1, 0, 2).reshape(spots.size, -1)
    north, east = np.tile(north, SECTORS), np.tile(east, SECTORS)
    off_axis = np.abs((np.degrees(np.arctan2(east, north)) - cells.azimuth_deg[heard] + 180) % 360 - 180)
    pattern_db = -np.minimum(12 * (off_axis / 65) ** 2, 22)
    shadow_db = rng.normal(0, SHADOWING_DB, off_axis.shape)
    level_db = pattern_db - 35 * np.log10(np.hypot(north, east) + 0.05) + shadow_db
    order = np.argsort(-level_db, axis=1)[:, :candidates]
    level_db = np.take_along_axis(level_db, order, axis=1)
    best = np.take_along_axis(heard, order, axis=1)
    cumulative = np.cumsum(np.exp((level_db - level_db[:, :1]) / SOFTNESS_DB), axis=1)
    cumulative /= cumulative[:, -1:]
    middle = (np.arange(SHARES) + 0.5) / SHARES
    choice = (middle[None, :, None] > cumulative[:, None, :-1]).sum(axis=2)
    # However strong the first: at rest, too, a handset hears of a second.
    choice[:, -1] = np.maximum(choice[:, -1], 1)
    return np.take_along_axis(best, choice, axis=1).astype(np.int32)
