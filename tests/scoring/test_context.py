"""What the SIMs around add: itself left out, capped both ways, and the stronger of it and the rig's ties."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import polars as pl
import pytest

from simbox.reasons import REASONS as CODES
from simbox.scoring import (
    NOTHING_KNOWN,
    Surroundings,
    add_rigs,
    carry,
    find_calls,
    load_scorecard,
    look_around,
    measure_context,
    score_context,
    to_reasons,
    to_scores,
)
from simbox.scoring.scorecard import NoRig
from simbox.tables.scores import REASONS, SCORES

SURE, CLEAR = 200, -200
NOBODY = pl.DataFrame(schema={"imsi": pl.Int64})


@pytest.fixture(scope="module")
def card():
    return load_scorecard()


FIRST = date(2026, 5, 11)


def around(homes=(), handsets=(), sims=(), begun=None, calls=(), callees=()):
    """Who is where; `begun` is how many nights after the first one SIMs were first heard, the others on the first.

    `calls` are (caller, called), `callees` (caller, how many numbers it called).
    """
    everyone = {imsi for imsi, _ in (*homes, *handsets)} | set(sims)
    firsts = [(imsi, FIRST + timedelta(days=(begun or {}).get(imsi, 0))) for imsi in sorted(everyone)]
    return Surroundings(
        pl.DataFrame(list(homes), schema={"imsi": pl.Int64, "place": pl.Int64}, orient="row"),
        pl.DataFrame(list(handsets), schema={"imsi": pl.Int64, "imei": pl.Int64}, orient="row"),
        pl.DataFrame({"imsi": sorted(everyone)}, schema={"imsi": pl.Int64}),
        pl.DataFrame(firsts, schema={"imsi": pl.Int64, "first_night": pl.Date}, orient="row"),
        pl.DataFrame(list(calls), schema={"imsi": pl.Int64, "called": pl.Int64}, orient="row"),
        pl.DataFrame(list(callees), schema={"imsi": pl.Int64, "callees": pl.Float64}, orient="row"),
    )


def evidence(**points):
    return pl.DataFrame(
        {"imsi": [int(name[1:]) for name in points], "evidence": list(points.values())},
        schema={"imsi": pl.Int64, "evidence": pl.Int32},
    )


def measured(points, **kept):
    found = measure_context(points, around(**kept))
    return {row["imsi"]: row for row in found.to_dicts()}


def test_a_sim_is_no_suspect_to_itself():
    found = measured(evidence(s1=SURE, s2=CLEAR, s3=CLEAR), homes=[(1, 7), (2, 7), (3, 8)])
    assert [found[imsi]["suspects_at_place"] for imsi in (1, 2, 3)] == [0, 1, 0]
    assert found[2]["suspect_share_at_place"] == pytest.approx(1 / 4)
    assert found[1]["suspects_in_batch"] == 0
    assert found[2]["suspects_in_batch"] == 1


def test_the_place_with_most_suspects_counts():
    found = measured(evidence(s1=CLEAR, s2=SURE, s3=SURE, s4=SURE), homes=[(1, 7), (1, 8), (2, 7), (3, 8), (4, 8)])
    assert found[1]["suspects_at_place"] == 2


def newcomers(begun, homes):
    points = pl.DataFrame({"imsi": sorted(imsi for imsi, _ in homes), "evidence": CLEAR}).cast({"evidence": pl.Int32})
    found = measure_context(points, around(homes, begun=begun))
    return dict(found.select("imsi", "newcomers_ratio_at_place").iter_rows())


def test_newcomers_are_counted_against_what_the_crowd_there_would_have():
    # A crowd of 100 at each of ten places, one of them joined by 20 new SIMs within three nights, another by one.
    homes = [(imsi, imsi // 100) for imsi in range(1000)] + [(imsi, 3) for imsi in range(2000, 2020)] + [(3000, 4)]
    begun = {imsi: 4 + imsi % 3 for imsi in range(2000, 2020)} | {3000: 5}
    found = newcomers(begun, homes)
    # Of the 1021 SIMs 21 came within a night of the fifth; at 3 the other 119 would have as many by their share.
    assert found[2000] == pytest.approx(12 / (119 * 14 / 1021 + 3), abs=0.01)
    middle = next(imsi for imsi in begun if begun[imsi] == 5 and imsi < 3000)
    assert found[middle] == pytest.approx(19 / (119 * 21 / 1021 + 3), abs=0.01)
    assert found[3000] == 0
    assert found[1] is None


def test_a_feed_that_begins_late_brings_no_newcomers_to_a_place():
    homes = [(imsi, imsi % 10) for imsi in range(1000)]
    found = newcomers({imsi: 5 for imsi in range(500, 1000)}, homes)
    assert max(value for value in found.values() if value is not None) < 1
    assert found[1] is None


def test_who_has_no_place_and_no_handset_is_not_known_by_them():
    found = measured(evidence(s1=CLEAR), sims=[1])[1]
    assert (found["suspects_at_place"], found["suspect_share_at_place"], found["suspects_on_imei"]) == (None,) * 3
    assert found["suspects_in_batch"] == 0


def test_a_counterfeit_imei_ties_nobody():
    crowd = range(2, 700)
    shared = measured(evidence(s1=CLEAR, s2=SURE), handsets=[(1, 5), (2, 5)])
    cloned = measured(evidence(s1=CLEAR, s2=SURE), handsets=[(1, 5), *((imsi, 5) for imsi in crowd)])
    assert (shared[1]["suspects_on_imei"], cloned[1]["suspects_on_imei"]) == (1, 0)


def test_a_batch_reaches_five_cards_each_way():
    cards = range(1, 14)
    points = evidence(**{f"s{imsi}": SURE if imsi == 7 else CLEAR for imsi in cards})
    found = measured(points, sims=cards)
    assert [imsi for imsi in cards if found[imsi]["suspects_in_batch"] > 0] == [2, 3, 4, 5, 6, 8, 9, 10, 11, 12]


def test_the_share_of_suspects_among_those_it_calls_grows_with_both():
    points = evidence(s1=CLEAR, s2=CLEAR, s3=CLEAR, s4=CLEAR, s8=-31, s9=SURE, s10=SURE)
    calls = [(1, 9), (1, 10), (2, 9), (2, 8), (9, 10), (10, 9)]
    callees = [(1, 7.0), (2, 7.0), (3, 7.0), (9, 1.0), (4, 0.0)]
    found = measured(points, sims=[1, 2, 3, 4, 8, 9, 10], calls=calls, callees=callees)
    shares = {imsi: row["suspect_share_of_callees"] for imsi, row in found.items()}
    # Who is called by suspects is not told of, nor whose callees nobody counted.
    assert shares == {1: 0.2, 2: 0.1, 3: 0.0, 4: None, 8: None, 9: 0.25, 10: None}


def test_who_calls_is_found_by_the_records_of_whom_it_calls():
    heard = [("mt", 701), ("mt", 701), ("mt", 702), ("mt", None), ("mo", 703), ("mt", 709), ("mt", 777)]
    records = pl.DataFrame(
        [(9, *one) for one in heard],
        schema={"imsi": pl.Int64, "direction": pl.String, "other_party": pl.Int64},
        orient="row",
    )
    numbers = pl.DataFrame({"imsi": [1, 2, 3, 9, 12], "msisdn": [701, 702, 703, 709, 702]})
    assert sorted(find_calls(records, numbers).rows()) == [(1, 9), (2, 9), (12, 9)]


def test_nothing_depends_on_the_order_of_rows():
    points = evidence(**{f"s{imsi}": imsi % 90 - 40 for imsi in range(1, 200)})
    homes = [(imsi, imsi % 11) for imsi in range(1, 200)]
    one = measure_context(points, around(homes=homes))
    other = measure_context(points.reverse(), around(homes=homes[::-1]))
    assert one.equals(other)


def test_points_add_up_and_are_capped_both_ways(card):
    crowd = range(1, 60)
    points = evidence(**{f"s{imsi}": SURE if imsi < 40 else CLEAR for imsi in range(1, 80)})
    homes = [(imsi, 7) for imsi in crowd]
    strict = msgspec.structs.replace(card, context=msgspec.structs.replace(card.context, most=20))
    given, reasons = score_context(measure_context(points, around(homes=homes, sims=range(1, 80))), strict)
    sums = reasons.group_by("imsi").agg(total=pl.col("points").sum())
    assert given.join(sums, on="imsi", how="left").filter(pl.col("context") != pl.col("total").fill_null(0)).is_empty()
    assert given["context"].max() == strict.context.most
    assert given["context"].min() == strict.context.least
    assert "SURROUNDINGS_CAPPED" in reasons["code"].to_list()
    assert set(reasons["code"]) <= set(CODES)


def test_a_card_without_context_adds_nothing(card, tmp_path):
    bare = tmp_path / "bare.toml"
    bare.write_text(
        'name = "bare"\norigin = "a test"\n[bands]\nwatch = 0\nsuspect = 1\nstrong = 2\n[calibration]\n'
        '[[expert]]\nname = "one"\n'
        'term = [{ code = "CALLS_MADE", feature = "mo_calls", edges = [3], points = [0, 9] }]\n'
    )
    found = measure_context(evidence(s1=SURE, s2=SURE), around(homes=[(1, 7), (2, 7)]))
    points, reasons = score_context(found, load_scorecard(bare))
    assert points["context"].to_list() == [0, 0]
    assert reasons.is_empty()


@pytest.mark.parametrize(("ties", "counted"), [(90, "rig"), (10, "context"), (None, "context")])
def test_of_a_rigs_ties_and_the_surroundings_the_stronger_counts(card, ties, counted):
    at = datetime(2025, 3, 1, 12, tzinfo=UTC)
    seen = pl.DataFrame(
        [(1, "alpha", at, at)],
        schema={"imsi": pl.Int64, "operator": pl.String, "first_at": SCORES.schema["first_active_at"],
                "last_at": SCORES.schema["last_active_at"]},
        orient="row",
    )  # fmt: skip
    alone = pl.DataFrame([(1, -30)], schema={"imsi": pl.Int64, "evidence_alone": pl.Int32}, orient="row")
    rows = [("BASE", "base", -100), ("CALLS_MADE", "loud", 70)]
    own = REASONS.conform(
        pl.DataFrame(
            [{"imsi": 1, "code": code, "expert": expert, "window_nights": 0, "points": points, "counted": True}
             for code, expert, points in rows]
        ).cast({"points": pl.Int32, "window_nights": pl.Int16})
    )  # fmt: skip
    state = carry(NOTHING_KNOWN, seen, alone, own, -100)
    reason = {"imsi": 1, "code": "SUSPECTS_AT_ITS_PLACES", "expert": "context", "window_nights": 0, "points": 40,
              "counted": True}  # fmt: skip
    reasons = REASONS.conform(pl.DataFrame([reason]).cast({"points": pl.Int32, "window_nights": pl.Int16}))
    context = pl.DataFrame({"imsi": [1], "context": [40]}, schema={"imsi": pl.Int64, "context": pl.Int32})
    state = look_around(state, (context, reasons))
    gained = pl.DataFrame(
        [(1, ties, float(ties))] if ties else [],
        schema={"imsi": pl.Int64, "points": pl.Int32, "value": pl.Float64},
        orient="row",
    )
    card = msgspec.structs.replace(card, no_rig=NoRig())
    state = add_rigs(state, gained, NOBODY, date(2025, 3, 1), card)
    scores = to_scores(state, card).row(0, named=True)
    told = to_reasons(state, gained, card)
    assert scores["evidence"] == -30 + max(40, ties or 0)
    assert scores["evidence_alone"] == 10
    assert told.filter("counted")["points"].sum() == scores["evidence"]
    assert told.filter(pl.col("counted") & pl.col("expert").is_in(["rig", "context"]))["expert"].to_list() == [counted]
