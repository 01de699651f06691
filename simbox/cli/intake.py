"""simbox intake"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simbox.intake import TakenIn


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--store", required=True, type=click.Path(path_type=Path), help="CDR store to take the records into.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="By default SOURCE/simbox.toml.",
)
@click.option("--rejects", type=click.Path(path_type=Path), help="Parquet file for the rows that could not be used.")
@click.option("--salvage", is_flag=True, help="Read gzip files with padding or garbage behind their data without it.")
@click.option("--accept-columns", is_flag=True, help="Take files of feeds whose columns changed.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads to use; by default all cores.")
@click.option("--memory", metavar="SIZE", help="Memory to use, as 4GiB; by default half of the machine's.")
def intake(
    source: Path,
    store: Path,
    config_file: Path | None,
    rejects: Path | None,
    threads: int | None,
    memory: str | None,
    *,
    salvage: bool,
    accept_columns: bool,
) -> int:
    """Take the CDR files of SOURCE that a store does not have yet into it."""
    from simbox.cli.threads import set_threads

    set_threads(threads, memory)
    from simbox.cli.progress import progress_on_stderr, tell_compiling
    from simbox.kernels.warming import compile_apart

    compile_apart(tell_compiling)
    from simbox.config import load_config
    from simbox.errors import EXIT_DONE, EXIT_REFUSED, InputError
    from simbox.intake import Allowances, take_in
    from simbox.store import open_store, read_memory
    from simbox.tables.cdrs import REJECTS
    from simbox.tables.writing import write_table

    if not source.is_dir():
        raise InputError(f"{source} is not a folder")
    config = load_config(config_file or source / "simbox.toml")
    with progress_on_stderr() as progress:
        opened = open_store(store, create=True, memory=read_memory(memory))
        taken = take_in(source, opened, config, progress, Allowances(salvage, accept_columns))
    if rejects is not None:
        write_table(REJECTS, taken.rejects, rejects)
    _print(taken)
    return EXIT_REFUSED if taken.refused else EXIT_DONE


def _print(taken: "TakenIn") -> None:
    """Print what came of each feed, and every warning."""
    import sys

    import polars as pl
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simbox.cli.summary import PIPED_COLUMNS

    console = Console(
        highlight=False, soft_wrap=True, markup=False, emoji=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS
    )
    table = Table(box=SIMPLE_HEAD)
    names = ("rows_in", "rows_kept", "rows_rejected", "rows_skipped", "rows_merged", "rows_repeated")
    for title in ("feed", "files", "refused", *(name.removeprefix("rows_") for name in names)):
        table.add_column(title, justify="left" if title == "feed" else "right")
    counts = taken.files.group_by(pl.col("feed").fill_null("interchange format")).agg(
        files=pl.len(), refused=pl.col("refused").count(), **{name: pl.col(name).sum() for name in names}
    )
    for row in counts.sort("feed").iter_rows():
        table.add_row(*(Text(value if isinstance(value, str) else f"{value:,}") for value in row))
    console.print(table)
    for warning in taken.warnings:
        console.print(f"warning: {warning}")
