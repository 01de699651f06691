"""Where a rig's radio is, on paper: its regions, the sectors that served it, the masts around. No SIM stands on it."""

from collections.abc import Iterable
from math import cos, floor, log10, radians

import numpy as np
import numpy.typing as npt
import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from simbox.exports.drawing import COLOURS, new_figure, svg_of
from simbox.exports.geometry import circle, sector
from simbox.telecom.cells import DEFAULT_RANGE_M, METRES_PER_DEGREE
from simbox.telecom.identifiers import print_cell

# More can't be told apart on a sketch of this size.
SECTORS_DRAWN, MASTS_DRAWN = 60, 400
_SIZE_MM = (105.0, 100.0)
_LEAST_SPAN_M = 1_000.0
_MARGIN = 0.08
Points = npt.NDArray[np.float64]


def draw_sketch(sites: pl.DataFrame, places: pl.DataFrame) -> str | None:
    """One rig's places as SVG, north up, in metres from its most used one; None where none of them is located."""
    located = sites.filter(pl.col("lat").is_not_null() & pl.col("lon").is_not_null()).sort("place_rank")
    if located.is_empty():
        return None
    middle = located.row(0, named=True)
    on_paper = _Plane(middle["lat"], middle["lon"])
    words = sorted({word for text in sites["cells"].drop_nulls() for word in text.split()})
    cells = places.with_columns(text=print_cell(pl.col("cell"))).filter(pl.col("text").is_in(words)).sort("cell")
    sectors = [
        on_paper(sector(lat, lon, azimuth, range_m or DEFAULT_RANGE_M))
        for lat, lon, azimuth, range_m in cells.head(SECTORS_DRAWN)
        .select("lat", "lon", "azimuth_deg", "range_m")
        .iter_rows()
    ]
    regions = [
        (rank, on_paper(circle(lat, lon, max(radius or 0.0, 1.0))), on_paper([(lon, lat)])[0])
        for rank, lat, lon, radius in located.select("place_rank", "lat", "lon", "radius_m").iter_rows()
    ]
    figure, axes = new_figure(*_SIZE_MM)
    west, east, south, north = _extent([*sectors, *(ring for _, ring, _ in regions)])
    masts = on_paper(places.select("place_lon", "place_lat").unique().sort("place_lon", "place_lat").iter_rows())
    inside = masts[
        (masts[:, 0] > west) & (masts[:, 0] < east) & (masts[:, 1] > south) & (masts[:, 1] < north)
    ]  # fmt: skip
    inside = inside[:: max(1, -(-len(inside) // MASTS_DRAWN))]
    axes.plot(inside[:, 0], inside[:, 1], ".", color="#aaaaaa", markersize=2)
    for ring in sectors:
        axes.add_patch(Polygon(ring, fc=COLOURS[5], ec=COLOURS[0], alpha=0.3, lw=0.4))
    for rank, ring, point in regions:
        axes.add_patch(Polygon(ring, fill=False, ec=COLOURS[1], lw=1.0))
        axes.plot(*point, "+", color=COLOURS[1], markersize=5)
        axes.annotate(str(rank), point, xytext=(3, 3), textcoords="offset points", fontsize=7, fontweight="bold")
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    _draw_scale(axes, west, south, east - west)
    axes.annotate("N", (0.96, 0.97), (0.96, 0.88), xycoords="axes fraction", ha="center",
                  arrowprops={"arrowstyle": "->", "lw": 0.8})  # fmt: skip
    return svg_of(figure)


class _Plane:
    """Lays (lon, lat) out in metres around a point: true enough for the size of a town."""

    def __init__(self, lat: float, lon: float) -> None:
        self._lat, self._lon, self._shrink = lat, lon, cos(radians(lat))

    def __call__(self, points: Iterable[tuple[float, float]]) -> Points:
        degrees = np.array(list(points), dtype=np.float64).reshape(-1, 2)
        east = (degrees[:, 0] - self._lon + 540) % 360 - 180
        return np.column_stack([east * self._shrink, degrees[:, 1] - self._lat]) * METRES_PER_DEGREE


def _extent(rings: list[Points]) -> tuple[float, float, float, float]:
    """West, east, south and north of a square around all of them, with a margin."""
    points = np.concatenate(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    half = max(float((high - low).max()), _LEAST_SPAN_M) * (0.5 + _MARGIN)
    (x, y) = (low + high) / 2
    return float(x - half), float(x + half), float(y - half), float(y + half)


def _draw_scale(axes: Axes, west: float, south: float, span_m: float) -> None:
    """A bar of 1, 2 or 5 times a power of ten metres, at most a third of the width."""
    power = 10.0 ** floor(log10(span_m / 3))
    length = max(step * power for step in (1, 2, 5) if step * power <= span_m / 3)
    x, y = west + 0.04 * span_m, south + 0.04 * span_m
    axes.plot([x, x + length], [y, y], color="black", lw=1.5, solid_capstyle="butt")
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"  # noqa: PLR2004 -- metres to the kilometre
    axes.text(x, y + 0.012 * span_m, text, va="bottom")
