"""What is said to the engines before they are loaded."""

import os
import sys

import pytest

from simbox.cli.threads import set_threads

NAMES = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "_RJEM_MALLOC_CONF", "ARROW_DEFAULT_MEMORY_POOL")


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    for name in NAMES:
        # Noted first, so that what a test sets is gone after it.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize(("threads", "said"), [(3, "3"), (None, None)])
def test_both_engines_use_as_many_threads(threads, said):
    set_threads(threads)
    assert [os.environ.get(name) for name in NAMES[:2]] == [said, said]


def test_free_memory_is_kept_for_a_while_unless_the_user_says_otherwise(monkeypatch):
    set_threads(None)
    assert os.environ[NAMES[2]] == "dirty_decay_ms:5000,muzzy_decay_ms:5000"
    monkeypatch.setenv(NAMES[2], "dirty_decay_ms:0")
    set_threads(None)
    assert os.environ[NAMES[2]] == "dirty_decay_ms:0"


@pytest.mark.parametrize(("memory", "is_kept"), [("1GiB", False), ("3.9GiB", False), ("4GiB", True), ("64GiB", True)])
def test_free_memory_is_kept_where_there_is_much(memory, is_kept):
    set_threads(None, memory)
    assert (NAMES[2] in os.environ) == is_kept


def test_arrow_hands_back_what_is_freed_on_linux(monkeypatch):
    set_threads(None)
    assert os.environ.get(NAMES[3]) == ("jemalloc" if sys.platform == "linux" else None)
    monkeypatch.setenv(NAMES[3], "system")
    set_threads(None)
    assert os.environ[NAMES[3]] == "system"
