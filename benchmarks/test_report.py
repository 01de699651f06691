"""Seconds to write the report of 200 rigs with 100,000 cards, and until Chromium lets a reader work with it:
`python -m pytest benchmarks/test_report.py`. The bound of the project: 15 MB, three seconds."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from simbox.report import write_report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "report"))

from drawn_run import draw_run  # noqa: E402

RIGS, SIMS = 200, 500


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of declared tables, a week long, with its report."""
    path = tmp_path_factory.mktemp("report") / "run"
    draw_run(path, rigs=RIGS, sims=SIMS, cells=6_000)
    write_report(path)
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, where the machine has it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api")
    flags = ["--disable-gpu", "--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.mark.benchmark(group="report")
def test_writing(benchmark: BenchmarkFixture, run: Path) -> None:
    benchmark.pedantic(write_report, (run,), rounds=3)
    benchmark.extra_info |= {"rigs": RIGS, "sims": RIGS * SIMS, "bytes": (run / "report.html").stat().st_size}


@pytest.mark.benchmark(group="report")
@pytest.mark.parametrize("shown", ["overview", "rig"])
def test_until_a_reader_can_work(benchmark: BenchmarkFixture, run: Path, browser: Any, shown: str) -> None:
    """From the command to open the file until its filters answer, or until all charts of a rig are drawn."""
    where = (run / "report.html").as_uri() + ("" if shown == "overview" else f"#R20250303-{RIGS - 1:010d}")
    ready = "html[data-ready=yes] " + ("#map .pin" if shown == "overview" else "article:not([hidden]) .members td")

    def read() -> None:
        page = browser.new_page()
        page.goto(where)
        page.wait_for_selector(ready, state="attached")
        page.close()

    benchmark.pedantic(read, rounds=5, warmup_rounds=1)
