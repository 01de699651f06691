"""How many cards are live at each hour of the week, on paper, with the hours named for a raid."""

from datetime import date

import numpy as np
import polars as pl
from matplotlib.patches import Rectangle

from simbox.exports.drawing import RAID, new_figure, svg_of

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SIZE_MM = (150.0, 62.0)
# Above this share of the scale the background is too dark for dark letters.
_DARK = 0.55


def draw_week(activity: pl.DataFrame, nights: list[date], raid: list[tuple[int, int]]) -> str:
    """One rig's members live by weekday and hour as SVG, the mean over that weekday's nights; a dash without any."""
    live = activity.filter(pl.col("night").is_in(nights)).group_by("night", "hour").agg(sims=pl.col("imsi").n_unique())
    totals = np.zeros((7, 24))
    for night, hour, sims in live.sort("night", "hour").iter_rows():
        totals[night.weekday(), hour] += sims
    counts = np.bincount([night.weekday() for night in nights], minlength=7)[:, None]
    means = np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)
    top = max(float(np.nanmax(means)), 1.0)
    figure, axes = new_figure(*_SIZE_MM)
    axes.pcolormesh(np.arange(25), np.arange(8), means, cmap="Blues", vmin=0, vmax=top, edgecolors="white", lw=0.3)
    for (day, hour), mean in np.ndenumerate(means):
        colour = "white" if mean > _DARK * top else "#333333"
        text = "-" if np.isnan(mean) else f"{mean:.1f}" if 0 < mean < 10 else f"{mean:.0f}"  # noqa: PLR2004 -- one digit
        axes.text(hour + 0.5, day + 0.5, text, ha="center", va="center", color=colour, fontsize=4.5)
    for first, last in raid:
        axes.add_patch(Rectangle((first, 0), last - first, 7, fill=False, ec=RAID, lw=1.2, clip_on=False))
    axes.set_ylim(7, 0)
    axes.set_yticks(np.arange(7) + 0.5, _DAYS)
    axes.set_xticks(range(0, 25, 3), [f"{hour:02}:00" for hour in range(0, 25, 3)])
    axes.tick_params(length=1.5, width=0.4)
    return svg_of(figure)
