"""simbox match"""

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from simbox.cli.choices import REDACT, RUN


@click.command()
@click.argument("seized", metavar="SEIZED.csv", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@RUN
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for files.")
@click.option("--rig", "rigs", multiple=True, metavar="ID", help="Raided rig; by default that with most cards found.")
@click.option("--seized-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="When they were read, with offset.")
@click.option("--protocol", default="", help="Who says so: number of the protocol; by default the file's name.")
@click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Source folder whose subscribers tell the IMSI of ICCIDs that are not on the list.",
)
@REDACT
def match(
    seized: Path,
    run: Path,
    out: Path,
    rigs: tuple[str, ...],
    seized_at: datetime | None,
    protocol: str,
    source: Path | None,
    redact: bool,
) -> None:
    """Compare the cards read at the door (columns iccid, imsi, imei, seized_at, verdict) with the run OUT."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from simbox.evaluation import ListedRun, match_seized, read_seized, write_match
    from simbox.handover import choose_rigs, read_run
    from simbox.intake import read_references
    from simbox.tables.reference import SUBSCRIBERS

    read = read_run(run)
    if rigs:
        choose_rigs(read, rigs)
    cards = read_seized(seized, seized_at)
    subscribers = read_references(source).subscribers if source else SUBSCRIBERS.empty()
    tables = ListedRun(read.scores, read.members, read.listed, read.review)
    matched = match_seized(cards, tables, rigs, subscribers, protocol or seized.name)
    write_match(matched, out, redact=redact)
    _echo(matched.figures)
    click.echo(f"{matched.verdicts.height} verdicts; written to {out}")


def _echo(figures: dict[str, Any]) -> None:
    click.echo(f"{figures['seized']} cards read; raided: {' '.join(figures['raided_rigs']) or 'no rig of the run'}")
    for outcome, count in figures["outcomes"].items():
        click.echo(f"{count:7,}  {outcome}")
    states = ", ".join(f"{count} {state}" for state, count in figures["listed_not_found_by_state"].items())
    click.echo(f"{figures['listed_not_found']:7,}  listed, not found" + (f" ({states})" if states else ""))
    for rig_id, count in figures["other_rigs"].items():
        click.echo(f"{count:7,}  of another rig: {rig_id}")
    if figures["pairs_read"]:
        click.echo(
            f"{figures['pairs_read']:7,}  pairs of IMSI and IMEI, {figures['pairs_on_list']} of listed SIMs,"
            f" {figures['pairs_as_the_records_have_them']} as the records have them"
        )
    if figures["handsets_without_a_card"]:
        click.echo(
            f"{figures['handsets_without_a_card']:7,}  handsets without a card,"
            f" {figures['handsets_without_a_card_on_list']} of them shown by listed SIMs"
        )
    click.echo(f"precision {_share(figures['precision'])}: listed SIMs of the raided rigs that were found there")
    click.echo(f"recall {_share(figures['recall'])}: cards found and seen in the records that were listed")
    click.echo(f"recall {_share(figures['recall_of_all_found'])}: all cards found")
    click.echo("95 % intervals as if SIMs were caught one by one; those of one rig hang together")


def _share(entry: dict[str, Any]) -> str:
    if entry["value"] is None:
        return "n/a"
    value, low, high = (100 * entry[name] for name in ("value", "low", "high"))
    return f"{value:.1f} % ({low:.1f}-{high:.1f}; {entry['hits']} of {entry['of']})"
