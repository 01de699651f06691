"""simbox key"""

from pathlib import Path

import click


@click.group()
def key() -> None:
    """Make and show keys that sign case bundles."""


@key.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def new(file: Path) -> None:
    """Make a private Ed25519 key in FILE, mode 0600, and its public half in FILE.pub, which others verify with."""
    from simbox.cases import fingerprint, new_key, read_private_key

    public = new_key(file)
    click.echo(f"{file} is private: give away {public} only")
    click.echo(f"fingerprint {fingerprint(read_private_key(file).public_key())}")


@key.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def show(file: Path) -> None:
    """Print the fingerprint of the public key in FILE, to be compared over the telephone."""
    from simbox.cases import fingerprint, read_public_key

    click.echo(f"fingerprint {fingerprint(read_public_key(file.read_bytes(), file.name))}")
