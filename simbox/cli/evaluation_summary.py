"""What an evaluation prints: recall beside the baselines', the list, the rigs, the time."""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from simbox.evaluation import show_interval, show_number, show_share

PIPED_COLUMNS = 160


def print_evaluation(figures: dict[str, Any], out: Path | None) -> None:
    """Print the figures of `evaluate_runs` as tables, and where all of them are, if they were written."""
    width = None if sys.stdout.isatty() else PIPED_COLUMNS
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)
    world = figures["world"]
    console.print(
        f"{world['runs']} worlds, {world['subscribers']:,} lawful SIMs ({world['innocents']:,} active),"
        f" {world['rigs']} rigs with {world['rig_sims']:,} active SIMs, {world['prevalence']:.2%} of all active ones"
    )
    if "suite" in figures:
        suite = figures["suite"]
        console.print(f"suite {suite['scenario']}, seeds {' '.join(map(str, suite['seeds']))}")
    if not world["fit_to_publish"]:
        console.print("too small to publish: that takes 300,000 lawful SIMs and 20 rigs, pooled over seeds")
    if not world["baselines_saw_every_night"]:
        console.print("the baselines saw the last night only: a store of these runs is gone")
    console.print()
    for table in (_sims(figures), _segments(figures), _list(figures), _rigs(figures), _times(figures)):
        console.print(table)
        console.print()
    alarms, calibration = figures["sim"]["false_alarms_a_night"], figures["sim"]["calibration"]
    console.print(
        f"false alarms a night for each million active SIMs: {show_number(alarms['listed']['new_a_million'])} new on"
        f" the list, {show_number(alarms['suspect']['new_a_million'])} new suspects"
    )
    console.print(
        f"expected calibration error {show_share(calibration['expected_calibration_error'])}"
        f" over {calibration['sims']:,} SIMs with probability 0.05 or more"
    )
    links = figures["links"]
    console.print(f"{links['strong_pairs']:,} strongly linked pairs, {show_share(links['false_share'])} false")
    console.print(f"written to {out}" if out else "nothing was written: --workdir or --out keep all figures")


def _table(title: str, *columns: str, text: int = 1) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number < text else "right", no_wrap=True)
    return table


def _sims(figures: dict[str, Any]) -> Table:
    """Recall at the rates by group, before and after rig feedback, and the baselines'."""
    rankings = figures["sim"]["rankings"]
    rates = list(rankings[0]["thresholds"])
    table = _table(
        "SIMs caught, % (95 % interval over rigs); false positive rates as stated",
        "", "SIMs", "judge", "rigs", "n", *rates, "reported", f"calls at {rates[0]}", "calls reported", "worst rig",
        text=3,
    )  # fmt: skip
    for ranking in rankings:
        for row in ranking["recall"]:
            # The rest by kind, modifier and window is in the files.
            is_whole = row["population"] == "active" and ranking is rankings[0]
            if row["by"] not in ("all", "level") and not is_whole:
                continue
            table.add_row(
                row["group"] if row["by"] in ("all", "level") else f"{row['by']} {row['group']}",
                row["population"],
                ranking["name"],
                str(row["rigs"]),
                f"{row['sims']:,}",
                *(show_interval(row["recall"][rate]) for rate in rates),
                show_interval(row["recall"]["flagged"]),
                show_interval(row["recall_of_calls"][rates[0]]),
                show_interval(row["recall_of_calls"]["flagged"]),
                show_share(row["worst_rig"]),
            )
        if ranking["false_alarms"] is not None:
            table.add_row("innocents", "reported", ranking["name"], "", f"{ranking['false_alarms']:,}",
                          *[""] * len(rates), show_share(ranking["false_positive_rate"]))  # fmt: skip
    return table


def _segments(figures: dict[str, Any]) -> Table:
    table = _table(
        "Innocents listed, by look-alike", "segment", "innocents", "listed", "rate", "at most (95 %)", "suspect"
    )
    for row in figures["sim"]["segments"]:
        listed = row["listed"]
        table.add_row(
            row["segment"],
            f"{row['innocents']:,}",
            f"{listed['false_alarms']:,}",
            show_share(listed["false_positive_rate"]),
            show_share(listed["false_positive_rate_at_most"]),
            f"{row['suspect']['false_alarms']:,}",
        )
    return table


def _list(figures: dict[str, Any]) -> Table:
    table = _table(
        "The list",
        "",
        "SIMs",
        "innocents",
        "precision",
        "recall",
        "at 3e-4",
        "at least",
        "at 1e-4",
        "at least",
        "a million",
        "observed/expected",
    )
    for row in figures["list"]:
        table.add_row(
            row["list"],
            f"{row['sims']:,}",
            f"{row['innocents']:,}",
            show_share(row["precision"]),
            show_share(row["recall"]),
            *(
                show_share(row[name][share])
                for share in row["precision_at_prevalence"]
                for name in ("precision_at_prevalence", "precision_at_least")
            ),
            show_number(row["innocents_a_million_subscribers"]),
            show_number(row["observed_of_expected"]),
        )
    return table


def _rigs(figures: dict[str, Any]) -> Table:
    found = figures["rig"]["found"]
    table = _table(
        f"Rigs: {found['rigs']} predicted, {found['rigs_of_innocents']} of innocents only, {found['fused']} fused,"
        f" {show_number(found['innocents_each'])} innocents in each",
        "", "rigs", "B3 P", "B3 R", "B3 F1", "pairs F1", "recovered", "parts", "innocents", "in region", "km2", "mast",
        "kind", "ports", "same id",
    )  # fmt: skip
    stable = {row["level"]: row["same_share"] for row in figures["rig"]["stability"]}
    for row in figures["rig"]["groups"]:
        cubed = row["b_cubed"]
        table.add_row(
            row["group"] if row["by"] != "SIMs per port" else f"{row['group']} SIMs a port",
            str(row["rigs"]),
            *(show_share(cubed[part]) for part in ("precision", "recall", "f1")),
            show_share(row["pairwise"]["f1"]),
            show_share(row["recovered"]),
            show_number(row["fragments_each"]),
            show_number(row["innocents_each"]),
            show_share(row["premises_in_region"]),
            show_number(row["region_area_km2"]),
            show_share(row["mast_right"]),
            show_share(row["kind_right"]),
            show_share(row["ports_in_interval"]),
            show_share(stable.get(row["group"])),
        )
    return table


def _times(figures: dict[str, Any]) -> Table:
    table = _table(
        "Time from a SIM's first event to its listing",
        "", "SIMs", "listed", "median hours", "median calls and SMS", "prevented",
    )  # fmt: skip
    for row in figures["time"]:
        table.add_row(
            row["level"],
            f"{row['sims']:,}",
            f"{row['listed']:,}",
            show_number(row["median_hours"]),
            show_number(row["median_events_of_listed"]),
            show_share(row["prevented_share"]),
        )
    return table
