"""Where the radio stands, and when to knock."""

import polars as pl
import pytest

from simbox.features import add_place
from simbox.rigs.locating import locate
from simbox.tables.rigs import SITES
from simbox.telecom.cells import distance_m, fuse_places

ZONES = pl.DataFrame({"operator": ["alpha"], "zone": ["Asia/Almaty"]})


@pytest.fixture
def sites(drawing):
    def run(table, azimuths=None, last=3):
        cells = drawing.cells()
        for mast, azimuth in (azimuths or {}).items():
            cells = cells.with_columns(
                azimuth_deg=pl.when(pl.col("cell") == drawing.cell(mast)).then(azimuth).otherwise("azimuth_deg")
            )
        places = fuse_places(cells)
        records = add_place(drawing.records(table), places).with_columns(rig_id=pl.lit("R1"))
        return SITES.check(locate(records, places, ZONES, pl.lit(drawing.night(last))).sites)

    return run


def metres(row, lat, lon) -> float:
    points = (pl.Series([value]).to_numpy() for value in (row["lat"], row["lon"], lat, lon))
    return float(distance_m(*points)[0])


def test_without_azimuth_the_radio_is_round_the_mast(sites):
    row = sites("imsi at cell\n1 3T10:00 C").row(0, named=True)
    assert metres(row, 43.3, 76.8) < 1
    assert row["cells"] == "alpha 401-77-1000-4 all round"


@pytest.mark.parametrize(("azimuth", "north", "east"), [(0.0, 1, 0), (90.0, 0, 1), (180.0, -1, 0), (270.0, 0, -1)])
def test_a_sector_points_the_way(sites, azimuth, north, east):
    row = sites("imsi at cell\n1 3T10:00 C", {"C": azimuth}).row(0, named=True)
    there = (43.3 + north * 400 / 111_195, 76.8 + east * 400 / (111_195 * 0.7278))
    assert metres(row, *there) < row["radius_m"]
    assert row["cells"].endswith(f"{azimuth:.0f} deg")


def test_places_are_ranked_by_their_legs(sites):
    rows = sites("imsi at cell\n1 1T10:00 A\n1 1T11:00 C\n1 1T12:00 C\n2 3T10:00 C").to_dicts()
    assert [(row["place_rank"], row["event_share"], row["live_now"]) for row in rows] == [
        (1, 0.75, True),
        (2, 0.25, False),
    ]


def test_a_place_of_a_few_legs_is_none(sites):
    legs = "\n".join(f"1 1T{hour:02}:{minute:02} A" for hour in range(10) for minute in (0, 20, 40))
    assert sites(f"imsi at cell\n{legs}\n1 1T23:00 C").height == 1


def test_raid_windows_are_the_busiest_local_hours_in_their_order(sites):
    rows = [
        f"{sim} {day}T{hour:02}:00"
        for day in (1, 2)
        for hour, sims in ((9, 2), (14, 5), (23, 4), (11, 3))
        for sim in range(sims)
    ]
    table = "\n".join(["imsi at", *rows])
    assert sites(table)["raid_windows"].to_list() == ["11:00-12:00, 14:00-15:00, 23:00-00:00 Asia/Almaty"]


def test_without_a_zone_there_is_no_hour_to_knock(sites):
    assert sites("imsi at zone\n1 3T10:00 no")["raid_windows"].to_list() == [""]


@pytest.mark.parametrize("cell", ["-", "Z"])
def test_cells_that_are_not_known_have_no_region(sites, cell):
    rows = sites(f"imsi at cell\n1 3T10:00 {cell}")
    assert rows.height == (cell == "Z")
    assert rows["lat"].null_count() == rows.height
