"""Tables of a run come back as they were written."""

import polars as pl
import pytest

from simbox.errors import DamagedError
from simbox.tables.declare import Column, Table
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.reading import read_run_list, read_run_table
from simbox.tables.rigs import MEMBERS
from simbox.tables.writing import write_table

SMALL = Table(
    name="SMALL",
    one_row_for="number",
    key=("number",),
    file="small.parquet",
    columns=(Column("number", pl.Int64, "a number"), Column("word", pl.String, "a word", True)),
)


def test_lists_are_read_as_the_scan_had_them(sample_run):
    listed = sample_run.scan.last.listed
    # Text files keep instants to the second.
    seconds = pl.col("first_at", "last_at").dt.truncate("1s")
    assert read_run_list(sample_run.out, SEIZURE_LIST).equals(listed.seizure_list.with_columns(seconds))
    assert read_run_list(sample_run.out, REVIEW).equals(listed.review)


def test_the_apostrophe_of_a_formula_is_taken_off_again(sample_run, tmp_path):
    text = (sample_run.out / "seizure_list.csv").read_text().splitlines()
    first = dict(zip(text[0].split(","), text[1].split(","), strict=False))
    dealer = f",{first['dealer']},"
    assert dealer in text[1]
    for written, read in (("'=1+1", "=1+1"), ("'x", "'x"), ("0002", "0002")):
        changed = text[1].replace(dealer, f",{written},", 1)
        (tmp_path / "seizure_list.csv").write_text(f"{text[0]}\n{changed}\n")
        assert read_run_list(tmp_path, SEIZURE_LIST)["dealer"].to_list() == [read]


def test_some_rows_of_a_table_can_be_read_alone(tmp_path):
    frame = pl.DataFrame({"number": [3, 1, 2], "word": ["c", None, "b"]})
    write_table(SMALL, frame, tmp_path / "small.parquet")
    assert read_run_table(tmp_path, SMALL).rows() == [(1, None), (2, "b"), (3, "c")]
    assert read_run_table(tmp_path, SMALL, pl.DataFrame({"number": [3, 2, 9]})).rows() == [(2, "b"), (3, "c")]


@pytest.mark.parametrize("content", [None, b"", b"PAR1", b"rank,imsi\nx,y\n"])
def test_what_is_no_table_is_called_damaged(tmp_path, content):
    for name in ("members.parquet", "seizure_list.csv"):
        if content is not None:
            (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedError, match=r"members\.parquet is missing or broken"):
        read_run_table(tmp_path, MEMBERS)
    with pytest.raises(DamagedError, match=r"members\.parquet is missing or broken"):
        read_run_table(tmp_path, MEMBERS, pl.DataFrame({"imsi": [1]}))
    with pytest.raises(DamagedError, match=r"seizure_list\.csv is missing or broken"):
        read_run_list(tmp_path, SEIZURE_LIST)
