"""Buckets on the threads of one machine: each is worked on by one thread, and what comes out keeps their order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import polars as pl

from simbox.kernels.chunks import use_one_thread

Item = TypeVar("Item")
Result = TypeVar("Result")


def worker_count() -> int:
    """How many buckets are worked on at once: as many as the engines have threads."""
    return pl.thread_pool_size()


def map_in_order(work: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """The results of `work` on each item, in the order of the items; what one raises is raised here.

    At most `workers` + 2 items and results are held at once: the next item is made, by a thread of its own, while
    others are worked on, and none is while as many results wait.
    """
    if workers == 1:
        yield from map(work, items)
        return
    # Kernels on one thread each: two buckets at once keep two cores busy in everything between the kernels too.
    pool = ThreadPoolExecutor(workers, "simbox-bucket", initializer=use_one_thread)
    # Made in the thread that waits for results an item was begun when another was done, and workers waited for it.
    reader = ThreadPoolExecutor(1, "simbox-reader", initializer=use_one_thread)
    source = iter(items)
    pending: deque[Future[Result]] = deque()
    try:
        ahead = reader.submit(_next_of, source)
        while (item := ahead.result()) is not None:
            ahead = reader.submit(_next_of, source)
            pending.append(pool.submit(work, *item))
            del item
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        # Not waited for: whoever gives up half way may be the garbage collector, in one of the threads themselves.
        reader.shutdown(wait=False, cancel_futures=True)
        pool.shutdown(wait=False, cancel_futures=True)


def _next_of(source: Iterator[Item]) -> tuple[Item] | None:
    """The next item; None at the end."""
    for item in source:
        return (item,)
    return None
