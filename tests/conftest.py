"""What all tests share: how many examples hypothesis draws, runs of the sample, and tables of calls drawn as text."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import HealthCheck, settings

from simbox import rigs
from simbox.config import Rigs as RigsConfig
from simbox.features import Census, Population, add_place, code_places, find_presence
from simbox.nightly import run_scan
from simbox.pipeline import Scan
from simbox.tables.cdrs import CDRS
from simbox.tables.reference import SUBSCRIBERS
from simbox.telecom.cells import fuse_places
from simbox.telecom.identifiers import pack_cell, pack_sender

_COMMON = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", max_examples=25, **_COMMON)
settings.register_profile("quick", max_examples=5, **_COMMON)
settings.register_profile("ci", max_examples=350, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

ROOT = Path(__file__).parent.parent


class Run(NamedTuple):
    """A finished scan: its folder, what it handed back, and the exit code."""

    source: Path
    out: Path
    scan: Scan
    code: int


class Printed(NamedTuple):
    """What a command left behind: exit code and both streams."""

    code: int
    out: str
    err: str


# ---- RUNS


@pytest.fixture(scope="session")
def sample() -> Path:
    """The source folder that ships with the project."""
    return ROOT / "sample_cdrs"


@pytest.fixture(scope="session")
def sample_run(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sample's scan, made once and read by many; nobody may change its folder."""
    out = tmp_path_factory.mktemp("sample") / "out"
    result, code = run_scan(sample, out, lambda *_: None)
    return Run(sample, out, result, code)


