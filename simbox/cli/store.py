"""simbox store"""

from pathlib import Path

import click

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.group()
def store() -> None:
    """Look at a CDR store, and keep it small."""


@store.command()
@FOLDER
@click.option("--verify", is_flag=True, help="Compare every part with its SHA-256.")
def info(folder: Path, verify: bool) -> int:
    """Print what each night of the store DIR holds."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.filesize import decimal
    from rich.table import Table
    from rich.text import Text

    from simbox.errors import DamagedError
    from simbox.store import open_store

    nights = open_store(folder).describe(verify=verify)
    table = Table(box=SIMPLE_HEAD)
    for title in ("night", "parts", "rows", "bytes", "operators", *(["checksums"] if verify else [])):
        table.add_column(title, justify="right" if title in ("parts", "rows", "bytes") else "left")
    for one in nights:
        verdict = ["damaged" if one.damages else "ok"] if verify else []
        cells = [f"{one.night}", f"{one.parts}", f"{one.rows:,}", decimal(one.bytes), " ".join(one.operators)]
        table.add_row(*(Text(cell) for cell in [*cells, *verdict]))
    console = Console(highlight=False)
    if nights:
        console.print(table)
    parts, rows, size = (sum(getattr(one, name) for one in nights) for name in ("parts", "rows", "bytes"))
    console.print(f"{len(nights)} nights, {parts} parts, {rows:,} rows, {decimal(size)}")
    damages = [damage for one in nights for damage in one.damages]
    if damages:
        raise DamagedError("the store is damaged:", damages)
    return 0


@store.command()
@FOLDER
@click.option("--night", type=click.DateTime(["%Y-%m-%d"]), help="Compact this night only.")
@click.option("--retain-nights", metavar="N", type=click.IntRange(min=1), help="Drop what lies N days back or more.")
@click.option("--memory", metavar="SIZE", help="Memory to use, as 4GiB; by default half of the machine's.")
def compact(folder: Path, night: object, retain_nights: int | None, memory: str | None) -> int:
    """Merge the parts of each night of the store DIR into one that holds the same records."""
    from simbox.errors import InputError
    from simbox.store import open_store, read_memory

    held = open_store(folder, memory=read_memory(memory))
    wanted = getattr(night, "date", lambda: None)()
    if wanted is not None and wanted not in held.nights():
        raise InputError(f"the store holds no night {wanted}")
    with held.locked():
        gone = held.retain(retain_nights) if retain_nights else []
        merged = held.compact(None if wanted is None else [wanted] if wanted not in gone else [])
    several = {one: parts for one, parts in merged.items() if parts > 1}
    if gone:
        click.echo(f"dropped {len(gone)} nights up to {gone[-1]}")
    click.echo(
        f"merged {sum(several.values())} parts of {len(several)} nights; {len(merged)} nights have one part each"
    )
    return 0
