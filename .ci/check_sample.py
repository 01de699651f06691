"""Fails if a scan of the sample missed a rig or listed a look-alike: `check_sample.py SOURCE OUT`."""

import sys
from pathlib import Path

import polars as pl

RIG_SHARE = 0.5
LISTED_SHARE = 0.95

source, out = Path(sys.argv[1]), Path(sys.argv[2])
truth = pl.read_csv(source / "truth.csv", infer_schema=False).with_columns(pl.col("imsi").cast(pl.Int64))
nights = [name for name in truth.columns if name.startswith("events_")]
active = truth.filter(pl.col("rig").is_not_null(), pl.sum_horizontal(pl.col(nights).cast(pl.Int64)) > 0)
listed = (
    pl.read_csv(out / "seizure_list.csv", infer_schema=False)
    .filter(pl.col("decision").is_in(["seize", "review"]))
    .select(pl.col("imsi").cast(pl.Int64))
)
members = pl.read_parquet(out / "members.parquet", columns=["rig_id", "imsi"])

problems = []
for (rig,), sims in sorted(active.group_by("rig")):
    together = members.join(sims, on="imsi").group_by("rig_id").len()["len"].max() or 0
    on_list = sims.join(listed, on="imsi", how="semi").height
    print(f"{rig}: {sims.height} active SIMs, {together} in one rig, {on_list} listed")
    if together < RIG_SHARE * sims.height:
        problems.append(f"{rig} was missed")
found = active.join(listed, on="imsi", how="semi").height
print(f"{found} of {active.height} active SIMs of rigs listed")
if found < LISTED_SHARE * active.height:
    problems.append(f"only {found / active.height:.1%} of the rigs' active SIMs are listed")
for segment, count in sorted(
    truth.filter(pl.col("rig").is_null()).join(listed, on="imsi", how="semi").group_by("segment").len().rows()
):
    print(f"{count} lawful SIMs listed: {segment}")
    if segment != "ordinary":
        problems.append(f"{count} SIMs of the look-alike {segment} are listed")
if problems:
    sys.exit("\n".join(problems))
