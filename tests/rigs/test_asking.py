"""Questions asked at once."""

import time

import pytest

from simbox.rigs.asking import ask_at_once


def test_answers_come_in_the_order_of_the_questions():
    def late(number: int) -> int:
        time.sleep(0.01 * (3 - number))
        return number

    answers = ask_at_once({str(number): lambda number=number: late(number) for number in range(4)})
    assert list(answers.items()) == [(str(number), number) for number in range(4)]
    assert ask_at_once({}) == {}


@pytest.mark.parametrize("place", range(3))
def test_what_goes_wrong_in_any_of_them_is_told(place: int):
    def answer(number: int) -> int:
        if number == place:
            raise ValueError("no answer")
        return number

    with pytest.raises(ValueError, match="no answer"):
        ask_at_once({str(number): lambda number=number: answer(number) for number in range(3)})
