"""Where the seconds of a run go."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Seconds spent in each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add the block's seconds to a stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - start

    def share(self, seconds: float, took: Mapping[str, float]) -> None:
        """Add seconds to stages that ran side by side on several threads, in proportion to what each took of these."""
        for stage, part in took.items():
            self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds * part / sum(took.values())
