"""What a run was made from and what it made."""

import hashlib
import json
import re

import pytest

from simbox.config import Config, load_config, show_config
from simbox.errors import DamagedError
from simbox.manifest import PACKAGES, hash_output, read_manifest, sha256_of, write_manifest


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


def test_warnings_are_kept(tmp_path):
    assert write(tmp_path)["warnings"] == []
    assert write(tmp_path, warnings=["one", "two"])["warnings"] == ["one", "two"]


def test_an_output_made_later_is_hashed_too(tmp_path):
    (tmp_path / "a.csv").write_text("a")
    before = write(tmp_path)
    (tmp_path / "b.html").write_text("b")
    hash_output(tmp_path, "b.html")
    added = {"b.html": hashlib.sha256(b"b").hexdigest()}
    assert read_manifest(tmp_path) == before | {"outputs": before["outputs"] | added}


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
