"""Source folders of any size with nothing in them but people, made in seconds; and the peak memory of a command."""

import os
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simbox.telecom.identifiers import sim_key

FIRST_NIGHT = date(2026, 3, 1)
BLOCK_ROWS = 1 << 20
DAY_US = 86_400_000_000
FIRST_IMSI = 401_710_000_000_000
CELLS = 20_000
CONFIGURATION = '[operators.alpha]\nmcc_mncs = ["401-71"]\ntimezone = "UTC"\nmsisdn_prefixes = ["7790"]\n'
CONFIGURATION += "[windows]\nnights = [1, 3, 7, 14, 30]\n"


class Skew(NamedTuple):
    """What a plain source has too much of: SIMs in one bucket of the store, records of one SIM, SIMs on one IMEI."""

    bucket_sims: int = 0
    sim_records: int = 0
    imei_sims: int = 0


NO_SKEW = Skew()


class Peak(NamedTuple):
    """How a command ended, and the most that its process tree had resident at once."""

    code: int
    seconds: float
    bytes: int


def make_plain_source(source: Path, records: int, sims: int, nights: int, skew: Skew = NO_SKEW, seed: int = 1) -> int:
    """Write a source of one operator; records are in order of time. How many records there are, skew included."""
    make_plain_tables(source)
    return sum(make_plain_night(source, number, records, sims, nights, skew, seed) for number in range(nights))


def make_plain_tables(source: Path) -> None:
    """Write what a source has beside its records: configuration and cells."""
    (source / "cdr").mkdir(parents=True, exist_ok=True)
    (source / "simbox.toml").write_text(CONFIGURATION, encoding="utf-8")
    (source / "cells.csv").write_text(
        "cell,lat,lon\n" + "".join(f"401-71-1-{n},{40 + n % 150 / 10},{50 + n // 150 / 10}\n" for n in range(CELLS)),
        encoding="utf-8",
    )


def make_plain_night(
    source: Path, number: int, records: int, sims: int, nights: int, skew: Skew = NO_SKEW, seed: int = 1
) -> int:
    """Write the file of one night of a source with so many records in all its nights; how many the night has."""
    random = np.random.default_rng([seed, number])
    imsis = FIRST_IMSI + np.arange(sims)
    of_night = records // nights + skew.sim_records // nights
    extra = _imsis_of_one_bucket(skew.bucket_sims if number == nights - 1 else 0)
    path = source / "cdr" / f"{FIRST_NIGHT + timedelta(number)}.parquet"
    writer = None
    written = 0
    blocks = max(1, -(-of_night // BLOCK_ROWS))
    for block in range(blocks):
        rows = of_night * (block + 1) // blocks - of_night * block // blocks
        who = random.integers(0, sims, rows)
        imsi = imsis[who]
        if skew.sim_records:
            imsi[random.random(rows) < skew.sim_records / (records + skew.sim_records)] = FIRST_IMSI
        if block == 0 and extra.size:
            imsi = np.concatenate([imsi, np.repeat(extra, 5)])
        table = _records(imsi, number, block, blocks, skew, random)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
        writer.write_table(table, row_group_size=BLOCK_ROWS // 4)
        written += table.num_rows
    assert writer is not None
    writer.close()
    return written


def measure(
    command: Sequence[str | Path],
    environment: dict[str, str] | None = None,
    most_bytes: int | None = None,
    most_s: float | None = None,
) -> Peak:
    """Run a command and watch the resident memory of its process tree, fifty times a second; it is killed where that is
    more than `most_bytes`, and after `most_s`."""
    start = time.perf_counter()
    child = subprocess.Popen(command, env=os.environ | (environment or {}), stdout=subprocess.DEVNULL)
    peak = 0
    while child.poll() is None:
        peak = max(peak, sum(_resident(process) for process in _tree(child.pid)))
        is_large = most_bytes is not None and peak > most_bytes
        if is_large or (most_s is not None and time.perf_counter() - start > most_s):
            child.kill()
        time.sleep(0.02)
    return Peak(child.returncode, time.perf_counter() - start, peak)


def _records(
    imsi: np.ndarray, night: int, block: int, blocks: int, skew: Skew, random: np.random.Generator
) -> pa.Table:
    rows = imsi.size
    midnight = int(datetime.combine(FIRST_NIGHT + timedelta(night), datetime.min.time(), tzinfo=UTC).timestamp())
    of_block = np.sort(random.integers(DAY_US * block // blocks, DAY_US * (block + 1) // blocks, rows))
    person = imsi - FIRST_IMSI
    imei = 35_000_000_000_000 + person
    if skew.imei_sims:
        imei = np.where(person < skew.imei_sims, 35_999_999_999_999, imei)
    service = pa.array(np.array(["voice", "sms", "data"])[random.choice(3, rows, p=[0.6, 0.25, 0.15])])
    home = (person * 7919) % CELLS
    cell = np.where(random.random(rows) < 0.3, random.integers(0, CELLS, rows), home)
    return pa.table(
        {
            "operator": pa.array(["alpha"]).take(pa.array(np.zeros(rows, dtype=np.int64))).dictionary_encode(),
            "service": service.dictionary_encode(),
            "direction": pa.array(np.array(["mo", "mt"])[random.integers(0, 2, rows)]).dictionary_encode(),
            "started_at": pa.array(midnight * 1_000_000 + of_block, pa.timestamp("us", "UTC")),
            "duration_s": random.integers(0, 300, rows),
            "imsi": imsi,
            "msisdn": 77_900_000_000 + person % 10_000_000,
            "imei": imei,
            "other_party": 77_900_000_000 + (person + random.integers(1, 12, rows) ** 2) % 10_000_000,
            "cell": pa.DictionaryArray.from_arrays(cell.astype(np.int32), [f"401-71-1-{n}" for n in range(CELLS)]),
        }
    )


def _imsis_of_one_bucket(wanted: int) -> np.ndarray:
    found: list[np.ndarray] = []
    start = FIRST_IMSI + 100_000_000
    while sum(piece.size for piece in found) < wanted:
        imsi = np.arange(start, start + (1 << 22), dtype=np.int64)
        found.append(imsi[sim_key(imsi) >> 50 == 7])
        start += 1 << 22
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])[:wanted]


def _tree(process: int) -> list[int]:
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{process}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return [process]
    return [process, *(one for child in children for one in _tree(child))]


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
