"""export, case, verify, custody, key, match: exit codes, refusals, and nobody's identifier in a message."""

import zipfile

import polars as pl
import pytest
from click.testing import CliRunner

from simbox.cases import open_bundle, pack
from simbox.cli import cli
from simbox.cli.export import FORMATS as EXPORTED
from simbox.errors import DamagedError, InputError, UsageError
from simbox.handover import FORMATS


def call(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], standalone_mode=False)


@pytest.fixture(scope="module")
def listed(sample_run) -> pl.DataFrame:
    return pl.read_csv(sample_run.out / "seizure_list.csv", infer_schema=False)


@pytest.fixture(scope="module")
def bundle(sample_run, listed, tmp_path_factory):
    """A case of the first rig on the list, with its key beside it."""
    folder = tmp_path_factory.mktemp("court")
    assert call("key", "new", folder / "case.key").exception is None
    rig_id, out = listed["rig_id"][0], folder / "case.zip"
    made = call("case", rig_id, "--run", sample_run.out, "-o", out, "--key", folder / "case.key")
    assert made.exception is None, made.output
    return out


def test_a_bundle_holds_and_says_whose_key_it_is(bundle):
    done = call("verify", bundle)
    assert done.exception is None
    assert "whose that is was not checked" in done.output
    shown = call("key", "show", bundle.with_name("case.key.pub")).output.split()[-1]
    told = call("verify", bundle, "--key", bundle.with_name("case.key.pub")).output
    assert f"signed with key {shown}\n" in told


def test_a_bundle_that_does_not_hold_ends_with_8_and_says_what(bundle, tmp_path, simbox):
    files = open_bundle(bundle).files
    path = tmp_path / "case.zip"
    pack(files | {"listed.csv": files["listed.csv"].replace(b"seize", b"watch", 1)}, path)
    printed = simbox("verify", path)
    assert printed.code == 8
    assert "files      1 faults" in printed.out
    assert "listed.csv was changed" in printed.err
    done = call("verify", path, "--source", tmp_path)
    assert isinstance(done.exception, DamagedError)
    assert "the source was not looked at" in done.output


def test_what_is_no_bundle_is_told(tmp_path):
    path = tmp_path / "case.zip"
    path.write_text("nothing")
    assert isinstance(call("verify", path).exception, DamagedError)
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("a.txt", "a")
    assert isinstance(call("verify", path).exception, DamagedError)
    assert isinstance(call("verify", tmp_path / "absent.zip").exception, InputError)


def test_custody_grows_and_its_end_can_be_compared(bundle, tmp_path):
    path = tmp_path / "case.zip"
    path.write_bytes(bundle.read_bytes())
    heads = []
    for by in ("A. Officer", "B. Expert"):
        done = call("custody", "add", path, "--by", by, "--action", "received", "--at", "2026-05-15T06:00:00+0500")
        heads.append(done.output.split()[-1])
    shown = call("custody", "show", path).output.splitlines()
    assert shown[1:] == ["2026-05-15T01:00:00Z  A. Officer  received", "2026-05-15T01:00:00Z  B. Expert  received"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert call("verify", path, "--custody-head", heads[1]).exception is None
    assert isinstance(call("verify", path, "--custody-head", heads[0]).exception, DamagedError)


def test_custody_is_not_added_to_a_damaged_bundle(bundle, tmp_path):
    path = tmp_path / "case.zip"
    path.write_bytes(bundle.read_bytes() + b"more")
    before = path.read_bytes()
    done = call("custody", "add", path, "--by", "A", "--action", "received")
    assert isinstance(done.exception, DamagedError)
    assert path.read_bytes() == before


def test_an_identifier_for_a_rig_is_refused_and_not_repeated(sample_run, bundle, listed, tmp_path):
    imsi = listed["imsi"][0]
    key = bundle.with_name("case.key")
    calls = [
        ("case", imsi, "--run", sample_run.out, "-o", tmp_path / "c.zip", "--key", key),
        ("export", "--run", sample_run.out, "-o", tmp_path / "e", "--rig", imsi),
        ("match", write(tmp_path, f"imsi\n{imsi}\n"), "--run", sample_run.out, "-o", tmp_path / "m", "--rig", imsi),
    ]
    for arguments in calls:
        done = call(*arguments)
        assert isinstance(done.exception, UsageError)
        assert imsi not in str(done.exception) + done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seized.csv"]


def write(folder, text):
    path = folder / "seized.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_key_that_others_may_read_makes_no_case(sample_run, bundle, listed, tmp_path):
    key = tmp_path / "open.key"
    key.write_bytes(bundle.with_name("case.key").read_bytes())
    key.chmod(0o644)
    done = call("case", listed["rig_id"][0], "--run", sample_run.out, "-o", tmp_path / "c.zip", "--key", key)
    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "c.zip").exists()


