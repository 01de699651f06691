"""Values that bandicoot (MIT) states for its hand-made user and its sample user, met where the definitions meet.

bandicoot mixes directions where ours are of calls made, so its numbers are met with every leg taken as made; its
indicators of texts that ours have for calls only are met with texts taken as calls; its spatial ones count the
commonest antenna of each half hour, so the half hours are made here first. Of its indicators these have no
counterpart: percent_nocturnal (its night is 19-7 h, ours 0-5 h), conversations and response delays (texts within an
hour), balance_of_contacts (a mean over contacts), percent_pareto_* and frequent_antennas (how few make up 80 %, where
ours are the shares of the first five and of the main one), churn_rate, recharges, and skewness, kurtosis and minimum
of what has a mean here.
"""

import csv
import math
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kernels.users import Leg, features_of

PLACES = {"13084": (48.856638, 2.352241), "13086": (50.850437, 4.351694), "13087": (45.759384, 4.828949)}
MANUAL_A = """
call,in,A,2014-08-20 20:30:37,137,13084
call,out,B,2014-08-21 20:31:42,542,13086
text,in,C,2014-08-21 21:10:31,,13087
text,out,C,2014-08-21 21:15:31,,13086
text,in,C,2014-08-21 21:16:31,,13086
text,out,C,2014-08-21 21:17:31,,13086
text,out,C,2014-08-21 21:18:31,,13086
"""

# The sample user's 1,482 records are not shipped: sample_user_records.csv of bandicoot's tests, in this folder.
RECORDS = os.environ.get("BANDICOOT_TESTS")

# For each part of the week and the day, in the order of INDICATORS, as sample_user.json has them.
INDICATORS = (
    "number_of_interaction_out call", "number_of_interaction_in call",
    "number_of_interaction_out text", "number_of_interaction_in text",
    "percent_initiated_interactions call", "number_of_contacts call", "number_of_contacts text",
    "entropy_of_contacts call", "entropy_of_contacts text",
    "call_duration mean", "call_duration std", "call_duration median", "call_duration max",
    "interevent_time call mean", "interevent_time call std", "interevent_time call median",
    "interevent_time text mean", "interevent_time text std", "interevent_time text median",
    "interactions_per_contact call mean", "interactions_per_contact text mean",
    "active_days", "number_of_antennas", "entropy_of_antennas", "radius_of_gyration",
)  # fmt: skip
EXPECTED = {
    ("allweek", "allday"): """
        205 385 291 601 0.34745762712 48 48 3.8377871685 3.8448671311 473.34915254 289.76535239 484.5 997.0
        8426.3174873 23647.512396 1610.0 5557.8888889 18478.753907 989.0 12.291666667 18.583333333 54 7 1.9419867718
        1.1261249034""",
    ("allweek", "day"): """
        19 32 22 47 0.37254901961 33 39 3.3809866648 3.5430288453 483.31372549 286.69540373 472.0 952.0 98450.84
        120906.40497 72415.5 71136.470588 96548.742831 20478.0 1.5454545455 1.7692307692 48 7 1.902707353
        1.1103898232""",
    ("allweek", "night"): """
        186 353 269 554 0.34508348794 48 48 3.8326347104 3.8421921371 472.40630798 290.03641899 485.0 997.0
        9191.6561338 26402.771787 1387.5 6011.2153285 21101.884776 898.5 11.229166667 17.145833333 54 7 1.9414986247
        1.1286971425""",
    ("weekday", "allday"): """
        152 270 229 431 0.36018957346 48 48 3.8274999782 3.8381050498 482.35545024 293.24065575 498.0 997.0
        11583.710214 37316.800714 1641.0 7383.2397572 29934.275413 962.0 8.7916666667 13.75 39 7 1.9421014765
        1.124041874""",
    ("weekday", "day"): """
        14 25 14 35 0.35897435897 30 33 3.3168143247 3.3964386174 511.74358974 306.069015 600.0 952.0 107120.13158
        142716.30947 42852.0 100776.66667 139114.9908 37821.0 1.3 1.4848484848 36 7 1.8934579036 1.1605772519""",
    ("weekday", "night"): """
        138 245 215 396 0.36031331593 48 48 3.8235327874 3.8323523063 479.36292428 291.73672165 497.0 997.0
        12719.246073 40606.279197 1433.5 7958.5163934 32893.642728 891.5 7.9791666667 12.729166667 39 7 1.9426970128
        1.116637151""",
    ("weekend", "allday"): """
        53 115 62 170 0.31547619048 46 47 3.7018797731 3.7363444623 450.72619048 279.56928399 422.5 973.0
        29089.502994 124066.15936 1497.0 21095.649351 105114.91377 1081.0 3.652173913 4.9361702128 15 7 1.937690149
        1.1315210507""",
    ("weekend", "day"): """
        5 7 8 12 0.41666666667 10 16 2.2102535776 2.6923109941 390.91666667 183.59532417 376.5 687.0 384145.27273
        372072.23898 520923.0 227909.26316 431949.68624 14487.0 1.2 1.25 12 7 1.8225530312 0.95024062009""",
    ("weekend", "night"): """
        48 108 54 158 0.30769230769 46 47 3.6892876688 3.7423734665 455.32692308 285.10000862 437.5 973.0
        31341.593548 129998.85327 1263.0 23030.687204 111798.83887 902.0 3.3913043478 4.5106382979 15 7 1.9258841213
        1.1591646505""",
}
WEEK_PARTS = {"allweek": range(1, 8), "weekday": range(1, 6), "weekend": range(6, 8)}


