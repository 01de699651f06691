"""One way of taking a file in, in a process of its own: `intake_of_a_file.py polars|normalised|committed SOURCE OUT`.

SOURCE is a source folder with one CDR file. Writes seconds of the clock and of all processors to OUT as JSON; the
memory of the process is measured from outside.
"""

import json
import os
import sys
import time
from pathlib import Path

import polars as pl

from simbox.config import load_config
from simbox.intake import read_references, take_in
from simbox.intake.parties import know_owners
from simbox.intake.profile_files import load_profiles
from simbox.intake.reading import Reader, read_file
from simbox.intake.sources import identify
from simbox.intake.staging import Staging
from simbox.intake.translate import Translator
from simbox.store import open_store, read_memory
from simbox.tables.cdrs import CDRS
from simbox.tables.writing import open_parquet

MEMORY = "2GiB"
PLAIN = ("record_id", "started_at", "imsi", "msisdn", "imei", "other_party")


class Unsorted:
    """Stands in for the store's writer: records go to one Parquet file in the order in which they come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: object = None

    def add(self, cdrs: pl.DataFrame) -> None:
        arrow = cdrs.select(CDRS.names).to_arrow(compat_level=pl.CompatLevel.oldest())
        self._file = self._file or open_parquet(self._path, arrow.schema, PLAIN)
        self._file.write_table(arrow)

    def pile(self, name: str) -> "Nothing":
        return Nothing()

    def close(self) -> None:
        self._file.close()


class Nothing:
    """No record of the benchmark's files is a part of another, or has to wait for its SIM."""

    rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        assert "imsi" not in frame.columns, "a record would have to wait"


def polars_alone(source: Path, out: Path) -> None:
    """What a user would write: read everything as text, write Parquet."""
    path = next(path for path in (source / "cdr").iterdir())
    separator = "|" if path.name.startswith("MSC") else ","
    pl.scan_csv(path, separator=separator, infer_schema=False).sink_parquet(out / "polars.parquet")


def normalised(source: Path, out: Path) -> None:
    """Every row read, validated and normalised, and written as it came."""
    config = load_config(source / "simbox.toml")
    references = read_references(source)
    owners = know_owners(references.subscribers, references.ported, config)
    feeds = load_profiles(source, config)
    path = next(path for path in (source / "cdr").iterdir())
    translator = next((Translator(feed, config) for feed in feeds if feed.takes(path.name)), None)
    writer = Unsorted(out / "normalised.parquet")
    staging = Staging(writer, references.cells["cell"].unique())
    read_file(identify(path, path.name), 1, Reader(translator, config, owners), staging)
    writer.close()


def committed(source: Path, out: Path) -> None:
    """The whole intake: resolved, without repeats, by night, sorted, in the store."""
    store = open_store(out / "store", create=True, memory=read_memory(MEMORY))
    taken = take_in(source, store, load_config(source / "simbox.toml"))
    assert not taken.refused, taken.refused
    assert taken.files["rows_kept"].sum() > 0.99 * taken.files["rows_in"].sum()


if __name__ == "__main__":
    how, source, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    began, before = time.perf_counter(), os.times()
    {"polars": polars_alone, "normalised": normalised, "committed": committed}[how](source, out)
    after = os.times()
    told = {
        "wall_s": round(time.perf_counter() - began, 3),
        "cpu_s": round(after.user + after.system - before.user - before.system, 3),
    }
    (out / f"{how}.json").write_text(json.dumps(told))
