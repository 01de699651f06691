"""Each export opened again by somebody else's reader, and compared value by value with the run."""

import csv
import io
import json
from datetime import UTC, date, datetime
from importlib import resources
from xml.etree import ElementTree

import geojson
import networkx as nx
import openpyxl
import polars as pl
import pytest
from lxml import etree
from pymisp import MISPEvent
from pypdf import PdfReader

from simbox import exports
from simbox.handover import FORMATS, ExportOptions, export_run, read_run, seen_of
from simbox.tables.listed import SEIZURE_LIST

KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(scope="module")
def run(sample_run):
    return read_run(sample_run.out)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    """Every format of the whole run."""
    out = tmp_path_factory.mktemp("exports")
    export_run(run, out, ExportOptions(formats=FORMATS))
    return out


@pytest.fixture(scope="module")
def listed(sample_run):
    """The list as the scan handed it back, not as it was written."""
    return sample_run.scan.last.listed.seizure_list


def text_of(value) -> str:
    """A value of the run as every text format should show it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        shown = value.astimezone(UTC)
        fraction = f".{shown.microsecond:06}" if shown.microsecond else ""
        return f"{shown:%Y-%m-%dT%H:%M:%S}{fraction}Z"
    return value.isoformat() if isinstance(value, date) else str(value)


def rows_of(frame) -> list[dict[str, str]]:
    """A table's rows as text; instants to the second, as the list is written."""
    instants = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    cut = frame.with_columns(pl.col(instants).dt.truncate("1s"))
    return [{name: text_of(value) for name, value in row.items()} for row in cut.iter_rows(named=True)]


def test_csv_is_the_list(folder, listed):
    with (folder / "sims.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == rows_of(listed)


def test_each_operator_gets_its_own_cards_and_all_of_them(folder, listed):
    files = sorted(folder.glob("sims-*.csv"))
    assert len(files) == listed["operator"].n_unique() == 3
    told = []
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["operator"] for row in rows} == {path.stem.removeprefix("sims-")}
        told += rows
    assert sorted(told, key=lambda row: int(row["rank"])) == rows_of(listed)


def test_the_workbook_keeps_every_digit_as_text(folder, listed):
    book = openpyxl.load_workbook(folder / "simbox.xlsx")
    sheet = book["SIMs"]
    names = [cell.value for cell in sheet[1]]
    assert names == listed.columns
    for cells, row in zip(sheet.iter_rows(min_row=2), rows_of(listed), strict=True):
        for name, cell in zip(names, cells, strict=True):
            wanted = row[name]
            if cell.value is None:
                assert wanted == ""
            elif cell.data_type == "n":
                assert name in ("rank", "probability", "place_rank", "lat", "lon", "azimuth_deg")
                assert float(wanted) == cell.value
            else:
                assert (cell.data_type, cell.value) == ("s", wanted)
    assert all(len(cell.value) in (19, 20) for cell in sheet["F"][1:] if cell.value)
    assert {"SIMs", "Rigs", "Places", "Damage"} <= set(book.sheetnames)
    assert book["Rigs"].max_row - 1 == listed["rig_id"].n_unique()


def test_geojson_is_valid_and_has_every_place(folder, run):
    document = geojson.loads((folder / "rigs.geojson").read_text(encoding="utf-8"))
    assert document.is_valid, document.errors()
    places = {}
    for feature in document["features"]:
        assert feature.is_valid
        geometry, told = feature["geometry"], feature["properties"]
        if geometry["type"] == "Polygon":
            (ring,) = geometry["coordinates"]
            assert ring[0] == ring[-1]
            assert signed_area(ring) > 0, "an exterior ring goes anticlockwise"
        if "place_rank" in told:
            lons, lats = zip(*ring[:-1], strict=True)
            places[told["rig_id"], told["place_rank"]] = (sum(lons) / len(lons), sum(lats) / len(lats), told)
    located = run.sites.filter(pl.col("lat").is_not_null() & pl.col("rig_id").is_in(run.listed["rig_id"].implode()))
    assert places.keys() == set(located.select("rig_id", "place_rank").iter_rows())
    for row in located.iter_rows(named=True):
        lon, lat, told = places[row["rig_id"], row["place_rank"]]
        assert (lon, lat) == pytest.approx((row["lon"], row["lat"]), abs=1e-5)
        for name in ("radius_m", "cells", "event_share", "live_now", "raid_windows"):
            assert told[name] == row[name]
        assert told["first_at"] == text_of(row["first_at"])
    masts = [f for f in document["features"] if f["geometry"]["type"] == "Point"]
    by_rig = {row["rig_id"]: row for row in run.rigs.iter_rows(named=True)}
    assert len(masts) == run.listed["rig_id"].n_unique()
    for mast in masts:
        row = by_rig[mast["properties"]["rig_id"]]
        assert tuple(mast["geometry"]["coordinates"]) == (row["lon"], row["lat"])
        assert mast["properties"]["sim_count"] == row["sim_count"]


def signed_area(ring) -> float:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False)) / 2


def test_no_sim_stands_on_a_map(folder, listed):
    held = set(listed["imsi"].cast(pl.String)) | set(listed["msisdn"].cast(pl.String))
    for name in ("rigs.geojson", "rigs.kml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not any(identifier in text for identifier in held)


def test_kml_obeys_its_schema_and_has_what_geojson_has(folder):
    # lxml would fetch the schemas that this one includes; they lie beside it.
    schemas = resources.files("pykml") / "schemas"
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Beside(schemas))
    schema = etree.XMLSchema(etree.parse(str(schemas / "ogckml22.xsd"), parser))
    schema.assertValid(etree.parse(str(folder / "rigs.kml")))
    marks = ElementTree.parse(folder / "rigs.kml").getroot().iter(f"{KML}Placemark")
    features = json.loads((folder / "rigs.geojson").read_text(encoding="utf-8"))["features"]
    for mark, feature in zip(marks, features, strict=True):
        told = {data.get("name"): data.findtext(f"{KML}value") for data in mark.iter(f"{KML}Data")}
        properties = feature["properties"]
        assert mark.findtext(f"{KML}name") == properties.pop("name")
        assert told == {
            name: json.dumps(value) if isinstance(value, bool) else str(value)
            for name, value in properties.items()
            if name != "rig_id"
        }
        written = mark.find(f".//{KML}coordinates").text.split()
        points = feature["geometry"]["coordinates"]
        ring = [points] if feature["geometry"]["type"] == "Point" else points[0]
        assert [tuple(map(float, point.split(","))) for point in written] == [tuple(point) for point in ring]


class Beside(etree.Resolver):
    """Finds a schema by the last part of its address in a folder."""

    def __init__(self, folder) -> None:
        super().__init__()
        self._folder = folder

    def resolve(self, url, public_id, context):
        path = self._folder / url.rsplit("/", 1)[-1]
        return self.resolve_filename(str(path), context) if path.is_file() else None


def test_graphml_has_every_member_and_link(folder, run, listed):
    graph = nx.read_graphml(folder / "links.graphml", force_multigraph=True)
    rigs = listed["rig_id"].unique()
    members = run.members.filter(pl.col("rig_id").is_in(rigs.implode()))
    assert sorted(node["imsi"] for _, node in graph.nodes(data=True)) == sorted(members["imsi"].cast(pl.String))
    on_list = {str(row["imsi"]): row for row in listed.iter_rows(named=True)}
    for _, node in graph.nodes(data=True):
        row = on_list.get(node["imsi"])
        if row is None:
            assert "decision" not in node
            continue
        assert (node["rig_id"], node["decision"], node.get("lat")) == (row["rig_id"], row["decision"], row["lat"])
        assert node["iccid"] == row["iccid"]
    told = {
        (*sorted((graph.nodes[a]["imsi"], graph.nodes[b]["imsi"])), edge["comparison"]): (
            edge["weight"],
            edge["events"],
        )
        for a, b, edge in graph.edges(data=True)
    }
    assert told == links_of(run, members)


