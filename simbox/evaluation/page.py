"""evaluation.json and evaluation.html: the figures for programs, and one self-contained page for people."""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from simbox.evaluation.judge import parts_of
from simbox.evaluation.plots import plot_recall, plot_survival, plot_throughput
from simbox.evaluation.ranking import FALSE_POSITIVE_RATES
from simbox.tables.writing import write_text

JSON_FILE = "evaluation.json"
PAGE_FILE = "evaluation.html"
NOT_KNOWN = "n/a"


def write_evaluation(figures: dict[str, Any], folder: Path) -> None:
    """Write the figures of runs or of a suite into a folder as both, readable by their owner only."""
    write_text(json.dumps(figures, indent=1) + "\n", folder / JSON_FILE)
    write_text(render_page(figures), folder / PAGE_FILE)


def render_page(figures: dict[str, Any]) -> str:
    """The page as HTML, its pictures inside it."""
    environment = Environment(loader=PackageLoader("simbox.evaluation"), autoescape=select_autoescape(["html"]))
    environment.filters |= {"share": show_share, "number": show_number, "interval": show_interval}
    parts = parts_of(figures)
    return environment.get_template("evaluation.html").render(
        parts=parts,
        suite=figures.get("suite"),
        rates=[str(rate) for rate in FALSE_POSITIVE_RATES],
        pictures={name: _draw(part) for name, part in parts},
    )


def _draw(part: dict[str, Any]) -> list[tuple[str, Markup]]:
    return [
        ("Recall against the false positive rate", Markup(plot_recall(part["sim"]["rankings"]))),
        ("Time to listing", Markup(plot_survival(part["time"]))),
        ("Recall against throughput kept", Markup(plot_throughput(part["throughput"]))),
    ]


def show_share(value: float | None) -> str:
    """A share as per cent with as many digits as it is worth; n/a for null."""
    if value is None:
        return NOT_KNOWN
    if 0 < value < 0.001:
        return f"{value:.1e}"
    return f"{100 * value:.1f} %"


def show_number(value: float | None) -> str:
    """A figure with at most one decimal; n/a for null."""
    if value is None:
        return NOT_KNOWN
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def show_interval(entry: dict[str, Any] | None) -> str:
    """A share with its interval: `83 % (71-92)`; n/a for null."""
    if entry is None or entry["value"] is None:
        return NOT_KNOWN
    shown = f"{100 * entry['value']:.0f} %"
    return shown if entry["low"] is None else f"{shown} ({100 * entry['low']:.0f}-{100 * entry['high']:.0f})"
