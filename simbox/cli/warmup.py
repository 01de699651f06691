"""simbox warmup"""

import click


@click.command()
def warmup() -> None:
    """Compile all kernels ahead of the first scan, as for an image or a nightly job.

    Compiled code is kept in $NUMBA_CACHE_DIR, else in the user's cache; where neither can be written, every process
    compiles anew, and the exit code is 3."""
    from time import perf_counter

    from simbox.errors import EXIT_INCOMPLETE
    from simbox.kernels.warming import compile_all

    start = perf_counter()
    warmed = compile_all()
    seconds = perf_counter() - start
    click.echo(f"{len(warmed.modules)} kernel files compiled or found compiled in {seconds:.1f} s")
    if warmed.cache is None:
        click.echo("simbox: no folder for compiled code can be written: set NUMBA_CACHE_DIR to one that can", err=True)
        raise click.exceptions.Exit(EXIT_INCOMPLETE)
    click.echo(f"kept in {warmed.cache}")
