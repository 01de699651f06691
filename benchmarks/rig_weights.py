"""Estimates what rigs/joining.toml and rigs/judging.toml weigh: `benchmarks/rig_weights.py WORLD... --workdir DIR`.

Each world is a source folder made by `simbox synth` with its truth beside. Its nights are replayed; what groups of
suspects show, and what pairs of groups have in common, is kept in the work folder with the answer. A measure's bins get
their weight of evidence, smoothed and made monotone where the domain gives a direction; a logistic regression over them
says how much of each counts beside the others. Needs scikit-learn (the extra `train`).
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from watched_founding import scan_and_watch

from simbox import rigs
from simbox.evaluation.truth import read_truth

RIGS = Path(rigs.__file__).parent
POINTS = 10 / np.log(2)
# A group is a rig's, or nobody's, by so large a share of its SIMs; what lies between teaches nothing.
RIG_SHARE, INNOCENT_SHARE, PURE_SHARE = 0.5, 0.3, 0.6
# Worlds with ten times as many look-alikes count each less often than it is met.
CROWDED_WEIGHT = 0.3
SMOOTHING = 2.0
# Rigs are rarer among an operator's suspects than among those of these worlds.
RARER_POINTS = -8
LEAST_COEFFICIENT = 0.03


class Bins(NamedTuple):
    """Edges of a measure, its direction (1 where more of it speaks for, -1 against, 0 where that is not known), and the
    most points that it may give or take."""

    edges: list[float]
    direction: int
    most: int = 200


JOINING = {
    "distance_ranges": Bins([0.1, 0.25, 0.4, 0.6, 0.8, 1.0], -1),
    "staged": Bins([10, 40, 70], 1),
    "weaker_evidence": Bins([-120, -90, -60, -40, -20, -10, 0], 1),
    # In worlds with rigs in many towns it gave a hundred points; where there are none far away to tell what the callers
    # of all rigs have in common, it must not join two of one town by that.
    "custom_apart": Bins([0.25, 0.5, 1, 1.5, 2.5], -1, most=30),
    "renewals_across": Bins([-0.5, 0.5, 1, 2], 1),
    "acts_alike": Bins([0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9], 1),
    "hours_alike": Bins([0.2, 0.4, 0.55, 0.7, 0.8, 0.88], 1),
    "callees_alike": Bins([0.3, 0.6, 0.8, 0.9, 0.95], 1),
    "lengths_alike": Bins([0.3, 0.5, 0.7, 0.8, 0.9], 1),
    "rate_apart": Bins([0.25, 0.5, 1, 1.5, 2.5], -1),
    "nights_apart": Bins([0.1, 0.25, 0.5, 0.8, 1.2], -1),
    "duration_apart": Bins([0.1, 0.25, 0.5, 0.8, 1.2], -1),
    "runs_shared_share": Bins([0.02, 0.1, 0.25, 0.5], 1),
    "imei_shared": Bins([6, 9, 12], 1),
    # Rings of these worlds write IMEIs by four rules; one that replaces half of its gateways has two.
    "rule_shared": Bins([-30, -15, -6, -2, 0, 2, 6, 15], 1, most=50),
    "model_share_apart": Bins([0.05, 0.1, 0.2, 0.4, 0.7], -1),
    "imeis_apart": Bins([0.25, 0.5, 1, 1.5, 2.5], -1),
}
JUDGING = {
    "third_evidence": Bins([-100, -80, -60, -45, -30, -15, 0, 15, 30, 45, 60, 80], 1),
    "supporters_doublings": Bins([-0.5, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5], 1),
    "outside_callers_share": Bins([0.005, 0.015, 0.03, 0.04, 0.05, 0.06, 0.08, 0.12], -1),
    "turnover_share": Bins([0.01, 0.05, 0.15, 0.3, 0.5, 0.8], 1),
    "nights_share": Bins([0.5, 0.7, 0.8, 0.9, 0.97], -1),
    "largest_operator_share": Bins([0.5, 0.7, 0.9, 0.999], -1),
    "model_share": Bins([0.2, 0.4, 0.6, 0.8, 0.95], 0),
    "imeis_a_sim": Bins([1.05, 1.2, 1.5, 2, 3, 5], 1),
    "run_share": Bins([0.05, 0.2, 0.5, 0.8, 0.95], 0),
    "stagers_share": Bins([0.02, 0.1, 0.25, 0.4], 1),
    "colleagues_share": Bins([0.001, 0.05, 0.15, 0.4, 1], -1),
    "uniformity": Bins([0.1, 0.3, 0.5, 0.7, 0.9, 0.99], -1),
}


def replay(world: Path, workdir: Path) -> None:
    """Scan a world and keep what its groups and pairs of groups show, with the answers."""
    sims = read_truth(world.with_name(f"{world.name}.truth")).sims
    answers = {imsi: rig or segment for imsi, rig, segment in sims.select("imsi", "rig", "segment").iter_rows()}
    owners = {imsi: rig for imsi, rig in sims.select("imsi", "rig").iter_rows() if rig}
    seen: list[tuple[pl.DataFrame, pl.DataFrame]] = []

    def measure(*arguments: Any) -> None:
        if not arguments[0].records.is_empty():
            seen.append(answer(*rigs.measure_founding(*arguments), answers, owners, str(len(seen))))

    scan_and_watch(world, workdir / f"{world.name}.run", measure)
    for name, frames in zip(("groups", "pairs"), zip(*seen, strict=True), strict=True):
        found = pl.concat(frames, how="diagonal_relaxed").with_columns(world=pl.lit(world.name))
        found.write_parquet(workdir / f"{world.name}.{name}.parquet")


def answer(
    groups: pl.DataFrame,
    measured: pl.DataFrame,
    pairs: pl.DataFrame,
    answers: dict[int, str],
    owners: dict[int, str],
    night: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What was measured, groups with the share of a rig's SIMs, pairs with whether both are of one rig."""
    shares, owner = {}, {}
    for (group,), part in groups.group_by("group"):
        sims = part["imsi"].to_list()
        name, count = Counter(answers.get(imsi, "") for imsi in sims).most_common(1)[0]
        shares[group] = (sum(imsi in owners for imsi in sims) / len(sims), name)
        owner[group] = name if count >= PURE_SHARE * len(sims) else "mixed"
    known = measured.with_columns(
        night=pl.lit(night),
        share=pl.col("group").replace_strict(
            {group: share for group, (share, _) in shares.items()}, return_dtype=pl.Float64
        ),
        top=pl.col("group").replace_strict(
            {group: name for group, (_, name) in shares.items()}, return_dtype=pl.String
        ),
    )
    rig_names = set(owners.values())
    both = pairs.with_columns(
        pl.lit(night).alias("night"),
        *(pl.Series(f"of_{end}", [owner[group] for group in pairs[end]], dtype=pl.String) for end in ("a", "b")),
    ).filter((pl.col("of_a") != "mixed") & (pl.col("of_b") != "mixed"))
    is_rig = pl.col("of_a").is_in(list(rig_names))
    return known, both.with_columns(same=(pl.col("of_a") == pl.col("of_b")) & is_rig)


