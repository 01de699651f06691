"""Whatever is done to a bundle is found, and what is untouched passes."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import BinaryIO

import pytest

from simbox.cases import (
    CUSTODY,
    MANIFEST,
    SIGNATURE,
    SIGNER,
    add_entry,
    open_bundle,
    pack,
    read_custody,
    read_private_key,
    seal,
)
from simbox.errors import DamagedError, InputError
from simbox.handover import CaseOptions, make_case, read_run
from simbox.verification import check_bundle

Files = dict[str, bytes]


def faults_of(path, case) -> dict[str, list[str]]:
    """What the checks found, by check, with the signer's key at hand; only those that found something."""
    try:
        findings = check_bundle(open_bundle(path), case.keys / "signer.pub")
    except DamagedError as error:
        return {"container": [str(error)]}
    return {finding.check: finding.faults for finding in findings if finding.faults}


def test_the_untouched_bundle_passes(case):
    assert faults_of(case.path, case) == {}
    assert case.path.stat().st_mode & 0o777 == 0o600


def test_made_again_it_is_the_same_byte_for_byte(case, sample_run, tmp_path):
    options = CaseOptions(header=case_header(case))
    make_case(read_run(sample_run.out), case.rig_id, tmp_path / "again.zip", key_of(case), options)
    assert (tmp_path / "again.zip").read_bytes() == case.path.read_bytes()


def case_header(case):
    from_file = json.loads(case.bundle.files["case.json"])
    header = CaseOptions().header
    return header._replace(**{name: from_file[name] for name in header._fields})


def key_of(case, name="signer"):
    return read_private_key(case.keys / name)


NAMES = (
    "README.txt alternatives.csv case.json claim_rows.csv claims.csv columns.csv configuration.toml"
    " counter_evidence.csv custody.jsonl damage.csv features.csv inputs.csv limits.json links.csv listed.csv"
    " manifest.json manifest.json.sig members.csv reasons.csv report.html rig.csv scorecard.toml scores.csv signer.pub"
    " sites.csv source_rows.csv"
).split()


