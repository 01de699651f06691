"""When each card was at work and in which handset, on paper: the rows in which rotation shows."""

from datetime import date, timedelta

import polars as pl

from simbox.exports.chosen import Chosen
from simbox.exports.drawing import COLOURS, NOT_KNOWN, RAID, new_figure, svg_of
from simbox.exports.seen import raid_hours
from simbox.telecom.printing import print_table

# More rows than these can't be read on one page.
CARDS_DRAWN = 60
_WIDTH_MM, _ROW_MM, _AXIS_MM = 262.0, 2.35, 12.0
_DATES_AT_MOST = 14
_BAR_HEIGHT = 0.8
_LABEL_POINTS = 5.0


def draw_timeline(chosen: Chosen, activity: pl.DataFrame, nights: list[date]) -> tuple[str, int]:
    """One rig's cards by hour as SVG, coloured by handset, or by port where no record has an IMEI; how many are drawn.

    Cards of a handset stand together in order of their first hour; of many those of the busiest handsets are drawn.
    """
    begins, days = nights[0], (nights[-1] - nights[0]).days + 1
    at = (pl.col("night") - begins).dt.total_days() * 24 + pl.col("hour")
    hours = activity.with_columns(at=at.cast(pl.Int64), shown=_shown_as(chosen, activity))
    cards = _choose_cards(hours)
    colours = _colours(hours, cards)
    figure, axes = new_figure(_WIDTH_MM, _AXIS_MM + _ROW_MM * max(cards.height, 4))
    for day in range(days):
        for first, last in raid_hours(chosen.sites):
            axes.axvspan(day * 24 + first, day * 24 + last, color=RAID, alpha=0.12, lw=0)
    for row, (imsi,) in enumerate(cards.select("imsi").iter_rows()):
        own = hours.filter(pl.col("imsi") == imsi).sort("at").select("at", "shown")
        spans = _spans(own.rows())
        faces = [colours[shown] for _, _, shown in spans]
        axes.broken_barh([(start, length) for start, length, _ in spans], (row - _BAR_HEIGHT / 2, _BAR_HEIGHT),
                         facecolors=faces, linewidth=0)  # fmt: skip
    axes.set_xlim(0, days * 24)
    axes.set_ylim(cards.height - 0.5, -0.5)
    step = -(-days // _DATES_AT_MOST)
    axes.set_xticks(
        range(0, days * 24, step * 24),
        [(begins + timedelta(days=day)).isoformat() for day in range(0, days, step)],
        ha="left",
    )
    axes.grid(axis="x", lw=0.3, color="#cccccc")
    axes.set_axisbelow(True)
    named = print_table(cards.select("imsi", "imei"), redact=chosen.redact)
    axes.set_yticks(range(cards.height), named["imsi"].to_list(), fontsize=_LABEL_POINTS)
    right = axes.secondary_yaxis("right")
    right.set_yticks(range(cards.height), named["imei"].fill_null("not known").to_list(), fontsize=_LABEL_POINTS)
    for side in (axes, right):
        side.tick_params(length=1.5, width=0.4)
    return svg_of(figure), cards.height


def _shown_as(chosen: Chosen, activity: pl.DataFrame) -> pl.Series:
    """What the colour of each row of ACTIVITY stands for: its IMEI; the first card in its port where no row has one."""
    if activity["imei"].null_count() < activity.height:
        return activity["imei"]
    before = dict(chosen.members.drop_nulls("replaces_imsi").select("imsi", "replaces_imsi").iter_rows())
    ports = {}
    for imsi in activity["imsi"].unique():
        followed = [imsi]
        while followed[-1] in before and before[followed[-1]] not in followed:
            followed.append(before[followed[-1]])
        ports[imsi] = followed[-1]
    return activity["imsi"].replace_strict(ports, return_dtype=pl.Int64)


def _choose_cards(hours: pl.DataFrame) -> pl.DataFrame:
    """(imsi, imei, shown) of the cards to draw, each with its main handset, in order of the rows."""
    used = hours.group_by("imsi", "imei", "shown").agg(pl.col("legs").cast(pl.Int64).sum())
    main = used.sort("imsi", "legs", "shown", descending=[False, True, False], nulls_last=True).unique(
        "imsi", keep="first", maintain_order=True
    )
    # A card without handset stands for itself; its negative can't be taken for an IMEI.
    cards = main.with_columns(handset=pl.coalesce("shown", -pl.col("imsi")))
    cards = cards.with_columns(busy=pl.col("legs").sum().over("handset"))
    cards = cards.sort("busy", "handset", "imsi", descending=[True, False, False]).head(CARDS_DRAWN)
    first = hours.group_by("imsi").agg(first=pl.col("at").min())
    cards = cards.join(first, on="imsi").with_columns(opens=pl.col("first").min().over("handset"))
    return cards.sort("opens", "handset", "first", "imsi").select("imsi", "imei", "shown")


def _spans(rows: list[tuple[int, int | None]]) -> list[tuple[int, int, int | None]]:
    """(first hour, hours, handset) of the runs of hours on end in one handset."""
    spans: list[tuple[int, int, int | None]] = []
    for at, shown in rows:
        if spans and spans[-1][0] + spans[-1][1] == at and spans[-1][2] == shown:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1, shown)
        else:
            spans.append((at, 1, shown))
    return spans


def _colours(hours: pl.DataFrame, cards: pl.DataFrame) -> dict[int | None, str]:
    """Main handsets take colours in order of the rows, so that neighbours differ, then the others by first hour."""
    others = hours.filter(pl.col("imsi").is_in(cards["imsi"].implode())).sort("at", "shown")["shown"]
    order = dict.fromkeys([*cards["shown"].drop_nulls(), *others.drop_nulls()])
    return {None: NOT_KNOWN} | {shown: COLOURS[number % len(COLOURS)] for number, shown in enumerate(order)}
