"""simbox config"""

from pathlib import Path

import click


@click.group()
def config() -> None:
    """Show or check a simbox.toml."""


@config.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def show(file: Path | None) -> None:
    """Print the configuration in force, defaults included."""
    from simbox.config import load_config, show_config

    click.echo(show_config(load_config(file)))


@config.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(file: Path) -> None:
    """Say whether FILE can be used, and everything that is wrong with it."""
    from simbox.config import load_config

    loaded = load_config(file)
    click.echo(f"{file.name}: good, {len(loaded.operators)} operators")
