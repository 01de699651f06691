"""Every reason that the shipped card gives for a SIM's own habits: given to what it speaks of, and to no look-alike.

Drawn calls go through the kernels; a reason is judged by the expert and window that hold it most against the first SIM,
one that only the experts for a first night give as if no other night were held.
"""

import numpy as np
import polars as pl
import pytest
from pair_cases import OF_TWO, REDIALS
from reason_cases import CASES as OF_ONE
from reason_cases import LAST, SECOND, STEP, calls

from simbox.features import code_places, compute_bucket
from simbox.reasons import REASONS
from simbox.scoring import load_scorecard
from simbox.scoring.night_bins import Asked, NightBins
from simbox.scoring.peers import peer_group
from simbox.scoring.scorecard import FIRST_NIGHT, Expert

WINDOWS = (1, 3, 7)
CARD = load_scorecard()
CASES = {**OF_ONE, "REDIALS_AT_ONCE": REDIALS, **OF_TWO}
GIVEN = {said.code for expert in CARD.expert for said in expert.said()}
SHOWN = sorted(GIVEN & set(CASES))


@pytest.fixture(scope="module")
def drawn(drawing):
    """All cases in one table of calls."""
    rows = []
    for number, code in enumerate(CASES):
        first = STEP * (number + 1)
        rows += CASES[code].gets(first) + CASES[code].spared(first + SECOND)
    # Somebody must have been there from the first night on.
    return drawing.from_rows([*rows, *calls(1, ["x1"], days=range(1, LAST + 1))])


@pytest.fixture(scope="module")
def night(drawing, drawn):
    """As the last night's SIMs are judged."""
    return judged(drawing, drawn, LAST, WINDOWS)


@pytest.fixture(scope="module")
def first_night(drawing, drawn):
    """The same where nothing before the last night is held."""
    return judged(drawing, drawn.filter(pl.col("night") == drawing.night(LAST)), LAST, (1,))


def judged(drawing, records, last, windows) -> NightBins:
    population = drawing.population(records, windows, last, begins=last if len(windows) == 1 else 1)
    features = compute_bucket(records, code_places(drawing.places()), population, drawing.night(last), windows)
    return NightBins(features.with_columns(peer_group=peer_group(pl.lit("alpha"))), CARD)


def points_of(night: NightBins, imsi: int, expert: Expert, code: str, window: int) -> int:
    """The points of the reason that an expert gives a SIM in a window, 0 where it gives none."""
    place = np.flatnonzero(night.imsi.to_numpy() == imsi)
    said = night.reasons([Asked(expert, window, place, np.array([True]))])
    given = said.filter(pl.col("code") == code)
    assert set(given["imsi"]) <= {imsi}
    return int(given["points"].sum())


def experts_with(code: str, window: int) -> list[Expert]:
    """Those who judge a window and give the reason."""
    judging = [CARD.expert_for(way, window) for way in CARD.ways()]
    return [expert for expert in judging if expert and any(said.code == code for said in expert.said())]


@pytest.mark.parametrize("code", SHOWN)
def test_a_reason_is_given_to_what_it_speaks_of_and_not_to_a_look_alike(night, first_night, drawing, code):
    gets = drawing.imsi(STEP * (list(CASES).index(code) + 1))
    blocks = [(expert, window) for window in WINDOWS for expert in experts_with(code, window)]
    if not blocks:
        night, blocks = first_night, [(expert, 1) for expert in experts_with(code, FIRST_NIGHT)]
    case = CASES[code]
    told = [case.against * points_of(night, gets, expert, code, window) for expert, window in blocks]
    assert max(told) > 0
    # The same expert in the same window: what it holds against the one it may not hold against the other.
    expert, window = blocks[int(np.argmax(told))]
    assert case.against * points_of(night, gets + SECOND, expert, code, window) <= 0


def test_every_reason_of_the_card_is_drawn():
    assert GIVEN <= set(CASES) <= set(REASONS)
