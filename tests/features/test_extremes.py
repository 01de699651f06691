"""What no SIM and no IMEI should have is counted over all nights, without a name."""

import polars as pl

from simbox.features import Extremes
from simbox.features.extremes import MOST_RECORDS, MOST_SIMS


def seen(extremes, *sims):
    """A night's CDRS with so many records of each SIM."""
    extremes.see_records(pl.DataFrame({"imsi": [imsi for imsi, records in sims for _ in range(records)]}))


def shared(extremes, *imeis):
    """A window with so many SIMs on each IMEI."""
    extremes.see_handsets(pl.DataFrame(imeis, schema={"imei": pl.Int64, "imei_sims": pl.Int32}, orient="row"))


def test_nothing_is_said_at_the_border():
    extremes = Extremes()
    seen(extremes, (1, MOST_RECORDS), (2, MOST_RECORDS))
    shared(extremes, (35, MOST_SIMS))
    assert extremes.warnings() == []


def test_the_same_sim_in_two_nights_counts_once_with_the_most():
    extremes = Extremes()
    seen(extremes, (1, MOST_RECORDS + 2), (2, 5), (3, MOST_RECORDS + 1))
    seen(extremes, (1, MOST_RECORDS + 7))
    assert extremes.warnings() == [
        "SIMs with more than 10,000 records in a night: 2, one with 10,007; are these records of one SIM?"
    ]


def test_the_same_imei_in_two_windows_counts_once_with_the_most():
    extremes = Extremes()
    shared(extremes, (35, MOST_SIMS + 1), (36, 2))
    shared(extremes, (35, MOST_SIMS + 9))
    assert extremes.warnings() == [
        "IMEIs with more than 1,000 SIMs: 1, one with 1,009; a filler or a cloned IMEI that proves little"
    ]