def links_of(run, members) -> dict:
    """The links inside rigs."""
    rig_of = dict(members.select("imsi", "rig_id").iter_rows())
    return {
        (str(row["imsi_a"]), str(row["imsi_b"]), row["comparison"]): (row["weight"], row["events"])
        for row in run.links.iter_rows(named=True)
        if rig_of.get(row["imsi_a"], "a") == rig_of.get(row["imsi_b"], "b")
    }


def test_i2_entities_and_links_fit_together(folder, run, listed):
    entities = {row["entity_id"]: row for row in read_csv(folder / "i2-entities.csv")}
    links = read_csv(folder / "i2-links.csv")
    assert all(link["from_id"] in entities and link["to_id"] in entities for link in links)
    by_type = {kind: [row for row in entities.values() if row["type"] == kind] for kind in {
        row["type"] for row in entities.values()
    }}  # fmt: skip
    rigs = listed["rig_id"].unique()
    members = run.members.filter(pl.col("rig_id").is_in(rigs.implode()))
    assert sorted(row["label"] for row in by_type["SIM"]) == sorted(members["imsi"].cast(pl.String))
    assert sorted(row["label"] for row in by_type["Rig"]) == sorted(rigs)
    assert {row["label"] for row in by_type["Phone number"]} == set(listed["msisdn"].drop_nulls().cast(pl.String))
    imeis = {imei for text in listed["imeis"] for imei in text.split()}
    assert {row["label"] for row in by_type["Handset"]} == imeis
    label = {key: row["label"] for key, row in entities.items()}
    numbers = {(label[row["from_id"]], label[row["to_id"]]) for row in links if row["type"] == "has number"}
    assert numbers == set(listed.select(pl.col("imsi", "msisdn").cast(pl.String)).drop_nulls().iter_rows())
    between = {
        (label[row["from_id"]], label[row["to_id"]], row["type"]): (float(row["strength"]), int(row["times"]))
        for row in links
        if entities[row["to_id"]]["type"] == "SIM"
    }
    assert between == links_of(run, members)


