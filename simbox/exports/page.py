"""A rig on paper: facts, pictures, places, SIMs with their reasons, as PDF/A."""

import json
import re
from datetime import UTC, datetime, time
from importlib import resources
from typing import Any

import polars as pl

from simbox.errors import UsageError
from simbox.exports.chosen import Chosen, file_part
from simbox.exports.seen import Seen
from simbox.reasons import say_reason
from simbox.telecom.printing import print_table

# Latin, Greek and Cyrillic, dashes and quotes, currencies, the numero sign: all but these the fonts may lack.
_LACKING = re.compile(
    "[^\x20-\x7e\xa0-\xac\xae-\u0377\u0384-\u04ff\u2010-\u2027\u2030-\u2040\u20a0-\u20bf\u2116]|[\u038b\u038d\u03a2]"
)
_SIM = ("rank", "decision", "imsi", "msisdn", "iccid", "operator", "registration", "probability", "state", "cell")


def export_pdf(chosen: Chosen, seen: Seen) -> dict[str, bytes]:
    """rig-RIG.pdf for each rig; UsageError where the extra `pdf` is not installed."""
    try:
        import typst  # noqa: PLC0415 -- an extra
    except ImportError as error:
        raise UsageError("PDF needs the extra `pdf`: pip install 'simbox[pdf]'") from error
    from simbox.exports.pictures import draw_pictures  # noqa: PLC0415 -- matplotlib, which no other format needs

    template = resources.files("simbox.exports").joinpath("page.typ").read_bytes()
    made = datetime.combine(chosen.night, time(), tzinfo=UTC)
    pages = {}
    for rig_id in chosen.rigs["rig_id"].sort():
        rig = chosen.of(rig_id)
        pictures, captions = draw_pictures(rig, seen)
        pages[f"rig-{file_part(rig_id)}.pdf"] = typst.compile(
            template,
            format="pdf",
            sys_inputs={"page": json.dumps(_drawable(_page(rig) | {"captions": captions}))} | pictures,
            pdf_standards="a-2b",
            # Fonts of this machine only would make other pages elsewhere.
            ignore_system_fonts=True,
            timestamp=int(made.timestamp()),
        )
    return pages


def _drawable(value: Any) -> Any:
    """The page's texts with letters that the embedded fonts lack by their number: PDF/A allows no empty boxes."""
    if isinstance(value, str):
        return _LACKING.sub(lambda letter: f"[U+{ord(letter.group()):04X}]", value)
    if isinstance(value, list):
        return [_drawable(item) for item in value]
    if isinstance(value, dict):
        return {key: _drawable(item) for key, item in value.items()}
    return value


def _page(chosen: Chosen) -> dict[str, Any]:
    """What stands on the page, all of it text."""
    rig = print_table(chosen.rigs).row(0, named=True)
    damage = print_table(chosen.damage.drop("rig_id"))
    return {
        "rig_id": rig["rig_id"],
        "night": chosen.night.isoformat(),
        "year": chosen.night.year,
        "month": chosen.night.month,
        "day": chosen.night.day,
        "facts": [[name.replace("_", " "), value or "not known"] for name, value in rig.items() if name != "rig_id"],
        "damage": [
            [name.replace("_", " "), value or "not stated"]
            for row in damage.iter_rows(named=True)
            for name, value in row.items()
        ],
        "sites": _texts(print_table(chosen.sites.drop("rig_id"))),
        "sims": _texts(print_table(chosen.sims.select(_SIM), redact=chosen.redact)),
        "reasons": _reasons(chosen),
    }


def _texts(frame: pl.DataFrame) -> dict[str, Any]:
    names = [name.replace("_", " ") for name in frame.columns]
    return {"names": names, "rows": [[value or "" for value in row] for row in frame.iter_rows()]}


def _reasons(chosen: Chosen) -> list[list[str]]:
    """For each SIM its rank and its counted reasons in words with their points, strongest first."""
    order = {"imsi": False, "points": True, "code": False, "window_nights": False}
    counted = chosen.reasons.filter("counted").sort(list(order), descending=list(order.values()))
    rows: dict[int, list[str]] = {}
    for row in counted.iter_rows(named=True):
        said = say_reason(row["code"], row["value"], row["beside"], row["window_nights"])
        rows.setdefault(row["imsi"], []).append(f"{row['points']:+d} {row['code']}: {said}")
    ranks = chosen.sims.sort("rank").select("rank", "imsi").iter_rows()
    return [[str(rank), "; ".join(rows.get(imsi, []))] for rank, imsi in ranks]
