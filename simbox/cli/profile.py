"""simbox profile"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl

    from simbox.config import Config

FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
SOURCE = click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with simbox.toml and cells; by default the one that the file or the profile lies in.",
)


@click.group()
def profile() -> None:
    """Draft and check profiles, which say how an operator's files are to be read."""


@profile.command()
@FILE
@SOURCE
@click.option("--operator", help="Key of the operator in simbox.toml; by default whose IMSIs there are most.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the draft there, not to the terminal.")
def guess(file: Path, source: Path | None, operator: str | None, out: Path | None) -> None:
    """Draft a profile from FILE, and say on stderr how sure each line is."""
    from simbox.errors import UsageError
    from simbox.intake import guess_profile
    from simbox.tables.writing import write_text

    if out is not None and out.exists():
        raise UsageError(f"{out} is there already: a draft replaces no profile")
    config, cells = _around(source, file)
    drafted = guess_profile(file, config, cells, operator)
    if out is not None:
        write_text(drafted.text, out)
    else:
        click.echo(drafted.text, nl=False)
    for line, why, sure in drafted.notes:
        click.echo(f"{sure:<8} {line}: {why}", err=True)


@profile.command()
@click.argument("profile", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@FILE
@SOURCE
def check(profile: Path, file: Path, source: Path | None) -> None:
    """Read the first 10,000 lines of FILE by PROFILE, and print what came of each field."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simbox.cli.summary import PIPED_COLUMNS
    from simbox.intake import check_profile

    config, cells = _around(source, profile)
    checked = check_profile(profile, file, config, cells)
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=PIPED_COLUMNS)
    console.print(f"feed {checked.feed}: {checked.lines:,} lines, {checked.rows:,} rows, {checked.skipped:,} skipped")
    table = Table(box=SIMPLE_HEAD)
    for title in ("field", "given", "read", "most often (identifiers: how they begin, and digits more)"):
        table.add_column(title, justify="right" if title in ("given", "read") else "left")
    for field in checked.fields:
        read = "" if field.parsed_share is None else f"{field.parsed_share:.2%}"
        top = ", ".join(f"{value} {count}" for value, count in field.top)
        table.add_row(*(Text(cell) for cell in (field.field, f"{field.given_share:.2%}", read, top)))
    console.print(table)
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in checked.numbers.items())
    console.print(f"far ends: {kinds}")
    hits = "no table of cells to look in" if checked.cell_hits is None else f"{checked.cell_hits:.2%} are in the table"
    console.print(f"cells: {hits}")
    for rule, name, count in checked.rejects:
        console.print(f"rejected: {count:,} {rule} ({name})")


def _around(source: Path | None, file: Path) -> tuple["Config", "pl.DataFrame"]:
    """simbox.toml and CELLS of the source folder that a file lies in, or of the one given."""
    from simbox.config import load_config
    from simbox.intake import read_references

    folders = (
        [source] if source else [folder for folder in file.resolve().parents if (folder / "simbox.toml").is_file()]
    )
    if not folders or folders[0] is None:
        return load_config(None), read_references(file.parent).cells
    config = load_config(folders[0] / "simbox.toml")
    return config, read_references(folders[0], config.country.bounds).cells
