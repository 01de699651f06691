"""Chain of custody: who had the bundle in hand, one line each, every line with the hash of the one before."""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simbox.cases.keys import fingerprint, public_pem, read_public_key, verify_signature
from simbox.errors import DamagedError, InputError

NOTHING_BEFORE = "0" * 64
_FIELDS = {"n", "at", "by", "action", "to", "note", "manifest_sha256", "previous", "hash", "key", "signature"}


def first_entry(manifest_sha256: str, signer: str) -> bytes:
    """The log's first line: sealed by the owner of a key. It bears no time, for the same run makes the same bundle."""
    entry = {"n": 0, "by": f"key {signer}", "action": "sealed", "manifest_sha256": manifest_sha256}
    return _line(entry | {"previous": NOTHING_BEFORE})


def add_entry(
    log: bytes, at: str, by: str, action: str, to: str = "", note: str = "", key: Ed25519PrivateKey | None = None
) -> bytes:
    """The log with one more line, signed where a key is given; DamagedError where the log does not hold so far."""
    faults = check_custody(log, None)
    if faults:
        raise DamagedError("the log of custody is damaged; nothing was added:", faults)
    last = read_custody(log)[-1]
    entry = {
        "n": last["n"] + 1,
        "at": at,
        "by": by,
        "action": action,
        "to": to,
        "note": note,
        "manifest_sha256": last["manifest_sha256"],
        "previous": last["hash"],
    }
    if key is not None:
        entry["key"] = public_pem(key.public_key()).decode()
        entry["signature"] = key.sign(_canonical(entry)).hex()
    return log + _line(entry)


def read_custody(log: bytes) -> list[dict[str, Any]]:
    """The log's lines; DamagedError where one can't be read."""
    try:
        return [dict(json.loads(line)) for line in log.decode().splitlines()]
    except (ValueError, TypeError) as error:
        raise DamagedError("the log of custody can't be read") from error


def signers(log: bytes) -> list[str]:
    """Fingerprints of the keys that signed lines, in order, each once."""
    found = [fingerprint(read_public_key(one["key"].encode(), "key")) for one in read_custody(log) if "key" in one]
    return list(dict.fromkeys(found))


def check_custody(log: bytes, manifest_sha256: str | None, head: str | None = None) -> list[str]:
    """What does not hold in the log, a sentence each.

    Lines cut off at the end leave a chain that holds: `head`, the last line's hash as somebody wrote it down, tells.
    """
    if not log:
        return ["the log of custody is empty"]
    faults = []
    previous = NOTHING_BEFORE
    for number, raw in enumerate(log.splitlines(keepends=True)):
        where = f"line {number + 1} of the log of custody"
        entry = _parse(raw)
        if entry is None:
            faults.append(f"{where} is not a line that simbox writes")
            previous = ""
            continue
        if entry["hash"] != _hash(entry):
            faults.append(f"{where} was changed: its hash does not fit")
        if entry["previous"] != previous:
            faults.append(f"{where} does not follow on the line before it")
        if entry["n"] != number:
            faults.append(f"{where} has number {entry['n']}: lines were removed, added or put in another order")
        if manifest_sha256 is not None and entry["manifest_sha256"] != manifest_sha256:
            faults.append(f"{where} belongs to another bundle")
        if "signature" in entry and not _is_signed(entry):
            faults.append(f"{where} has a signature that does not fit")
        previous = entry["hash"]
    if head is not None and previous != head:
        faults.append("the log of custody does not end with the line that was written down")
    return faults


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(raw)
    except ValueError:
        return None
    needed = {"n", "by", "action", "manifest_sha256", "previous", "hash"}
    if not isinstance(entry, dict) or not needed <= set(entry) <= _FIELDS:
        return None
    return entry if raw == _canonical(entry) + b"\n" else None


def _is_signed(entry: dict[str, Any]) -> bool:
    unsigned = {key: value for key, value in entry.items() if key not in ("signature", "hash")}
    try:
        key = read_public_key(str(entry["key"]).encode(), "key")
        return verify_signature(key, bytes.fromhex(str(entry["signature"])), _canonical(unsigned))
    except (InputError, KeyError, ValueError):
        return False


def _line(entry: dict[str, Any]) -> bytes:
    return _canonical(entry | {"hash": _hash(entry)}) + b"\n"


def _hash(entry: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical({key: value for key, value in entry.items() if key != "hash"})).hexdigest()


def _canonical(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
