"""The log of custody: each line holds the one before, and whatever is done to it shows."""

import json

import pytest

from simbox.cases import add_entry, check_custody, new_key, read_custody, read_private_key, signers
from simbox.cases.custody import _line, first_entry
from simbox.errors import DamagedError

SEAL = "ab" * 32


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "case.key"
    new_key(path)
    return read_private_key(path)


@pytest.fixture
def log(key) -> bytes:
    made = first_entry(SEAL, "f" * 64)
    made = add_entry(made, "2026-05-15T06:00:00Z", "Aliya", "received", note="two copies")
    made = add_entry(made, "2026-05-15T07:00:00Z", "Aliya", "handed over", to="Berik", key=key)
    return add_entry(made, "2026-05-16T07:00:00Z", "Берік", "opened")


def test_an_untouched_log_holds(log):
    assert check_custody(log, SEAL) == []
    entries = read_custody(log)
    assert [entry["n"] for entry in entries] == [0, 1, 2, 3]
    assert entries[3]["by"] == "Берік"
    assert check_custody(log, SEAL, head=entries[3]["hash"]) == []
    assert len(signers(log)) == 1


def test_every_flipped_byte_is_found(log):
    for place in range(len(log)):
        changed = bytearray(log)
        changed[place] ^= 0x01
        assert check_custody(bytes(changed), SEAL), f"byte {place}"


@pytest.mark.parametrize(
    "order",
    [[0, 2, 3], [0, 1, 3], [1, 2, 3], [0, 2, 1, 3], [0, 1, 1, 2, 3], [3, 2, 1, 0], []],
    ids=["second gone", "third gone", "first gone", "swapped", "twice", "backwards", "empty"],
)
def test_lines_gone_added_or_moved_are_found(log, order):
    lines = log.splitlines(keepends=True)
    assert check_custody(b"".join(lines[number] for number in order), SEAL)


def test_lines_cut_off_at_the_end_show_by_the_hash_that_was_written_down(log):
    head = read_custody(log)[-1]["hash"]
    cut = b"".join(log.splitlines(keepends=True)[:-1])
    assert check_custody(cut, SEAL) == []
    assert check_custody(cut, SEAL, head=head) == [
        "the log of custody does not end with the line that was written down"
    ]


def test_the_log_of_another_bundle_is_found(log):
    assert all("another bundle" in fault for fault in check_custody(log, "cd" * 32))


def test_a_forged_line_with_a_fitting_hash_breaks_its_signature(log):
    lines = log.splitlines(keepends=True)
    entry = {**json.loads(lines[2]), "to": "Somebody"}
    entry.pop("hash")
    forged = b"".join([*lines[:2], _line(entry)])
    assert check_custody(forged, SEAL) == ["line 3 of the log of custody has a signature that does not fit"]


def test_nothing_is_added_to_a_log_that_does_not_hold(log):
    with pytest.raises(DamagedError, match="nothing was added"):
        add_entry(log.replace(b"two", b"six"), "2026-05-17T07:00:00Z", "Aliya", "opened")
