"""simbox export"""

import logging
from pathlib import Path

import click

from simbox.cli.choices import REDACT, RUN

FORMATS = ("csv", "xlsx", "geojson", "kml", "graphml", "i2", "misp", "pdf")
EXPIRE_DAYS = 90


@click.command()
@RUN
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for files.")
@click.option("--rig", "rigs", multiple=True, metavar="ID", help="These rigs only; by default all on the list.")
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="May be given several times.")
@click.option(
    "--what",
    type=click.Choice(["list", "blocking", "victims"]),
    default="list",
    help="The list with its rigs (default), lists for switches and registers, or whom the rigs called.",
)
@click.option("--imei", "with_imeis", is_flag=True, help="With --what blocking: IMEIs too. Cloned ones hit others.")
@click.option("--expire-days", type=click.IntRange(min=1), default=EXPIRE_DAYS, show_default=True, help="Of blocks.")
@click.option("--semicolon", is_flag=True, help="CSV with ; between columns.")
@click.option("--bom", is_flag=True, help="CSV with a byte order mark, for Excel.")
@REDACT
def export(
    run: Path,
    out: Path,
    rigs: tuple[str, ...],
    formats: tuple[str, ...],
    what: str,
    with_imeis: bool,
    expire_days: int,
    semicolon: bool,
    bom: bool,
    redact: bool,
) -> None:
    """Write what other programs and other desks take of the run OUT; each operator's own cards in a file of its own."""
    if what != "list" and formats and formats != ("csv",):
        raise click.UsageError(f"--what {what} is written as CSV only")
    if with_imeis and what != "blocking":
        raise click.UsageError("--imei goes with --what blocking")
    # On its first use matplotlib looks through the fonts, and warns of how long that takes.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from simbox.exports import CLONE_WARNING
    from simbox.handover import ExportOptions, export_run, read_run

    options = ExportOptions(
        what=what,
        formats=formats or ("csv",),
        rig_ids=rigs,
        redact=redact,
        separator=";" if semicolon else ",",
        byte_order_mark=bom,
        with_imeis=with_imeis,
        expire_days=expire_days,
    )
    written = export_run(read_run(run), out, options)
    for path in written:
        click.echo(path)
    if with_imeis:
        click.echo(f"warning: {CLONE_WARNING}; block-imei.csv says how many other SIMs showed each", err=True)
