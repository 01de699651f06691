"""The table of a first night: what is picked, what is refused, and that README has it."""

import copy
import json

import pytest
from first_night_table import BLOCK, KEPT, make_table, pick
from refresh_readme import README, blocks

from tests.test_score_tables import FIGURES

ONE_NIGHT = FIGURES | {"size": FIGURES["size"] | {"nights": 1}}


def test_the_readme_has_the_table_of_the_figures_that_are_kept() -> None:
    kept = make_table(json.loads(KEPT.read_text(encoding="utf-8")))
    assert blocks(README.read_text(encoding="utf-8"))[BLOCK] == kept


def test_a_row_for_each_level_and_family() -> None:
    rows = make_table(pick(ONE_NIGHT)).splitlines()
    assert "| E0 | A | 50 (40-62) | 50 (40-62) | n/a | n/a |" in rows
    assert sum(row.startswith(("| E0 |", "| all |")) for row in rows) == 2 * 2
    assert any("family B: ECE from 0.05 0.034" in row and "`clean` 10" in row for row in rows)


@pytest.mark.parametrize(
    "change", [{"size": FIGURES["size"]}, {"scenarios": ["ladder"]}, {"families": {"A": FIGURES["families"]["A"]}}]
)
def test_more_nights_and_fewer_worlds_are_refused(change) -> None:
    with pytest.raises(ValueError, match="table has"):
        pick(copy.deepcopy(ONE_NIGHT) | change)