def read_csv(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_misp_events_pass_the_projects_own_templates(folder, run, listed):
    files = sorted(folder.glob("misp-*.json"))
    assert len(files) == listed["rig_id"].n_unique()
    for path in files:
        event = MISPEvent()
        event.load_file(str(path))
        rig_id = path.stem.removeprefix("misp-")
        own = {str(row["imsi"]): row for row in listed.filter(pl.col("rig_id") == rig_id).iter_rows(named=True)}
        phones = event.get_objects_by_name("phone")
        assert len(phones) == len(own)
        for phone in phones:
            template = phone._definition["attributes"]
            assert {attribute.object_relation for attribute in phone.attributes} <= set(template)
            assert all(a.type == template[a.object_relation]["misp-attribute"] for a in phone.attributes)
            assert phone.template_version == str(phone._definition["version"])
            told = {name: values(phone, name) for name in ("imsi", "msisdn", "iccid", "imei")}
            row = own[told["imsi"][0]]
            assert told["msisdn"] == [str(row["msisdn"])]
            assert told["iccid"] == ([row["iccid"]] if row["iccid"] else [])
            assert told["imei"] == row["imeis"].split()
            (first,) = values(phone, "first-seen")
            assert first == row["first_at"].replace(microsecond=0)
        places = event.get_objects_by_name("geolocation")
        located = run.sites.filter((pl.col("rig_id") == rig_id) & pl.col("lat").is_not_null()).sort("place_rank")
        assert [float(values(place, "latitude")[0]) for place in places] == located["lat"].to_list()
        assert [float(values(place, "longitude")[0]) for place in places] == located["lon"].to_list()


def values(thing, relation) -> list:
    return [attribute.value for attribute in thing.get_attributes_by_relation(relation)]


def test_the_pdf_shows_every_sim(folder, run, listed):
    pages = sorted(folder.glob("rig-*.pdf"))
    assert len(pages) == listed["rig_id"].n_unique()
    for path in pages:
        reader = PdfReader(path)
        text = "".join(page.extract_text() for page in reader.pages)
        joined = "".join(text.split())
        rig_id = path.stem.removeprefix("rig-")
        assert rig_id in joined
        for row in listed.filter(pl.col("rig_id") == rig_id).iter_rows(named=True):
            assert str(row["imsi"]) in joined
            assert str(row["msisdn"]) in joined
        assert str(run.rigs.filter(pl.col("rig_id") == rig_id)["minutes"][0]) in joined
        assert "pdfaid" in reader.xmp_metadata.rdf_root.toxml()


def test_the_same_run_gives_the_same_bytes(run, folder, tmp_path):
    for path in export_run(run, tmp_path, ExportOptions(formats=FORMATS)):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_every_file_is_its_owners(folder):
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_redacted_exports_hold_no_identifier(run, tmp_path, listed):
    export_run(run, tmp_path, ExportOptions(formats=FORMATS, redact=True))
    held = {
        *(text for name in ("imsi", "msisdn") for text in listed[name].drop_nulls().cast(pl.String)),
        *listed["iccid"].drop_nulls(),
        *(imei for text in listed["imeis"] for imei in text.split()),
    }
    texts = {path.name: read_text(path) for path in tmp_path.iterdir()}
    assert len(texts) > 10
    for name, text in texts.items():
        assert not [one for one in held if one in text], name
    some = str(listed["imsi"][0])
    assert f"{some[:5]}********{some[-2:]}" in texts["sims.csv"]


def read_text(path) -> str:
    if path.suffix == ".pdf":
        return "".join("".join(page.extract_text().split()) for page in PdfReader(path).pages)
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return "\n".join(str(value) for sheet in book for row in sheet.values for value in row)
    return path.read_text(encoding="utf-8")


def test_a_file_of_one_rig_has_no_other(run, listed, tmp_path):
    first, *others = listed["rig_id"].unique(maintain_order=True)
    export_run(run, tmp_path, ExportOptions(formats=("csv", "geojson", "graphml", "i2", "misp"), rig_ids=(first,)))
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert first in text
    assert not any(other in text for other in others)


# ---- TRAPS

EVIL = ("=1+2", "+7701", "-1", "@SUM(A1)", "\tx", "a\x00b\x1fc", '=HYPERLINK("http://x")', "<&>\"'", "naïve ﷽ Алма")


@pytest.fixture(scope="module")
def chosen(run):
    """A rig whose texts are traps, and whose optional values are all null."""
    rig_id = run.listed["rig_id"][0]
    sims = run.listed.filter(pl.col("rig_id") == rig_id).head(len(EVIL))
    traps = pl.Series("dealer", [*EVIL][: sims.height])
    nulls = ("msisdn", "activated_on", "place_rank", "lat", "lon", "azimuth_deg", "raid_windows")
    sims = sims.with_columns(traps, *(pl.lit(None, dtype=SEIZURE_LIST.schema[name]).alias(name) for name in nulls))
    sims = sims.with_columns(iccid=pl.lit("89770100000000000011"), operator=traps)
    rigs = run.rigs.filter(pl.col("rig_id") == rig_id).with_columns(site=pl.lit(EVIL[5]), operators=pl.lit(EVIL[7]))
    sites = run.sites.filter(pl.col("rig_id") == rig_id).with_columns(
        cells=pl.lit(EVIL[7]), lat=pl.lit(None, dtype=pl.Float64), raid_windows=pl.lit(EVIL[0])
    )
    members = run.members.filter(pl.col("rig_id") == rig_id)
    inside = members["imsi"].implode()
    return exports.Chosen(
        rigs=rigs,
        sites=sites,
        members=members.with_columns(left_at=pl.lit(None, dtype=pl.Datetime("us", "UTC"))),
        damage=run.damage.filter(pl.col("rig_id") == rig_id),
        links=run.links.filter(pl.col("imsi_a").is_in(inside) & pl.col("imsi_b").is_in(inside)),
        sims=sims,
        reasons=run.reasons.head(0),
        night=run.nights[-1],
    )


def cleaned(text: str) -> str:
    return "".join(" " if letter in "\t\r\n" else letter for letter in text if letter in "\t\r\n" or ord(letter) > 31)


def test_no_cell_of_a_csv_file_is_a_formula(chosen):
    content = exports.export_csv(chosen)["sims.csv"].decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    for row, evil in zip(rows, EVIL, strict=False):
        bare = cleaned(evil)
        assert row["dealer"] == (f"'{bare}" if bare[0] in "=+-@" else bare)
        assert row["iccid"] == "89770100000000000011"
        assert row["msisdn"] == row["lat"] == ""
    assert not any(value.startswith(("=", "+", "-", "@", "\t")) for row in rows for value in row.values())


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(chosen):
    book = openpyxl.load_workbook(io.BytesIO(exports.export_xlsx(chosen)["simbox.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    rows = list(book["SIMs"].values)
    dealers = [row[rows[0].index("dealer")] for row in rows[1:]]
    assert dealers == [cleaned(evil) for evil in EVIL][: len(dealers)]
    assert {row[rows[0].index("iccid")] for row in rows[1:]} == {"89770100000000000011"}
    assert {row[rows[0].index("msisdn")] for row in rows[1:]} == {None}


def test_a_sheet_that_is_full_goes_on_in_the_next(chosen):
    book = openpyxl.load_workbook(io.BytesIO(exports.export_xlsx(chosen, row_limit=4)["simbox.xlsx"]))
    sheets = [name for name in book.sheetnames if name.startswith("SIMs")]
    told = [row[3] for name in sheets for row in list(book[name].values)[1:]]
    assert len(sheets) == -(-chosen.sims.height // 3)
    assert told == chosen.sims["imsi"].cast(pl.String).to_list()


def test_xml_and_json_hold_traps_as_text(chosen, run):
    graph = nx.read_graphml(io.BytesIO(exports.export_graphml(chosen)["links.graphml"]), force_multigraph=True)
    told = {node["operator"] for _, node in graph.nodes(data=True) if "operator" in node}
    assert told == {cleaned(evil) for evil in EVIL[: chosen.sims.height]}
    assert not any(value is None or value == "None" for _, node in graph.nodes(data=True) for value in node.values())
    root = ElementTree.fromstring(exports.export_kml(chosen)["rigs.kml"])
    assert cleaned(EVIL[7]) in {value.text for value in root.iter(f"{KML}value")}
    (event,) = exports.export_misp(chosen).values()
    assert json.loads(event)["Event"]["Object"]
    (page,) = exports.export_pdf(chosen, seen_of(run)).values()
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(page)).pages)
    assert "[U+FDFD]" in text, "what the fonts lack is shown by its number"
    assert "Алма" in text


def test_places_that_are_not_located_are_left_out(chosen):
    document = geojson.loads(exports.export_geojson(chosen)["rigs.geojson"].decode())
    assert document.is_valid
    assert not [feature for feature in document["features"] if "place_rank" in feature["properties"]]


def test_semicolons_and_the_byte_order_mark_for_excel(chosen):
    content = exports.export_csv(chosen, ";", byte_order_mark=True)["sims.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert [row["imsi"] for row in rows] == chosen.sims["imsi"].cast(pl.String).to_list()
