"""A bundle against the operators' files: forgeries sealed with the right key, and sources that have changed."""

import json
import shutil

import polars as pl
import pytest

from simbox.cases import OUTSIDE, SIGNER, Bundle, open_bundle, pack, read_private_key, seal
from simbox.errors import DamagedError
from simbox.handover import CaseOptions, choose_rigs, make_case, read_run
from simbox.intake import Allowances
from simbox.nightly import run_scan
from simbox.verification import check_bundle, check_source, other_versions
from simbox.verification.source import Remade, compare_files
from simbox.verification.tables import compare_tables


def inside(case) -> dict[str, bytes]:
    return {name: content for name, content in case.bundle.files.items() if name not in (*OUTSIDE, SIGNER)}


def check(bundle, source, tmp_path) -> dict[str, list[str]]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return {one.check: one.faults for one in check_source(bundle, source, scratch, lambda *_: None) if one.faults}


def files_of(source, day) -> list:
    """The CDR files of a day, whatever their names."""
    return [path for path in (source / "cdr").rglob("*") if path.is_file() and day in path.name.replace("-", "")]


@pytest.fixture
def source(sample, tmp_path):
    """A copy of the sample to be changed."""
    return shutil.copytree(sample, tmp_path / "source")


def test_the_untouched_bundle_follows_from_its_source(case, source, tmp_path):
    # Files that came later are not part of the run.
    pl.read_parquet(source / "cdr" / "bereke" / "2026-05-12.parquet").head(100).write_parquet(
        source / "cdr" / "bereke" / "2026-05-11.parquet"
    )
    assert check(case.bundle, source, tmp_path) == {}


def test_a_redacted_bundle_can_be_checked_too(case, sample_run, tmp_path):
    path = tmp_path / "case.zip"
    run = read_run(sample_run.out)
    make_case(run, case.rig_id, path, read_private_key(case.keys / "signer"), CaseOptions(redact=True))
    bundle = open_bundle(path)
    listed = run.listed.filter(pl.col("rig_id") == case.rig_id)
    texts = b"".join(bundle.files.values()).decode("latin-1")
    for name in ("imsi", "msisdn", "iccid"):
        assert not [one for one in listed[name].drop_nulls().cast(pl.String) if one in texts]
    assert not any(finding.faults for finding in check_bundle(bundle, None))
    assert check(bundle, sample_run.source, tmp_path) == {}


def test_a_run_that_salvaged_a_file_can_be_made_again(source, case, tmp_path):
    packed = min((source / "cdr").rglob("*.csv.gz"))
    packed.write_bytes(packed.read_bytes() + b"\0" * 512)
    run_scan(source, tmp_path / "out", lambda *_: None, allowed=Allowances(salvage=True))
    path = tmp_path / "case.zip"
    make_case(read_run(tmp_path / "out"), case.rig_id, path, read_private_key(case.keys / "signer"), CaseOptions())
    assert check(open_bundle(path), source, tmp_path) == {}


def test_a_changed_row_of_the_source_is_told_by_file_and_line(case, source, tmp_path):
    rows = pl.read_csv(case.bundle.files["source_rows.csv"], infer_schema=False)
    answered = (pl.col("service") == "voice") & (pl.col("answered") == "true")
    row = rows.filter(answered & pl.col("file").str.ends_with(".parquet")).row(0, named=True)
    frame = pl.read_parquet(source / row["file"]).with_row_index("at", 1)
    longer = pl.when(pl.col("at") == int(row["line"])).then(pl.col("duration_s") + 1).otherwise("duration_s")
    frame.with_columns(longer.alias("duration_s")).drop("at").write_parquet(source / row["file"])
    found = check(case.bundle, source, tmp_path)
    assert found["inputs"] == [f"{row['file']} has other bytes than those that were handed over"]
    # Every row of the file has another hash now; this one another value too.
    assert any("duration_s" in fault and f"line {row['line']}" in fault for fault in found["rows"])
    assert row["imsi"] not in str(found)


