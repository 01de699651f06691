"""What is exported: the tables of the rigs that were chosen."""

from datetime import date
from typing import NamedTuple

import polars as pl


class Chosen(NamedTuple):
    """RIGS, SITES, MEMBERS, DAMAGE, LINKS between members, and rows of SEIZURE_LIST (`sims`), of the chosen rigs alone,
    each in order of its key; the last judged night; whether identifiers are to be shown in part only."""

    rigs: pl.DataFrame
    sites: pl.DataFrame
    members: pl.DataFrame
    damage: pl.DataFrame
    links: pl.DataFrame
    sims: pl.DataFrame
    reasons: pl.DataFrame
    night: date
    redact: bool = False

    def of(self, rig_id: str) -> "Chosen":
        """The same of one rig alone; links between its members."""
        inside = self.members.filter(pl.col("rig_id") == rig_id)["imsi"].implode()
        parts = {
            name: getattr(self, name).filter(pl.col("rig_id") == rig_id)
            for name in ("rigs", "sites", "members", "damage", "sims")
        }
        links = self.links.filter(pl.col("imsi_a").is_in(inside) & pl.col("imsi_b").is_in(inside))
        reasons = self.reasons.filter(pl.col("imsi").is_in(parts["sims"]["imsi"].implode()))
        return self._replace(**parts, links=links, reasons=reasons)


def file_part(name: str) -> str:
    """A name, an operator's for one, as part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name) or "_"
