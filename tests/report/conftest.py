"""Runs for the report: drawn ones of declared tables, and Chromium where the machine has it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simbox.report import write_report

sys.path.insert(0, str(Path(__file__).resolve().parent))

from drawn_run import draw_run  # noqa: E402

# Nothing of it but the page: no profile to sync, no component to update, no name to look up.
CHROMIUM_FLAGS = (
    "--disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
    " --disable-quic"
).split()


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., Path]:
    """A drawn run of three rigs with forty cards each, or of other sizes, or with tables changed."""

    def make(**wanted: Any) -> Path:
        path = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        draw_run(path, **({"rigs": 3, "sims": 40, "nights": 3, "cells": 60} | wanted))
        return path

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; tests that need it are skipped where it is not installed."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium): the page is not opened")
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: the page is not opened")
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS, *as_root])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def large_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred rigs with five hundred cards each over a week, and its report."""
    path = tmp_path_factory.mktemp("large") / "run"
    draw_run(path, rigs=200, sims=500, cells=6_000)
    write_report(path)
    return path
