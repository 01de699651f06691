"""What a run was made from and what it made, so that anybody can make it again and compare."""

import hashlib
import json
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from simbox.errors import DamagedError
from simbox.tables.writing import write_text

FILE = "manifest.json"
TIMINGS = "timings.json"
PACKAGES = ("simbox", "polars", "pyarrow", "numba", "numpy", "networkx")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages that the answer may depend on."""
    return {name: metadata.version(name) for name in PACKAGES} | {"python": platform.python_version()}


def write_manifest(
    run: Path,
    configuration: str,
    inputs: dict[str, str],
    rows: dict[str, int],
    nights: list[str],
    store: str,
    warnings: Sequence[str] = (),
    scorecard: str = "",
    files_held: int = 0,
) -> None:
    """Write manifest.json beside a run's outputs: versions, configuration, hashes of inputs and outputs, row counts.

    `warnings` say what could not be done; `scorecard` is the text of the one that judged; `files_held` the number of
    the last file in the store, for what came later was no part of the run. Nothing in it depends on the clock; seconds
    for each stage go to timings.json.
    """
    outputs = {path.name: sha256_of(path) for path in sorted(run.iterdir()) if path.is_file() and path.name != TIMINGS}
    content = {
        "versions": installed_versions(),
        "configuration": configuration,
        "scorecard": scorecard,
        "warnings": list(warnings),
        "nights": nights,
        "inputs": inputs,
        "outputs": outputs,
        "rows": rows,
        "store": store,
        "files_held": files_held,
    }
    _write(content, run)


def hash_output(run: Path, name: str) -> None:
    """Put the hash of an output that was made later, or made again, into the manifest."""
    content = read_manifest(run)
    content["outputs"][name] = sha256_of(run / name)
    _write(content, run)


def read_manifest(run: Path) -> dict[str, Any]:
    """The manifest of a run folder; DamagedError where there is none or it can't be read."""
    try:
        content: dict[str, Any] = json.loads((run / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedError(f"{run} is not a finished run: {FILE} is missing or broken") from error
    return content


def _write(content: dict[str, Any], run: Path) -> None:
    write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", run / FILE)
