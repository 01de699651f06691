"""The truth in both its forms, and every way in which it can be of no use."""

from datetime import date

import polars as pl
import pytest

from simbox.errors import DamagedError, InputError
from simbox.evaluation.pool import read_pool
from simbox.evaluation.truth import read_truth


def test_the_truth_beside_a_source_says_the_same_as_its_folder(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "truth.csv").write_text(
        "imsi,rig,kind,level,modifiers,segment,events_2025-03-01,events_2025-03-02\n"
        "001010000000001,rig1,bypass,E0,burnt,rig,7,0\n"
        "001010000000002,,,,,ordinary,0,3\n"
    )
    (source / "truth_rigs.csv").write_text(
        "rig,kind,level,modifiers,premises,lat,lon,site,gateways,ports,sims,active_sims,events,events_a_sim_night\n"
        "rig1,bypass,E0,burnt,1,43.2,76.8,M1 M2,1,8,1,1,7,7.0\n"
    )
    truth = read_truth(source)
    assert truth.sims["imsi"].to_list() == [1010000000001, 1010000000002]
    assert truth.sims["rig"].to_list() == ["rig1", None]
    assert truth.sim_nights.select("imsi", "night", "events").rows() == [
        (1010000000001, date(2025, 3, 1), 7),
        (1010000000002, date(2025, 3, 2), 3),
    ]
    assert truth.rigs.select("rig", "lat", "site", "ports").rows() == [("rig1", 43.2, "M1 M2", 8)]


def test_columns_that_not_every_world_has_are_null(drawn):
    truth = read_truth(drawn.truth)
    assert truth.rigs["calls_delivered"].null_count() == truth.rigs.height
    assert truth.sim_nights["first_at"].null_count() == truth.sim_nights.height


def test_a_world_without_rigs(drawn):
    for name in ("sims", "sim_nights"):
        frame = pl.read_parquet(drawn.truth / f"{name}.parquet")
        lawful = pl.col("imsi").str.slice(13).cast(pl.Int64) >= 8
        frame.filter(lawful).write_parquet(drawn.truth / f"{name}.parquet")
    pl.DataFrame(schema={"rig": pl.String}).write_parquet(drawn.truth / "rigs.parquet")
    pool = read_pool([drawn.run], [drawn.truth])
    assert pool.true_rigs.is_empty()
    assert pool.sims["rig"].null_count() == pool.sims.height


def test_every_missing_column_is_named_at_once(drawn):
    pl.read_parquet(drawn.truth / "sims.parquet").drop("segment", "level").write_parquet(drawn.truth / "sims.parquet")
    pl.read_parquet(drawn.truth / "rigs.parquet").drop("ports").write_parquet(drawn.truth / "rigs.parquet")
    with pytest.raises(InputError) as error:
        read_truth(drawn.truth)
    assert error.value.problems == (
        "rigs.parquet: column ports is missing",
        "sims.parquet: column level is missing",
        "sims.parquet: column segment is missing",
    )


def test_what_is_not_of_its_type_is_named_without_its_value(drawn):
    sims = pl.read_parquet(drawn.truth / "sims.parquet").with_columns(imsi=pl.lit("40177-secret"))
    sims.write_parquet(drawn.truth / "sims.parquet")
    with pytest.raises(InputError, match=r"sims\.parquet") as error:
        read_truth(drawn.truth)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("name", ["sim_nights.parquet", "rigs.parquet"])
def test_a_missing_or_broken_file(drawn, name):
    (drawn.truth / name).write_bytes(b"no table")
    with pytest.raises(InputError, match=name):
        read_truth(drawn.truth)
    (drawn.truth / name).unlink()
    with pytest.raises(InputError, match=name):
        read_truth(drawn.truth)


def test_no_truth_at_all(tmp_path):
    with pytest.raises(InputError, match="holds no truth"):
        read_truth(tmp_path)


def test_the_truth_of_another_world(drawn):
    sims = pl.read_parquet(drawn.truth / "sims.parquet")
    # Five of the twelve SIMs that the run saw are of that world too.
    other = pl.when(pl.int_range(pl.len()) >= 6).then("9" + pl.col("imsi").str.slice(1)).otherwise("imsi")
    sims.with_columns(imsi=other).write_parquet(drawn.truth / "sims.parquet")
    with pytest.raises(InputError, match="another world"):
        read_pool([drawn.run], [drawn.truth])


def test_the_truth_of_other_nights(drawn):
    path = drawn.truth / "sim_nights.parquet"
    pl.read_parquet(path).with_columns(night=date(2024, 1, 1)).write_parquet(path)
    with pytest.raises(InputError, match="other nights"):
        read_pool([drawn.run], [drawn.truth])


@pytest.mark.parametrize("name", ["manifest.json", "scores.parquet", "links.parquet", "seizure_list.csv"])
def test_a_run_that_lacks_a_file(drawn, name):
    (drawn.run / name).unlink()
    with pytest.raises(DamagedError, match=name):
        read_pool([drawn.run], [drawn.truth])


def test_an_empty_list_is_a_list(drawn):
    (drawn.run / "seizure_list.csv").write_text("rank,rig_id,decision,imsi,probability\n")
    assert read_pool([drawn.run], [drawn.truth]).listed.is_empty()
