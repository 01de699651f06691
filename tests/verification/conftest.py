"""A bundle of the sample's first rig, its keys, and the same made again from the sample."""

from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from simbox.cases import Bundle, Header, new_key, open_bundle, read_private_key
from simbox.handover import CaseOptions, choose_rigs, make_case, read_run

HEADER = Header("2026/17", "warrant 4", "Cyber police", "A. Analyst")


class Case(NamedTuple):
    """A bundle's file, what is in it, the folder of its keys, and the rig."""

    path: Path
    bundle: Bundle
    keys: Path
    rig_id: str


@pytest.fixture(scope="session")
def case(sample_run, tmp_path_factory) -> Case:
    """Made once; nobody may change its file."""
    folder = tmp_path_factory.mktemp("case")
    for name in ("signer", "other"):
        new_key(folder / name)
    run = read_run(sample_run.out)
    # The smallest of the rigs that call, with a card that the feed in Parquet records, so that every byte can be looked
    # at.
    calling = run.rigs.filter(pl.col("kind").is_in(["bypass", "vishing"]))
    listed = run.listed.join(calling, on="rig_id", how="semi")
    recorded = listed.group_by("rig_id").agg(pl.len(), in_parquet=(pl.col("operator") == "bereke").any())
    sizes = recorded.filter("in_parquet").sort("len", "rig_id")
    rig_id = sizes["rig_id"][0]
    assert rig_id in choose_rigs(run, ())
    path = folder / "case.zip"
    make_case(run, rig_id, path, read_private_key(folder / "signer"), CaseOptions(HEADER))
    return Case(path, open_bundle(path), folder, rig_id)
