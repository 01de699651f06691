"""simbox rig"""

from pathlib import Path

import click


@click.command()
@click.argument("rig_id", required=False)
@click.option(
    "--run", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="OUT of a scan."
)
@click.option(
    "-o",
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="HTML file to write; by default RIG_ID.html here or, for all rigs, report.html in OUT.",
)
@click.option("--redact", is_flag=True, help="Mask identifiers.")
def rig(rig_id: str | None, run: Path, file: Path | None, *, redact: bool) -> None:
    """Print one rig and write its page or, without RIG_ID, write the report of all rigs again."""
    from simbox.report import read_run_tables, render_report, render_rig_page, write_report
    from simbox.tables.writing import write_text

    if rig_id is None and file is None:
        click.echo(write_report(run, redact=redact))
        return
    tables = read_run_tables(run)
    page = render_report(tables, redact=redact) if rig_id is None else render_rig_page(tables, rig_id, redact)
    file = file or Path(f"{rig_id}.html")
    write_text(page, file)
    if rig_id is not None:
        from simbox.cli.rig_text import echo_rig

        echo_rig(run, rig_id)
        click.echo()
    click.echo(file)
