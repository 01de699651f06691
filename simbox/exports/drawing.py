"""How pictures on paper are drawn: SVG of the same bytes from the same figures, in a font that typst embeds."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

MM_PER_INCH = 25.4
# Okabe and Ito's colours without black: told apart by the colour-blind too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#A6761D")
NOT_KNOWN = "#999999"
RAID = "#D62728"
# Both matplotlib and typst bring this font, so letters are measured as they are set, and can be searched for.
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "simbox",
    "font.family": "DejaVu Sans Mono",
    "font.size": 6.0,
    "axes.linewidth": 0.5,
    "text.parse_math": False,
}


@contextmanager
def drawing_style() -> Iterator[None]:
    """Our settings on matplotlib's own, whatever the user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


def new_figure(width_mm: float, height_mm: float) -> tuple[Figure, Axes]:
    """A figure of this size with one pair of axes."""
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), layout="constrained")
    return figure, figure.add_subplot()


def svg_of(figure: Figure) -> str:
    """The figure as SVG, which tells neither when nor with what it was made."""
    written = StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()
