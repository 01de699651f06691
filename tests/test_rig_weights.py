"""The script that estimates rigs' weights, on drawn rows."""

import tomllib

import numpy as np
import polars as pl
import pytest
from rig_weights import Bins, answer, estimate, write_weights

BINS = {"tells": Bins([0.5], 1), "against": Bins([0.5], -1), "idle": Bins([0.5], 1)}


@pytest.fixture(scope="module")
def estimated() -> tuple[int, dict[str, list[int]]]:
    """Of 4,000 rows every second is of one rig; `tells` agrees with that nine times in ten, `against` eight in ten
    the other way round, `idle` with nothing."""
    random = np.random.default_rng(3)
    same = np.tile([0, 1], 2000)
    flip = [random.random(same.size) < wrong for wrong in (0.1, 0.2, 0.5)]
    rows = pl.DataFrame(
        {
            "tells": np.where(flip[0], 1 - same, same).astype(float),
            "against": np.where(flip[1], same, 1 - same).astype(float),
            "idle": flip[2].astype(float),
        }
    )
    return estimate(rows, same, np.ones(same.size), BINS)


def test_points_are_log_odds(estimated):
    """Nine to one is 31.7 points, four to one 20."""
    _, points = estimated
    assert points["tells"] == pytest.approx([-32, 32], abs=5)
    assert points["against"] == pytest.approx([20, -20], abs=5)


def test_what_tells_nothing_has_no_points(estimated):
    base, points = estimated
    assert all(abs(worth) <= 1 for worth in points.get("idle", [0]))
    assert abs(base) <= 3


def test_the_file_says_what_was_estimated(estimated, tmp_path):
    base, points = estimated
    write_weights(tmp_path / "joining.toml", "drawn", base, points, BINS)
    written = tomllib.loads((tmp_path / "joining.toml").read_text())
    assert (written["origin"], written["base"]) == ("drawn", base)
    assert {measure["name"]: measure["points"] for measure in written["measure"]} == points


def test_answers_are_those_of_most_sims():
    groups = pl.DataFrame({"group": [0, 0, 0, 1, 1, 2, 2], "imsi": [1, 2, 8, 3, 4, 5, 9]})
    owners = {1: "rig1", 2: "rig1", 3: "rig1", 4: "rig1", 5: "rig2"}
    answers = owners | {8: "ordinary", 9: "courier"}
    measured = pl.DataFrame({"group": [0, 1, 2]})
    pairs = pl.DataFrame({"a": [0, 0], "b": [1, 2]})
    told, both = answer(groups, measured, pairs, answers, owners, "1")
    assert told["share"].to_list() == [pytest.approx(2 / 3), 1.0, 0.5]
    # Half of the third group is of no rig: it teaches nothing of pairs.
    assert both.select("a", "b", "same").rows() == [(0, 1, True)]


def test_a_night_without_groups_teaches_nothing():
    nobody = pl.DataFrame(schema={"group": pl.Int64, "imsi": pl.Int64})
    no_pairs = pl.DataFrame(schema={"a": pl.Int64, "b": pl.Int64})
    told, both = answer(nobody, nobody.select("group"), no_pairs, {}, {}, "1")
    assert (told.height, both.height) == (0, 0)
