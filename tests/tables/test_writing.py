"""The one writer: same rows, same bytes, for the owner's eyes only, whole or not at all."""

import os
import subprocess
import sys

import polars as pl
import pyarrow.parquet as pq
import pytest

from simbox.tables.declare import Column, Table
from simbox.tables.writing import guard_formula, replacing, write_parquet, write_table, write_text

TABLE = Table(
    "T",
    "row",
    ("a",),
    (Column("a", pl.Int64, "key"), Column("b", pl.Float64, "value", True, decimals=2), Column("c", pl.String, "text")),
)
FRAME = pl.DataFrame({"a": range(5000), "b": [n / 7 for n in range(5000)], "c": [str(n % 7) for n in range(5000)]})


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name, frame in (
        ("one", FRAME),
        ("two", FRAME.reverse()),
        ("three", FRAME.sample(fraction=1, shuffle=True, seed=1)),
    ):
        write_table(TABLE, frame, tmp_path / name)
    contents = {path.read_bytes() for path in tmp_path.iterdir()}
    assert len(contents) == 1
    assert pl.read_parquet(tmp_path / "one").equals(TABLE.conform(FRAME))


def test_the_number_of_threads_does_not_change_a_byte(tmp_path):
    code = (
        "import sys, polars as pl, pathlib; from simbox.tables.writing import write_parquet;"
        "frame = pl.DataFrame({'a': range(600_000)}).with_columns(b=pl.col('a') % 77 / 7).sort('b', 'a');"
        "write_parquet(frame, pathlib.Path(sys.argv[1]))"
    )
    for threads in ("1", "2"):
        environment = os.environ | {"POLARS_MAX_THREADS": threads}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / threads)], env=environment, check=True)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


@pytest.mark.parametrize("borders", [[2000, 5000], [1, 2, 5000], [5000]])
def test_row_groups_end_where_they_should(tmp_path, borders):
    write_parquet(FRAME, tmp_path / "a", borders)
    with pq.ParquetFile(tmp_path / "a") as file:
        rows = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert rows == [after - before for before, after in zip([0, *borders], borders, strict=False)]
    assert pl.read_parquet(tmp_path / "a").equals(FRAME)


def test_a_table_without_rows_keeps_its_columns(tmp_path):
    write_table(TABLE, TABLE.empty(), tmp_path / "a")
    assert dict(pl.read_parquet_schema(tmp_path / "a")) == TABLE.schema


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_files_are_for_their_owner_only(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_table(TABLE, FRAME, tmp_path / "deep" / "a")
        write_text("text", tmp_path / "b")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "deep" / "a", tmp_path / "b")} == {0o600}


def test_a_failure_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a"
    write_text("before", path)
    with pytest.raises(UnicodeEncodeError), replacing(path) as partial:
        partial.write_text("half \ud800")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_as_it_is(tmp_path):
    write_text("a\nб\r\n", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == "a\nб\r\n".encode()


def test_text_that_a_spreadsheet_would_run_is_guarded():
    texts = pl.DataFrame({"text": ["=1+1", "+7701", "-1", "@x", "\tx", "plain", "", None]})
    guarded = texts.select(guard_formula(pl.col("text"))).to_series().to_list()
    assert guarded == ["'=1+1", "'+7701", "'-1", "'@x", "'\tx", "plain", "", None]
