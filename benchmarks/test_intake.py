"""Intake against Polars alone, which reads the same file as text and writes Parquet.

Run by `python -m pytest -s benchmarks/test_intake.py`.

200 MB by default; with SIMBOX_BENCHMARK_BYTES=2000000000 the size that the bounds are stated for. Ratios are of the
time of all processors, which other work on the machine disturbs least; those of the clock stand beside.
"""

import gzip
import json
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from plain_sources import measure
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.synth.dialects import MSC_COLUMNS, in_dialect, profile_of
from simbox.synth.scenario import Habit

ROOT = Path(__file__).resolve().parents[1]
BYTES = int(os.environ.get("SIMBOX_BENCHMARK_BYTES", 200_000_000))
BLOCK_ROWS = 500_000
NIGHTS = 3
FIRST = date(2026, 3, 1)
CELLS = 20_000
PEAK_BYTES = 2 << 30
CONFIGURATION = (
    '[operators.alpha]\nmcc_mncs = ["401-71"]\ntimezone = "Asia/Almaty"\nmsisdn_prefixes = ["7790"]\n'
    '[numbers]\ncountry_code = "7"\n'
)
ROUNDS = 3


def blocks() -> Iterator[pl.DataFrame]:
    """Records of the interchange format as text, hour after hour of three nights, about as real ones repeat."""
    random = np.random.default_rng(5)
    count = max(BYTES // 110 // BLOCK_ROWS, 1)
    for block in range(count):
        who = random.integers(0, 400_000 * max(count // 6, 1), BLOCK_ROWS)
        second = np.sort(random.integers(0, NIGHTS * 86_400 // count, BLOCK_ROWS)) + block * (NIGHTS * 86_400 // count)
        begin = datetime.combine(FIRST, datetime.min.time())
        service = np.array(["voice", "sms"])[random.choice(2, BLOCK_ROWS, p=[0.7, 0.3])]
        answered = random.random(BLOCK_ROWS) < 0.7
        cell = random.integers(0, CELLS, BLOCK_ROWS)
        frame = pl.DataFrame(
            {
                "service": service,
                "direction": np.array(["mo", "mt"])[random.integers(0, 2, BLOCK_ROWS)],
                "second": second,
                "duration_s": np.where(answered & (service == "voice"), random.integers(1, 300, BLOCK_ROWS), 0),
                "answered": answered,
                "imsi": 401_710_000_000_000 + who,
                "msisdn": 77_900_000_000 + who,
                "imei": (35_000_000_000_000 + who) * 10,
                "other_party": 77_900_000_000 + (who + random.integers(1, 12, BLOCK_ROWS) ** 2) % 10_000_000,
                "cell": cell,
            }
        )
        local = pl.lit(begin) + pl.duration(seconds="second")
        yield frame.select(
            pl.lit("alpha").alias("operator"),
            "service",
            "direction",
            (local.dt.to_string("%Y-%m-%dT%H:%M:%S") + "+05:00").alias("started_at"),
            "duration_s",
            "answered",
            pl.col("imsi", "msisdn", "imei", "other_party").cast(pl.String),
            pl.format("401-71-{}-{}", pl.col("cell") // 100 + 1, pl.col("cell") + 1).alias("cell"),
        )


@pytest.fixture(scope="module", params=["interchange", "msc"])
def texts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source folder with one plain file, in the interchange format or in a switch's."""
    source = tmp_path_factory.mktemp(request.param) / "source"
    (source / "cdr").mkdir(parents=True)
    (source / "operators").mkdir()
    (source / "simbox.toml").write_text(CONFIGURATION)
    is_msc = request.param == "msc"
    habit = Habit(format="msc")
    path = source / "cdr" / ("MSC01_20260303_000001.csv" if is_msc else "plain.csv")
    if is_msc:
        profile = (
            profile_of(habit, "alpha").replace('folder = "alpha"\n', "").replace("\\.csv\\.gz", "\\.csv(\\.gz|\\.zst)?")
        )
        # Polars alone reads no file with header and trailer records.
        profile = "\n".join(line for line in profile.splitlines() if "_record" not in line)
        (source / "operators" / "alpha.toml").write_text(profile)
    with path.open("wb") as file:
        for number, frame in enumerate(blocks()):
            if is_msc:
                frame = in_dialect(habit, frame).select(MSC_COLUMNS)
            frame.write_csv(file, separator="|" if is_msc else ",", include_header=number == 0)
    return source


@pytest.fixture(params=["", ".gz", ".zst"], ids=["plain", "gz", "zst"])
def source(request: pytest.FixtureRequest, texts: Path, tmp_path: Path) -> Path:
    """The same source with its file packed."""
    folder = tmp_path / "source"
    (folder / "cdr").mkdir(parents=True)
    for name in ("operators", "simbox.toml"):
        (folder / name).symlink_to(texts / name)
    plain = next((texts / "cdr").iterdir())
    packed = folder / "cdr" / f"{plain.name}{request.param}"
    if not request.param:
        packed.symlink_to(plain)
        return folder
    with plain.open("rb") as file:
        stream = (
            gzip.open(packed, "wb", 6) if request.param == ".gz" else pa.CompressedOutputStream(str(packed), "zstd")
        )
        with stream as out:
            while piece := file.read(1 << 24):
                out.write(piece)
    return folder


@pytest.mark.benchmark(group="intake")
def test_against_polars_alone(benchmark: BenchmarkFixture, source: Path, tmp_path: Path) -> None:
    best: dict[str, dict[str, float]] = {}
    peaks: dict[str, int] = {}

    def run_all() -> None:
        for how in ("polars", "normalised", "committed"):
            out = tmp_path / how
            out.mkdir(exist_ok=True)
            program = ROOT / "benchmarks" / "intake_of_a_file.py"
            peak = measure([sys.executable, program, how, source, out], {"PYTHONPATH": str(ROOT)})
            assert peak.code == 0
            told = json.loads((out / f"{how}.json").read_text())
            kept = best.setdefault(how, told)
            best[how] = {name: min(kept[name], told[name]) for name in told}
            peaks[how] = max(peaks.get(how, 0), peak.bytes)
            for path in sorted(out.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()

    benchmark.pedantic(run_all, rounds=ROUNDS)
    ratios = {
        f"{how}_{clock}": round(best[how][f"{clock}_s"] / best["polars"][f"{clock}_s"], 2)
        for how in ("normalised", "committed")
        for clock in ("cpu", "wall")
    }
    benchmark.extra_info |= ratios | {f"{how}_peak_mib": peak >> 20 for how, peak in peaks.items()} | best
    print("\n", source.parent.name, ratios, {how: f"{peak >> 20} MiB" for how, peak in peaks.items()})  # noqa: T201
    assert max(peaks["normalised"], peaks["committed"]) <= PEAK_BYTES
