"""simbox scan"""

from datetime import date
from pathlib import Path

import click


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder for the run.")
@click.option("--store", type=click.Path(path_type=Path), help="CDR store to use; by default a new one in OUT.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="By default SOURCE/simbox.toml.",
)
@click.option("--card", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Another scorecard.")
@click.option("--night", type=click.DateTime(["%Y-%m-%d"]), help="Judge this night only.")
@click.option("--nights", metavar="FROM..TO", help="Judge these nights only.")
@click.option("--salvage", is_flag=True, help="Read gzip files with padding or garbage behind their data without it.")
@click.option("--accept-columns", is_flag=True, help="Take files of feeds whose columns changed.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads to use; by default all cores.")
@click.option("--redact", is_flag=True, help="Mask identifiers in report.html; the tables keep them.")
@click.option("--memory", metavar="SIZE", help="Memory to use, as 4GiB; by default half of the machine's.")
def scan(
    source: Path,
    out: Path,
    store: Path | None,
    config_file: Path | None,
    card: Path | None,
    night: object,
    nights: str | None,
    threads: int | None,
    memory: str | None,
    *,
    redact: bool,
    salvage: bool,
    accept_columns: bool,
) -> int:
    """Find rigs in SOURCE, a folder of operators' CDRs, and write the seizure list to OUT."""
    from simbox.cli.threads import set_threads

    set_threads(threads, memory)
    from simbox.cli.progress import progress_on_stderr, tell_compiling
    from simbox.kernels.warming import compile_apart

    compile_apart(tell_compiling)
    from simbox.cli.summary import print_summary
    from simbox.intake import Allowances
    from simbox.nightly import run_scan
    from simbox.store import read_memory

    first, last = _span(getattr(night, "date", lambda: None)(), nights)

    def judged(held: list[date]) -> list[date]:
        return [one for one in held if (first is None or one >= first) and (last is None or one <= last)]

    with progress_on_stderr() as progress:
        result, code = run_scan(
            source,
            out,
            progress,
            config_file=config_file,
            store_path=store,
            card_file=card,
            judged=judged,
            memory=read_memory(memory),
            redact=redact,
            allowed=Allowances(salvage, accept_columns),
        )
    print_summary(result, out)
    return code


def _span(night: date | None, nights: str | None) -> tuple[date | None, date | None]:
    if night and nights:
        raise click.UsageError("--night and --nights can't go together")
    if nights is None:
        return night, night
    try:
        first, last = (date.fromisoformat(part) for part in nights.split(".."))
    except ValueError as error:
        raise click.UsageError("--nights takes FROM..TO, as 2026-05-01..2026-05-07") from error
    if last < first:
        raise click.UsageError("--nights takes the earlier night first")
    return first, last
