"""Worlds made once and read by many tests."""

import sys
from pathlib import Path

import polars as pl
import pytest

from simbox.synth import generate

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reading_worlds import read_cdrs, read_table  # noqa: E402
from worlds_of_levels import make_worlds_of_levels  # noqa: E402

STORED_SEED = 1


@pytest.fixture(scope="session")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample world, made from its seed."""
    out = tmp_path_factory.mktemp("synth") / "sample"
    generate(out, "sample", seed=STORED_SEED)
    return out


@pytest.fixture(scope="session")
def records(made_again: Path) -> pl.DataFrame:
    """The sample's records whose IMSI is known, with truth and subscribers joined."""
    subscribers = read_table(made_again, "subscribers").select("msisdn", known_imsi="imsi")
    truth = pl.read_csv(made_again / "truth.csv", schema_overrides={"imsi": pl.String})
    return (
        read_cdrs(made_again)
        .filter(pl.col("service").is_in(["voice", "sms"]) & pl.col("direction").is_in(["mo", "mt"]))
        .join(subscribers, on="msisdn", how="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi"))
        .join(truth, on="imsi", how="inner")
    )


@pytest.fixture(scope="session")
def worlds_of_levels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Sources by family: small worlds with many small rigs of every level and modifier."""
    return {family: make_worlds_of_levels(tmp_path_factory.mktemp(f"levels_{family}"), family) for family in ("A", "B")}
