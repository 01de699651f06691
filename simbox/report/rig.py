"""One rig: the facts of its page, and what its charts are drawn from."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from simbox.report.geography import draw_places, draw_sectors
from simbox.report.graph import draw_graph, sum_up_links
from simbox.report.members import choose_drawn, describe_members, member_columns
from simbox.report.naming import Naming
from simbox.report.run import RunTables
from simbox.report.timeline import draw_timeline
from simbox.report.waterfall import Words, draw_waterfalls
from simbox.report.week import draw_week

# More rows can't be told apart on a screen; of many rigs fewer are drawn, so that the page stays light.
SIMS_DRAWN_AT_MOST, SIMS_DRAWN_AT_LEAST, SIMS_DRAWN_IN_ALL = 150, 60, 20_000


class Rigs:
    """The rigs of a run in the order of the report, each with the part of every table that speaks of it."""

    def __init__(self, tables: RunTables, *, redact: bool) -> None:
        self.tables = tables
        self.naming = Naming(redact=redact)
        self.words = Words()
        self._zone = ZoneInfo(tables.zone)
        described = describe_members(tables.members, tables.seizure_list, tables.review, tables.scores)
        self._members = _by_rig(described)
        self._activity = _by_rig(tables.activity)
        self._links = _by_rig(tables.links)
        self._sites = _by_rig(tables.sites)
        self._reasons = _by_rig(tables.reasons.join(tables.members.select("rig_id", "imsi"), on="imsi"))
        self._damage = {row["rig_id"]: row for row in tables.damage.iter_rows(named=True)}
        share = SIMS_DRAWN_IN_ALL // max(tables.rigs.height, 1)
        self._limit = min(SIMS_DRAWN_AT_MOST, max(SIMS_DRAWN_AT_LEAST, share))
        begins = tables.activity["night"].min() if tables.activity.height else None
        self._nights = (begins if isinstance(begins, date) else tables.nights[0], tables.nights[-1])
        self.order = _rank(tables.rigs, described)

    def facts(self, rig_id: str) -> dict[str, Any]:
        """What the page says of a rig in words and figures."""
        rig = self.order.row(by_predicate=pl.col("rig_id") == rig_id, named=True)
        sites = self._sites.get(rig_id, self.tables.sites.clear()).sort("place_rank")
        places = [
            site
            | {
                "first": self.local(site["first_at"]),
                "last": self.local(site["last_at"]),
                "cells": site["cells"].split("; ") if site["cells"] else [],
            }
            for site in sites.iter_rows(named=True)
        ]
        return rig | {
            "places": places,
            "damage": self._damage[rig_id],
            "raid_windows": places[0]["raid_windows"] if places else "",
            "first": self.local(rig["first_at"]),
            "last": self.local(rig["last_at"]),
            "links": sum_up_links(self._links.get(rig_id, self.tables.links.clear())),
        }

    def data(self, rig_id: str) -> dict[str, Any]:
        """What the charts and the list of cards of a rig are drawn from."""
        tables = self.tables
        rows = self._members.get(rig_id, next(iter(self._members.values())).clear() if self._members else None)
        assert rows is not None, "a rig has members"
        activity = self._activity.get(rig_id, tables.activity.clear())
        sites = self._sites.get(rig_id, tables.sites.clear())
        drawn = choose_drawn(rows, activity, self._limit)
        first, last = self._nights
        nights = [night for night in tables.coverage["night"].unique().sort() if first <= night <= last]
        main = sites.filter(pl.col("place_rank") == 1)["raid_windows"]
        return {
            "members": member_columns(rows, self.naming, first),
            "timeline": draw_timeline(rows, drawn, activity, self.naming, self._nights),
            "week": draw_week(activity, nights, main[0] if len(main) else ""),
            "graph": draw_graph(self._links.get(rig_id, tables.links.clear()), drawn),
            "waterfalls": draw_waterfalls(self._reasons.get(rig_id, self._no_reasons()), drawn, self.words),
            "map": {"places": draw_places(sites), "sectors": draw_sectors(sites, tables.places)},
        }

    def local(self, instant: datetime) -> str:
        """An instant in the operators' zone, to the minute."""
        return instant.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")

    def _no_reasons(self) -> pl.DataFrame:
        return self.tables.reasons.clear()


def _rank(rigs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """RIGS with the number of cards by decision, those with most cards to act on first."""
    counts = {
        name: (pl.col("decision") == name).sum().cast(pl.Int64) for name in ("seize", "review", "watch", "exempted")
    }
    counted = members.group_by("rig_id").agg(**counts)
    return (
        rigs.join(counted, on="rig_id", how="left")
        .with_columns(pl.col(*counts).fill_null(0))
        .with_columns(to_act_on=pl.col("seize") + pl.col("review"))
        .sort("to_act_on", "probability", "rig_id", descending=[True, True, False])
        .with_row_index("rank", offset=1)
    )


def _by_rig(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("rig_id", as_dict=True, maintain_order=True)
    return {str(rig_id): part for (rig_id,), part in parts.items()}
