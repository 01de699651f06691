"""The page: everything in it, nothing from elsewhere, the same bytes each time."""

import json
import re
import stat

import pytest

from simbox.evaluation import evaluate_runs, show_interval, show_number, show_share, write_evaluation


@pytest.fixture(scope="module")
def figures(sample_run):
    """The figures of the sample's run."""
    return evaluate_runs([sample_run.out], [sample_run.source])


@pytest.fixture(scope="module")
def page(figures, tmp_path_factory):
    """The page of the sample's run."""
    folder = tmp_path_factory.mktemp("page")
    write_evaluation(figures, folder)
    return (folder / "evaluation.html").read_text()


def test_both_files_are_their_owners_alone_and_hold_the_figures(figures, tmp_path):
    write_evaluation(figures, tmp_path)
    for name in ("evaluation.json", "evaluation.html"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert json.loads((tmp_path / "evaluation.json").read_text()) == figures


def test_the_same_figures_give_the_same_bytes(figures, page, tmp_path):
    write_evaluation(figures, tmp_path)
    assert (tmp_path / "evaluation.html").read_text() == page


def test_it_has_its_three_pictures_and_loads_nothing(page):
    assert page.count("<svg ") == page.count("</svg>") == 3
    assert re.findall(r"<(?:script|link|img|iframe)\b", page) == []
    assert re.findall(r'(?:href|src)="(?!#)', page) == []
    assert "url(http" not in page


def test_no_figure_is_left_as_null(page):
    shown = re.sub(r"<svg .*?</svg>", "", page, flags=re.DOTALL)
    assert "n/a" in shown
    assert "None" not in shown
    assert "nan" not in re.sub(r"<[^>]*>", "", shown).split()


def test_no_identifier_is_in_it(page, figures, sample_run):
    held = set(re.findall(r"[0-9]{14,}", page + json.dumps(figures)))
    imsis = {f"{imsi:015d}" for imsi in sample_run.scan.scores["imsi"]}
    assert held & imsis == set()


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "n/a"), (0.0, "0.0 %"), (0.9561, "95.6 %"), (0.0002, "2.0e-04"), (1.0, "100.0 %")]
)
def test_shares(value, shown):
    assert show_share(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, "n/a"), (3.0, "3"), (12.34, "12.3"), (1234.5, "1,234")])
def test_numbers(value, shown):
    assert show_number(value) == shown


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (None, "n/a"),
        ({"value": 0.834, "low": 0.71, "high": 0.92}, "83 % (71-92)"),
        ({"value": 0.5, "low": None, "high": None}, "50 %"),
    ],
)
def test_intervals(entry, shown):
    assert show_interval(entry) == shown
