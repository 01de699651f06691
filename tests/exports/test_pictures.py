"""The pictures of a rig's page on paper: drawn from what was seen, the same each time, in part only when redacted."""

import io
from datetime import date, timedelta
from xml.etree import ElementTree

import polars as pl
import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from simbox import exports
from simbox.exports.drawing import drawing_style
from simbox.exports.pictures import NOT_LOCATED, NOTHING_SEEN, draw_pictures
from simbox.exports.sketch import draw_sketch
from simbox.exports.timeline import CARDS_DRAWN, draw_timeline
from simbox.exports.week import draw_week
from simbox.handover import ExportOptions, export_run, read_run, seen_of
from simbox.tables.reference import PLACES
from simbox.tables.rigs import MEMBERS, SITES
from simbox.tables.shown import ACTIVITY
from simbox.telecom.identifiers import pack_cell

SVG = "{http://www.w3.org/2000/svg}"
MONDAY = date(2026, 3, 2)
KEPT_ELSEWHERE = "radio of the gateway: cards may be kept elsewhere"


@pytest.fixture(scope="module")
def run(sample_run):
    return read_run(sample_run.out)


@pytest.fixture(scope="module")
def seen(run):
    return seen_of(run)


@pytest.fixture(scope="module")
def paper(run, tmp_path_factory):
    """The PDF of the whole run and of the same redacted, by rig, as readers."""
    folders = [tmp_path_factory.mktemp(name) for name in ("whole", "redacted")]
    for folder, redact in zip(folders, (False, True), strict=True):
        export_run(run, folder, ExportOptions(formats=("pdf",), redact=redact))
    return [
        {path.stem.removeprefix("rig-"): PdfReader(path) for path in sorted(folder.glob("*.pdf"))} for folder in folders
    ]


def words_of(reader) -> str:
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def fills_of(reader) -> int:
    """How many shapes are filled, in pages and in the forms that they place."""
    count, forms = 0, {}
    for page in reader.pages:
        count += fills_in(ContentStream(page.get_contents(), reader))
        for form in page.get("/Resources", {}).get("/XObject", {}).values():
            forms[form.idnum if hasattr(form, "idnum") else id(form)] = form.get_object()
    return count + sum(fills_in(ContentStream(form, reader)) for form in forms.values())


def fills_in(stream) -> int:
    return sum(operator in {b"f", b"f*", b"B", b"B*", b"b"} for _, operator in stream.operations)


def test_every_rig_has_its_three_pictures_with_captions(paper, seen):
    whole, _ = paper
    assert whole
    for rig_id, reader in whole.items():
        text = words_of(reader)
        assert "Onerowforeachcard" in text
        assert "Cardsliveineachhouroftheweek" in text
        assert "".join(KEPT_ELSEWHERE.split()) in text
        # At least the week's squares of the days seen and a bar for each card.
        cards = seen.activity.filter(pl.col("rig_id") == rig_id)["imsi"].n_unique()
        assert fills_of(reader) > 24 * len({night.weekday() for night in seen.nights}) + min(cards, CARDS_DRAWN)


def test_the_timeline_names_whole_identifiers_only_where_it_may(paper, seen):
    whole, redacted = paper
    for rig_id in whole:
        own = seen.activity.filter(pl.col("rig_id") == rig_id)
        imsis = set(own["imsi"].cast(pl.String))
        imeis = set(own["imei"].drop_nulls().cast(pl.String).str.zfill(14))
        texts = [words_of(readers[rig_id]) for readers in (whole, redacted)]
        assert len([one for one in imsis if one in texts[0]]) >= min(len(imsis), CARDS_DRAWN)
        assert any(imei in texts[0] for imei in imeis)
        assert not [one for one in imsis | imeis if one in texts[1]]
        assert "********" in texts[1]


def test_redacted_pictures_hold_no_identifier(run, seen):
    for rig_id in run.rigs["rig_id"]:
        pictures, captions = draw_pictures(chosen(run, rig_id, redact=True), seen)
        own = seen.activity.filter(pl.col("rig_id") == rig_id)
        held = [*own["imsi"].cast(pl.String), *own["imei"].drop_nulls().cast(pl.String)]
        for text in (*pictures.values(), *captions.values()):
            assert not [one for one in held if one in text]


