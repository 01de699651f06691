"""One rig on one page, for the bundle."""

from html import escape

import polars as pl

from simbox.telecom.printing import print_table

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid #8886;vertical-align:top}"
)
_LISTED = ("rank", "decision", "imsi", "msisdn", "operator", "registration", "probability", "state", "cell", "reasons")
_SITE = ("place_rank", "lat", "lon", "radius_m", "cells", "event_share", "raid_windows")


def render_rig_page(
    rig: pl.DataFrame,
    sites: pl.DataFrame,
    listed: pl.DataFrame,
    damage: pl.DataFrame,
    alternatives: pl.DataFrame,
    *,
    redact: bool,
) -> str:
    """The rig's facts, places, SIMs, damage and the alternatives weighed, as a page that fetches and runs nothing."""
    name = escape(str(rig["rig_id"][0]))
    facts = print_table(rig).transpose(include_header=True, header_name="fact", column_names=["value"])
    parts = [
        ("What it is", facts),
        ("Where the radio of the gateway stands (the cards may be kept elsewhere)", print_table(sites.select(_SITE))),
        ("SIMs on the list", print_table(listed.select(_LISTED), redact=redact)),
        ("Damage", print_table(damage.drop("rig_id"))),
        ("Lawful explanations that were weighed", print_table(alternatives)),
    ]
    body = "".join(f"<h2>{escape(title)}</h2>{_table(frame)}" for title, frame in parts)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>Rig {name}</title><style>{_STYLE}</style></head><body><h1>Rig {name}</h1>{body}</body></html>\n"
    )


def _table(frame: pl.DataFrame) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in frame.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(value or '')}</td>" for value in row) + "</tr>" for row in frame.iter_rows()
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
