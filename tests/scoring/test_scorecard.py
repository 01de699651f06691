"""The card: what is wrong with one is named, and the one that ships says what it means."""

import math

import numpy as np
import pytest

from simbox.errors import ConfigError
from simbox.features import CATALOGUE
from simbox.reasons import REASONS
from simbox.scoring import load_scorecard

NAMES = frozenset(feature.name for feature in CATALOGUE)
# Given by the program itself, by no card; the last stands on lists only.
BY_THE_PROGRAM = {"BASE", "MEMBER_OF_RIG", "NO_RIG_FOUND", "REPLACES"}


@pytest.fixture(scope="module")
def shipped():
    return load_scorecard(features=NAMES)


@pytest.fixture
def load(tmp_path):
    def run(terms: str = "", head: str = "", expert: str = "loud"):
        path = tmp_path / "card.toml"
        path.write_text(
            f'name = "mine"\norigin = "test"\n{head}\n[bands]\nwatch = 1\nsuspect = 2\nstrong = 3\n[calibration]\n'
            f'[[expert]]\nname = "{expert}"\nterm = [{terms}]\n'
        )
        return load_scorecard(path, NAMES)

    return run


GOOD = '{ code = "CALLS_MADE", feature = "mo_calls", edges = [1, 5], points = [-1, 0, 2], without = -4 }'


def test_a_good_card_is_taken(load):
    term = load(GOOD).expert[0].term[0]
    assert (term.edges, term.points, term.without) == ([1, 5], [-1, 0, 2], -4)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("CALLS_MADE", "LOUD"), "there is no such reason"),
        (("mo_calls", "calls"), "there is no feature calls"),
        (("[1, 5]", "[5, 1]"), "edges must ascend"),
        (("[1, 5]", "[1, 1]"), "edges must ascend"),
        (("[1, 5], points = [-1, 0, 2]", "[], points = [1]"), "edges must ascend"),
        (("[-1, 0, 2]", "[-1, 2]"), "2 edges need 3 points"),
    ],
)
def test_a_fault_is_named_with_its_place(load, change, fault):
    with pytest.raises(ConfigError) as caught:
        load(GOOD.replace(*change))
    assert [fault in problem and "expert loud" in problem for problem in caught.value.problems] == [True]


PAIR = (
    '{ code = "SMS_SENT", first = "mo_calls", first_edges = [2, 9], second = "places", second_edges = [3],'
    " points = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]] }"
)


def test_a_pair_has_points_for_what_is_known_of_both(load):
    (pair,) = load(f"{GOOD}]\npair = [{PAIR}").expert[0].pair
    unknown = math.nan
    first = np.array([0.0, 1.9, 2.0, 9.0, 50.0, unknown, unknown, 2.0])
    second = np.array([0.0, 3.0, 2.9, 3.0, unknown, 1.0, unknown, unknown])
    assert pair.points_of(first, second).tolist() == [0, 1, 3, 7, 8, 9, 11, 5]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("SMS_SENT", "LOUD"), "there is no such reason"),
        (("SMS_SENT", "CALLS_MADE"), "given twice"),
        (('"mo_calls"', '"calls"'), "there is no feature calls"),
        (('"places"', '"spots"'), "there is no feature spots"),
        (("[2, 9]", "[9, 2]"), "edges must ascend"),
        (("[3],", "[3, 3],"), "edges must ascend"),
        ((", [9, 10, 11]]", "]"), "4 rows of 3 points"),
        (("[9, 10, 11]", "[9, 10]"), "4 rows of 3 points"),
    ],
)
def test_a_fault_of_a_pair_is_named_with_its_place(load, change, fault):
    with pytest.raises(ConfigError) as caught:
        load(f"{GOOD}]\npair = [{PAIR.replace(*change)}")
    assert any(fault in problem and "expert loud" in problem for problem in caught.value.problems)


def test_all_faults_are_named_at_once(load):
    with pytest.raises(ConfigError) as caught:
        load(f"{GOOD.replace('CALLS_MADE', 'LOUD').replace('[1, 5]', '[5]')}, {GOOD.replace('mo_calls', 'calls')}")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    "broken",
    [{"head": "weight = 1"}, {"terms": GOOD.replace("without", "missing")}, {"terms": GOOD.replace("-4", '"few"')}],
)
def test_what_no_card_says_is_refused(load, broken):
    with pytest.raises(ConfigError, match=r"card\.toml"):
        load(**({"terms": GOOD} | broken))


def test_the_shipped_card_says_where_it_comes_from(shipped):
    assert shipped.origin
    assert shipped.bands.watch < shipped.bands.suspect < shipped.bands.strong


def test_every_reason_of_the_shipped_card_is_declared(shipped):
    given = {said.code for expert in shipped.expert for said in expert.said()}
    assert given <= REASONS.keys() - BY_THE_PROGRAM


def test_no_expert_says_a_thing_twice(shipped):
    for expert in shipped.expert:
        codes = [(term.code, term.window) for term in expert.term]
        features = [(term.feature, term.window) for term in expert.term]
        assert len(set(codes)) == len(codes), expert.name
        assert len(set(features)) == len(features), expert.name


def test_registration_and_dealer_have_no_say(shipped):
    used = set(shipped.features())
    assert not [name for name in used if any(word in name for word in ("regist", "activat", "dealer", "owner"))]


@pytest.mark.parametrize("code", REASONS)
def test_every_sentence_can_be_said(code):
    said = REASONS[code].sentence.format(value=0.25, limit=0.5, percentile=99.0)
    assert "{" not in said
