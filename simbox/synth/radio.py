"""Which cell serves a SIM: at rest it reselects among a handful of cells over neighbouring sites."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simbox.synth.network import KM_PER_DEGREE, Cells, Land
from simbox.synth.randomness import Bools, Floats, Ints, hashed_uniform, stream

CANDIDATES = 4
NEAREST_SECTORS = 18
RESELECTION_S = 900
SHADOWING_DB = 6.0
SOFTNESS_DB = 2.5
CHUNK = 4096


@dataclass(frozen=True)
class Radio:
    """For each operator, layer and spot the cells that may serve there, with cumulative chances."""

    cells: npt.NDArray[np.int32]
    chances: npt.NDArray[np.float32]
    salt: int

    def serving(self, operator: Ints, spot: Ints, sim: Ints, at_s: Floats, night: int, lte: Bools) -> Ints:
        """The cell of each leg: lasting for about a quarter of an hour, then perhaps another of the same handful."""
        slot = night * 96 + (at_s // RESELECTION_S).astype(np.int64)
        on_lte = lte & (hashed_uniform(self.salt, sim, slot) < 0.8)
        layer = on_lte.astype(np.int64)
        uniform = hashed_uniform(self.salt + 1, sim, slot)
        chances = self.chances[operator, layer, spot]
        choice = (uniform[:, None] >= chances[:, :-1]).sum(axis=1)
        return self.cells[operator, layer, spot, choice].astype(np.int64)


def build_radio(seed: int, land: Land, cells: Cells, operators: int) -> Radio:
    """Predict reception at every spot from distance, sector pattern and shadowing."""
    spots = land.lat.size
    served = np.zeros((operators, 2, spots, CANDIDATES), dtype=np.int32)
    chances = np.ones((operators, 2, spots, CANDIDATES), dtype=np.float32)
    for operator in range(operators):
        for layer in range(2):
            own = np.flatnonzero((cells.operator == operator) & (cells.technology == layer))
            for area in np.unique(land.city):
                here = np.flatnonzero(land.city == area)
                # A road is served by its own masts and by those of the cities at its ends.
                near = cells.city[own]
                mask = near == area if area < land.cities else (near == area) | (near == area - land.cities) | (near == 0)
                pool = own[mask]
                rng = stream(seed, "shadowing", operator, layer, int(area))
                for start in range(0, here.size, CHUNK):
                    part = here[start : start + CHUNK]
                    best, cumulative = _reception(rng, land, cells, pool, part)
                    served[operator, layer, part] = best
                    chances[operator, layer, part] = cumulative
    return Radio(served, chances, int(stream(seed, "reselection").integers(1 << 62)))


def _reception(
    rng: np.random.Generator, land: Land, cells: Cells, pool: Ints, spots: Ints
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    north = (land.lat[spots][:, None] - cells.lat[pool][None, :]) * KM_PER_DEGREE
    east = (land.lon[spots][:, None] - cells.lon[pool][None, :]) * (
        KM_PER_DEGREE * np.cos(np.radians(float(land.lat[spots[0]])))
    )
    distance = np.hypot(north, east)
    keep = min(NEAREST_SECTORS, pool.size)
    nearest = np.argpartition(distance, keep - 1, axis=1)[:, :keep]
    north, east, distance = (np.take_along_axis(grid, nearest, axis=1) for grid in (north, east, distance))
    bearing = np.degrees(np.arctan2(east, north))
    off_axis = np.abs((bearing - cells.azimuth_deg[pool][nearest] + 180) % 360 - 180)
    pattern_db = -np.minimum(12 * (off_axis / 65) ** 2, 22)
    level_db = pattern_db - 35 * np.log10(distance + 0.05) + rng.normal(0, SHADOWING_DB, distance.shape)
    order = np.argsort(-level_db, axis=1)[:, :CANDIDATES]
    level_db = np.take_along_axis(level_db, order, axis=1)
    best = pool[np.take_along_axis(nearest, order, axis=1)]
    weight = np.exp((level_db - level_db[:, :1]) / SOFTNESS_DB)
    cumulative = np.cumsum(weight, axis=1)
    cumulative /= cumulative[:, -1:]
    return best.astype(np.int32), cumulative.astype(np.float32)
