"""Options that several commands have."""

from pathlib import Path

import click

RUN = click.option(
    "--run", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="OUT of a scan."
)
REDACT = click.option("--redact", is_flag=True, help="Show the digits of identifiers in part only.")
