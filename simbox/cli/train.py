"""simbox train"""

from pathlib import Path

import click


@click.command()
@click.argument("worlds", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="TOML file for the card.")
@click.option("--former", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Card to compare with.")
@click.option(
    "--prevalence",
    type=click.FloatRange(0.0, 0.5, min_open=True, max_open=True),
    default=0.001,
    show_default=True,
    help="Share of active SIMs that work in rigs.",
)
@click.option(
    "--verdicts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="verdicts.csv or verdicts.parquet of simbox match, to learn from beside the worlds.",
)
@click.option(
    "--run",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="OUT of the scan whose records hold the SIMs of the verdicts.",
)
@click.option("--workdir", type=click.Path(path_type=Path, file_okay=False), help="Keeps what was learned from worlds.")
@click.option("--first-night", is_flag=True, help="Estimate only who judges the first night; the rest stays.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads to use; by default all cores.")
def train(
    worlds: tuple[Path, ...],
    out: Path,
    former: Path | None,
    prevalence: float,
    verdicts: Path | None,
    run: Path | None,
    workdir: Path | None,
    first_night: bool,
    threads: int | None,
) -> None:
    """Estimate the scorecard's weights on WORLDS, source folders made by simbox synth with their truth beside."""
    from simbox.cli.threads import set_threads

    set_threads(threads)
    from simbox.cli.progress import progress_on_stderr
    from simbox.errors import UsageError

    try:
        from simbox.training import train_card, train_first_night
    except ModuleNotFoundError as error:
        raise UsageError(f"simbox train needs {error.name}: pip install 'simbox[train]'") from error

    if first_night and (verdicts or run):
        raise UsageError("--first-night learns from worlds only: verdicts tell nothing of it")
    with progress_on_stderr() as progress:
        if first_night:
            lines = train_first_night(worlds, out, progress, former=former, prevalence=prevalence, workdir=workdir)
        else:
            lines = train_card(
                worlds,
                out,
                progress,
                former=former,
                prevalence=prevalence,
                workdir=workdir,
                verdicts=verdicts,
                run=run,
            )
    for line in lines:
        click.echo(line)
