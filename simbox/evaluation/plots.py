"""The page's pictures as SVG: the same bytes from the same figures."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simbox.evaluation.ranking import FALSE_POSITIVE_RATES

SIZE_INCHES = (7.2, 3.8)
# Okabe and Ito's colours: told apart by the colour-blind too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F", "#000000")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
# Text stays text, so that a page can be searched; identifiers within the picture come from its content.
SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "simbox", "font.family": "sans-serif", "font.size": 9.0}


def plot_recall(rankings: Sequence[dict[str, Any]]) -> str:
    """Recall against the false positive rate on a log axis: levels of the first ranking, the others' whole dashed."""
    with _style():
        figure, axes = _axes("false positive rate", "share of rig SIMs caught")
        axes.set_xscale("log")
        for number, (level, curve) in enumerate(rankings[0]["curves"].items()):
            _line(axes, curve, number, label=level if level != "all" else f"{rankings[0]['name']}, all levels")
        for number, other in enumerate(rankings[1:]):
            axes.plot(*_columns(other["curves"].get("all", [])), "--", lw=1.2, color="#555555",
                      marker=MARKS[-1 - number], markersize=4, label=f"{other['name']}, all levels")  # fmt: skip
        rates = [rate for ranking in rankings for curve in ranking["curves"].values() for rate, _ in curve]
        axes.set_xlim(min([*rates, FALSE_POSITIVE_RATES[0]]) / 1.5, 0.07)
        return _svg(figure, axes, "Recall against false positive rate by level")


def plot_survival(times: Sequence[dict[str, Any]]) -> str:
    """Share of rig SIMs not yet listed against hours since their first event, by level."""
    with _style():
        figure, axes = _axes("hours since the SIM's first event", "share not yet listed")
        for number, row in enumerate(times):
            hours, shares = _columns([(0.0, 1.0), *row["curve"]])
            label = row["level"] if row["level"] != "all" else "all levels"
            axes.step(hours, shares, where="post", lw=1.4, color=COLOURS[number % len(COLOURS)], label=label)
        axes.set_xlim(left=0)
        return _svg(figure, axes, "Survival until listing by level")


def plot_throughput(rigs: Sequence[dict[str, Any]]) -> str:
    """Each rig: share of its SIMs listed against the share of a naive rig's throughput that it keeps."""
    with _style():
        figure, axes = _axes("share of a naive rig's throughput kept", "share of its SIMs listed")
        for number, level in enumerate(sorted({rig["level"] for rig in rigs})):
            points = [
                (rig["throughput_share"], rig["listed_share"])
                for rig in rigs
                if rig["level"] == level and rig["throughput_share"] is not None
            ]
            axes.plot(*_columns(points), MARKS[number % len(MARKS)], markersize=5, alpha=0.8,
                      color=COLOURS[number % len(COLOURS)], label=level)  # fmt: skip
        axes.set_xlim(left=0)
        return _svg(figure, axes, "Recall against throughput kept, one mark for each rig")


@contextmanager
def _style() -> Iterator[None]:
    """Our settings on matplotlib's own, whatever the user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


def _axes(across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _line(axes: Axes, curve: Sequence[tuple[float, float]], number: int, label: str) -> None:
    axes.plot(*_columns(curve), lw=1.4, markersize=4, label=label,
              color=COLOURS[number % len(COLOURS)], marker=MARKS[number % len(MARKS)])  # fmt: skip


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [point[0] for point in points], [point[1] for point in points]


def _svg(figure: Figure, axes: Axes, title: str) -> str:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    written = StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Title": title})
    # The declarations of a file of its own and the licence vocabulary have no place inside a page.
    return re.sub(r"^.*?(?=<svg )|<metadata>.*?</metadata>", "", written.getvalue(), flags=re.DOTALL)
