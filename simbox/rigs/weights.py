"""What measures are worth in points, ten of which double the odds: readable files that ship with the package."""

import tomllib
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl


class Measure(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Points by bin of a measure: value < edges[0] gives points[0], and so on; `without` where it is not known."""

    name: str
    edges: list[float]
    points: list[int]
    without: int = 0

    def weigh(self, values: pl.Series) -> npt.NDArray[np.int64]:
        """The points of each value."""
        known = values.cast(pl.Float64).fill_null(np.nan).to_numpy()
        bins = np.searchsorted(np.array(self.edges), known, side="right")
        return np.array([*self.points, self.without])[np.where(np.isnan(known), len(self.points), bins)]


class Weights(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Measures with their points; `base` are the odds before anything is measured, `origin` says what they were
    estimated on."""

    origin: str
    base: int
    measure: list[Measure]

    def weigh(self, rows: pl.DataFrame) -> npt.NDArray[np.int64]:
        """The sum for each row, which holds a column for each measure."""
        total = np.full(rows.height, self.base, dtype=np.int64)
        for measure in self.measure:
            total += measure.weigh(rows[measure.name])
        return total


def load_weights(name: str) -> Weights:
    """The points that ship with the package: `joining` of groups, `judging` of a group."""
    text = resources.files("simbox.rigs").joinpath(f"{name}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Weights)
