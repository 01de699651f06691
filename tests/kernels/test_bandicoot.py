"""Values that bandicoot (MIT) states for its hand-made user, met where the definitions meet.

`percent_nocturnal`, 1.0 there, is not compared: bandicoot's night is 19-7 h. Nor is `radius_of_gyration`, which the
hand-made user lacks; `_gyration_km` says how the two differ.
"""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from oracles.distance import distance_km

from simbox.kernels.contacts import FIELDS as CONTACTS
from simbox.kernels.contacts import contacts
from simbox.kernels.movement import FIELDS as MOVEMENT
from simbox.kernels.movement import movement
from simbox.kernels.rhythm import FIELDS as RHYTHM
from simbox.kernels.rhythm import rhythm
from simbox.kernels.volume import FIELDS as VOLUME
from simbox.kernels.volume import volume

PLACES = {13084: (48.856638, 2.352241), 13086: (50.850437, 4.351694), 13087: (45.759384, 4.828949)}
MANUAL_A = """
call in  A 2014-08-20T20:30:37 137 13084
call out B 2014-08-21T20:31:42 542 13086
text in  C 2014-08-21T21:10:31   0 13087
text out C 2014-08-21T21:15:31   0 13086
text in  C 2014-08-21T21:16:31   0 13086
text out C 2014-08-21T21:17:31   0 13086
text out C 2014-08-21T21:18:31   0 13086
"""


def _features(rows: list[list[str]], directions: dict[str, int]) -> dict[str, float]:
    """All features of one SIM with these records, whose directions enter as `directions` says."""
    instants = [datetime.fromisoformat(row[3]).replace(tzinfo=UTC) for row in rows]
    started_at = np.array([int(instant.timestamp()) * 10**6 for instant in instants])
    duration_s = np.array([int(row[4]) for row in rows])
    service = np.array([row[0] == "text" for row in rows], dtype=np.int8)
    direction = np.array([directions[row[1]] for row in rows], dtype=np.int8)
    party = np.array([ord(row[2]) for row in rows])
    unknown = np.full(len(rows), -1, dtype=np.int8)
    night = np.array([instant.toordinal() for instant in instants], dtype=np.int32)
    minute = np.array([instant.hour * 60 + instant.minute for instant in instants], dtype=np.int16)
    place = np.array([list(PLACES).index(int(row[5])) for row in rows], dtype=np.int32)
    lat, lon = (np.array(axis) for axis in zip(*PLACES.values(), strict=True))
    starts, ends = np.array([0]), np.array([len(rows)])
    results = {
        VOLUME: volume(service, direction, unknown, duration_s, unknown, starts, ends),
        CONTACTS: contacts(started_at, service, direction, party, unknown, starts, starts, ends),
        RHYTHM: rhythm(started_at, duration_s, service, direction, night, minute, starts, ends),
        MOVEMENT: movement(
            started_at, duration_s, service, direction, place, place.copy(), lat, lon, starts, ends
        ),
    }  # fmt: skip
    return {name: table[0, column] for fields, table in results.items() for column, name in enumerate(fields)}


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    return [line.split() for line in MANUAL_A.strip().splitlines()]


def test_one_direction_at_a_time(rows: list[list[str]]) -> None:
    features = _features(rows, {"out": 0, "in": 1})
    # number_of_contacts 2 and 1, number_of_interactions 2 and 5, percent_initiated_interactions 0.5.
    assert features["callees"] + features["callers"] == 2
    assert features["sms_senders"] == features["sms_recipients"] == 1
    assert features["mo_calls"] + features["mt_calls"] == 2
    assert features["sms_mo"] + features["sms_mt"] == 5
    assert features["mo_share"] == 0.5


def test_all_directions_as_one(rows: list[list[str]]) -> None:
    """bandicoot mostly mixes directions; with all of them made, our numbers are its own."""
    features = _features(rows, {"out": 0, "in": 0})
    # active_days 2; call_duration mean 339.5, std 202.5; interevent_time of calls 86465 s.
    assert features["active_nights"] == 2
    assert features["duration_mean_s"] == 339.5
    assert features["duration_cv"] * features["duration_mean_s"] == pytest.approx(202.5, abs=1e-9)
    assert features["gap_median_s"] == 86465
    # interactions_per_contact 1.0 for calls, 5.0 for texts.
    assert 1 / features["fan_out"] == 1
    assert 1 / features["sms_fan_out"] == 5


def test_places(rows: list[list[str]]) -> None:
    """Over half hours, of which one place counts each, entropy_of_antennas is 0.636514 with two antennas."""
    half_hours = [rows[0], rows[1], rows[4]]
    features = _features(half_hours, {"out": 0, "in": 1})
    assert features["places"] == 2
    assert features["place_entropy"] == pytest.approx(0.636514, abs=1e-6)
    # percent_at_home is about the place of the nights, which is the main one here.
    assert features["top_place_share"] == pytest.approx(0.666666, abs=1e-6)


def test_legs_count_one_by_one_where_bandicoot_takes_half_hours(rows: list[list[str]]) -> None:
    features = _features(rows, {"out": 0, "in": 1})
    assert features["places"] == 3
    assert features["top_place_share"] == 5 / 7
    shares = (1 / 7, 5 / 7, 1 / 7)
    assert features["place_entropy"] == pytest.approx(-sum(share * math.log(share) for share in shares))


def test_the_radius_of_gyration_about_the_arithmetic_mean(rows: list[list[str]]) -> None:
    calls = rows[:2]
    (lat_a, lon_a), (lat_b, lon_b) = PLACES[13084], PLACES[13086]
    middle = (lat_a + lat_b) / 2, (lon_a + lon_b) / 2
    squares = [distance_km(*middle, lat_a, lon_a) ** 2, distance_km(*middle, lat_b, lon_b) ** 2]
    expected = math.sqrt(sum(squares) / 2)
    assert _features(calls, {"out": 0, "in": 1})["gyration_km"] == pytest.approx(expected)
