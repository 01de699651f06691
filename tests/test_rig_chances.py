"""The script that estimates how often two SIMs of a rig agree, on drawn calls."""

import tomllib

import polars as pl
import pytest
from rig_chances import NAMES, measure, write_chances

from simbox import rigs
from simbox.rigs.chances import load_chances


@pytest.fixture
def measured(drawing) -> pl.DataFrame:
    """Four cards of a run and one of another; two of ten pairs call."""
    records = drawing.records(
        """
        imsi  at      other
        501   1T10:00 502
        502   1T10:00 501
        503   1T10:00 504
        504   1T10:00 x1
        70501 1T10:00 x2
        801   1T10:00 x2
        """
    )
    imsis = [drawing.imsi(sim) for sim in (501, 502, 503, 504, 70501)]
    nothing = dict.fromkeys(rigs.Crowd._fields, pl.DataFrame())
    crowd = rigs.Crowd(**nothing | {"imsis": pl.Series(sorted(imsis))})
    owners = pl.DataFrame({"imsi": imsis, "rig": "rig1"})
    return measure(records, owners, crowd)


def test_the_share_of_pairs_that_agree(measured):
    row = measured.row(0, named=True)
    assert row["near_imsi"] == pytest.approx(0.6 / 0.9502, abs=1e-3)
    assert row["calls_inside"] == pytest.approx(0.2)


def test_the_file_that_ships_is_one_that_the_script_writes(measured, tmp_path):
    file = tmp_path / "chances.toml"
    write_chances(file, "drawn", measured)
    assert set(tomllib.loads(file.read_text())) == {"origin", *NAMES}
    assert all(0 < getattr(load_chances(), name) for name in NAMES)
