"""The trained baseline: plain trees that say what scikit-learn says, thresholds that training worlds fixed."""

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from simbox.evaluation.baselines.boosting import (
    FRAUDZEN_FEATURES,
    MODEL_FILE,
    inputs_of,
    judge_by_boosting,
    read_model,
    sum_trees,
    write_model,
)
from simbox.evaluation.baselines.training import train_boosting, trees_of
from simbox.features import FEATURES

INNOCENTS, RIG_SIMS = 700, 40
TREES = 20


def drawn_world(seed: int) -> pl.DataFrame:
    """Two nights of SIMs that differ in how many calls they make, with holes; two windows."""
    rng = np.random.default_rng(seed)
    is_rig = np.arange(INNOCENTS + RIG_SIMS) >= INNOCENTS
    rows = []
    for night in (1, 2):
        for window in (1, 3):
            values = rng.normal(size=(is_rig.size, len(FRAUDZEN_FEATURES)))
            values[:, :2] += 4.0 * is_rig[:, None]
            values[rng.random(values.shape) < 0.1] = np.nan
            columns = {name: values[:, place] for place, name in enumerate(FRAUDZEN_FEATURES)}
            keys = {"imsi": np.arange(is_rig.size), "is_rig": is_rig}
            rows.append(pl.DataFrame(keys | columns).with_columns(night=night, window_nights=window).fill_nan(None))
    return pl.concat(rows)


@pytest.fixture(scope="module")
def worlds() -> list[pl.DataFrame]:
    """Three drawn worlds."""
    return [drawn_world(seed) for seed in range(3)]


@pytest.fixture(scope="module")
def model(worlds):
    """What is learned from them."""
    return train_boosting(worlds, (1, 3), TREES)


def test_the_features_are_fraudzens_and_all_are_measured():
    assert len(set(FRAUDZEN_FEATURES)) == 23
    assert set(FRAUDZEN_FEATURES) <= set(FEATURES.names)


def test_plain_trees_say_what_the_library_says():
    world = drawn_world(7)
    classifier = HistGradientBoostingClassifier(max_iter=TREES, max_leaf_nodes=9, early_stopping=False, random_state=0)
    inputs = inputs_of(drawn_world(8))
    with threadpool_limits(1):
        classifier.fit(inputs_of(world), world["is_rig"].to_numpy())
        expected = classifier.decision_function(inputs)
    assert sum_trees(inputs, trees_of(classifier)) == pytest.approx(expected, abs=1e-4)


def test_the_file_holds_the_model_and_the_same_model_gives_the_same_bytes(model, tmp_path):
    write_model(model, tmp_path / "once.npz")
    write_model(model, tmp_path / "again.npz")
    assert (tmp_path / "once.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()
    kept = read_model(tmp_path / "once.npz")
    world = drawn_world(9)
    assert judge_by_boosting(world, kept).equals(judge_by_boosting(world, model))


def test_the_order_of_rows_teaches_nothing_else(worlds, model):
    shuffled = [world.sample(fraction=1.0, shuffle=True, seed=5) for world in worlds]
    world = drawn_world(9)
    assert judge_by_boosting(world, train_boosting(shuffled, (1, 3), TREES)).equals(judge_by_boosting(world, model))


def test_few_innocents_of_another_world_are_flagged_and_most_of_a_rig(model):
    world = drawn_world(10)
    found = judge_by_boosting(world, model).join(world.select("imsi", "is_rig").unique(), on="imsi")
    flagged = dict(found.group_by("is_rig").agg(pl.col("flagged").mean()).iter_rows())
    # Of 700 innocents one in ten thousand is none; a threshold of few worlds is missed by a few.
    assert flagged[False] <= 0.005
    assert flagged[True] > 0.5
    assert (found["flagged"] == (found["score"] > 0)).all()


def test_the_best_window_counts(model):
    world = drawn_world(11)
    both = judge_by_boosting(world, model)
    windows = [judge_by_boosting(world.filter(pl.col("window_nights") == window), model) for window in (1, 3)]
    best = np.maximum(*(one["score"].to_numpy() for one in windows))
    assert both["score"].to_numpy() == pytest.approx(best)


def test_a_window_that_was_not_learned_is_judged_as_the_longest_below_it(model):
    world = drawn_world(12).filter(pl.col("window_nights") == 3)
    longer = world.with_columns(window_nights=14)
    assert judge_by_boosting(longer, model).equals(judge_by_boosting(world, model))


def test_one_world_fixes_no_threshold(worlds):
    with pytest.raises(ValueError, match="two worlds"):
        train_boosting(worlds[:1], (1, 3))


def test_files_of_no_use_say_why(model, tmp_path):
    path = tmp_path / "trees.npz"
    assert "missing" in read_model(path)
    path.write_bytes(b"PK nothing")
    assert "broken" in read_model(path)
    np.savez(path, windows=np.array([1]))
    assert "broken" in read_model(path)
    write_model(model, path)
    with np.load(path) as held:
        changed = dict(held) | {"features": np.array(["mo_calls"])}
    np.savez(path, **changed)
    assert "other features" in read_model(path)


def test_what_ships_tells_the_samples_loud_rigs_from_people(sample_run):
    features = pl.read_parquet(sample_run.out / "features.parquet")
    truth = pl.read_csv(sample_run.source / "truth.csv").select("imsi", "level")
    found = judge_by_boosting(features, read_model(MODEL_FILE)).join(truth, on="imsi")
    rank = found.with_columns(rank=pl.col("score").rank() / pl.len())
    assert rank.filter(pl.col("level").is_in(["E0", "E1"]))["rank"].median() > 0.97
    assert found.filter(pl.col("level").is_null())["flagged"].mean() < 0.01
