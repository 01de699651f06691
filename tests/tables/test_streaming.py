"""A streamed table is the same file however its rows came in pieces."""

import random

import polars as pl
import pytest

from simbox.tables.declare import Column, Table
from simbox.tables.streaming import GROUP_ROWS, TableStream

THINGS = Table(
    name="THINGS",
    one_row_for="thing and part",
    key=("thing", "part"),
    columns=(Column("thing", pl.Int64, "thing"), Column("part", pl.Int16, "part"), Column("size", pl.Float64, "size")),
)


@pytest.fixture
def things():
    draw = random.Random(1)
    rows = [(thing, part, draw.random()) for thing in range(20_000) for part in (1, 3)]
    return pl.DataFrame(rows, schema=THINGS.schema, orient="row")


def write(folder, pieces):
    folder.mkdir()
    (folder / "scratch").mkdir()
    with TableStream(THINGS, folder / "things.parquet", folder / "scratch") as stream:
        for piece in pieces:
            stream.add(piece)
    assert list((folder / "scratch").iterdir()) == []
    assert stream.rows == sum(piece.height for piece in pieces)
    return (folder / "things.parquet").read_bytes()


@pytest.mark.parametrize("count", [2, 7, 60])
def test_pieces_change_no_byte(things, tmp_path, count):
    expected = write(tmp_path / "whole", [things])
    of_piece = pl.Series("piece", [thing * 7919 % count for thing in things["thing"]])
    mixed = things.with_columns(of_piece).sample(fraction=1, shuffle=True, seed=3)
    assert write(tmp_path / "cut", mixed.partition_by("piece", include_key=False)) == expected
    assert pl.read_parquet(tmp_path / "cut" / "things.parquet").equals(things)
    assert things.height > GROUP_ROWS


@pytest.mark.parametrize("most", [2, 3, 16])
def test_pieces_merged_on_the_way_change_no_byte(things, tmp_path, monkeypatch, most):
    expected = write(tmp_path / "whole", [things])
    # Forty pieces of a thousand rows each, merged over several levels.
    monkeypatch.setattr("simbox.tables.streaming.MOST_PIECES", most)
    monkeypatch.setattr("simbox.tables.streaming.PIECE_ROWS", 1)
    cut = things.with_columns(piece=pl.col("thing") * 7919 % 40).partition_by("piece", include_key=False)
    assert write(tmp_path / "cut", cut) == expected


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_a_table_without_rows_is_a_table(tmp_path, pieces):
    write(tmp_path / "out", [THINGS.empty()] * pieces)
    assert pl.read_parquet(tmp_path / "out" / "things.parquet").equals(THINGS.empty())


def test_empty_pieces_do_no_harm(things, tmp_path):
    whole = write(tmp_path / "whole", [things])
    halves = [things.head(9_000), THINGS.empty(), things.slice(9_000)]
    assert write(tmp_path / "cut", [THINGS.empty(), *halves]) == whole


def test_a_failure_leaves_nothing(things, tmp_path):
    def fail():
        with TableStream(THINGS, tmp_path / "things.parquet", tmp_path) as stream:
            stream.add(things.head(10))
            stream.add(things.slice(10))
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []
