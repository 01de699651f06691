"""simbox custody"""

from datetime import UTC, datetime
from pathlib import Path

import click

BUNDLE = click.argument("bundle", metavar="CASE.zip", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group()
def custody() -> None:
    """Keep the log of who has a case bundle in hand."""


@custody.command()
@BUNDLE
@click.option("--by", required=True, help="Who did it.")
@click.option("--action", required=True, help="What was done: received, copied, handed over, opened ...")
@click.option("--to", default="", help="To whom it was handed.")
@click.option("--note", default="", help="Anything else.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="When, with offset; by default now.")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="Private key to sign the line with.")
def add(bundle: Path, by: str, action: str, to: str, note: str, at: datetime | None, key: Path | None) -> None:
    """Add a line to the log in CASE.zip; what is sealed stays as it is."""
    from simbox.cases import CUSTODY, add_entry, open_bundle, pack, read_custody, read_private_key
    from simbox.errors import DamagedError

    opened = open_bundle(bundle)
    if not opened.is_canonical or CUSTODY not in opened.files:
        raise DamagedError(f"{bundle.name} is damaged; nothing was added: simbox verify says where")
    moment = (at or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signer = read_private_key(key) if key else None
    log = add_entry(opened.files[CUSTODY], moment, by, action, to, note, signer)
    pack(opened.files | {CUSTODY: log}, bundle)
    last = read_custody(log)[-1]
    click.echo(f"line {last['n'] + 1} added; write its hash into the protocol:")
    click.echo(last["hash"])


@custody.command()
@BUNDLE
def show(bundle: Path) -> None:
    """Print the log of CASE.zip."""
    from simbox.cases import CUSTODY, open_bundle, read_custody

    for entry in read_custody(open_bundle(bundle).files.get(CUSTODY, b"")):
        told = [entry.get("at", "sealed"), entry["by"], entry["action"], entry.get("to", ""), entry.get("note", "")]
        click.echo("  ".join(str(part) for part in told if part))
