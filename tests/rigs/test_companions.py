"""Around a rig only those are looked at that could join it, and nobody who could is left out."""

import polars as pl

from simbox import rigs
from simbox.nightly import run_scan

OF_RIGS = ("members.parquet", "rigs.parquet", "sites.parquet", "seizure_list.csv")


def test_who_is_left_out_could_not_have_joined(sample, sample_run, tmp_path, monkeypatch):
    few, many = [], []
    find_companions = rigs.find_companions

    def everybody_around(habits, founders, evidence, *rest):
        few.append(find_companions(habits, founders, evidence, *rest).height)
        sure = evidence.with_columns(evidence_alone=pl.lit(10**6, dtype=pl.Int32))
        around = find_companions(habits, founders, sure, *rest)
        many.append(around.height)
        return around

    monkeypatch.setattr(rigs, "find_companions", everybody_around)
    run_scan(sample, tmp_path / "out", lambda *_: None)
    assert 0 < sum(few) < 0.6 * sum(many)
    for name in OF_RIGS:
        assert (tmp_path / "out" / name).read_bytes() == (sample_run.out / name).read_bytes(), name
