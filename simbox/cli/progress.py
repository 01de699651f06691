"""What is told of progress on stderr, where it is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[str, int, int], None]]:
    """A function (stage, done, all) that moves a bar of its own for each stage."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def tell_compiling() -> None:
    """Say why nothing moves for a while."""
    console = Console(stderr=True)
    if console.is_terminal:
        console.print("compiling the kernels, once on this machine: half a minute or so")
