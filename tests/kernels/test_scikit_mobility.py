"""Radii of gyration and entropies that scikit-mobility (BSD-3) states for the six users of its tests."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from kernels.users import Leg, features_of

LUCCA, LIVORNO, PISA, FLORENCE = range(4)
POSITIONS = [(43.8430139, 10.5079940), (43.5442700, 10.3261500), (43.7085300, 10.4036000), (43.7792500, 11.2462600)]
USERS = {
    1: ([LUCCA, LIVORNO, PISA, FLORENCE], 31.964885737),
    2: ([LUCCA, PISA, LUCCA, LIVORNO], 14.988909726),
    3: ([LIVORNO, PISA, LUCCA, FLORENCE], 31.964885737),
    4: ([PISA, LIVORNO, FLORENCE], 35.241089869),
    5: ([PISA, FLORENCE, LUCCA], 30.727237693),
    6: ([LUCCA, LIVORNO], 18.146860183),
}


@pytest.mark.parametrize("user", USERS)
def test_its_users_have_its_radii(user: int) -> None:
    """Same definition: each leg once, arithmetic mean of latitudes and longitudes, a sphere of 6371 km."""
    journey, radius_km = USERS[user]
    start = datetime(2011, 2, 3, 8, 34, 4, tzinfo=UTC)
    legs = [Leg(0, 0, 1, start + timedelta(hours=hour), 0, place) for hour, place in enumerate(journey)]
    features = features_of(legs, POSITIONS)
    assert features["gyration_km"] == pytest.approx(radius_km, rel=1e-9)
    # Its uncorrelated entropy is in bits, ours in nat; of places all visited once it is the logarithm of their number.
    distinct = len(set(journey))
    bits = 1.5 if user == 2 else math.log2(distinct)
    assert features["place_entropy"] / math.log(2) == pytest.approx(bits)
    assert features["exploration_share"] == pytest.approx((distinct - 1) / (len(journey) - 1))
