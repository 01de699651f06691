"""Ways of cheating, drawn: what must come out as one rig, and keep its name."""

from typing import get_args

import polars as pl
import pytest

from simbox.config import PairFamily, Rigs
from simbox.rigs import FAMILY
from simbox.scoring import NOTHING_KNOWN, add_rigs, carry, load_scorecard, to_reasons, to_scores
from simbox.tables.scores import REASONS, SCORES

# Cards bought in one run; strangers stand far from one another among the IMSIs in use.
RUN = [100_501, 100_502, 100_503, 100_504, 100_505, 100_506]
STRANGERS = [200_500, 301_500, 402_500, 503_500, 604_500, 705_500]


def rotation(sims, days=(1, 2, 3), mast="A", handsets=("H1", "H2"), first_hour=9) -> list[str]:
    """Each SIM calls somebody new from each handset in turn, all at one place."""
    rows = []
    for day in days:
        for turn in range(4 * len(sims)):
            sim, handset = sims[turn % len(sims)], handsets[turn % len(handsets)]
            minute, callee = first_hour * 60 + turn * 10, 1000 * day + turn + 100_000 * (sim % 97)
            rows.append(f"{sim} {day}T{minute // 60:02}:{minute % 60:02} {mast} {handset} x{callee}")
    return rows


def drawn(drawing, rows, head="imsi at cell imei other"):
    return drawing.records("\n".join([head, *rows]))


@pytest.mark.parametrize("sims", [RUN, STRANGERS], ids=["of one run", "of many runs"])
def test_cards_that_take_turns_are_one_rig(seeker, drawing, sims):
    found = seeker.find(drawn(drawing, rotation(sims)))
    assert seeker.members(found) == [set(sims)]
    row = found.rigs.row(0, named=True)
    assert (row["sim_count"], row["live_count"], row["imei_count"], row["place_count"]) == (6, 6, 2, 1)
    assert (row["status"], row["operators"], row["site"]) == ("new", "alpha", "A")
    assert set(found.members["role"]) <= {"founder", "replacement"}


def test_a_handset_for_each_card_at_a_lonely_place(seeker, drawing):
    rows = rotation(RUN, handsets=tuple(f"H{number}" for number in range(1, 7)))
    assert seeker.members(seeker.find(drawn(drawing, rows))) == [set(RUN)]


def test_two_boxes_far_apart_are_two(seeker, drawing):
    rows = rotation(RUN[:3]) + rotation(STRANGERS[:3], mast="D", handsets=("H3", "H4"))
    assert seeker.members(seeker.find(drawn(drawing, rows))) == [set(RUN[:3]), set(STRANGERS[:3])]


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_are_no_rig(seeker, drawing, count):
    found = seeker.find(drawn(drawing, rotation(RUN[:count])))
    assert found.rigs.is_empty()
    assert found.members.is_empty()
    assert found.points.is_empty()


def test_three_are_a_rig(seeker, drawing):
    assert seeker.members(seeker.find(drawn(drawing, rotation(RUN[:3])))) == [set(RUN[:3])]


def test_a_rig_keeps_its_name_while_its_cards_are_replaced(seeker, drawing):
    fresh = STRANGERS[:3]
    second = [RUN[4], RUN[5], *fresh]
    records = drawn(drawing, rotation(RUN, days=(1,)) + rotation(second, days=(2,)))
    first = seeker.find(records, last=1)
    later = seeker.find(records, last=2, previous=first)
    assert later.rigs["rig_id"].to_list() == first.rigs["rig_id"].to_list()
    assert seeker.members(later) == [{*RUN, *fresh}]
    left = dict(later.members.select("imsi", pl.col("left_at").is_not_null()).iter_rows())
    assert {imsi for imsi, gone in left.items() if gone} == {drawing.imsi(sim) for sim in RUN[:4]}
    assert later.rigs["burnt_count"].item() == 4
    assert later.rigs["status"].item() == "growing"


@pytest.mark.parametrize(("starts", "replaces"), [("08:04", True), ("11:30", False)], ids=["at once", "hours later"])
def test_a_card_that_takes_a_silent_ones_port_over_says_so_on_the_night_it_appears(seeker, drawing, starts, replaces):
    retired, fresh = RUN[0], STRANGERS[0]
    rows = [*rotation(RUN, days=(1,)), f"{retired} 2T08:00 A H1 x70"]
    rows += [f"{fresh} 2T{starts} A H1 x71", *(f"{fresh} 2T{hour}:10 A H1 x{hour}" for hour in range(12, 23, 2))]
    rows += [f"{sim} 2T{hour}:{minute} A H2 x{sim}{hour}" for minute, sim in enumerate(RUN[1:], 10) for hour in (9, 21)]
    found = seeker.find(drawn(drawing, [row.replace("2T9:", "2T09:") for row in rows]), last=2)
    member = found.members.filter(pl.col("imsi") == drawing.imsi(fresh)).row(0, named=True)
    assert member["replaces_imsi"] == (drawing.imsi(retired) if replaces else None)
    said = found.replaced.filter(pl.col("imsi") == drawing.imsi(fresh))
    assert said["relay_gap_s"].to_list() == ([240.0] if replaces else [])
    assert (said["relay_points"] > 0).all()


def test_members_whose_records_have_gone_stay_with_their_rig(seeker, drawing):
    records = drawn(drawing, rotation(RUN, days=(1,)))
    first = seeker.find(records, last=1)
    later = seeker.find(drawn(drawing, [f"{STRANGERS[0]} 3T10:00 D H9 x1"]), last=3, previous=first)
    assert seeker.members(later) == [set(RUN)]
    assert later.rigs["status"].to_list() == ["dissolved"]


