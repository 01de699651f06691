"""The tables beside the CDRs are read strictly: one message names everything that is wrong with them."""

from datetime import date

import polars as pl
import pytest

from simbox.errors import InputError
from simbox.intake import read_references
from simbox.tables.reference import REFERENCE_TABLES

TABLES = {
    "subscribers": "imsi,msisdn,operator,registration,activated_on,iccid\n"
    "401770000000002,,alpha,unregistered,,\n"
    "401770000000001,+77010000001,alpha,registered,2024-05-06,8970177000000000001\n",
    "cells": "cell,lat,lon,azimuth_deg\n401-77-1000-10441,43.25,76.95,120\n401-77-n5,,,\n",
    "gateways": "imei,list,until\n356789012345678,white,2025-12-31\n",
    "exemptions": "id_type,id,reason,author,until\nimsi,001010000000001,test,me,\nimei,356789012345678,test,me,\n"
    "msisdn,77010000001,test,me,\n",
    "ported": "msisdn,operator,valid_from\n77010000001,beta,2024-01-01\n",
    "reports": "msisdn,reported_at,kind,source\n77010000001,2025-03-01T12:00:00+05:00,complaint,hotline\n",
}


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "csv.zst", "parquet"])
def test_every_table_is_read_as_declared(source, encode, suffix):
    for name, text in TABLES.items():
        source.write(f"{name}.{suffix}", encode(pl.read_csv(text.encode(), infer_schema=False), suffix))
    read = read_references(source.path)
    assert read.missing == ()
    assert read.warnings == []
    for table in REFERENCE_TABLES:
        table.check(getattr(read, str(table.file)))
    assert read.subscribers["imsi"].to_list() == [401_770_000_000_001, 401_770_000_000_002]
    assert read.subscribers["msisdn"].to_list() == [77_010_000_001, None]
    assert read.subscribers["activated_on"].to_list() == [date(2024, 5, 6), None]
    assert read.subscribers["iccid"].to_list() == ["8970177000000000001", None]
    assert sorted(read.exemptions["id"]) == [77_010_000_001, 1_010_000_000_001, 35_678_901_234_567]
    assert read.gateways["imei"].to_list() == [35_678_901_234_567]
    assert str(read.reports["reported_at"][0]) == "2025-03-01 07:00:00+00:00"


def test_typed_parquet_is_read_too(source, encode):
    frame = pl.DataFrame(
        {
            "cell": ["401-77-1000-10441"],
            "lat": [43.25],
            "lon": [76],
            "valid_from": [date(2024, 1, 1)],
            "site": pl.Series(["mast"], dtype=pl.Categorical),
        }
    )
    source.write("cells.parquet", encode(frame, "parquet"))
    cells = read_references(source.path).cells
    assert cells.select("lat", "lon", "valid_from", "site").rows() == [(43.25, 76.0, date(2024, 1, 1), "mast")]


def test_missing_tables_are_named_with_what_is_lost(source):
    read = read_references(source.path)
    assert read.missing == ("subscribers", "cells", "gateways", "exemptions", "ported", "reports")
    assert len(read.warnings) == 6
    assert all(name in warning for name, warning in zip(read.missing, read.warnings, strict=True))
    assert read.subscribers.is_empty()


def test_rows_come_in_the_same_order_and_once(source):
    source.write("cells.csv", "cell,lat,lon\n401-77-1-2,1,1\n401-77-1-1,2,2\n401-77-1-2,1,1\n")
    first = read_references(source.path).cells
    source.write("cells.csv", "cell,lat,lon\n401-77-1-1,2,2\n401-77-1-2,1,1\n")
    assert read_references(source.path).cells.equals(first)
    assert first.height == 2


def test_all_problems_are_named_at_once(source):
    source.write("subscribers.csv", "imsi,operator,registration\n401770000000001,alpha,registered\n")
    source.write("cells.csv", "cell,lat,lon\n401-77-1-1,1,1\n" + "here,1,1\n" * 7 + "401-77-1-1,1,1\n,2,2\n")
    source.write("gateways.csv", "imei,list\n356789012345678,pink\n")
    source.write("ported.csv", "msisdn,operator,valid_from\n77010000001,beta\n")
    source.write("reports.csv", "reported_at,kind,source\n")
    source.write("exemptions.csv", "")
    source.write("exemptions.parquet", b"PAR1")
    with pytest.raises(InputError) as caught:
        read_references(source.path)
    assert caught.value.exit_code == 5
    assert set(caught.value.problems) == {
        "subscribers.csv: column msisdn is missing",
        "subscribers.csv: column activated_on is missing",
        "cells.csv: column cell: 8 rows have no usable value (line 3, 4, 5, 6, 7, ...)",
        "gateways.csv: column list: 1 row has no usable value (line 2)",
        "ported.csv: 1 row has another number of fields than the header, or broken text (line 2)",
        "reports.csv: needs a column imsi or msisdn",
        "table exemptions is there twice: exemptions.csv, exemptions.parquet",
    }


@pytest.mark.parametrize(
    ("name", "content"), [("cells.csv", b""), ("cells.parquet", b"PAR1"), ("cells.csv.gz", b"\x1f\x8b")]
)
def test_a_table_that_can_not_be_parsed_is_named(source, name, content):
    source.write(name, content)
    with pytest.raises(InputError, match=name):
        read_references(source.path)


def test_optional_values_that_can_not_be_used_are_warned_of(source):
    source.write("cells.csv", "cell,lat,lon,colour\n401-77-1-1,91,x,red\n401-77-1-2,nan,2,red\n401-77-1-3,1,2,red\n")
    read = read_references(source.path)
    assert read.cells.select("lat", "lon").rows() == [(None, None), (None, 2.0), (1.0, 2.0)]
    assert "cells.csv: column lat: 2 rows have no usable value (line 2, 3); left empty" in read.warnings
    assert any("colour" in warning for warning in read.warnings)