def _legs(rows: Sequence[Sequence[str]], antennas: list[str]) -> list[Leg]:
    parties = sorted({row[2] for row in rows})
    return [
        Leg(
            service=("call", "text").index(row[0]),
            direction=("out", "in").index(row[1]),
            party=parties.index(row[2]),
            start=datetime.fromisoformat(row[3]).replace(tzinfo=UTC),
            duration_s=int(row[4] or 0),
            place=antennas.index(row[5]),
        )
        for row in rows
    ]


def _all_made(legs: list[Leg]) -> list[Leg]:
    return [leg._replace(direction=0) for leg in legs]


def _texts_as_calls(legs: list[Leg]) -> list[Leg]:
    return [leg._replace(direction=0, service=0) for leg in legs if leg.service == 1]


def _half_hours(legs: list[Leg]) -> list[Leg]:
    """One leg for each half hour, at its commonest antenna, of equals the first."""
    bins = defaultdict(list)
    for leg in legs:
        bins[leg.start.replace(minute=leg.start.minute // 30 * 30, second=0)].append(leg.place)
    return [Leg(0, 0, 0, start, 0, Counter(places).most_common(1)[0][0]) for start, places in sorted(bins.items())]


def _is_night(leg: Leg) -> bool:
    """Both edges of bandicoot's night lie inside."""
    clock = leg.start.time().isoformat()
    return clock >= "19:00:00" or clock <= "07:00:00"


def _indicators(legs: list[Leg], positions: list[tuple[float, float]]) -> dict[str, float]:
    ours = features_of(legs, positions)
    mixed = features_of(_all_made(legs), positions)
    texts = features_of(_texts_as_calls(legs), positions)
    halves = features_of(_half_hours(legs), positions)
    values = (
        ours["mo_calls"], ours["mt_calls"], ours["sms_mo"], ours["sms_mt"],
        ours["mo_share"], mixed["callees"], mixed["sms_recipients"], mixed["callee_entropy"], texts["callee_entropy"],
        mixed["duration_mean_s"], mixed["duration_cv"] * mixed["duration_mean_s"],
        mixed["duration_median_s"], mixed["duration_max_s"],
        mixed["gap_mean_s"], mixed["gap_cv"] * mixed["gap_mean_s"], mixed["gap_median_s"],
        texts["gap_mean_s"], texts["gap_cv"] * texts["gap_mean_s"], texts["gap_median_s"],
        1 / mixed["fan_out"], 1 / texts["fan_out"],
        mixed["active_nights"], halves["places"], halves["place_entropy"], halves["gyration_km"],
    )  # fmt: skip
    return dict(zip(INDICATORS, values, strict=True)) | {"percent_at_home": halves["home_share"]}


def test_the_hand_made_user() -> None:
    rows = [line.split(",") for line in MANUAL_A.strip().splitlines()]
    found = _indicators(_legs(rows, list(PLACES)), list(PLACES.values()))
    assert found["number_of_interaction_out call"] + found["number_of_interaction_in call"] == 2
    assert found["number_of_interaction_out text"] + found["number_of_interaction_in text"] == 5
    assert (found["number_of_contacts call"], found["number_of_contacts text"]) == (2, 1)
    assert found["percent_initiated_interactions call"] == 0.5
    assert found["entropy_of_contacts call"] == pytest.approx(0.6931, abs=1e-4)
    assert found["entropy_of_contacts text"] == 0
    assert found["call_duration mean"] == 339.5
    assert found["call_duration std"] == pytest.approx(202.5, abs=1e-9)
    assert found["interevent_time call mean"] == 86465
    assert found["interevent_time text mean"] == 120
    assert found["interevent_time text std"] == pytest.approx(103.92304)
    assert found["interactions_per_contact call mean"] == 1
    assert found["interactions_per_contact text mean"] == 5
    assert found["active_days"] == 2
    assert found["number_of_antennas"] == 2
    assert found["entropy_of_antennas"] == pytest.approx(0.636514, abs=1e-6)
    assert found["percent_at_home"] == pytest.approx(0.666666, abs=1e-6)


def test_legs_count_one_by_one_where_bandicoot_takes_half_hours() -> None:
    rows = [line.split(",") for line in MANUAL_A.strip().splitlines()]
    features = features_of(_legs(rows, list(PLACES)), list(PLACES.values()))
    assert features["places"] == 3
    assert features["top_place_share"] == 5 / 7
    shares = (1 / 7, 5 / 7, 1 / 7)
    assert features["place_entropy"] == pytest.approx(-sum(share * math.log(share) for share in shares))


@pytest.mark.skipif(RECORDS is None, reason="BANDICOOT_TESTS names no folder with sample_user_records.csv")
@pytest.mark.parametrize(("week", "day"), EXPECTED)
def test_the_sample_user(week: str, day: str) -> None:
    with (Path(RECORDS or "") / "sample_user_records.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    positions = {row[5]: (float(row[6]), float(row[7])) for row in rows}
    legs = [
        leg
        for leg in _legs(rows, sorted(positions))
        if leg.start.isoweekday() in WEEK_PARTS[week] and (day == "allday" or _is_night(leg) == (day == "night"))
    ]
    found = _indicators(legs, [positions[antenna] for antenna in sorted(positions)])
    expected = dict(zip(INDICATORS, map(float, EXPECTED[week, day].split()), strict=True))
    assert {name: found[name] for name in INDICATORS} == pytest.approx(expected, rel=1e-9)
    if (week, day) == ("allweek", "allday"):
        assert found["percent_at_home"] == pytest.approx(0.1563467492260062)
