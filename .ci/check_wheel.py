"""Fails if a wheel lacks a file of the package: `check_wheel.py WHEEL PACKAGE_FOLDER`."""

import sys
import zipfile
from pathlib import Path

NEEDED = (
    "simbox/scoring/scorecard.toml",
    "simbox/report/templates/report.html",
    "simbox/report/static/report.css",
    "simbox/report/vendor/d3-7.9.0.min.js",
    "simbox/report/vendor/d3-7.9.0.LICENSE",
    "simbox/synth/scenarios/sample.toml",
)

wheel, package = Path(sys.argv[1]), Path(sys.argv[2])
held = set(zipfile.ZipFile(wheel).namelist())
there = {path.as_posix() for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
missing = sorted((there | set(NEEDED)) - held)
surplus = sorted(name for name in held - there if ".dist-info/" not in name)
print(f"{wheel.name}: {len(held)} files, {len(missing)} missing, {len(surplus)} that do not belong")
if missing or surplus:
    sys.exit("\n".join([f"missing: {name}" for name in missing] + [f"does not belong: {name}" for name in surplus]))