@pytest.fixture(scope="session")
def simbox() -> Callable[..., Printed]:
    """The real command line in a process of its own."""

    def run(*arguments: object, folder: Path | None = None, **environment: str) -> Printed:
        command = [sys.executable, "-W", "error", "-m", "simbox.cli", *(str(argument) for argument in arguments)]
        inherited = {name: value for name, value in os.environ.items() if not name.endswith("_THREADS")}
        done = subprocess.run(
            command, cwd=folder, env=inherited | environment, capture_output=True, text=True, check=False
        )
        return Printed(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def sample_on_one_thread(
    sample: Path, simbox: Callable[..., Printed], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Printed]:
    """The sample's scan by the command line on one thread, and what it printed."""
    out = tmp_path_factory.mktemp("one") / "out"
    return out, simbox("scan", sample, "-o", out, "--threads", "1")


# ---- DRAWN TABLES

# Masts by letter: A and a stand together, B is 8 km away, the others farther still, 10 km from one another; P is in
# another town, b 2 km from A.
MASTS = {
    "A": (43.2000, 76.8000),
    "a": (43.2005, 76.8005),
    "B": (43.2000, 76.9000),
    "C": (43.3000, 76.8000),
    "D": (43.4000, 76.8000),
    "E": (43.5000, 76.8000),
    "F": (43.6000, 76.8000),
    "G": (43.7000, 76.8000),
    "P": (49.8000, 73.1000),
    "b": (43.2000, 76.8250),
}
FIRST_DAY = date(2025, 3, 1)
OFFSET_MIN = 300


class Drawing:
    """Tables of calls drawn as text, and what goes with them.

    SIMs are small numbers, handsets H1, H2 ..., masts letters, far ends SIMs or x1, x2 ... for anybody else or a
    sender's name. Times are local, days count from 1: `2T10:30` or `2T10:30:05`. `-` is null.
    """

    @staticmethod
    def imsi(sim: int) -> int:
        """The IMSI of SIM `sim`."""
        return 401_770_000_000_000 + sim

    @staticmethod
    def msisdn(sim: int) -> int:
        """The number of SIM `sim`."""
        return 77_010_000_000 + sim

    @staticmethod
    def imei(handset: str) -> int:
        """The IMEI of handset H1, H2 ..., each of a model of its own, or of G1, G2 ..., all of one model."""
        number = int(handset[1:])
        model = 86_029_804 if handset[0] == "G" else 35_600_000 + number
        return model * 1_000_000 + number

    @staticmethod
    def night(day: int) -> date:
        """The night of day 1, 2 ..."""
        return FIRST_DAY + timedelta(days=day - 1)

    @staticmethod
    def cells() -> pl.DataFrame:
        """CELLS: one sector all round on each mast."""
        names = pl.DataFrame({"mast": list(MASTS), "number": range(1, len(MASTS) + 1)})
        packed = pack_cell(pl.concat_str(pl.lit("401-77-1000-"), pl.col("number").cast(pl.String)))
        return names.select(
            cell=packed,
            lat=pl.Series([lat for lat, _ in MASTS.values()]),
            lon=pl.Series([lon for _, lon in MASTS.values()]),
            azimuth_deg=pl.lit(None, dtype=pl.Float64),
            site=pl.col("mast"),
            range_m=pl.lit(1000.0),
        )

    def cell(self, mast: str) -> int:
        """The cell on a mast; one that no table knows for a letter without a mast."""
        number = list(MASTS).index(mast) + 1 if mast in MASTS else 1000 + ord(mast)
        return int(pl.select(pack_cell(pl.lit(f"401-77-1000-{number}"))).item())

    def places(self) -> pl.DataFrame:
        """PLACES of the masts."""
        return fuse_places(self.cells())

    def records(self, text: str, **defaults: object) -> pl.DataFrame:
        """CDRS in store order from a drawn table; columns that are not drawn have their defaults."""
        lines = [line.split() for line in text.strip().splitlines() if line.strip()]
        rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
        return self.from_rows([defaults | row for row in rows])

    def from_rows(self, rows: list[dict[str, object]]) -> pl.DataFrame:
        """CDRS in store order from rows as they would be drawn."""
        made = [self._record(number, row) for number, row in enumerate(rows)]
        names = {name: dtype for name, dtype in CDRS.schema.items() if name != "operator"}
        operators = sorted({str(row["operator"]) for row in made}) or ["alpha"]
        frame = pl.DataFrame(made, schema=names | {"operator": pl.Enum(operators)})
        return CDRS.check(frame.select(CDRS.names)).sort("imsi", "started_at", "record_id")

    def population(
        self, records: pl.DataFrame, windows: Sequence[int], last: int, begins: int = 1, sims_at_once: int = 1_000_000
    ) -> Population:
        """The counts over all SIMs known at day `last`, each night's SIMs handed over so many at a time."""
        census, codes = Census(), code_places(self.places())
        since = self.night(last) - timedelta(days=windows[-1] - 1)
        for (night,), of_night in records.sort("night").group_by("night", maintain_order=True):
            of_piece = of_night.with_columns(piece=pl.col("imsi").rank("dense") // sims_at_once)
            pieces = of_piece.partition_by("piece", include_key=False)
            census.add(night, [find_presence(piece, codes) for piece in pieces], since)
        return census.count(self.night(last), windows, self.night(begins))

    def _record(self, number: int, row: dict[str, object]) -> dict[str, object]:
        sim = int(str(row["imsi"]))
        day, clock = str(row["at"]).split("T")
        night = self.night(int(day))
        local = datetime.combine(night, time.fromisoformat(clock), tzinfo=UTC)
        service, far = str(row.get("service", "voice")), str(row.get("other", "x1"))
        talk_s = 0 if service != "voice" else int(str(row.get("s", 60)))
        zoned = str(row.get("zone", "yes")) == "yes"
        handset, mast = str(row.get("imei", f"H{sim}")), str(row.get("cell", "A"))
        return {
            "record_id": (1 << 32) + number,
            "night": night,
            "utc_offset_min": OFFSET_MIN if zoned else None,
            "operator": row.get("operator", "alpha"),
            "imsi": self.imsi(sim),
            "msisdn": self.msisdn(sim),
            "imei": None if handset == "-" else self.imei(handset),
            "service": service,
            "direction": row.get("direction", "mo"),
            "started_at": local - timedelta(minutes=OFFSET_MIN if zoned else 0),
            "duration_s": talk_s,
            "answered": talk_s > 0,
            "other_party": self._far_end(far)[0],
            "other_kind": self._far_end(far)[1],
            "cell": None if mast == "-" else self.cell(mast),
        }

    def _far_end(self, far: str) -> tuple[int | None, str]:
        if far == "-":
            return None, "withheld"
        if far.isdigit():
            return self.msisdn(int(far)), "on_net"
        if far.startswith("x"):
            return 77_020_000_000 + int(far[1:]), "off_net"
        if far.startswith("+"):
            return int(far[1:]), "international"
        return pack_sender(far), "alphanumeric"


@pytest.fixture(scope="session")
def drawing() -> Drawing:
    """Tables of calls drawn as text."""
    return Drawing()


# ---- SMALL SOURCES


CDR_COLUMNS = "operator,service,direction,started_at,imsi,msisdn,imei,duration_s,answered,other_party,cell"
SMALL_CDRS = "\n".join(
    [
        CDR_COLUMNS,
        *(
            f"alpha,voice,{direction},2025-03-0{day}T1{hour}:00:00+05:00,40177000000000{sim},7701000000{sim},"
            f"35678901234567{sim},60,true,7701000000{other},401-77-1000-1"
            for day in (1, 2)
            for hour in range(3)
            for sim in range(3)
            for direction, other in (("mo", (sim + 1) % 3), ("mt", (sim + 2) % 3))
        ),
    ]
)
SMALL_SOURCE = {
    "cdr/a.csv": SMALL_CDRS,
    "simbox.toml": '[operators.alpha]\nmcc_mncs = ["401-77"]\ntimezone = "Asia/Almaty"\nmsisdn_prefixes = ["7701"]\n',
    "subscribers.csv": "imsi,msisdn,operator,registration,activated_on\n"
    + "".join(f"40177000000000{sim},7701000000{sim},alpha,registered,2020-01-01\n" for sim in range(3)),
    "cells.csv": "cell,lat,lon\n401-77-1000-1,43.2,76.8\n",
    "gateways.csv": "imei,list\n",
    "exemptions.csv": "id_type,id,reason,author,until\n",
    "ported.csv": "msisdn,operator,valid_from\n",
    "reports.csv": "msisdn,reported_at,kind,source\n",
}


@pytest.fixture
def drawn_source(tmp_path: Path) -> Callable[..., Path]:
    """A source of three SIMs and two nights, complete; files may be changed, added, or left out with None."""

    def make(changes: dict[str, str | bytes | None] | None = None) -> Path:
        source = tmp_path / "source"
        for name, content in (SMALL_SOURCE | (changes or {})).items():
            if content is not None:
                path = source / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return source

    return make


# ---- RIGS IN DRAWN TABLES

CROWD_SIMS = 10_000
RIGS_CONFIG = RigsConfig()
NO_REGISTER = SUBSCRIBERS.empty()
WATCH, BASE_POINTS = -55, -100


class Seeker:
    """Looks for rigs among drawn records, in a crowd of ten thousand SIMs of whom nothing else is known."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing

    def find(
        self,
        records: pl.DataFrame,
        *,
        last: int = 3,
        evidence: dict[int, int] | int = 20,
        imei_sims: dict[str, int] | None = None,
        place_sims: dict[str, int] | None = None,
        new_sims: dict[str, int] | None = None,
        served: Sequence[int] = (),
        from_abroad: Sequence[tuple[int, int, int]] = (),
        subscribers: pl.DataFrame = NO_REGISTER,
        previous: rigs.Found = rigs.NO_RIGS,
        config: RigsConfig = RIGS_CONFIG,
        with_links: bool = True,
    ) -> rigs.Found:
        """The rigs after day `last`; `evidence` by SIM or of all, how many strangers share handsets and places, and how
        many are first heard at a place each night; SIMs that are served without a record, and calls from abroad to
        them (day, SIM, calls); what the operators' registers say."""
        draw = self._drawing
        places = draw.places()
        known = records.filter(pl.col("night") <= draw.night(last))
        placed = add_place(known, places)
        sims = sorted(imsi - draw.imsi(0) for imsi in placed["imsi"].unique())
        points = evidence if isinstance(evidence, dict) else dict.fromkeys(sims, evidence)
        begins = draw.night(1)
        population = draw.population(known, [30], last)
        on_imei = {draw.imei(name): count for name, count in (imei_sims or {}).items()}
        at_place = {draw.cell(name): count for name, count in (place_sims or {}).items()}
        begun_at = {draw.cell(name): count for name, count in (new_sims or {}).items()}
        habits = rigs.find_habits(placed.sort("imsi", "started_at"))
        settled = habits.at_home.group_by("place").agg(settled_sims=pl.len())
        fillers = [draw.imsi(number * 1000) for number in range(CROWD_SIMS)]
        crowd = rigs.Crowd(
            sims=CROWD_SIMS,
            sims_on_imei=_with_strangers(population.handsets, "imei", "imei_sims", on_imei),
            sims_at_place=_with_strangers(population.sims_at_place, "place", "place_sims", at_place),
            settled=_with_strangers(settled, "place", "settled_sims", at_place),
            places=places.select("place", "place_lat", "place_lon").unique(),
            imsis=pl.Series("imsi", sorted({*fillers, *placed["imsi"]})),
            homes=habits.at_home,
            numbers=pl.concat([habits.numbers, self._numbers(served)]),
            popular=rigs.popular_numbers(habits, config.candidates_per_sim),
            lines=pl.DataFrame(schema={"imsi": pl.Int64}),
            begun=_with_strangers(habits.begun, "place", "new_sims", begun_at),
            from_abroad=pl.DataFrame(
                [(draw.night(day), draw.msisdn(sim), calls) for day, sim, calls in from_abroad],
                schema=population.from_abroad.schema,
                orient="row",
            ),
            batches=rigs.find_batches(subscribers),
        )
        evidence_alone = pl.DataFrame(
            [(draw.imsi(sim), points.get(sim, BASE_POINTS)) for sim in sims],
            schema={"imsi": pl.Int64, "evidence_alone": pl.Int32},
            orient="row",
        )
        watched = evidence_alone.filter(pl.col("evidence_alone") >= WATCH)
        suspects = rigs.Suspects(
            records=placed.join(watched, on="imsi", how="semi", maintain_order="left"),
            evidence=evidence_alone,
            begins=datetime.combine(begins, time(), tzinfo=UTC),
            night=draw.night(last),
        )
        zones = pl.DataFrame({"operator": ["alpha", "beta"], "zone": ["Asia/Almaty", "Asia/Almaty"]})
        founding = rigs.seek_founders(suspects, crowd, places, BASE_POINTS, config)
        companions = rigs.find_companions(habits, founding.founders, evidence_alone, crowd, BASE_POINTS)
        around = pl.concat([companions, previous.members.select("imsi")])
        near = placed.join(around, on="imsi", how="semi", maintain_order="left")
        return rigs.find_rigs(
            suspects._replace(records=near),
            founding,
            crowd,
            places,
            zones,
            previous,
            BASE_POINTS,
            config,
            with_links=with_links,
        )

    def _numbers(self, sims: Sequence[int]) -> pl.DataFrame:
        rows = [(self._drawing.imsi(sim), self._drawing.msisdn(sim)) for sim in sims]
        return pl.DataFrame(rows, schema={"imsi": pl.Int64, "msisdn": pl.Int64}, orient="row")

    def weights(self, found: rigs.Found, comparison: str) -> dict[tuple[int, int], float]:
        """The weight of each pair of SIMs in a comparison."""
        links = found.links.filter(pl.col("comparison") == comparison)
        zero = self._drawing.imsi(0)
        return {(a - zero, b - zero): weight for a, b, weight in links.select("imsi_a", "imsi_b", "weight").iter_rows()}

    def members(self, found: rigs.Found) -> list[set[int]]:
        """The SIMs of each rig, the largest first."""
        zero = self._drawing.imsi(0)
        groups = [
            {imsi - zero for imsi in found.members.filter(pl.col("rig_id") == name)["imsi"]}
            for name in found.members["rig_id"].unique().sort()
        ]
        return sorted(groups, key=lambda group: (-len(group), sorted(group)))


def _with_strangers(counts: pl.DataFrame, key: str, value: str, strangers: dict[int, int]) -> pl.DataFrame:
    more = pl.col(key).replace_strict(strangers, default=0, return_dtype=pl.Int64) if strangers else pl.lit(0)
    return counts.with_columns((pl.col(value) + more).cast(counts.schema[value]).alias(value))


@pytest.fixture(scope="session")
def seeker(drawing: Drawing) -> Seeker:
    """Looks for rigs among drawn records."""
    return Seeker(drawing)