def test_a_missing_file_and_a_lost_rig_are_told(case, source, tmp_path):
    gone = [*files_of(source, "0513"), *files_of(source, "0514")]
    for path in gone:
        path.unlink()
    found = check(case.bundle, source, tmp_path)
    assert len([fault for fault in found["inputs"] if "is not in the source" in fault]) == len(gone) == 6
    assert found["rows"]
    assert found["the rig"]


def test_a_source_that_has_nothing_is_told(case, tmp_path):
    (tmp_path / "source").mkdir()
    found = check(case.bundle, tmp_path / "source", tmp_path)
    assert len(found["inputs"]) == pl.read_csv(case.bundle.files["inputs.csv"]).height
    assert "can't be scanned" in found["rows"][0]


def test_another_configuration_gives_another_answer(case, source, tmp_path):
    files = inside(case)
    files["configuration.toml"] = files["configuration.toml"].replace(b"prevalence = 0.001", b"prevalence = 0.002")
    found = check(Bundle(files, True), source, tmp_path)
    assert "scores" in found
    assert "inputs" not in found


def test_a_bundle_that_names_files_elsewhere_does_not_reach_them(case, source, tmp_path):
    files = inside(case)
    (tmp_path / "secret.csv").write_text("secret")
    files["inputs.csv"] += b"../secret.csv,,,,,,,,00\n" + str(tmp_path / "secret.csv").encode() + b",,,,,,,,00\n"
    found = check(Bundle(files, True), source, tmp_path)
    assert len([fault for fault in found["inputs"] if "is not in the source" in fault]) == 2
    assert not list((tmp_path / "scratch").rglob("secret.csv"))


@pytest.mark.parametrize("name", ["case.json", "inputs.csv"])
def test_a_bundle_without_what_is_needed_is_damaged(case, source, tmp_path, name):
    files = {key: value for key, value in inside(case).items() if key != name}
    with pytest.raises(DamagedError, match="can't be read"):
        check(Bundle(files, True), source, tmp_path)


# ---- FORGERIES SEALED WITH THE RIGHT KEY


def change(column: str, value: str):
    """Another value in the first row of a table."""

    def forge(content: bytes) -> bytes:
        frame = pl.read_csv(content, infer_schema=False).with_row_index("at")
        new = pl.when(pl.col("at") == 0).then(pl.lit(value)).otherwise(column)
        return frame.with_columns(new.alias(column)).drop("at").write_csv().encode()

    return forge


def drop_first(content: bytes) -> bytes:
    return pl.read_csv(content, infer_schema=False).slice(1).write_csv().encode()


def swap_two(content: bytes) -> bytes:
    frame = pl.read_csv(content, infer_schema=False)
    return pl.concat([frame.slice(1, 1), frame.slice(0, 1), frame.slice(2)]).write_csv().encode()


FORGERIES = [
    ("source_rows.csv", change("duration_s", "999"), "rows", "duration_s is not what the source says"),
    ("source_rows.csv", change("started_at", "2026-05-12T00:00:00Z"), "rows", "started_at"),
    ("source_rows.csv", change("cell", "401-71-1-1"), "rows", "cell"),
    ("source_rows.csv", drop_first, "rows", "follows from the source and is not in the bundle"),
    ("source_rows.csv", change("line", "999999"), "rows", "does not follow from the source"),
    ("source_rows.csv", swap_two, "rows", "row"),
    ("features.csv", change("mo_calls", "1000.0"), "features", "mo_calls"),
    ("features.csv", drop_first, "features", "features.csv"),
    ("scores.csv", change("probability", "0.123"), "scores", "probability"),
    ("scores.csv", change("evidence", "999"), "scores", "evidence"),
    ("reasons.csv", change("points", "99"), "scores", "points"),
    ("reasons.csv", change("percentile", "99.9"), "scores", "percentile"),
    ("listed.csv", change("decision", "watch"), "the rig", "listed.csv, rank"),
    ("claims.csv", change("sentence", "made 9 calls"), "the rig", "claims.csv, claim 1: sentence"),
    ("members.csv", drop_first, "the rig", "members.csv"),
    ("links.csv", change("weight", "99.0"), "the rig", "weight"),
    ("alternatives.csv", change("finding", "open"), "the rig", "finding"),
    ("counter_evidence.csv", drop_first, "the rig", "counter_evidence.csv"),
    ("sites.csv", change("lat", "1.0"), "the rig", "sites.csv, rig_id"),
    ("damage.csv", change("minutes", "1.0"), "the rig", "minutes"),
    ("inputs.csv", change("rows_rejected", "999"), "the rig", "rows_rejected"),
    (
        "limits.json",
        lambda content: content.replace(b'"rows_rejected": 36', b'"rows_rejected": 0'),
        "the rig",
        "limits",
    ),
    ("report.html", lambda content: content.replace(b"Rig", b"Box", 1), "the rig", "report.html"),
]