def chosen(run, rig_id: str, *, redact: bool = False) -> exports.Chosen:
    """One rig of a run."""
    parts = {name: getattr(run, name).filter(pl.col("rig_id") == rig_id) for name in
             ("rigs", "sites", "members", "damage")}  # fmt: skip
    return exports.Chosen(**parts, links=run.links.head(0), sims=run.listed.filter(pl.col("rig_id") == rig_id),
                          reasons=run.reasons.head(0), night=run.nights[-1], redact=redact)  # fmt: skip


def test_the_same_page_is_made_of_rows_in_any_order(run, seen):
    rig = chosen(run, run.rigs["rig_id"][0])
    turned = exports.Seen(seen.activity.reverse(), seen.places.reverse(), seen.nights)
    assert exports.export_pdf(rig, seen) == exports.export_pdf(rig, turned)


def test_pictures_tell_no_date_and_no_program(run, seen):
    pictures, _ = draw_pictures(chosen(run, run.rigs["rig_id"][0]), seen)
    for svg in pictures.values():
        assert "<dc:date>" not in svg
        assert "Matplotlib" not in svg


def test_what_is_not_known_is_said_instead_of_drawn(run, seen):
    rig = chosen(run, run.rigs["rig_id"][0])
    rig = rig._replace(sites=rig.sites.with_columns(lat=pl.lit(None, dtype=pl.Float64)))
    nothing = seen._replace(activity=seen.activity.clear())
    pictures, _ = draw_pictures(rig, nothing)
    assert pictures == {}
    (page,) = exports.export_pdf(rig, nothing).values()
    text = words_of(PdfReader(io.BytesIO(page)))
    assert "".join(NOTHING_SEEN.split()) in text
    assert NOT_LOCATED.replace(" ", "").replace("'", "") in text.replace("’", "").replace("'", "")


# ---- DRAWN BY HAND


def hours(rows) -> pl.DataFrame:
    """ACTIVITY of (imsi, day after Monday, hour, IMEI)."""
    return pl.DataFrame(
        [
            {"rig_id": "R", "imsi": imsi, "night": MONDAY + timedelta(days=day), "hour": hour, "imei": imei,
             "imei_count": int(imei is not None), "place_rank": 1, "legs": 2, "calls_made": 2, "sms_sent": 0,
             "received": 0}
            for imsi, day, hour, imei in rows
        ],
        schema=ACTIVITY.schema,
    )  # fmt: skip


def empty_rig(run, members=None, windows: str = "") -> exports.Chosen:
    site = {"rig_id": "R", "place_rank": 1, "raid_windows": windows, "cells": ""}
    sites = pl.DataFrame([site | {name: None for name in SITES.schema if name not in site}], schema=SITES.schema)
    rig = chosen(run, run.rigs["rig_id"][0])
    return rig._replace(sites=sites, members=MEMBERS.empty() if members is None else members)


