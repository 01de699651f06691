"""Work on several threads gives what one thread gives, in order, and holds few items at once."""

import threading

import pytest

from simbox.engines import map_in_order


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(workers):
    assert list(map_in_order(lambda number: number * number, range(100), workers)) == [n * n for n in range(100)]


@pytest.mark.parametrize("workers", [2, 3])
def test_few_items_are_taken_ahead_of_the_results(workers):
    taken = []

    def items():
        for number in range(50):
            taken.append(number)
            yield number

    for done, result in enumerate(map_in_order(str, items(), workers)):
        assert result == str(done)
        assert len(taken) <= done + workers + 2


def test_several_are_worked_on_at_once():
    both = threading.Barrier(2, timeout=30)
    assert len(list(map_in_order(lambda _: both.wait(), range(4), 2))) == 4


def test_the_next_item_is_made_while_nobody_asks_for_a_result():
    made = threading.Event()

    def items():
        yield from range(3)
        made.set()
        yield 3

    results = map_in_order(str, items(), 2)
    assert next(results) == "0"
    assert made.wait(timeout=30)
    assert list(results) == ["1", "2", "3"]


def test_what_an_item_raises_when_it_is_made_is_raised():
    def items():
        yield 0
        raise ValueError("no second item")

    with pytest.raises(ValueError, match="no second item"):
        list(map_in_order(str, items(), 2))


def test_what_one_raises_is_raised_and_no_more_is_taken():
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    def work(number):
        if number == 5:
            raise ValueError("the fifth")
        return number

    with pytest.raises(ValueError, match="the fifth"):
        list(map_in_order(work, items(), 2))
    assert len(taken) < 20
