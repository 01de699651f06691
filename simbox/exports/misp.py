"""MISP events, one for each rig, for a telecoms ISAC: SIMs as `phone` objects, places as `geolocation` objects."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import polars as pl

from simbox.exports.chosen import Chosen, file_part
from simbox.telecom.printing import print_table

# Names the ids that follow from the rig and the row, so that a second export updates the first.
NAMESPACE = UUID("5f0c9a7e-6c43-5d0e-9d5c-2f3f6b9f2a10")
# Object templates of the MISP project, by their published ids.
PHONE = ("phone", "d7e4fbdd-b551-4862-bddb-a0b470a38509", "6", "A phone or mobile phone object which describe a phone.")
GEOLOCATION = (
    "geolocation",
    "cd6f2238-ba55-4888-82c4-104e6e1acf21",
    "8",
    "An object to describe a geographic location.",
)
ORGANISATION_ONLY, ANALYSIS_COMPLETED, THREAT_MEDIUM = "0", "2", "2"
_DATETIMES = ("first-seen", "last-seen")
_FLOATS = ("latitude", "longitude", "accuracy-radius")


def export_misp(chosen: Chosen) -> dict[str, bytes]:
    """misp-RIG.json for each rig, to be shared with nobody beyond the organisation until somebody decides otherwise."""
    files = {}
    for rig_id in chosen.rigs["rig_id"].sort():
        event = {"Event": _event(chosen.of(rig_id), rig_id)}
        text = json.dumps(event, ensure_ascii=False, indent=1)
        files[f"misp-{file_part(rig_id)}.json"] = f"{text}\n".encode()
    return files


def _event(chosen: Chosen, rig_id: str) -> dict[str, Any]:
    rig = print_table(chosen.rigs).row(0, named=True)
    return {
        "uuid": str(uuid5(NAMESPACE, rig_id)),
        "info": f"SIM box {rig_id}: {rig['kind']}, {rig['sim_count']} SIMs, probability {rig['probability']}",
        "date": chosen.night.isoformat(),
        "distribution": ORGANISATION_ONLY,
        "analysis": ANALYSIS_COMPLETED,
        "threat_level_id": THREAT_MEDIUM,
        "published": False,
        "Object": [*_phones(chosen, rig_id), *_places(chosen, rig_id)],
    }


def _phones(chosen: Chosen, rig_id: str) -> Iterator[dict[str, Any]]:
    shown = print_table(chosen.sims.sort("imsi"), redact=chosen.redact)
    for number, row in enumerate(shown.iter_rows(named=True), start=1):
        relations = [
            ("imsi", row["imsi"]),
            ("msisdn", row["msisdn"]),
            ("iccid", row["iccid"]),
            *(("imei", imei) for imei in str(row["imeis"] or "").split()),
            ("first-seen", row["first_at"]),
            ("last-seen", row["last_at"]),
            ("text", f"{row['decision']}, {row['state']}, {row['registration']}, operator {row['operator']}"),
        ]
        yield _object(PHONE, f"{rig_id} phone {number}", relations)


def _places(chosen: Chosen, rig_id: str) -> Iterator[dict[str, Any]]:
    located = chosen.sites.filter(pl.col("lat").is_not_null()).sort("place_rank")
    for row in print_table(located).iter_rows(named=True):
        relations = [
            ("latitude", row["lat"]),
            ("longitude", row["lon"]),
            ("accuracy-radius", row["radius_m"]),
            ("first-seen", row["first_at"]),
            ("last-seen", row["last_at"]),
            ("text", f"place {row['place_rank']}: radio of the gateway; {row['cells']}; {row['raid_windows']}"),
        ]
        yield _object(GEOLOCATION, f"{rig_id} place {row['place_rank']}", relations)


def _object(
    template: tuple[str, str, str, str], name: str, relations: list[tuple[str, str | None]]
) -> dict[str, Any]:  # fmt: skip
    title, uuid, version, description = template
    return {
        "name": title,
        "meta-category": "misc",
        "description": description,
        "template_uuid": uuid,
        "template_version": version,
        "uuid": str(uuid5(NAMESPACE, name)),
        "distribution": ORGANISATION_ONLY,
        "Attribute": [
            {
                "uuid": str(uuid5(NAMESPACE, f"{name} {relation} {number}")),
                "object_relation": relation,
                "type": "datetime" if relation in _DATETIMES else "float" if relation in _FLOATS else "text",
                "category": "Other",
                "value": value,
                "to_ids": False,
                "distribution": ORGANISATION_ONLY,
            }
            for number, (relation, value) in enumerate(relations)
            if value is not None
        ],
    }
