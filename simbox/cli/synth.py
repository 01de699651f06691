"""simbox synth"""

from pathlib import Path
from typing import Literal

import click

# Those of sample_cdrs/, so that a bare `simbox synth OUT` makes the sample again.
SCENARIO = "sample"
SEED = 1


@click.command()
@click.argument("out", required=False, type=click.Path(path_type=Path))
@click.option("--scenario", metavar="NAME|FILE.toml", help=f"What the world is like; by default {SCENARIO}.")
@click.option("--subscribers", type=int, help="Lawful SIMs; by default as many as the scenario says.")
@click.option("--nights", type=int, help="Nights; by default as many as the scenario says.")
@click.option("--rigs", type=int, help="Rigs; by default as many as the scenario says, 0 for none.")
@click.option("--rig-cards", type=int, help="Cards of all rigs together; by default as many as the scenario says.")
@click.option("--family", type=click.Choice(["A", "B"]), help="Laws of the world; B is for evaluation only.")
@click.option("--seed", type=click.IntRange(min=0), help=f"Picks one world of the scenario; by default {SEED}.")
@click.option("--list", "lists", is_flag=True, help="Print the scenarios that come with the program.")
def synth(
    out: Path | None,
    scenario: str | None,
    subscribers: int | None,
    nights: int | None,
    rigs: int | None,
    rig_cards: int | None,
    family: Literal["A", "B"] | None,
    seed: int | None,
    lists: bool,
) -> None:
    """Make a synthetic source folder OUT with rigs planted in it, and the truth about them."""
    from simbox.cli.progress import progress_on_stderr
    from simbox.synth import generate, list_scenarios

    if lists:
        for name, description in list_scenarios().items():
            click.echo(f"{name:<17} {description}")
        return
    if out is None:
        raise click.UsageError("OUT is missing: the folder to make")
    with progress_on_stderr() as progress:
        generate(
            out,
            scenario or SCENARIO,
            seed=SEED if seed is None else seed,
            subscribers=subscribers,
            nights=nights,
            rigs=rigs,
            rig_cards=rig_cards,
            family=family,
            progress=lambda done, total: progress("nights", done, total),
        )
    hidden = out.with_name(out.name + ".truth")
    click.echo(f"written to {out}; its truth is in {hidden if hidden.exists() else out}")
