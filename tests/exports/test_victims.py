"""Whom a rig rang, from a drawn table: one row each, with who can warn them."""

import csv
from datetime import UTC, datetime

import polars as pl
import pytest

from simbox.config import Numbers, Operator
from simbox.exports import export_victims, find_victims
from simbox.handover import ExportOptions, export_run, read_run

OPERATORS = {"alpha": Operator(msisdn_prefixes=["7701"]), "beta": Operator(msisdn_prefixes=["7702"])}


@pytest.fixture(scope="module")
def victims(drawing):
    records = drawing.records(
        """
        imsi at         service direction other  s
        1    1T10:00    voice   mo        x1     61
        1    1T11:00    voice   mo        x1     0
        2    1T12:00    sms     mo        x1     0
        1    1T13:00    voice   mt        x1     30
        1    1T09:00    voice   mt        x2     30
        1    1T14:00    voice   mo        x2     30
        1    1T15:00    voice   mo        2      30
        1    1T15:30    voice   mo        9      30
        1    1T16:00    sms     mo        Bank   0
        1    1T17:00    voice   mo        -      30
        1    1T18:00    voice   mo        +4930123456 90
        """
    )
    members = pl.DataFrame({"rig_id": ["R1", "R1"], "imsi": [drawing.imsi(1), drawing.imsi(2)]})
    found = find_victims(records, members, Numbers(), OPERATORS)
    return {row["other_party"]: row for row in found.iter_rows(named=True)}


def test_calls_minutes_and_sms_are_counted(victims):
    row = victims[77_020_000_001]
    assert (row["calls"], row["answered_calls"], row["minutes"], row["sms_count"]) == (2, 1, 1.0, 1)
    assert row["first_at"] == datetime(2025, 3, 1, 5, tzinfo=UTC)
    assert row["last_at"] == datetime(2025, 3, 1, 7, tzinfo=UTC)


def test_called_back_means_afterwards(victims):
    assert victims[77_020_000_001]["called_back"]
    assert not victims[77_020_000_002]["called_back"]


def test_who_serves_a_number_is_told_with_how_that_is_known(victims):
    told = {number: (row["serving_operator"], row["operator_from"], row["kind"]) for number, row in victims.items()}
    assert told == {
        77_020_000_001: ("beta", "prefix", "off_net"),
        77_020_000_002: ("beta", "prefix", "off_net"),
        77_010_000_009: ("alpha", "records", "on_net"),
        4_930_123_456: (None, None, "international"),
    }


def test_services_withheld_numbers_and_the_rigs_own_are_no_victims(victims, drawing):
    assert drawing.msisdn(2) not in victims
    assert len(victims) == 4


def test_each_operator_gets_the_numbers_it_serves(sample_run, tmp_path):
    run = read_run(sample_run.out)
    written = export_run(run, tmp_path, ExportOptions(what="victims"))
    rows = {}
    for path in written:
        with path.open(encoding="utf-8", newline="") as file:
            rows[path.stem.removeprefix("victims-")] = list(csv.DictReader(file))
    assert set(rows) == {"altyn", "bereke", "tulpar", "unknown"}
    for operator, own in rows.items():
        assert own
        assert {row["serving_operator"] or "unknown" for row in own} == {operator}
    store = run.store()
    made = store.read(store.nights()).filter(
        (pl.col("direction") == "mo")
        & (pl.col("service") == "voice")
        & pl.col("imsi").is_in(run.members["imsi"].implode())
        & ~pl.col("other_party").is_in(run.members.select("imsi").join(
            store.read(store.nights()).select("imsi", "msisdn").unique(), on="imsi"
        )["msisdn"].implode())
        & ~pl.col("other_kind").is_in(["short_code", "alphanumeric", "withheld"])
    )  # fmt: skip
    assert sum(int(row["calls"]) for own in rows.values() for row in own) == made.height


def test_victims_are_in_no_other_export(sample_run, tmp_path):
    written = export_run(read_run(sample_run.out), tmp_path, ExportOptions(formats=("csv", "i2")))
    assert not [path for path in written if "victims" in path.name]


def test_redacted_victims_show_no_number(victims):
    frame = pl.DataFrame([victims[77_020_000_001]]).with_columns(
        pl.col("kind").cast(pl.String), serving_operator=pl.lit("beta")
    )
    (content,) = export_victims(frame, redact=True).values()
    assert b"77020000001" not in content
    assert b"7702*****01" in content
