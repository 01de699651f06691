"""Where the gateways stand, for maps: GeoJSON and KML of the same features. No SIM stands on a map."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree

import polars as pl

from simbox.exports.chosen import Chosen
from simbox.exports.geometry import SECTOR_WIDTH_DEG, Ring, circle, sector
from simbox.telecom.cells import DEFAULT_RANGE_M
from simbox.telecom.printing import print_table

KML = "http://www.opengis.net/kml/2.2"
_RIG = ("kind", "probability", "status", "operators", "sim_count", "live_count", "ports_low", "ports_high", "site")
_SITE = ("place_rank", "radius_m", "cells", "event_share", "first_at", "last_at", "live_now", "raid_windows")


class Feature(NamedTuple):
    """One thing on the map: a point or a ring of (lon, lat), and what is known of it, nulls left out."""

    name: str
    rig_id: str
    point: tuple[float, float] | None
    ring: Ring | None
    properties: dict[str, Any]


def export_geojson(chosen: Chosen) -> dict[str, bytes]:
    """rigs.geojson (RFC 7946): rigs as points, their places as regions, cells of listed SIMs as nominal sectors."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": feature.point}
            if feature.point
            else {"type": "Polygon", "coordinates": [feature.ring]},
            "properties": {"name": feature.name, "rig_id": feature.rig_id} | feature.properties,
        }
        for feature in _features(chosen)
    ]
    document = {"type": "FeatureCollection", "features": features}
    return {"rigs.geojson": (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()}


def export_kml(chosen: Chosen) -> dict[str, bytes]:
    """rigs.kml (OGC KML 2.2): the same features, a folder for each rig."""
    ElementTree.register_namespace("", KML)
    root = ElementTree.Element(f"{{{KML}}}kml")
    document = _add(root, "Document")
    _add(document, "name", f"SIM boxes, night of {chosen.night}")
    folders: dict[str, ElementTree.Element] = {}
    for feature in _features(chosen):
        if feature.rig_id not in folders:
            folders[feature.rig_id] = _add(document, "Folder")
            _add(folders[feature.rig_id], "name", feature.rig_id)
        mark = _add(folders[feature.rig_id], "Placemark")
        _add(mark, "name", feature.name)
        data = _add(mark, "ExtendedData")
        for key, value in feature.properties.items():
            entry = _add(data, "Data")
            entry.set("name", key)
            _add(entry, "value", json.dumps(value) if isinstance(value, bool) else str(value))
        if feature.point:
            _add(_add(mark, "Point"), "coordinates", _coordinates([feature.point]))
        else:
            ring = _add(_add(_add(mark, "Polygon"), "outerBoundaryIs"), "LinearRing")
            _add(ring, "coordinates", _coordinates(feature.ring or []))
    ElementTree.indent(root)
    return {"rigs.kml": ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"}


def _features(chosen: Chosen) -> Iterator[Feature]:
    for rig in _shown(chosen.rigs.sort("rig_id")):
        rig_id = rig["rig_id"]
        if rig["lat"] is not None:
            yield Feature(f"{rig_id} main mast", rig_id, (rig["lon"], rig["lat"]), None, _known(rig, _RIG))
        of_rig = pl.col("rig_id") == rig_id
        for site in _shown(chosen.sites.filter(of_rig).sort("place_rank")):
            if site["lat"] is not None and site["radius_m"] is not None:
                ring = circle(site["lat"], site["lon"], max(site["radius_m"], 1.0))
                said = {"meaning": "the gateway's radio is within it with 90 % probability; cards may be elsewhere"}
                name = f"{rig_id} place {site['place_rank']}"
                yield Feature(name, rig_id, None, ring, said | _known(site, _SITE))
        cells = chosen.sims.filter(of_rig & pl.col("lat").is_not_null()).group_by("cell", "lat", "lon", "azimuth_deg")
        for cell in _shown(cells.agg(listed_sims=pl.len()).sort("cell", "lat", "lon")):
            ring = sector(cell["lat"], cell["lon"], cell["azimuth_deg"])
            said = {
                "meaning": f"sector of nominal range {DEFAULT_RANGE_M:.0f} m and width {SECTOR_WIDTH_DEG:.0f} degrees,"
                " not measured"
            }
            known = _known(cell, ("cell", "azimuth_deg", "listed_sims"))
            yield Feature(f"{rig_id} cell {cell['cell']}", rig_id, None, ring, said | known)


def _shown(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows with numbers as numbers and all else as text."""
    texts = print_table(frame)
    numbers = [name for name, dtype in frame.schema.items() if dtype.is_numeric() or dtype == pl.Boolean]
    return texts.with_columns(frame.select(numbers)).iter_rows(named=True)


def _known(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if row[name] is not None}


def _add(parent: ElementTree.Element, tag: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{KML}}}{tag}")
    element.text = text
    return element


def _coordinates(points: Ring) -> str:
    return " ".join(f"{lon},{lat}" for lon, lat in points)
