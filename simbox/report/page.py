"""report.html and a rig's page of its own: one self-contained file each, the same bytes from the same tables.

Styles and scripts are inlined and named by their hashes in the page's own content security policy, which allows nothing
else: no request, no other script, no form. What comes from records is text or JSON, escaped, and never markup.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from simbox.errors import UsageError
from simbox.manifest import hash_output
from simbox.report.geography import draw_masts
from simbox.report.members import DECISIONS, REGISTRATIONS, ROLES, STATES
from simbox.report.night import tell_night
from simbox.report.rig import Rigs
from simbox.report.run import RunTables, read_run_tables
from simbox.tables.writing import write_text

REPORT = "report.html"
LIBRARY = "d3-7.9.0.min.js"
SCRIPTS = (
    "words.js",
    "cursor.js",
    "map.js",
    "timeline.js",
    "week.js",
    "graph.js",
    "waterfall.js",
    "members.js",
    "overview.js",
    "page.js",
)
CARD = ("sim", "msisdn", "operator", "registration", "decision")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def write_report(run: Path, *, redact: bool = False) -> Path:
    """Write report.html into a finished run, or write it again, and its hash into the manifest; where it is.

    With `redact` no IMSI, number or IMEI can be read from it. DamagedError where the run lacks a table.
    """
    path = run / REPORT
    write_text(render_report(read_run_tables(run), redact=redact), path)
    hash_output(run, REPORT)
    return path


def render_report(tables: RunTables, *, redact: bool) -> str:
    """The whole report as one HTML file."""
    rigs = Rigs(tables, redact=redact)
    ids = rigs.order["rig_id"].to_list()
    data = {rig_id: rigs.data(rig_id) for rig_id in ids}
    facts = [rigs.facts(rig_id) for rig_id in ids]
    shared = _shared(rigs) | {
        "masts": draw_masts(tables.places),
        "rigs": [_on_map(fact, data[fact["rig_id"]]["map"]) for fact in facts],
    }
    night = tell_night(tables, rigs.naming)
    return _render("report.html", tables, redact, night=night, rigs=facts, blocks=_blocks(shared, data))


def render_rig_page(tables: RunTables, rig_id: str, redact: bool) -> str:
    """One rig's page as an HTML file of its own; UsageError for a rig that the run does not have."""
    if rig_id not in set(tables.rigs["rig_id"]):
        raise UsageError(f"the run has no rig {rig_id}")
    rigs = Rigs(tables, redact=redact)
    data = rigs.data(rig_id)
    fact = rigs.facts(rig_id)
    blocks = _blocks(_shared(rigs) | {"masts": [], "rigs": [_on_map(fact, data["map"])]}, {rig_id: data})
    cards = [dict(zip(CARD, card, strict=True)) for card in _cards(data["members"])]
    return _render("rig.html", tables, redact, rig=fact, cards=cards, blocks=blocks)


def _render(template: str, tables: RunTables, redact: bool, **content: Any) -> str:
    style, library, script = _inlined()
    policy = (
        f"default-src 'none'; script-src {_source(library)} {_source(script)}; style-src {_source(style)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template(template)
        .render(
            policy=policy,
            style=Markup(style),
            library=Markup(library),
            script=Markup(script),
            redact=redact,
            zone=tables.zone,
            version=tables.version,
            last_night=tables.nights[-1],
            **content,
        )
    )


def _cards(members: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """A rig's cards in words, in the list's order, for those whose browser runs no script."""
    ranks = members["rank"]
    for number in sorted(range(len(ranks)), key=lambda number: (ranks[number] < 0, ranks[number], number)):
        yield (
            members["sim"][number],
            members["msisdn"][number],
            members["operators"][members["operator"][number]],
            REGISTRATIONS[members["registration"][number]],
            DECISIONS[members["decision"][number]],
        )


def _shared(rigs: Rigs) -> dict[str, Any]:
    """What all rigs' charts read: words by number, and the zone in which instants are shown."""
    return {
        "zone": rigs.tables.zone,
        "decisions": DECISIONS,
        "registrations": REGISTRATIONS,
        "states": STATES,
        "roles": ROLES,
        "words": rigs.words.texts(),
    }


def _on_map(fact: dict[str, Any], drawn: dict[str, Any]) -> dict[str, Any]:
    served = [sector for sector in drawn["sectors"] if sector[4]]
    return {
        "id": fact["rig_id"],
        "rank": fact["rank"],
        "kind": fact["kind"],
        "cards": fact["to_act_on"],
        "places": drawn["places"],
        "sectors": served,
    }


def _blocks(shared: dict[str, Any], data: dict[str, Any]) -> list[tuple[str, Markup]]:
    return [("data", _json(shared)), *((f"data-{rig_id}", _json(drawn)) for rig_id, drawn in data.items())]


def _json(content: Any) -> Markup:
    """JSON that is data wherever it stands in HTML: no end tag, comment or entity can begin in it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


@cache
def _inlined() -> tuple[str, str, str]:
    """The style sheet, the library and the page's own script."""
    package = files("simbox.report")
    own = "\n".join((package / "static" / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = (package / "static" / "report.css").read_text(encoding="utf-8")
    # Its licence asks that the text goes with every copy.
    licence = (package / "vendor" / f"{LIBRARY.removesuffix('.min.js')}.LICENSE").read_text(encoding="utf-8")
    library = f"/*\n{licence}*/\n{(package / 'vendor' / LIBRARY).read_text(encoding='utf-8')}"
    return style, library, f'(() => {{\n"use strict";\n{own}\n}})();'


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("simbox.report"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": lambda number: f"{number:,}",
        "per_cent": lambda share: f"{100 * share:.0f} %",
        "long_date": _long_date,
        "words": lambda text: sorted(set(text.split())),
        "degrees": lambda degrees: f"{degrees:.5f}",
    }
    return environment


def _long_date(day: date) -> str:
    """The date in English, whatever the machine speaks."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"
