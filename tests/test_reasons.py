"""Reasons in words: what was measured, what is not known, and two things together."""

import pytest

from simbox.reasons import REASONS, TOGETHER, say_reason, together

BOTH = together("CALLS_A_NIGHT", "NOBODY_RINGS_BACK")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (40.0, 0.05, "made 40 calls on a night it is active; 5% of those it called were heard from too"),
        (40.0, None, "made 40 calls on a night it is active; not known"),
        (None, 0.05, "not known; 5% of those it called were heard from too"),
    ],
)
def test_two_things_are_told_together(first, second, said):
    assert say_reason(BOTH, first, second) == f"together: {said}"


def test_a_night_alone_is_told_as_such():
    assert say_reason("CALLS_A_NIGHT", 40.0, window_nights=1) == "made 40 calls on a night it is active (that night)"
    assert say_reason("CALLS_A_NIGHT", 40.0, window_nights=3) == "made 40 calls on a night it is active"
    assert say_reason("CALLS_A_NIGHT", None, window_nights=1) == "not known"
    assert say_reason("BASE", None, window_nights=0) == REASONS["BASE"].sentence


def test_pairs_are_of_reasons_and_shown_by_the_records_of_both():
    for first, second in TOGETHER:
        reason = REASONS[together(first, second)]
        assert (reason.sentence, reason.beside) == (REASONS[first].sentence, REASONS[second].sentence)
        alike = REASONS[first].witness == REASONS[second].witness
        assert reason.witness == (REASONS[first].witness if alike else "legs")
