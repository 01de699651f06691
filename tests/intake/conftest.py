"""A source folder made on the fly, and its intake."""

import gzip
import io
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from simbox.config import Config, Operator
from simbox.intake import take_in
from simbox.store import open_store

sys.path.insert(0, str(Path(__file__).resolve().parent))

from dialects import Batch  # noqa: E402

ROW = {
    "operator": "alpha",
    "service": "voice",
    "direction": "mo",
    "started_at": "2025-03-01T12:00:00+05:00",
    "imsi": "401770000000001",
    "msisdn": "77010000001",
    "imei": "356789012345678",
    "duration_s": "60",
    "answered": "true",
    "other_party": "77020000002",
    "cell": "401-77-1000-10441",
}
OPERATORS = {
    "alpha": Operator(mcc_mncs=["401-77"], timezone="Asia/Almaty", msisdn_prefixes=["7701"]),
    "beta": Operator(mcc_mncs=["401-01"], timezone="Asia/Almaty", msisdn_prefixes=["7702"]),
    "nozone": Operator(),
}


class Source:
    """A source folder in the making."""

    def __init__(self, path: Path) -> None:
        self.path = path / "source"
        self.store = open_store(path / "store", create=True)
        (self.path / "cdr").mkdir(parents=True)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def take(self, config: Config | None = None):
        return take_in(self.path, self.store, config or Config(operators=OPERATORS))

    def cdrs(self):
        """What the store holds, by record."""
        return self.store.read(self.store.nights()).sort("record_id")


@pytest.fixture
def source(tmp_path):
    return Source(tmp_path)


@pytest.fixture
def batch(tmp_path):
    """A source folder with one operator's profile and no file yet."""
    return Batch(tmp_path)


@pytest.fixture
def rows():
    """Raw rows as a frame of text: the usual one with changes, one row for each change."""

    def make(*changes, **everywhere):
        made = [ROW | everywhere | change for change in changes or ({},)]
        names = list(dict.fromkeys(name for row in made for name in row))
        return pl.DataFrame(
            [{name: row.get(name) for name in names} for row in made], schema=dict.fromkeys(names, pl.String)
        )

    return make


@pytest.fixture
def encode():
    """A frame of text as the bytes of a file in the format that a name's suffix says."""

    def make(frame, suffix):
        if suffix == "parquet":
            buffer = io.BytesIO()
            frame.write_parquet(buffer)
            return buffer.getvalue()
        text = frame.write_csv().encode()
        if suffix == "csv.gz":
            return gzip.compress(text, mtime=0)
        if suffix == "csv.zst":
            return pa.compress(text, codec="zstd", asbytes=True)
        return text

    return make
