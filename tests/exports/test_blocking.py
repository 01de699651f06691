"""Blocking lists are minimal and only of what is to be seized; IMEIs only when asked for, with who else shows them."""

import csv
from datetime import timedelta

import polars as pl
import pytest

from simbox.errors import UsageError
from simbox.exports import CLONE_WARNING
from simbox.handover import ExportOptions, export_run, read_run
from simbox.telecom.identifiers import print_imei


@pytest.fixture(scope="module")
def run(sample_run):
    return read_run(sample_run.out)


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_by_default_there_are_no_imeis(run, tmp_path):
    written = export_run(run, tmp_path, ExportOptions(what="blocking"))
    assert {path.name.rsplit("-", 1)[1] for path in written} == {"imsi.csv", "msisdn.csv"}


def test_each_operator_blocks_what_is_to_be_seized_of_its_own(run, tmp_path):
    export_run(run, tmp_path, ExportOptions(what="blocking", expire_days=30))
    kinds = dict(run.rigs.select("rig_id", pl.col("kind").cast(pl.String)).iter_rows())
    until = (run.nights[-1] + timedelta(days=30)).isoformat()
    seized = run.listed.filter(pl.col("decision") == "seize")
    assert seized.height < run.listed.height
    for operator in seized["operator"].unique():
        own = seized.filter(pl.col("operator") == operator)
        for identifier in ("imsi", "msisdn"):
            wanted = sorted(
                (str(value), f"SIMBOX_{kinds[rig_id].upper()}", until)
                for value, rig_id in own.select(identifier, "rig_id").drop_nulls(identifier).iter_rows()
            )
            told = rows(tmp_path / f"block-{operator}-{identifier}.csv")
            assert [tuple(row.values()) for row in told] == wanted
            assert all(set(row) == {identifier, "reason_code", "expires_on"} for row in told)


def test_imeis_carry_the_warning_and_the_sims_they_would_hit(run, sample_run, tmp_path):
    export_run(run, tmp_path, ExportOptions(what="blocking", with_imeis=True))
    told = rows(tmp_path / "block-imei.csv")
    seized = run.listed.filter(pl.col("decision") == "seize")
    assert {row["imei"] for row in told} == {imei for text in seized["imeis"] for imei in text.split()}
    assert {row["warning"] for row in told} == {CLONE_WARNING}
    store = run.store()
    seen = store.read(store.nights(), columns=["imei", "imsi"]).unique()
    outside = seen.filter(~pl.col("imsi").is_in(run.members["imsi"].implode())).drop_nulls()
    counts = dict(outside.group_by(print_imei(pl.col("imei"))).len().iter_rows())
    assert {row["imei"]: int(row["outside_sims"]) for row in told} == {
        row["imei"]: counts.get(row["imei"], 0) for row in told
    }
    assert counts


def test_half_an_identifier_is_not_to_be_blocked(run, tmp_path):
    with pytest.raises(UsageError, match="redact"):
        export_run(run, tmp_path, ExportOptions(what="blocking", redact=True))
    assert not list(tmp_path.iterdir())


def test_a_rig_that_is_not_there_is_named_but_no_identifier_is(run, tmp_path):
    with pytest.raises(UsageError, match="R20200101-0123456789"):
        export_run(run, tmp_path, ExportOptions(rig_ids=("R20200101-0123456789",)))
    imsi = str(run.listed["imsi"][0])
    with pytest.raises(UsageError) as caught:
        export_run(run, tmp_path, ExportOptions(rig_ids=(imsi,)))
    assert imsi not in str(caught.value)
