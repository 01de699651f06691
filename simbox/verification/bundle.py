"""Whether a bundle is what was sealed: container, hashes, signature, custody, and sums that must come out."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.cases import (
    CUSTODY,
    MANIFEST,
    OUTSIDE,
    SIGNATURE,
    SIGNER,
    Bundle,
    check_custody,
    fingerprint,
    read_public_key,
    verify_signature,
)
from simbox.errors import DamagedError, InputError
from simbox.verification.tables import read_table

CHECKS = ("container", "files", "signature", "custody", "sums")


class Finding(NamedTuple):
    """What one check found wrong, a sentence each, none of them with an identifier."""

    check: str
    faults: list[str]


def check_bundle(bundle: Bundle, key_file: Path | None, custody_head: str | None = None) -> list[Finding]:
    """Each check with its faults. `key_file` has the public key that the signer handed over by another way."""
    found = {name: list[str]() for name in CHECKS}
    if not bundle.is_canonical:
        found["container"].append("the container was changed: it is not packed as simbox packs these files")
    try:
        manifest = bundle.manifest()
    except DamagedError as error:
        found["files"].append(str(error))
    else:
        found["files"] += _check_files(bundle, manifest["files"])
    found["signature"] += _check_signature(bundle, key_file)
    sealed = hashlib.sha256(bundle.files.get(MANIFEST, b"")).hexdigest()
    found["custody"] += check_custody(bundle.files.get(CUSTODY, b""), sealed, custody_head)
    if not found["files"]:
        found["sums"] += _check_sums(bundle)
    return [Finding(name, faults) for name, faults in found.items()]


def _check_files(bundle: Bundle, listed: dict[str, dict[str, object]]) -> list[str]:
    faults = [f"{_shown(name)} is missing" for name in sorted({*listed, *OUTSIDE} - set(bundle.files))]
    faults += [f"{_shown(name)} was added" for name in sorted(set(bundle.files) - set(listed) - set(OUTSIDE))]
    for name in sorted(set(listed) & set(bundle.files)):
        content, entry = bundle.files[name], listed[name]
        if hashlib.sha256(content).hexdigest() != entry.get("sha256"):
            faults.append(f"{name} was changed: its SHA-256 is not that of the manifest")
        elif len(content) != entry.get("bytes"):
            faults.append(f"{name} has another size than the manifest says")
    return faults


def _shown(name: str) -> str:
    """A file's name, unless it may hold an identifier."""
    return "a file" if re.search(r"[0-9]{8}", name) else name


def _check_signature(bundle: Bundle, key_file: Path | None) -> list[str]:
    try:
        own = read_public_key(bundle.files.get(SIGNER, b""), SIGNER)
    except InputError as error:
        return [str(error)]
    faults = []
    if not verify_signature(own, bundle.files.get(SIGNATURE, b""), bundle.files.get(MANIFEST, b"")):
        faults.append(f"the signature of {MANIFEST} does not fit")
    if key_file is not None:
        given = read_public_key(key_file.read_bytes(), key_file.name)
        if fingerprint(given) != fingerprint(own):
            faults.append(f"the bundle was signed with another key than {key_file.name}")
    return faults


def _check_sums(bundle: Bundle) -> list[str]:
    """Points add up to evidence, claims lead to rows that are there, rows to files that were handed over."""
    try:
        scores, reasons, rows, claims, claim_rows, inputs = (
            read_table(bundle, name)
            for name in ("scores.csv", "reasons.csv", "source_rows.csv", "claims.csv", "claim_rows.csv", "inputs.csv")
        )
        whole = pl.col("points").cast(pl.Int64)
        counted = reasons.filter(pl.col("counted") == "true")
        # By SIM where whole; redacted identifiers need not be unique, so that then only the sums of all are compared.
        faults = []
        if int(counted.select(whole.sum()).item()) != int(scores["evidence"].cast(pl.Int64).sum()):
            faults.append("the counted points of reasons.csv do not add up to the evidence in scores.csv")
        elif scores["imsi"].is_unique().all():
            sums = counted.group_by("imsi").agg(points=whole.sum())
            joined = scores.join(sums, on="imsi", how="left").with_columns(pl.col("points").fill_null(0))
            wrong = joined.filter(pl.col("points") != pl.col("evidence").cast(pl.Int64)).height
            if wrong:
                faults.append(f"of {wrong} SIMs the counted points do not add up to the evidence in scores.csv")
        lost = claim_rows.join(rows, on=["row", "file_sha256", "line"], how="anti").height
        if lost:
            faults.append(f"{lost} rows of claim_rows.csv are not in source_rows.csv")
        shown = claim_rows.group_by("claim").agg(found=pl.len())
        told = claims.join(shown, on="claim", how="left").with_columns(pl.col("found").fill_null(0))
        wrong = told.filter(pl.col("rows").cast(pl.Int64) != pl.col("found")).height
        if wrong:
            faults.append(f"{wrong} claims have another number of rows in claim_rows.csv than claims.csv says")
        foreign = rows.join(inputs, left_on="file_sha256", right_on="sha256", how="anti").height
        if foreign:
            faults.append(f"{foreign} source rows are of no file in inputs.csv")
    except (KeyError, ValueError, pl.exceptions.PolarsError):
        return ["the tables of the bundle can't be read"]
    return faults
