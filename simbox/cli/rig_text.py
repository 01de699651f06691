"""A rig as text: what it is, where it stands and when, whose cards, and what holds them together.

What is printed may end in a log, so cards are numbered and masked here; lists and the rig's page have them whole.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import polars as pl

if TYPE_CHECKING:
    from simbox.handover import Run

MEMBERS_SHOWN = 20
PAIRS_SHOWN = 10
PORTS_SHOWN, TURNS_SHOWN = 5, 12
# A bar's character for so many points.
POINTS_A_MARK = 5


def echo_rig(run: Path, rig_id: str) -> None:
    """Print facts, places, hours, members, victims and the ten most telling pairs of a rig of a finished run."""
    from simbox.handover import read_run

    read, of_rig = read_run(run), pl.col("rig_id") == rig_id
    [rig] = read.rigs.filter(of_rig).to_dicts()
    sites = read.sites.filter(of_rig).sort("place_rank")
    by_certainty = read.members.filter(of_rig).sort("probability", "imsi", descending=[True, False])
    members = by_certainty.with_row_index("number", 1)
    known = members["imsi"].implode()
    links = read.links.filter(pl.col("imsi_a").is_in(known) & pl.col("imsi_b").is_in(known))
    records = _records_of(read, members)
    _echo_facts(rig, members, None if records is None else _count_victims(read, members, records))
    _echo_places(sites)
    _echo_members(members)
    if records is not None:
        _echo_ports(records, members)
    _echo_pairs(links, members)


def _echo_facts(rig: dict[str, Any], members: pl.DataFrame, victims: int | None) -> None:
    replaced = members.filter(pl.col("role") == "replacement").height
    click.echo(
        f"Rig {rig['rig_id']}: a rig with probability {rig['probability']:.2f}, {rig['kind']} with"
        f" {rig['kind_probability']:.2f}, {rig['status']}"
    )
    click.echo(
        f"  {rig['sim_count']} SIMs of {rig['operators']}: {rig['live_count']} live, {rig['burnt_count']} silent,"
        f" {replaced} took another's port over"
    )
    if rig["expected_unseen_count"] is not None:
        click.echo(
            f"  {rig['replaced_a_night']:,.1f} new ones a night: about {rig['expected_unseen_count']} more will take"
            " their turn within a week"
        )
    click.echo(
        f"  {rig['ports_low']} to {rig['ports_high']} ports, most likely {rig['ports']}; {rig['imei_count']} IMEIs of"
        f" {rig['tac_count']} models"
    )
    if rig["far_switches"] or rig["shuttling_count"]:
        click.echo(
            f"  cards kept elsewhere: {rig['far_switches']} times one went on too far off for any road,"
            f" {rig['shuttling_count']} went to and fro between far places"
        )
    click.echo(f"  {rig['minutes']:,.1f} minutes of calls and {rig['sms_count']:,} SMS made")
    click.echo(f"  at work from {rig['first_at']:%Y-%m-%d %H:%M} to {rig['last_at']:%Y-%m-%d %H:%M} UTC")
    told = "not known, the store is not there" if victims is None else f"{victims:,} numbers"
    click.echo(f"  called or written to: {told}")


def _records_of(read: "Run", members: pl.DataFrame) -> pl.DataFrame | None:
    """CDRS of the rig's members that the run held; null where its store is not there."""
    from simbox.errors import InputError
    from simbox.handover import read_records

    try:
        return read_records(read, members["imsi"])
    except InputError:
        return None


def _count_victims(read: "Run", members: pl.DataFrame, records: pl.DataFrame) -> int:
    """How many numbers the rig reached."""
    from simbox.exports import find_victims

    return find_victims(records, members.drop("number"), read.config.numbers, read.config.operators).height


def _echo_ports(records: pl.DataFrame, members: pl.DataFrame) -> None:
    """The cards that took turns under one IMEI, port by port."""
    from simbox.rigs import port_chains

    chains = port_chains(records)
    if chains.is_empty():
        click.echo("\nPorts: which card followed which can't be seen, for no two showed one IMEI")
        return
    ports = chains["port"].n_unique()
    click.echo(f"\nPorts: members by number, in the order in which they took turns under one IMEI ({ports} IMEIs):")
    number = members.select("imsi", "number")
    for (port,), turns in chains.filter(pl.col("port") <= PORTS_SHOWN).group_by("port", maintain_order=True):
        shown = turns.join(number, on="imsi", how="left", maintain_order="left")["number"].head(TURNS_SHOWN)
        more = ", ..." if turns.height > TURNS_SHOWN else ""
        click.echo(f"  {port:>3}  {turns.height} turns: {', '.join(str(one) for one in shown)}{more}")