def estimate(
    rows: pl.DataFrame, same: np.ndarray, weight: np.ndarray, bins: dict[str, Bins]
) -> tuple[int, dict[str, list[int]]]:
    """The base and the points of each measure that counts beside the others."""
    columns, worth = [], {}
    for name, (edges, direction, _) in bins.items():
        values = rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        known = ~np.isnan(values)
        place = np.searchsorted(edges, values, side="right")
        size = len(edges) + 1
        either = [
            np.array([weight[(place == step) & known & (same == answered)].sum() for step in range(size)]) + SMOOTHING
            for answered in (1, 0)
        ]
        evidence = np.log(either[0] / either[0].sum()) - np.log(either[1] / either[1].sum())
        if direction:
            steps = np.arange(size)
            smooth = IsotonicRegression(increasing=direction > 0).fit(steps, evidence, sample_weight=sum(either))
            evidence = smooth.predict(steps)
        worth[name] = evidence
        columns.append(np.where(known, evidence[np.minimum(place, size - 1)], 0.0))
    table, names = np.stack(columns, axis=1), list(bins)
    kept = list(range(len(names)))
    while True:
        # Sums by several threads differ in their last digits.
        with threadpool_limits(1):
            fitted = LogisticRegression(max_iter=3000).fit(table[:, kept], same, sample_weight=weight)
        idle = [
            column
            for column, coefficient in zip(kept, fitted.coef_[0], strict=True)
            if coefficient <= LEAST_COEFFICIENT
        ]
        if not idle:
            break
        kept = [column for column in kept if column not in idle]
    most = [bins[name].most for name in names]
    points = {
        names[column]: [
            int(np.clip(round(float(value * coefficient * POINTS)), -most[column], most[column]))
            for value in worth[names[column]]
        ]
        for column, coefficient in zip(kept, fitted.coef_[0], strict=True)
    }
    return round(float(fitted.intercept_[0] * POINTS)), points


def write_weights(file: Path, origin: str, base: int, points: dict[str, list[int]], bins: dict[str, Bins]) -> None:
    """The file that ships."""
    lines = [f'origin = """{origin}"""', f"base = {base}"]
    for name, values in points.items():
        lines += ["", "[[measure]]", f'name = "{name}"', f"edges = {list(bins[name].edges)}", f"points = {values}"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_measures(workdir: Path, name: str) -> pl.DataFrame:
    return pl.concat(
        [pl.read_parquet(path) for path in sorted(workdir.glob(f"*.{name}.parquet"))], how="diagonal_relaxed"
    )


def fit_joining(pairs: pl.DataFrame) -> tuple[int, dict[str, list[int]]]:
    weight = np.sqrt(2 ** pairs["smaller_sims"].to_numpy())
    return estimate(pairs, pairs["same"].to_numpy().astype(int), weight, JOINING)


def fit_judging(groups: pl.DataFrame) -> tuple[int, dict[str, list[int]]]:
    told = groups.filter((pl.col("share") >= RIG_SHARE) | (pl.col("share") < INNOCENT_SHARE))
    rig = (told["share"].to_numpy() >= RIG_SHARE).astype(int)
    crowded = told["world"].str.contains("crowded").to_numpy()
    weight = np.sqrt(told["sims"].to_numpy().astype(float)) * np.where((rig == 0) & crowded, CROWDED_WEIGHT, 1.0)
    base, points = estimate(told, rig, weight, JUDGING)
    return base + RARER_POINTS, points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("worlds", nargs="+", type=Path)
    parser.add_argument("--workdir", type=Path, required=True)
    options = parser.parse_args()
    options.workdir.mkdir(parents=True, exist_ok=True)
    for world in options.worlds:
        if not (options.workdir / f"{world.name}.pairs.parquet").exists():
            replay(world, options.workdir)
    names = ", ".join(sorted(world.name for world in options.worlds))
    origin = f"Estimated by benchmarks/rig_weights.py on {names} (family A)."
    write_weights(RIGS / "judging.toml", origin, *fit_judging(read_measures(options.workdir, "groups")), JUDGING)
    write_weights(RIGS / "joining.toml", origin, *fit_joining(read_measures(options.workdir, "pairs")), JOINING)


if __name__ == "__main__":
    main()
