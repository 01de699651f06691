"""What two groups' likeness is worth: a readable file of measures, each cut to bins with points."""

import tomllib
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

FILE = "joining.toml"


class Measure(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Points by bin of a measure: value < edges[0] gives points[0], and so on; `without` where it is not known."""

    name: str
    edges: list[float]
    points: list[int]
    without: int = 0


class Likeness(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Points for the likeness of two groups, ten of which double the odds that they have one owner; `base` are the odds
    of any two groups that stand within reach of each other. `origin` says what they were estimated on."""

    origin: str
    base: int
    measure: list[Measure]

    def points(self, pairs: pl.DataFrame) -> npt.NDArray[np.int64]:
        """The sum for each row, which holds a column for each measure."""
        total = np.full(pairs.height, self.base, dtype=np.int64)
        for measure in self.measure:
            table = np.array([*measure.points, measure.without])
            values = pairs[measure.name].cast(pl.Float64).fill_null(np.nan).to_numpy()
            bins = np.searchsorted(np.array(measure.edges), values, side="right")
            total += table[np.where(np.isnan(values), len(measure.points), bins)]
        return total


def load_likeness() -> Likeness:
    """The points that ship with the package."""
    text = resources.files("simbox.rigs").joinpath(FILE).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Likeness)