@pytest.mark.parametrize(("name", "forge", "check_name", "told"), FORGERIES)
def test_a_forgery_sealed_with_the_right_key_is_found(case, tmp_path, name, forge, check_name, told):
    files = inside(case)
    forged = files | {name: forge(files[name])}
    assert forged[name] != files[name]
    path = tmp_path / "case.zip"
    pack(seal(forged, {"rig_id": case.rig_id}, read_private_key(case.keys / "signer")), path)
    # The untouched bundle is what the source gives: the first test of this file says so.
    found = compare_files(open_bundle(path), Remade(files, rig_is_found=True))
    assert [check for check, faults in found.items() if faults] == [check_name]
    assert any(told in fault for fault in found[check_name])
    listed = pl.read_csv(files["listed.csv"], infer_schema=False)
    assert not [imsi for imsi in listed["imsi"] if imsi in str(found)]


def test_many_differences_are_counted():
    there = b"claim,points\n" + b"".join(f"{n},1\n".encode() for n in range(20))
    here = b"claim,points\n" + b"".join(f"{n},2\n".encode() for n in range(20))
    faults = compare_tables("claims.csv", there, here)
    assert len(faults) == 6
    assert faults[-1] == "claims.csv: 15 more rows: points is not what the source says"


def test_other_columns_are_told():
    assert "its columns are a, made again b" in compare_tables("claims.csv", b"a\n1\n", b"b\n1\n")[0]


def test_a_store_that_grew_over_several_scans_can_be_checked(case, sample, source, tmp_path):
    """Two scans on one store, the second judging its last night only: the usual way of an operator."""
    for path in files_of(source, "0514"):
        path.unlink()
    run_scan(source, tmp_path / "first", lambda *_: None, store_path=tmp_path / "store")
    out, path = tmp_path / "second", tmp_path / "case.zip"
    run_scan(sample, out, lambda *_: None, store_path=tmp_path / "store", judged=lambda nights: nights[-1:])
    run = read_run(out)
    make_case(run, choose_rigs(run, ())[0], path, read_private_key(case.keys / "signer"), CaseOptions())
    bundle = open_bundle(path)
    assert json.loads(bundle.files["case.json"])["nights"] == ["2026-05-14"]
    limits = json.loads(bundle.files["limits.json"])
    # The rejects of the nights before were told by the scan before.
    assert sum(int(said.split()[0]) for said in limits["rejected_by_rule"]) < limits["rows_rejected"]
    assert check(bundle, sample, tmp_path) == {}


def with_versions(case, **changes) -> Bundle:
    files = inside(case)
    about = json.loads(files["case.json"])
    about["versions"] |= changes
    return Bundle(files | {"case.json": (json.dumps(about, indent=1, sort_keys=True) + "\n").encode()}, True)


def test_another_version_is_told_and_is_no_fault(case):
    assert other_versions(case.bundle) == []
    bundle = with_versions(case, polars="9.9.9")
    assert [line.split(",")[0] for line in other_versions(bundle)] == ["polars 9.9.9"]
    assert not any(compare_files(bundle, Remade(inside(case), rig_is_found=True)).values())


def test_another_version_of_simbox_may_word_the_page_otherwise_and_nothing_else(case):
    bundle = with_versions(case, simbox="9.9.9")
    for name, is_fault in (("report.html", False), ("README.txt", False), ("members.csv", True)):
        files = bundle.files | {name: bundle.files[name] + b"more"}
        found = compare_files(Bundle(files, True), Remade(inside(case), rig_is_found=True))
        assert any(found.values()) is is_fault, name
