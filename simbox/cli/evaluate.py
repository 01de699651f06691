"""simbox evaluate"""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from simbox.evaluation import Part

SEEDS = 5


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN...", type=click.Path(path_type=Path))
@click.option(
    "--truth",
    "truths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Truth of the world of RUN, a folder or the source that holds it; one for each RUN, in order.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where evaluation.json and evaluation.html go; by default RUN, the first of several, or the workdir.",
)
@click.option(
    "--suite",
    metavar="SCENARIO",
    help="Make, scan and judge worlds of a scenario, or of all fraudzen_... with fraudzen, instead of RUN.",
)
@click.option("--family", type=click.Choice(["A", "B"]), help="Laws of the suite's worlds; by default both, apart.")
@click.option(
    "--workdir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keeps the suite's worlds and runs, which are deleted else.",
)
@click.option("--subscribers", type=click.IntRange(min=500), help="Lawful SIMs in each world of the suite.")
@click.option("--nights", type=click.IntRange(min=1), help="Nights of each world of the suite.")
@click.option("--rigs", type=click.IntRange(min=0), help="Rigs in each world of the suite.")
@click.option("--rig-cards", type=click.IntRange(min=1), help="Cards of all rigs together in each world of the suite.")
@click.option(
    "--seeds", type=click.IntRange(min=1), help=f"How many worlds the suite has of each family; by default {SEEDS}."
)
@click.option("--jobs", type=click.IntRange(min=1), help="How many worlds of the suite are made and scanned at once.")
@click.option("--memory", metavar="SIZE", help="Memory for all scans of the suite; by default half of the machine's.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads to use; by default all cores.")
def evaluate(
    runs: tuple[Path, ...],
    truths: tuple[Path, ...],
    out: Path | None,
    suite: str | None,
    family: Literal["A", "B"] | None,
    workdir: Path | None,
    subscribers: int | None,
    nights: int | None,
    rigs: int | None,
    rig_cards: int | None,
    seeds: int | None,
    jobs: int | None,
    memory: str | None,
    threads: int | None,
) -> None:
    """Judge runs by the truth of their worlds, several pooled, or make a suite of worlds and judge those."""
    from simbox.cli.threads import set_threads

    set_threads(threads, memory)
    # On its first use matplotlib looks through the fonts, and warns of how long that takes.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    if suite is None:
        given = {
            "--family": family,
            "--workdir": workdir,
            "--subscribers": subscribers,
            "--nights": nights,
            "--rigs": rigs,
            "--rig-cards": rig_cards,
            "--seeds": seeds,
            "--jobs": jobs,
            "--memory": memory,
        }
        _judge_runs(runs, truths, out, [name for name, value in given.items() if value is not None])
        return
    from simbox.errors import UsageError
    from simbox.evaluation import FAMILIES, FRAUDZEN, Size, plan_suite
    from simbox.store import read_memory
    from simbox.synth import list_scenarios

    if runs or truths:
        raise click.UsageError("--suite makes its own runs: leave RUN and --truth out")
    known = sorted([*list_scenarios(), FRAUDZEN])
    if suite not in known:
        raise UsageError(f"there is no suite {suite}; there are {', '.join(known)}")
    parts = plan_suite(suite, [family] if family else FAMILIES, Size(subscribers, nights, rigs, rig_cards))
    limit = read_memory(memory).limit
    if workdir is not None:
        _judge_suite(suite, parts, seeds or SEEDS, jobs or 1, limit, workdir, out or workdir)
        return
    with TemporaryDirectory() as temporary:
        _judge_suite(suite, parts, seeds or SEEDS, jobs or 1, limit, Path(temporary), out)


def _judge_runs(runs: tuple[Path, ...], truths: tuple[Path, ...], out: Path | None, for_suites: list[str]) -> None:
    if for_suites:
        raise click.UsageError(f"{', '.join(for_suites)}: only with --suite")
    if not runs:
        raise click.UsageError("RUN is missing: the folder of a finished scan")
    if len(runs) != len(truths):
        raise click.UsageError(f"{len(runs)} runs and {len(truths)} truths: give one --truth for each RUN, in order")
    if len({path.resolve() for path in truths}) < len(truths):
        raise click.UsageError("one truth is given twice: a world pooled with itself counts everything double")
    from simbox.cli.evaluation_summary import print_evaluation
    from simbox.evaluation import evaluate_runs, write_evaluation

    figures = evaluate_runs(runs, truths)
    folder = out or runs[0]
    write_evaluation(figures, folder)
    print_evaluation(figures, folder)


def _judge_suite(
    suite: str, parts: list["Part"], count: int, jobs: int, memory: int, folder: Path, out: Path | None
) -> None:
    from simbox.cli.evaluation_summary import print_evaluation
    from simbox.cli.progress import progress_on_stderr
    from simbox.evaluation import evaluate_runs, make_suite, suite_seeds, write_evaluation

    seeds = suite_seeds(count)
    with progress_on_stderr() as progress:
        worlds = make_suite(parts, seeds, folder, progress, jobs, memory)
    figures: dict[str, Any] = {
        "suite": {"name": suite, "seeds": seeds},
        "parts": [
            {"name": part.name, "scenario": part.scenario, "family": part.family}
            | {"size": {key: value for key, value in part.size._asdict().items() if value is not None}}
            | evaluate_runs([world.run for world in made], [world.truth for world in made])
            for part, made in zip(parts, worlds, strict=True)
        ],
    }
    if out is not None:
        write_evaluation(figures, out)
    print_evaluation(figures, out)
