"""What a run was made from and what it made."""

import hashlib
import json
import re

import pytest

from simbox.config import Config, load_config, show_config
from simbox.errors import DamagedError
from simbox.manifest import PACKAGES, read_manifest, sha256_of, write_manifest


def write(run, **changes):
    given = {"inputs": {"a.csv": "0" * 64}, "rows": {"SCORES": 1}, "nights": ["2025-03-01"], "store": "store"} | changes
    write_manifest(run, show_config(Config()), **given)
    return read_manifest(run)


def test_every_output_is_hashed_but_the_seconds(tmp_path):
    for name in ("a.parquet", "b.csv", "timings.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "store").mkdir()
    manifest = write(tmp_path)
    assert manifest["outputs"] == {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a.parquet", "b.csv")}
    assert sha256_of(tmp_path / "b.csv") == manifest["outputs"]["b.csv"]


def test_versions_and_configuration_are_kept(tmp_path):
    manifest = write(tmp_path)
    assert set(manifest["versions"]) == {*PACKAGES, "python"}
    (tmp_path / "again.toml").write_text(manifest["configuration"])
    assert load_config(tmp_path / "again.toml") == Config()
    assert manifest["configuration"] == show_config(Config())


def test_the_same_run_has_the_same_manifest_whenever_it_is_made(tmp_path):
    texts = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name)
        texts.add((tmp_path / name / "manifest.json").read_bytes())
    assert len(texts) == 1


def test_no_moment_stands_in_it(sample_run):
    text = (sample_run.out / "manifest.json").read_text()
    assert not re.search(r"[0-9]{2}:[0-9]{2}:[0-9]{2}", text)
    seconds = json.loads((sample_run.out / "timings.json").read_text())
    assert set(seconds) == {"intake", "features", "scoring", "rigs", "listing"}


@pytest.mark.parametrize("content", [None, "", "{", "\udcff"])
def test_what_is_no_manifest_is_called_damaged(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(DamagedError, match=r"manifest\.json") as caught:
        read_manifest(tmp_path)
    assert caught.value.exit_code == 8
