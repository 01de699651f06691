"""A night made in pieces is the same night, whoever makes them; a piece that fails fails all."""

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from simbox.synth import generate, nights
from simbox.synth.events import VOICE, Events
from simbox.synth.legs import Attempts, engage, idle_switches
from simbox.synth.nights import Turns


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that a small world has many."""
    monkeypatch.setattr(nights, "SIMS_A_PIECE", 300)
    monkeypatch.setattr(nights, "EVENTS_A_PIECE", 900)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.*"))
        if path.is_file()
    }


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(("scenario", "rigs"), [("sample", None), ("outage", None), ("ladder", 8)])
def test_the_same_bytes_whatever_the_threads(tmp_path: Path, scenario: str, rigs: int | None) -> None:
    for threads in (1, 5):
        out = tmp_path / f"{threads}" / "world"
        generate(out, scenario, seed=8, subscribers=2500, nights=2, rigs=rigs, threads=threads)
    one, five = (_hashes(tmp_path / f"{threads}") for threads in (1, 5))
    assert one == five
    assert len(one) > 10


@pytest.mark.usefixtures("small_pieces")
def test_a_failure_in_one_piece_is_told_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(nights, "as_written", fail)
    with pytest.raises(OSError, match="disk full"):
        generate(tmp_path / "world", "sample", seed=8, subscribers=1500, nights=2, threads=3)
    assert list(tmp_path.iterdir()) == []


def test_turns_are_taken_in_order() -> None:
    turns, taken = Turns(20), []

    def take(number: int) -> None:
        with turns.take(number):
            taken.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in reversed(range(20))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == list(range(20))


def test_who_talks_is_busy_from_one_piece_to_the_next() -> None:
    # 7 talks to 8 from second 100 to 400; 9 rings 8 in vain at 200, 7 can't ring 9 at 300; at 500 all are free.
    switches = idle_switches(10)
    first = _calls([100.0], [7], [8], [300.0])
    engage(switches, first, _sides(first))
    then = _calls([200.0, 300.0, 500.0], [9, 7, 7], [8, 9, 9], [60.0, 60.0, 60.0])
    attempts = _sides(then)
    engage(switches, then, attempts)
    assert attempts.lost.tolist() == [False, True, False]
    assert attempts.answered.tolist() == [False, True, True]


def _calls(at_s: list[float], caller: list[int], called: list[int], talk_s: list[float]) -> Events:
    count = len(at_s)
    return Events(
        np.array(at_s),
        np.array(caller),
        np.array(called),
        np.full(count, VOICE, dtype=np.int8),
        np.ones(count, dtype=bool),
        np.array(talk_s),
        np.ones(count, dtype=bool),
    )


def _sides(events: Events) -> Attempts:
    event = np.tile(np.arange(events.count), 2)
    sim = np.concatenate([events.caller, events.called])
    return Attempts(
        event=event,
        sim=sim,
        holder=sim,
        at_s=events.at_s[event].astype(np.float64),
        callers=events.count,
        row=np.zeros(sim.size, dtype=np.int64),
        reachable=np.ones(sim.size, dtype=bool),
        lost=np.zeros(events.count, dtype=bool),
        answered=events.answered.copy(),
    )