def test_the_formats_are_those_that_can_be_written():
    assert EXPORTED == FORMATS


def test_flags_that_do_not_go_together_are_refused(sample_run, tmp_path):
    for flags in (["--what", "victims", "--format", "xlsx"], ["--imei"], ["--what", "blocking", "--redact"]):
        done = call("export", "--run", sample_run.out, "-o", tmp_path / "e", *flags)
        assert done.exception is not None
        assert done.exception.exit_code == 2
    assert not (tmp_path / "e").exists()


def test_blocking_imeis_warns(sample_run, tmp_path, simbox):
    printed = simbox("export", "--run", sample_run.out, "-o", tmp_path, "--what", "blocking", "--imei")
    assert printed.code == 0
    assert "cloned IMEIs" in printed.err
    assert "block-imei.csv" in printed.out


def test_match_prints_counts_only(sample_run, listed, tmp_path):
    first = listed.filter(pl.col("rig_id") == listed["rig_id"][0]).head(3)
    other = listed.filter(pl.col("rig_id") != first["rig_id"][0]).head(1)
    rows = "".join(f"{imsi},{iccid}\n" for imsi, iccid in first.select("imsi", "iccid").iter_rows())
    text = f"imsi,iccid\n{rows},{other['iccid'][0]}\n401710000000001,\n"
    done = call("match", write(tmp_path, text), "--run", sample_run.out, "-o", tmp_path / "m", "--seized-at",
                "2026-05-16T06:00:00+0500")  # fmt: skip
    assert done.exception is None
    assert "5 cards read" in done.output
    assert f"1  of another rig: {other['rig_id'][0]}" in done.output
    assert "1  never seen" in done.output
    assert "recall 100.0 %" in done.output
    assert not [imsi for imsi in listed["imsi"] if imsi in done.output]


def test_the_registry_of_a_source_tells_more_cards(sample_run, tmp_path):
    seen = pl.read_parquet(sample_run.out / "scores.parquet").filter(pl.col("band") == "clear")["imsi"].cast(pl.String)
    registry = pl.read_csv(sample_run.source / "subscribers.csv", infer_schema=False)
    iccid = registry.filter(pl.col("imsi").is_in(seen.implode()) & pl.col("iccid").is_not_null())["iccid"][0]
    arguments = ("match", write(tmp_path, f"iccid\n{iccid}\n"), "--run", sample_run.out, "-o", tmp_path / "m",
                 "--seized-at", "2026-05-16T06:00:00+0500")  # fmt: skip
    assert "1  not known" in call(*arguments).output
    assert "1  not listed" in call(*arguments, "--source", sample_run.source).output


def test_explain_can_hide_digits(sample_run, listed):
    imsi = listed["imsi"][0]
    done = call("explain", imsi, "--run", sample_run.out, "--redact")
    assert done.exception is None
    assert f"SIM {imsi[:5]}********{imsi[-2:]} of" in done.output
    assert not [one for one in listed["imsi"] if one in done.output]
