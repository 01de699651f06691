"""The benchmark on real labels, on an invented table of the same columns."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sichuan import PORTABLE, area, main, measure, read_table, recall_at, shares

# Columns of the public table, in its order; those in between are left out of ours.
COLUMNS = (
    "phone_no_m", "opposite_count", "opposite_unique", "voccalltype1", "imeis", "voc_calltype1", "phone2opposite_max",
    "call_dur_mean", "call_dur_median", "county_name_nunique", "voc_hour_nunique", "voc_day_mode_count",
    "voc_day_nunique", "sms_count", "sms_nunique", "calltype_2", "busi_count", "arpu_mean", "label",
)  # fmt: skip
LAWFUL = (
    "x",
    468.0,
    69.0,
    243.0,
    1.0,
    0.52,
    90.0,
    97.0,
    37.0,
    4.0,
    18.0,
    31.0,
    31.0,
    900.0,
    120.0,
    890.0,
    150,
    45.0,
    0,
)
FRAUD = ("y", 200.0, 162.0, 194.0, 3.0, 0.97, 6.0, 92.0, 41.0, 1.0, 11.0, 71.0, 7.0, 60.0, 10.0, 55.0, 0, 20.0, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Four lawful SIMs and two fraudulent ones; one of each has odd values."""
    odd = {"voccalltype1": None, "opposite_unique": 468.0, "voc_calltype1": 0.99}
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in (LAWFUL, LAWFUL, LAWFUL, LAWFUL, FRAUD, FRAUD)]
    rows[3] |= odd
    rows[5] |= {"arpu_mean": None, "busi_count": 7}
    file = tmp_path / "all_feat_with_label.csv"
    pl.DataFrame(rows, infer_schema_length=None).write_csv(file)
    return file


def test_medians_signs_and_separation(path: Path) -> None:
    rows = {row["feature"]: row for row in measure(read_table(path))}
    assert set(rows) == {item.feature for item in PORTABLE}
    share = rows["mo_share"]
    assert (share["lawful"], share["published_lawful"]) == (0.52, 0.52)
    assert (share["fraud"], share["published_fraud"]) == (0.97, 0.97)
    # Three of four lawful SIMs stand below both fraudulent ones.
    assert share["auc"] == pytest.approx(3 / 4)
    assert share["recall"] == 0.0
    assert rows["fan_out"]["fraud"] == pytest.approx(0.81)
    assert rows["calls / callees"]["lawful"] == pytest.approx(468 / 69)
    assert rows["active_hours"]["auc"] == rows["active_hours"]["recall"] == 1.0
    # A null is no SIM of that feature.
    assert rows["mo_calls"]["auc"] == 0.0


def test_shares_of_sims(path: Path) -> None:
    found = {name: values for name, *values in shares(read_table(path))}
    assert found["three IMEIs or more"] == [0.0, 0.134, 1.0, 0.457]
    assert found["no data"][2] == 0.5
    assert found["up to 7 dates"][:3:2] == [0.0, 1.0]


def test_it_prints_both_tables(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("6 SIMs, 2 fraudulent\n")
    assert all(item.feature in said for item in PORTABLE)
    assert "Shares of SIMs" in said


def test_without_the_table_it_is_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent.csv")]) == 0
    assert "skipped: there is no file" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop("imeis", "label"), "it has no imeis, label"),
        (lambda table: table.with_columns(imeis=pl.lit("many")), "imeis holds something else"),
        (lambda table: table.with_columns(label=pl.lit(3)), "label holds something else"),
    ],
)
def test_another_table_is_refused(path: Path, capsys: pytest.CaptureFixture[str], change, said: str) -> None:
    change(pl.read_csv(path)).write_csv(path)
    assert main([str(path)]) == 5
    assert said in capsys.readouterr().err


def test_areas_and_recalls_count_ties() -> None:
    is_fraud = np.array([False, False, True, True])
    assert area(np.array([1.0, 2.0, 2.0, 3.0]), is_fraud) == pytest.approx(7 / 8)
    assert area(np.array([5.0, 5.0, 5.0, 5.0]), is_fraud) == 0.5
    assert recall_at(np.array([1.0, 2.0, 2.0, 3.0]), is_fraud, 0.01) == 0.5
