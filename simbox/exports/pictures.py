"""The pictures of a rig's page on paper, and what their captions say."""

import polars as pl

from simbox.exports.chosen import Chosen
from simbox.exports.drawing import COLOURS, drawing_style
from simbox.exports.seen import Seen, raid_hours
from simbox.exports.sketch import MASTS_DRAWN, SECTORS_DRAWN, draw_sketch
from simbox.exports.timeline import draw_timeline
from simbox.exports.week import draw_week

NOTHING_SEEN = "None of its cards left a record in the nights looked back on."
NOT_LOCATED = "Its cells can't be located."


def draw_pictures(chosen: Chosen, seen: Seen) -> tuple[dict[str, str], dict[str, str]]:
    """(SVG, caption) by name of one rig's pictures; what can't be drawn has a caption only, which says why."""
    activity = seen.activity.filter(pl.col("rig_id").is_in(chosen.rigs["rig_id"].implode()))
    raid = raid_hours(chosen.sites)
    pictures, captions = {}, dict.fromkeys(("timeline", "week"), NOTHING_SEEN) | {"sketch": NOT_LOCATED}
    with drawing_style():
        if activity.height:
            pictures["timeline"], drawn = draw_timeline(chosen, activity, seen.nights)
            captions["timeline"] = _of_timeline(activity, drawn, bool(raid))
            pictures["week"] = draw_week(activity, seen.nights, raid)
            framed = "framed: the hours of the raid windows" if raid else "no raid windows are known"
            captions["week"] = f"Cards live in each hour of the week, on average over the nights seen; {framed}."
        sketch = draw_sketch(chosen.sites, seen.places)
        if sketch:
            pictures["sketch"] = sketch
            captions["sketch"] = (
                "Places by their number; radio of the gateway: cards may be kept elsewhere. Circles hold it with 90 %"
                f" probability, filled sectors (at most {SECTORS_DRAWN}) served it, grey dots are masts (at most"
                f" {MASTS_DRAWN})."
            )
    return pictures, captions


def _of_timeline(activity: pl.DataFrame, drawn: int, has_raid: bool) -> str:
    cards = activity["imsi"].n_unique()
    shown = (
        f"all {cards} cards with a record" if drawn == cards else f"{drawn} of {cards} cards, of the busiest handsets"
    )
    by = "handset" if activity["imei"].null_count() < activity.height else "port"
    shaded = " Shaded: the hours of the raid windows." if has_raid else ""
    return (
        f"One row for each card, one column for each local hour, coloured by {by} ({len(COLOURS)} colours in turn; grey"
        ": not known): where one row ends and the next of the same IMEI begins, a port took its next card. Left the"
        f" IMSI, right the IMEI of most records; {shown}.{shaded}"
    )