def texts_of(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def bars_of(svg: str) -> list[str]:
    """The colours of a timeline's bars, row by row."""
    root = ElementTree.fromstring(svg)
    groups = [group for group in root.iter(f"{SVG}g") if group.get("id", "").startswith("FillBetween")] or [
        group for group in root.iter(f"{SVG}g") if group.get("id", "").startswith("PolyCollection")
    ]
    return [path.get("style", "").split("fill: ")[1][:7] for group in groups for path in group.iter(f"{SVG}path")
            if "fill: " in path.get("style", "")]  # fmt: skip


def test_cards_that_follow_one_another_in_a_handset_stand_together_in_its_colour(run):
    activity = hours([(11, 0, 1, 7001), (12, 0, 2, 7002), (13, 0, 5, 7001), (13, 0, 6, 7001), (12, 1, 4, None)])
    with drawing_style():
        svg, drawn = draw_timeline(empty_rig(run), activity, [MONDAY, MONDAY + timedelta(days=1)])
    assert drawn == 3
    rows = [text for text in texts_of(svg) if text.endswith(("11", "12", "13")) and len(text) == 15]
    assert [row[-2:] for row in rows] == ["11", "13", "12"]
    first, second, third, unknown = bars_of(svg)
    assert first == second
    assert third != first
    assert unknown == "#999999"


def test_without_any_imei_the_port_gives_the_colour(run):
    members = pl.DataFrame(
        [{"rig_id": "R", "imsi": imsi, "probability": 0.9, "role": "joined", "joined_at": None, "left_at": None,
          "replaces_imsi": before} for imsi, before in ((11, None), (12, None), (13, 11))],
        schema=MEMBERS.schema,
    )  # fmt: skip
    activity = hours([(11, 0, 1, None), (12, 0, 2, None), (13, 0, 5, None)])
    with drawing_style():
        svg, _ = draw_timeline(empty_rig(run, members), activity, [MONDAY])
    first, second, third = bars_of(svg)
    assert first == second != third


def test_of_many_cards_those_of_the_busiest_handsets_are_drawn_and_the_caption_says_so(run, seen):
    rig = empty_rig(run)
    rig_id = rig.rigs["rig_id"][0]
    busy = [(100 + number, 0, hour, 9001) for number in range(30) for hour in (1, 2, 3)]
    idle = [(500 + number, 0, 4, 8000 + number) for number in range(50)]
    activity = hours(busy + idle).with_columns(rig_id=pl.lit(rig_id))
    pictures, captions = draw_pictures(rig, seen._replace(activity=activity, nights=[MONDAY]))
    assert f"{CARDS_DRAWN} of 80 cards" in captions["timeline"]
    rows = {text for text in texts_of(pictures["timeline"]) if len(text) == 15 and text.isdigit()}
    assert len(rows) == CARDS_DRAWN
    assert {f"{100 + number:015}" for number in range(30)} <= rows


def test_the_week_is_a_mean_over_its_nights_and_a_night_unseen_is_no_zero(run):
    activity = hours([(11, 0, 9, 1), (12, 0, 9, 1), (13, 7, 9, 1), (14, 7, 10, 1)])
    nights = [MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(days=1)]
    with drawing_style():
        svg = draw_week(activity, sorted(nights), [(9, 10)])
        without = draw_week(activity, sorted(nights), [])
    texts = texts_of(svg)
    assert texts.count("1.5") == 1
    assert texts.count("0.5") == 1
    assert texts.count("-") == 5 * 24
    assert texts.count("0") == 2 * 24 - 2
    assert svg.count("#d62728") == without.count("#d62728") + 1


def test_the_sketch_has_regions_served_sectors_and_a_scale():
    site = {
        "rig_id": "R",
        "place_rank": 1,
        "lat": 43.0,
        "lon": 179.999,
        "radius_m": 400.0,
        "cells": "a 401-01-1-2 0 deg",
    }
    near = site | {"place_rank": 2, "lat": 43.01, "lon": -179.999}
    blank = {name: None for name in SITES.schema if name not in site}
    sites = pl.DataFrame([site | blank, near | blank], schema=SITES.schema)
    cells = pl.DataFrame({"text": ["401-01-1-2", "401-01-1-3"]}).select(pack_cell(pl.col("text"))).to_series().to_list()
    mast = {"place": cells[0], "place_lat": 43.0, "place_lon": 179.999, "lat": 43.0, "lon": 179.999}
    rows = [mast | {"cell": cell, "azimuth_deg": 0.0, "site": None, "range_m": 600.0} for cell in cells]
    with drawing_style():
        svg = draw_sketch(sites, pl.DataFrame(rows, schema=PLACES.schema))
        bare = draw_sketch(sites, PLACES.empty())
    assert svg
    assert bare
    assert svg.count("fill: #56b4e9") == 1, "the sector that served it, not its neighbour"
    assert bare.count("fill: #56b4e9") == 0
    # Across the 180th meridian: two places a kilometre apart, not half a world.
    assert {"1", "2", "N", "500 m"} <= set(texts_of(svg))
    with drawing_style():
        assert draw_sketch(sites.with_columns(lon=pl.lit(None, dtype=pl.Float64)), PLACES.empty()) is None
