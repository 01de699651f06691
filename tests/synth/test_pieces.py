"""Orders, bins and timetables against the plain way to find them."""

import bisect

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simbox.synth.days import make_timetable
from simbox.synth.events import BIN_S, BINS, SMS, even_spans, in_bins, make_events
from simbox.synth.handsets import with_check_digit
from simbox.synth.randomness import order_of
from simbox.synth.stays import Stays
from simbox.synth.truth import Activity, Tally


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 1000)), max_size=60), st.sampled_from([3, 50]))
def test_order_is_that_of_tuples_whether_keys_fit_one_integer_or_not(rows: list[tuple[int, int]], bits: int) -> None:
    major = np.array([row[0] for row in rows], dtype=np.int64)
    minor = np.array([row[1] for row in rows], dtype=np.int64)
    assert order_of((major, bits), (minor, 10)).tolist() == sorted(range(len(rows)), key=rows.__getitem__)


@given(st.lists(st.lists(st.floats(0, 86_399), max_size=40), min_size=1, max_size=3), st.integers(1, 50))
def test_spans_of_bins_hold_every_event_once_in_its_time(times: list[list[float]], size: int) -> None:
    lots = []
    for at_s in times:
        parties = np.arange(len(at_s))
        lots.append(
            in_bins(make_events(np.array(at_s), parties, parties, SMS, parties >= 0, np.zeros(len(at_s)), True))
        )
    spans = even_spans(lots, size)
    assert [first for first, _ in spans] == [0, *(last for _, last in spans[:-1])]
    assert spans[-1][1] == BINS
    for number, lot in enumerate(lots):
        found: list[int] = []
        for first, last in spans:
            events = lot.between(first, last)
            assert ((events.at_s / BIN_S >= first - 1e-3) & (events.at_s / BIN_S <= last + 1e-3)).all()
            found += events.caller.tolist()
        assert sorted(found) == list(range(len(times[number])))


@given(st.data())
def test_the_stay_found_is_the_last_one_begun(data: st.DataObject) -> None:
    runs = data.draw(st.lists(st.lists(st.integers(1, 1000), max_size=40), min_size=1, max_size=6))
    starts = [[0, *sorted(run)] for run in runs]
    holder = np.repeat(np.arange(len(runs)), [len(run) for run in starts])
    start_s = np.concatenate([np.array(run) for run in starts])
    spot = np.arange(start_s.size)
    table = make_timetable([Stays(holder, start_s, spot, spot, np.zeros(spot.size, dtype=np.int64))], [], len(runs))
    asked = np.array(data.draw(st.lists(st.integers(0, len(runs) - 1), min_size=1, max_size=30)))
    at_s = np.array(data.draw(st.lists(st.integers(0, 1100), min_size=asked.size, max_size=asked.size)))
    firsts = np.cumsum([0, *(len(run) for run in starts)])
    expected = [
        int(firsts[who]) + bisect.bisect_right(starts[who], at) - 1 for who, at in zip(asked, at_s, strict=True)
    ]
    assert table.find(asked, at_s.astype(np.float64)).tolist() == expected


def test_stays_lent_to_somebody_take_the_place_of_the_own_ones() -> None:
    def stays(spot: int, imei: int) -> Stays:
        return Stays(np.array([1]), np.array([0]), np.array([spot]), np.array([spot]), np.array([imei]))

    table = make_timetable([stays(5, 0)], [stays(6, 4321)], 2)
    row = table.find(np.array([1]), np.array([10.0]))
    assert table.spot[row].tolist() == [6]
    assert table.handset(row, np.array([1234])).tolist() == [4321]


@given(st.integers(0, 10**14 - 1))
def test_check_digits_are_luhns(imei: int) -> None:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(f"{imei:014d}")]
    total = sum(value - 9 * (value > 9) for value in doubled)
    assert with_check_digit(np.array([imei])).tolist() == [imei * 10 + -total % 10]


def test_a_night_is_active_from_its_earliest_piece_on_whichever_comes_first() -> None:
    def piece(sim: list[int], events: list[int], first_s: list[int], calls: list[int], messages: list[int]) -> Activity:
        narrow = (np.array(column, dtype=np.int32) for column in (sim, events, first_s))
        return Activity(*narrow, np.array(calls), np.array(messages))

    morning = piece([0, 4], [3, 2], [10, 60], [0, 2], [5, 0])
    evening = piece([1, 4], [2, 1], [500, 700], [1, 0], [0, 0])
    for order in ([morning, evening], [evening, morning]):
        tally = Tally(6, 2)
        for activity in order:
            tally.add(activity)
        night = tally.total()
        assert night.sim.tolist() == [0, 1, 4]
        assert night.events.tolist() == [3, 2, 3]
        assert night.first_s.tolist() == [10, 500, 60]
        assert night.calls_delivered.tolist() == [1, 2]
        assert night.sms_delivered.tolist() == [5, 0]