def test_a_new_group_must_be_surer_than_one_that_was_a_rig_the_night_before(seeker, drawing):
    records = drawn(drawing, rotation(RUN))
    before = seeker.find(records, last=2)
    [probability] = seeker.find(records).rigs["probability"]
    assert 0.9 <= probability < 1
    for least, told in ((probability - 1e-4, [set(RUN)]), (probability + 1e-4, [])):
        config = Rigs(new_rig_probability=least)
        assert seeker.members(seeker.find(records, config=config)) == told
        assert seeker.members(seeker.find(records, config=config, previous=before)) == [set(RUN)]


def test_a_rig_gives_each_member_points_once(seeker, drawing):
    found = seeker.find(drawn(drawing, rotation(RUN)))
    assert sorted(found.points["imsi"]) == sorted(drawing.imsi(sim) for sim in RUN)
    assert found.points["points"].min() > 0
    assert found.points["imsi"].is_unique().all()


def test_who_stands_out_with_no_rig_loses_for_it_what_a_member_gains(seeker, drawing):
    """The look-alike calls as many as a member does, with a handset of its own, at a place of its own."""
    lone, clear = 700_501, 900_501
    own = [f"{lone} {day}T{hour:02}:00 D H7 x{day * 50 + hour}" for day in (1, 2, 3) for hour in range(9, 19)]
    rows = [*rotation(RUN), *own]
    evidence = dict.fromkeys([*RUN, lone], 60) | {clear: -160}
    found = seeker.find(drawn(drawing, rows), evidence=evidence)
    assert seeker.members(found) == [set(RUN)]
    card = load_scorecard()
    sims = pl.DataFrame({"imsi": [drawing.imsi(sim) for sim in evidence], "evidence_alone": list(evidence.values())})
    alone = sims.with_columns(pl.col("evidence_alone").cast(pl.Int32))
    at = pl.lit(drawing.night(2)).cast(SCORES.schema["first_active_at"])
    seen = alone.select("imsi", operator=pl.lit("alpha"), first_at=at, last_at=at)
    state = carry(NOTHING_KNOWN, seen, alone, REASONS.empty(), -100)
    state = add_rigs(state, found.points, pl.DataFrame(schema={"imsi": pl.Int64}), drawing.night(2), card)
    told = to_reasons(state, found.points, card)
    given = {code: set(told.filter(pl.col("code") == code)["imsi"]) for code in ("MEMBER_OF_RIG", "NO_RIG_FOUND")}
    assert given == {"MEMBER_OF_RIG": {drawing.imsi(sim) for sim in RUN}, "NO_RIG_FOUND": {drawing.imsi(lone)}}
    scores = to_scores(state, card)
    gained = dict(scores.select("imsi", pl.col("evidence") - pl.col("evidence_alone")).rows())
    assert all(gained[drawing.imsi(sim)] > 0 for sim in RUN)
    assert gained[drawing.imsi(lone)] < 0 == gained[drawing.imsi(clear)]


def test_a_quiet_card_among_its_mates_is_drawn_in(seeker, drawing):
    quiet = 100_507
    rows = [*rotation(RUN), f"{quiet} 3T20:00 A H1 x9", f"{quiet} 3T20:30 A H2 x8"]
    evidence = dict.fromkeys(RUN, 20) | {quiet: -80}
    assert seeker.members(seeker.find(drawn(drawing, rows), evidence=evidence)) == [{*RUN, quiet}]


def test_every_family_can_be_left_out():
    assert set(get_args(PairFamily)) == set(FAMILY.values())


@pytest.mark.parametrize("family", get_args(PairFamily))
def test_a_family_that_is_left_out_says_nothing(seeker, drawing, family):
    rows = rotation(RUN)
    rows += [
        f"{one} {day}T21:{one % 60:02} A H1 {two}" for day in (1, 2, 3) for one in RUN for two in RUN if one != two
    ]
    # As many calls a night are a rule only where others keep to other numbers.
    rows += [
        f"{sim} {day}T10:{minute} P H{sim} x{minute}"
        for number, sim in enumerate(STRANGERS)
        for day in (1, 2, 3)
        for minute in range(10, 20 + number)
    ]
    whole = seeker.find(drawn(drawing, rows))
    found = seeker.find(drawn(drawing, rows), config=Rigs(leave_out=[family]))
    gone = whole.links.filter(pl.col("comparison").replace_strict(FAMILY) == family)
    assert not gone.is_empty()
    kept = whole.links.join(gone, on=["imsi_a", "imsi_b", "comparison"], how="anti")
    assert found.links.equals(kept)


def test_without_any_comparison_nothing_is_a_rig(seeker, drawing):
    found = seeker.find(drawn(drawing, rotation(RUN)), config=Rigs(leave_out=list(get_args(PairFamily))))
    assert found.links.is_empty()
    assert found.rigs.is_empty()


def test_nothing_depends_on_the_order_of_rows(seeker, drawing):
    records = drawn(drawing, rotation(RUN) + rotation(STRANGERS, mast="D", handsets=("H3", "H4")))
    mixed = records.sample(fraction=1, shuffle=True, seed=1).sort("imsi", "started_at", "record_id")
    one, other = seeker.find(records), seeker.find(mixed)
    for name in ("links", "rigs", "sites", "members", "points"):
        assert getattr(one, name).equals(getattr(other, name)), name
