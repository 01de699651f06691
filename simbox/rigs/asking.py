"""Questions that do not wait for each other, asked at once: kernels and Polars use all cores, what lies between one."""

from collections.abc import Callable, Mapping
from typing import Any

from simbox.kernels.chunks import in_threads


def ask_at_once(questions: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """The answer to each question, by name and in their order; the longest ones had better come first."""
    names = list(questions)
    answers: dict[str, Any] = {}

    def ask(first: int, last: int) -> None:
        for name in names[first:last]:
            answers[name] = questions[name]()

    in_threads(ask, len(names), 1)
    return {name: answers[name] for name in names}