def _echo_places(sites: pl.DataFrame) -> None:
    click.echo("\nPlaces of its radio:")
    for site in sites.to_dicts():
        live = "live" if site["live_now"] else f"left {site['last_at']:%Y-%m-%d}"
        moved = f", moved there from {site['moved_from']}" if site["moved_from"] is not None else ""
        click.echo(f"  {site['place_rank']}  {100 * site['event_share']:.0f} % of its events, {live}{moved}")
        if site["lat"] is not None:
            click.echo(f"     within {site['radius_m']:.0f} m of {site['lat']:.5f}, {site['lon']:.5f} (90 %)")
        click.echo(f"     cells {site['cells']}")
        if site["raid_windows"]:
            click.echo(f"     most SIMs live {site['raid_windows']}")
    if sites.is_empty():
        click.echo("  none is known: its records carry no cells")


def _echo_members(members: pl.DataFrame) -> None:
    from simbox.telecom.identifiers import redact_imsi

    click.echo(f"\nMembers, the surest of {members.height}:")
    numbers = members.select(replaces_imsi="imsi", replaced="number")
    shown = members.head(MEMBERS_SHOWN).join(numbers, on="replaces_imsi", how="left", maintain_order="left")
    for row in shown.with_columns(redact_imsi(pl.col("imsi"))).to_dicts():
        until = "live" if row["left_at"] is None else f"silent since {row['left_at']:%Y-%m-%d %H:%M}"
        instead = f", replaces {row['replaced']}" if row["replaced"] is not None else ""
        click.echo(
            f"  {row['number']:>4}  {row['imsi']}  {row['probability']:.4f}  {row['role']}, since"
            f" {row['joined_at']:%Y-%m-%d %H:%M}, {until}{instead}"
        )


def _echo_pairs(links: pl.DataFrame, members: pl.DataFrame) -> None:
    """The pairs with most points, each as what every family of comparisons adds, and their sum."""
    from simbox.rigs import FAMILY, family_weights

    pair = ["imsi_a", "imsi_b"]
    named = links.with_columns(family=pl.col("comparison").replace_strict(FAMILY, return_dtype=pl.String))
    strongest = named.sort(
        *pair, "family", "weight", "comparison", descending=[False, False, False, True, False]
    ).unique([*pair, "family"], keep="first", maintain_order=True)
    by_family = family_weights(links).with_columns(pl.col("family").cast(pl.String))
    steps_of = by_family.join(strongest, on=[*pair, "family"], maintain_order="left")
    top = (
        by_family.group_by(pair)
        .agg(total=pl.col("points").sum())
        .sort("total", *pair, descending=[True, False, False])
        .head(PAIRS_SHOWN)
    )
    click.echo(
        "\nMost telling pairs: of each family the strongest comparison, capped, in points (ten double the odds):"
    )
    number = dict(members.select("imsi", "number").iter_rows())
    for row in top.to_dicts():
        first, second = sorted((number[row["imsi_a"]], number[row["imsi_b"]]))
        click.echo(f"  {first} and {second}: {row['total']:+d}")
        steps = steps_of.filter((pl.col("imsi_a") == row["imsi_a"]) & (pl.col("imsi_b") == row["imsi_b"]))
        reached = 0
        for step in steps.sort("points", "family", descending=[True, False]).to_dicts():
            begin, reached = reached, reached + step["points"]
            bar = " " * _marks(min(begin, reached)) + "#" * max(_marks(abs(step["points"])), 1)
            times = f", {step['events']} times" if step["events"] > 1 else ""
            click.echo(f"    {step['points']:+5d}  {step['family']:<9} {step['comparison']}{times}".ljust(50) + bar)
    if top.is_empty():
        click.echo("  none: no two of its SIMs are linked in the last night")


def _marks(points: int) -> int:
    return max(round(points / POINTS_A_MARK), 0)