def test_every_file_of_the_bundle_is_flipped_below(case):
    assert sorted(case.bundle.files) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_one_flipped_byte_in_any_file_is_found(case, tmp_path, name):
    content = case.bundle.files[name]
    path = tmp_path / "case.zip"
    # Every byte of what is short, else some from each part of it.
    for place in sorted({*range(0, len(content), max(1, len(content) // 50)), len(content) - 1}):
        changed = content[:place] + bytes([content[place] ^ 0x01]) + content[place + 1 :]
        pack(case.bundle.files | {name: changed}, path)
        assert faults_of(path, case), f"{name}, byte {place}"


def test_one_flipped_byte_anywhere_in_the_container_is_found(case, tmp_path):
    whole = case.path.read_bytes()
    with zipfile.ZipFile(case.path) as container:
        headers = [info.header_offset for info in container.infolist()]
        directory = container.start_dir
    # All of a local header, all of the directory and the end record, and a few bytes between.
    places = [*range(headers[0], headers[0] + 45), *range(directory, len(whole)), *headers[1:]]
    path = tmp_path / "case.zip"
    # Flipped in place: to write the whole bundle two thousand times took most of five minutes.
    path.write_bytes(whole)
    for place in places:
        with path.open("r+b") as flipped:
            put(flipped, place, whole[place] ^ 0x01)
        assert faults_of(path, case), f"byte {place}"
        with path.open("r+b") as mended:
            put(mended, place, whole[place])
    assert faults_of(path, case) == {}


def put(opened: BinaryIO, place: int, byte: int) -> None:
    opened.seek(place)
    opened.write(bytes([byte]))


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {key: value for key, value in files.items() if key != name}


def swapped(a: str, b: str) -> Callable[[Files], Files]:
    return lambda files: files | {a: files[b], b: files[a]}


def renamed(a: str, b: str) -> Callable[[Files], Files]:
    return lambda files: without(a)(files) | {b: files[a]}


def with_manifest(files: Files) -> Files:
    """A changed file whose new hash is written into the manifest."""
    content = files["listed.csv"].replace(b"seize", b"watch", 1)
    manifest = json.loads(files[MANIFEST])
    manifest["files"]["listed.csv"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return files | {"listed.csv": content, MANIFEST: (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()}


def lines_of(files: Files) -> list[bytes]:
    log = files[CUSTODY]
    for hour in (6, 7, 8):
        log = add_entry(log, f"2026-05-15T0{hour}:00:00Z", "Aliya", "received")
    return log.splitlines(keepends=True)


TAMPERINGS: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a file removed": (without("counter_evidence.csv"), "files"),
    "a file added": (lambda files: files | {"more.csv": b"a\n"}, "files"),
    "a file renamed": (renamed("claims.csv", "claims2.csv"), "files"),
    "two files swapped": (swapped("members.csv", "listed.csv"), "files"),
    "a file emptied": (lambda files: files | {"limits.json": b""}, "files"),
    "a file made longer": (lambda files: files | {"listed.csv": files["listed.csv"] + b"\n"}, "files"),
    "a row taken out": (
        lambda files: files | {"listed.csv": b"\n".join(files["listed.csv"].split(b"\n")[:-2])},
        "files",
    ),
    "the manifest follows the change": (with_manifest, "signature"),
    "the manifest lists one less": (
        lambda files: (
            without("limits.json")(files)
            | {MANIFEST: json.dumps({**json.loads(files[MANIFEST]), "files": {}}).encode()}
        ),
        "files",
    ),
    "the manifest removed": (without(MANIFEST), "files"),
    "the manifest of another format": (lambda files: files | {MANIFEST: b'{"format": "x", "files": {}}'}, "files"),
    "the signature removed": (without(SIGNATURE), "signature"),
    "the signature of something else": (lambda files: files | {SIGNATURE: bytes(64)}, "signature"),
    "the public key removed": (without(SIGNER), "signature"),
    "the log of custody removed": (without(CUSTODY), "custody"),
    "the log of custody emptied": (lambda files: files | {CUSTODY: b""}, "custody"),
    "a line of custody removed": (lambda files: files | {CUSTODY: b"".join(lines_of(files)[::2])}, "custody"),
    "lines of custody swapped": (
        lambda files: files | {CUSTODY: b"".join(lines_of(files)[i] for i in (0, 2, 1, 3))},
        "custody",
    ),
    "a line of custody changed": (
        lambda files: files | {CUSTODY: b"".join(lines_of(files)).replace(b"Aliya", b"Berik", 1)},
        "custody",
    ),
    "a line of custody written by hand": (lambda files: files | {CUSTODY: files[CUSTODY] + b'{"n": 1}\n'}, "custody"),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found_where_it_was_done(case, tmp_path, kind):
    tamper, check = TAMPERINGS[kind]
    pack(tamper(dict(case.bundle.files)), tmp_path / "case.zip")
    found = faults_of(tmp_path / "case.zip", case)
    assert check in found
    assert "container" not in found


def repacked(case, **options) -> bytes:
    """The same files in another container."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", options.pop("compression", zipfile.ZIP_STORED)) as container:
        for name in options.pop("names", sorted(case.bundle.files)):
            container.writestr(
                zipfile.ZipInfo(name, options.get("date", (1980, 1, 1, 0, 0, 0))), case.bundle.files[name]
            )
        container.comment = options.get("comment", b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda case: case.path.read_bytes() + b"more",
        lambda case: b"more" + case.path.read_bytes(),
        lambda case: case.path.read_bytes()[:-100],
        lambda case: case.path.read_bytes()[: len(case.path.read_bytes()) // 2],
        lambda case: repacked(case, comment=b"said"),
        lambda case: repacked(case, date=(2026, 5, 15, 0, 0, 0)),
        lambda case: repacked(case, compression=zipfile.ZIP_DEFLATED),
        lambda case: repacked(case, names=sorted(case.bundle.files, reverse=True)),
        lambda case: b"",
        lambda case: b"PK\x03\x04 and nothing that follows",
    ],
    ids="appended prepended end-cut half comment date compressed order empty nothing".split(),
)
def test_another_container_is_found(case, tmp_path, change):
    path = tmp_path / "case.zip"
    path.write_bytes(change(case))
    assert "container" in faults_of(path, case)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_found(case, tmp_path):
    path = tmp_path / "case.zip"
    path.write_bytes(case.path.read_bytes())
    with zipfile.ZipFile(path, "a") as container:
        container.writestr("listed.csv", b"rank\n")
    assert "container" in faults_of(path, case)


def test_a_bundle_sealed_anew_by_somebody_else_is_found_by_the_signers_key(case, tmp_path):
    inside = {name: content for name, content in case.bundle.files.items() if name not in (MANIFEST, SIGNATURE, SIGNER)}
    inside.pop(CUSTODY)
    inside["listed.csv"] = inside["listed.csv"].replace(b"seize", b"watch")
    path = tmp_path / "case.zip"
    pack(seal(inside, {"rig_id": case.rig_id, "redacted": False}, key_of(case, "other")), path)
    assert check_bundle(open_bundle(path), None) == [(name, []) for name, _ in check_bundle(open_bundle(path), None)]
    assert faults_of(path, case) == {"signature": ["the bundle was signed with another key than signer.pub"]}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("scores.csv", "add up"),
        ("reasons.csv", "add up"),
        ("claim_rows.csv", "rows"),
        ("source_rows.csv", "source_rows.csv"),
        ("inputs.csv", "no file in inputs.csv"),
    ],
)
def test_sums_that_do_not_come_out_are_found_though_the_seal_is_right(case, tmp_path, name, told):
    files = {
        key: value for key, value in case.bundle.files.items() if not key.startswith(("manifest", "signer", "cust"))
    }
    lines = files[name].split(b"\n")
    if name == "scores.csv":
        cells = lines[1].split(b",")
        cells[3] = str(int(cells[3]) + 1).encode()
        lines[1] = b",".join(cells)
    elif name == "reasons.csv":
        counted = next(number for number, line in enumerate(lines) if b",true," in line)
        lines.pop(counted)
    else:
        # Of inputs.csv the line of a file that has rows.
        sha256 = files["source_rows.csv"].split(b"\n")[1].split(b",")[1]
        lines.remove(next(line for line in lines if sha256 in line))
    path = tmp_path / "case.zip"
    pack(seal(files | {name: b"\n".join(lines)}, {"rig_id": case.rig_id}, key_of(case)), path)
    found = faults_of(path, case)
    assert list(found) == ["sums"]
    assert any(told in fault for fault in found["sums"])


def test_the_log_may_grow_and_all_else_stays(case, tmp_path):
    path = tmp_path / "case.zip"
    log = add_entry(case.bundle.files[CUSTODY], "2026-05-15T06:00:00Z", "Aliya", "received", key=key_of(case, "other"))
    pack(case.bundle.files | {CUSTODY: log}, path)
    assert faults_of(path, case) == {}
    head = read_custody(log)[-1]["hash"]
    assert not any(finding.faults for finding in check_bundle(open_bundle(path), None, custody_head=head))
    (custody,) = [f for f in check_bundle(case.bundle, None, custody_head=head) if f.check == "custody"]
    assert custody.faults


def test_a_file_named_by_an_identifier_is_not_repeated(case, tmp_path):
    pack(case.bundle.files | {"401710000000001.csv": b""}, tmp_path / "case.zip")
    assert faults_of(tmp_path / "case.zip", case) == {"files": ["a file was added"]}


def test_a_bundle_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="can't be read"):
        open_bundle(tmp_path / "case.zip")
