"""What an evaluation prints: recall beside the baselines', the list, the rigs, the time; parts of a suite together."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from simbox.evaluation import FRAUDZEN, parts_of, show_interval, show_number, show_share

PIPED_COLUMNS = 180
MOST_NIGHTS = 8
Figures = dict[str, Any]
Row = list[str]


def print_evaluation(figures: Figures, out: Path | None) -> None:
    """Print the figures of runs or of a suite as tables, and where all of them are, if they were written."""
    width = None if sys.stdout.isatty() else PIPED_COLUMNS
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)
    parts = parts_of(figures)
    if "suite" in figures:
        console.print(f"suite {figures['suite']['name']}, seeds {' '.join(map(str, figures['suite']['seeds']))}")
    for name, part in parts:
        _print_world(console, name, part["world"])
    console.print()
    # Published figures of these are precision and recall by day; everything else is in the files.
    whole = (_sims, _segments, _list, _rigs, _times, _throughput, _by_night)
    for table in (_by_night,) if figures.get("suite", {}).get("name") == FRAUDZEN else whole:
        console.print(table(parts))
        console.print()
    for name, part in parts:
        _print_alarms(console, name, part)
    console.print(f"written to {out}" if out else "nothing was written: --workdir or --out keep all figures")


def _print_world(console: Console, name: str, world: Figures) -> None:
    console.print(
        f"{_of(name)}{world['runs']} worlds, {world['subscribers']:,} lawful SIMs ({world['innocents']:,} active),"
        f" {world['rigs']} rigs with {world['rig_sims']:,} active SIMs, {world['prevalence']:.2%} of all active ones"
    )
    if not world["fit_to_publish"]:
        console.print("too small to publish: that takes 300,000 lawful SIMs and 20 rigs, pooled over seeds")
    if not world["baselines_saw_every_night"]:
        console.print("the baselines saw the last night only: a store of these runs is gone")
    for why in world["baselines_left_out"]:
        console.print(why)


def _print_alarms(console: Console, name: str, part: Figures) -> None:
    alarms, calibration = part["sim"]["false_alarms_a_night"], part["sim"]["calibration"]
    console.print(
        f"{_of(name)}false alarms a night for each million active SIMs:"
        f" {show_number(alarms['listed']['new_a_million'])} new on the list,"
        f" {show_number(alarms['suspect']['new_a_million'])} new suspects"
    )
    console.print(
        f"{_of(name)}expected calibration error {show_share(calibration['expected_calibration_error'])}"
        f" over {calibration['sims']:,} SIMs with probability 0.05 or more"
    )
    links = part["links"]
    console.print(
        f"{_of(name)}{links['strong_pairs']:,} strongly linked pairs, {show_share(links['false_share'])} false"
    )


def _of(name: str) -> str:
    return f"{name}: " if name else ""


Parts = list[tuple[str, Figures]]


def _table(
    parts: Parts, title: str, columns: Iterable[str], rows: Callable[[Figures], Iterable[Row]], text: int = 1
) -> Table:
    """The rows of all parts, those that say the same of each part together; a part's name stands before its rows."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    named = len(parts) > 1
    for number, column in enumerate(["worlds", *columns] if named else columns):
        table.add_column(column, justify="left" if number < text + named else "right", no_wrap=True)
    of_part = [(name, list(rows(part))) for name, part in parts]
    keys = list(dict.fromkeys(tuple(row[: max(1, text)]) for _, part_rows in of_part for row in part_rows))
    for key in keys:
        for name, part_rows in of_part:
            for row in part_rows:
                if tuple(row[: max(1, text)]) == key:
                    table.add_row(*([name] if named else []), *row)
    return table


def _sims(parts: Parts) -> Table:
    """Recall at the rates by group, before and after rig feedback, and the baselines'."""
    rates = list(parts[0][1]["sim"]["rankings"][0]["thresholds"])

    def rows(part: Figures) -> Iterable[Row]:
        rankings = part["sim"]["rankings"]
        for ranking in rankings:
            for row in ranking["recall"]:
                # The rest by kind, modifier and window is in the files.
                is_whole = row["population"] == "active" and ranking is rankings[0]
                if row["by"] not in ("all", "level") and not is_whole:
                    continue
                yield [
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
                ]
            if ranking["false_alarms"] is not None:
                yield ["innocents", "reported", ranking["name"], "", f"{ranking['false_alarms']:,}",
                       *[""] * len(rates), show_share(ranking["false_positive_rate"])]  # fmt: skip

    return _table(
        parts,
        "SIMs caught, % (95 % interval over rigs); false positive rates as stated",
        ["", "SIMs", "judge", "rigs", "n", *rates, "reported", f"calls at {rates[0]}", "calls reported", "worst rig"],
        rows,
        text=3,
    )


