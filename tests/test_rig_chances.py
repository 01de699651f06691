"""The script that estimates how often two SIMs of a rig agree, on drawn calls."""

import tomllib

import polars as pl
import pytest
from rig_chances import NAMES, look_at, measure, write_chances

from simbox import rigs
from simbox.rigs.chances import load_chances

# Far apart among the IMSIs in use, unless a test says otherwise.
ONE, TWO, THREE, FOUR, FIVE = RIG = (100_500, 200_500, 300_500, 400_500, 500_500)


@pytest.fixture
def measured(seeker, drawing, monkeypatch):
    """What is measured of one rig whose cards are all that is drawn."""
    given = []
    monkeypatch.setattr(rigs, "seek_founders", lambda *of: (given.append(of[:2]), rigs.founding.NO_FOUNDING)[1])

    def measure_rig(*rows: str, head: str = "imsi at other") -> dict[str, float]:
        records = drawing.records("\n".join([head, *rows]))
        seeker.find(records, last=(records["night"].max() - drawing.night(1)).days + 1)
        owners = records.select("imsi", rig=pl.lit("rig1")).unique()
        return measure(look_at(*given[-1]), owners).row(0, named=True)

    return measure_rig


def test_cards_of_one_run(measured):
    rows = [f"{sim} 1T10:00 x{sim}" for sim in (500, 501, 502, 503, 200_700)]
    assert measured(*rows)["near_imsi"] == pytest.approx(6 / 10 / 0.9502, abs=1e-3)


def test_pairs_that_call_each_other(measured):
    others = dict(zip(RIG, (TWO, ONE, FOUR, "x1", "x2"), strict=True))
    assert measured(*(f"{sim} 1T10:00 {other}" for sim, other in others.items()))["calls_inside"] == 0.2


def test_handsets_of_one_model_and_of_one_run(measured):
    handsets = dict(zip(RIG, ("G1", "G2", "G3", "H4", "H5"), strict=True))
    found = measured(*(f"{sim} 1T10:00 {handset}" for sim, handset in handsets.items()), head="imsi at imei")
    assert found["same_model"] == 0.3
    assert found["near_imei"] == pytest.approx(3 / 10 / 0.9502, abs=1e-3)


def test_turns_that_end_at_one_number(measured):
    rows = [
        f"{sim} {day}T1{call}:00 x{call}"
        for sim, calls in zip(RIG, (5, 5, 5, 6, 6), strict=True)
        for day in (1, 2, 3)
        for call in range(calls)
    ]
    assert measured(*rows)["same_cap"] == 0.4


def test_cards_that_keep_to_nothing_have_no_cap(measured):
    assert measured(*(f"{sim} 1T10:00 x1" for sim in RIG))["same_cap"] is None


def test_numbers_that_two_call(measured):
    called = [range(10), range(5, 15), range(20, 30), range(30, 40), range(40, 50)]
    rows = [f"{sim} 1T10:{n % 60:02} x{n}" for sim, numbers in zip(RIG, called, strict=True) for n in numbers]
    assert measured(*rows)["shared_callees"] == pytest.approx((5 - 10 * 0.02) / 100)


def test_contacts_that_pass_to_a_successor(measured):
    rows = [f"{ONE} 1T1{n}:00 x{n}" for n in range(4)] + [f"{TWO} 2T1{n}:00 x{n}" for n in (3, 8)]
    rows += [f"{sim} {day}T20:00 x{sim % 97}" for sim in RIG[2:] for day in (1, 3)]
    assert measured(*rows)["contacts_kept"] == 0.5


def test_the_file_that_ships_is_one_that_the_script_writes(measured, tmp_path):
    file = tmp_path / "chances.toml"
    row = measured(*(f"{sim} 1T10:00 x1" for sim in RIG))
    write_chances(file, "drawn", pl.DataFrame([row]).fill_null(0.5))
    assert set(tomllib.loads(file.read_text())) == {"origin", *NAMES}
    assert all(0 < getattr(load_chances(), name) <= 1 for name in NAMES)