def _segments(parts: Parts) -> Table:
    def rows(part: Figures) -> Iterable[Row]:
        for row in part["sim"]["segments"]:
            listed = row["listed"]
            yield [
                row["segment"],
                f"{row['innocents']:,}",
                f"{listed['false_alarms']:,}",
                show_share(listed["false_positive_rate"]),
                show_share(listed["false_positive_rate_at_most"]),
                f"{row['suspect']['false_alarms']:,}",
            ]

    columns = ["segment", "innocents", "listed", "rate", "at most (95 %)", "suspect"]
    return _table(parts, "Innocents listed, by look-alike", columns, rows)


def _list(parts: Parts) -> Table:
    def rows(part: Figures) -> Iterable[Row]:
        for row in part["list"]:
            yield [
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
            ]

    columns = ["", "SIMs", "innocents", "precision", "recall", "at 3e-4", "at least", "at 1e-4", "at least",
               "a million", "observed/expected"]  # fmt: skip
    return _table(parts, "The list", columns, rows)


def _rigs(parts: Parts) -> Table:
    def rows(part: Figures) -> Iterable[Row]:
        stable = {row["level"]: row["same_share"] for row in part["rig"]["stability"]}
        for row in part["rig"]["groups"]:
            cubed = row["b_cubed"]
            yield [
                row["group"] if row["by"] != "SIMs per port" else f"{row['group']} SIMs a port",
                str(row["rigs"]),
                *(show_share(cubed[measure]) for measure in ("precision", "recall", "f1")),
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
            ]

    predicted = []
    for name, part in parts:
        found = part["rig"]["found"]
        predicted.append(
            f"{_of(name)}{found['rigs']} predicted, {found['rigs_of_innocents']} of innocents only,"
            f" {found['fused']} fused, {show_number(found['innocents_each'])} innocents in each"
        )
    columns = ["", "rigs", "B3 P", "B3 R", "B3 F1", "pairs F1", "recovered", "parts", "innocents", "in region", "km2",
               "mast", "kind", "ports", "same id"]  # fmt: skip
    return _table(parts, "\n      ".join(["Rigs: " + predicted[0], *predicted[1:]]), columns, rows)


def _times(parts: Parts) -> Table:
    def rows(part: Figures) -> Iterable[Row]:
        for row in part["time"]:
            yield [
                row["level"],
                f"{row['sims']:,}",
                f"{row['listed']:,}",
                show_number(row["median_hours"]),
                show_number(row["median_events_of_listed"]),
                show_share(row["prevented_share"]),
            ]

    columns = ["", "SIMs", "listed", "median hours", "median calls and SMS", "prevented"]
    return _table(parts, "Time from a SIM's first event to its listing", columns, rows)


def _throughput(parts: Parts) -> Table:
    def rows(part: Figures) -> Iterable[Row]:
        for row in part["recall_by_throughput"]:
            yield [
                row["kept"],
                str(row["rigs"]),
                f"{row['sims']:,}",
                show_interval(row["recall"]),
                show_interval(row["recall_of_calls"]),
            ]

    columns = ["kept", "rigs", "SIMs", "listed", "their calls"]
    return _table(parts, "SIMs listed, by the share of a naive rig's throughput that their rig keeps", columns, rows)


def _by_night(parts: Parts) -> Table:
    nights = _shown_nights(max((row["night"] for _, part in parts for row in part["by_night"]), default=0))

    def rows(part: Figures) -> Iterable[Row]:
        for judge in dict.fromkeys(row["judge"] for row in part["by_night"]):
            by_night = {row["night"]: row for row in part["by_night"] if row["judge"] == judge}
            held = [by_night.get(night, {"precision": None, "recall": None}) for night in nights]
            yield [judge, *(f"{_digits(row['precision'])} / {_digits(row['recall'])}" for row in held)]

    columns = ["judge", *(f"night {night}" for night in nights)]
    return _table(parts, "Precision / recall of what was reported by the end of each night", columns, rows)


def _shown_nights(nights: int) -> list[int]:
    """All of a week and a day, which fit a terminal's width; of more the ends of the windows, and the last."""
    if nights <= MOST_NIGHTS:
        return list(range(1, nights + 1))
    return [*(night for night in (1, 3, 7, 14, 21) if night < nights), nights]


def _digits(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"
