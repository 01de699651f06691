"""Parts of one box are put together; boxes that only resemble each other are not."""

import polars as pl
import pytest

from simbox.features import add_place
from simbox.rigs.contacts import find_called
from simbox.rigs.crowd import Crowd
from simbox.rigs.merging import Joining, merge_groups
from simbox.rigs.strangers import find_squares
from simbox.rigs.weights import load_weights
from simbox.telecom.cells import fuse_places

FIRST, SECOND = [101, 102, 103], [201, 202, 203]
RIG = (40, False)


def calls(sims, mast, hours=(9, 10, 11), callees="x") -> list[str]:
    return [
        f"{sim} 1T{hour:02}:{turn:02} {mast} {callees}{sim}{hour}{turn}"
        for sim in sims
        for hour in hours
        for turn in (0, 20, 40)
    ]


@pytest.fixture
def merged(drawing):
    """The groups of FIRST and SECOND, as sets of SIMs, once those of one owner are put together."""

    def run(
        rows,
        first=RIG,
        second=RIG,
        townspeople=2000,
        head="imsi at cell other",
        leave_out=(),
        linked=(),
        largest=5000,
    ) -> list[set[int]]:
        places = fuse_places(drawing.cells())
        records = add_place(drawing.records("\n".join([head, *rows])), places)
        groups = pl.DataFrame(
            [(number, drawing.imsi(sim)) for number, sims in enumerate((FIRST, SECOND)) for sim in sims],
            schema={"group": pl.Int64, "imsi": pl.Int64},
            orient="row",
        )
        strength = pl.DataFrame(
            [(0, *first), (1, *second)],
            schema={"group": pl.Int64, "rig_evidence": pl.Int32, "lawful": pl.Boolean},
            orient="row",
        )
        masts = places.select("place", "place_lat", "place_lon").unique().sort("place")
        crowd = Crowd(
            sims=townspeople,
            sims_on_imei=pl.DataFrame(schema={"imei": pl.Int64, "imei_sims": pl.Int64}),
            sims_at_place=pl.DataFrame(schema={"place": pl.Int64, "place_sims": pl.Float64}),
            # A few live by each mast, most by the last.
            settled=masts.select(
                "place", settled_sims=pl.when(pl.int_range(pl.len()) == pl.len() - 1).then(townspeople).otherwise(40)
            ),
            places=masts,
            imsis=pl.Series([drawing.imsi(number) for number in range(1000)]),
            homes=pl.DataFrame(schema={"imsi": pl.Int64, "place": pl.Int64}),
            numbers=pl.DataFrame(schema={"imsi": pl.Int64, "msisdn": pl.Int64}),
            popular=pl.DataFrame(schema={"other_party": pl.Int64}),
            lines=pl.DataFrame(schema={"imsi": pl.Int64}),
            begun=pl.DataFrame(schema={"place": pl.Int64, "night": pl.Date, "new_sims": pl.Int64}),
        )
        called = find_called(records, find_squares(groups.select("imsi"), crowd), crowd, 200)
        begins = pl.lit(records["started_at"].min())
        ends = {"imsi_a": pl.Int64, "imsi_b": pl.Int64}
        strong = pl.DataFrame([tuple(map(drawing.imsi, pair)) for pair in linked], schema=ends, orient="row")
        weights = load_weights("joining")
        joining = Joining(records, begins, strong, places, called, crowd, weights, largest, leave_out)
        joined = merge_groups(groups, strength, joining)
        names = {drawing.imsi(sim): sim for sim in FIRST + SECOND}
        return sorted(({names[imsi] for imsi in part["imsi"]} for _, part in joined.group_by("group")), key=min)

    return run


def staged(callers, called) -> list[str]:
    """Each of the callers rings each of the others once."""
    return [
        f"{caller} 1T12:{10 * turn + second:02} A {number}"
        for turn, caller in enumerate(callers)
        for second, number in enumerate(called)
    ]


APART, TOGETHER = [set(FIRST), set(SECOND)], [set(FIRST + SECOND)]
AT_ONE_PLACE = calls(FIRST, "A") + calls(SECOND, "A")
# Enough alike to be one box, with nothing to spare.
MUCH_ALIKE = calls(FIRST, "A") + calls(SECOND, "A", hours=(11, 12, 13, 14, 15))


def test_two_runs_of_cards_at_one_place_are_one_box(merged):
    assert merged(AT_ONE_PLACE) == TOGETHER


def test_masts_of_two_networks_side_by_side_are_one_place_enough(merged):
    assert merged(calls(FIRST, "A") + calls(SECOND, "a")) == TOGETHER


def test_two_boxes_in_two_towns_are_two(merged):
    assert merged(calls(FIRST, "A") + calls(SECOND, "D")) == APART


def test_masts_a_little_farther_apart_are_one_place_for_who_shows_the_same_handsets(merged):
    head = "imsi at cell other imei"
    rows = calls(FIRST, "A") + calls(SECOND, "b")

    def shown(port):
        return [f"{row} H{port(int(row.split()[0]))}" for row in rows]

    assert merged(shown(lambda sim: sim % 100), head=head) == TOGETHER
    assert merged(shown(lambda sim: sim), head=head) == APART


def test_dense_links_let_what_stands_in_two_towns_be_compared(merged):
    def shown(sims, mast):
        return [f"{row} H{int(row.split()[0]) % 100}" for row in calls(sims, mast)]

    rows, head = shown(FIRST, "A") + shown(SECOND, "D"), "imsi at cell other imei"
    assert merged(rows, head=head) == APART
    assert merged(rows, head=head, linked=[(101, 201)]) == TOGETHER


def test_staged_calls_join_what_stands_in_two_towns(merged):
    assert merged(calls(FIRST, "A") + calls(SECOND, "D") + staged(FIRST, SECOND)) == TOGETHER


def test_a_family_that_is_left_out_joins_nobody(merged):
    rows = calls(FIRST, "A") + calls(SECOND, "D") + staged(FIRST, SECOND)
    assert merged(rows, leave_out=("contacts",)) == APART
    other_hours = calls(FIRST, "A") + calls(SECOND, "A", hours=(21, 22, 23))
    assert merged(other_hours, leave_out=("habits",)) == TOGETHER


def test_no_rig_grows_larger_than_rigs_are(merged):
    assert merged(AT_ONE_PLACE, largest=6) == TOGETHER
    assert merged(AT_ONE_PLACE, largest=5) == APART


def test_another_trade_in_the_same_house_is_another_box(merged):
    assert merged(calls(FIRST, "A") + calls(SECOND, "A", hours=(21, 22, 23))) == APART


def families(sims, first_number, hour) -> list[str]:
    """Each of the cards calls the same twenty families at that hour."""
    return [f"{sim} 1T{hour}:{number:02} A x{first_number + number}" for sim in sims for number in range(20)]


def test_callers_of_their_own_make_two_owners(merged):
    assert merged(MUCH_ALIKE) == TOGETHER
    one_owner = MUCH_ALIKE + families(FIRST, 1, 11) + families(SECOND, 1, 20)
    assert merged(one_owner) == TOGETHER
    two_owners = MUCH_ALIKE + families(FIRST, 1, 11) + families(SECOND, 101, 20)
    assert merged(two_owners) == APART


def test_nobody_sure_of_joins_nobody(merged):
    assert merged(AT_ONE_PLACE, first=(-1, False), second=(-1, False)) == APART


@pytest.mark.parametrize(("second", "joined"), [((-5, False), TOGETHER), ((-90, False), APART), ((-5, True), APART)])
def test_what_is_unlikely_by_itself_takes_more(merged, second, joined):
    assert merged(MUCH_ALIKE, second=second) == joined


def test_a_lawful_look_joins_by_staged_calls_alone(merged):
    assert merged(AT_ONE_PLACE + staged(FIRST, SECOND), second=(-5, True)) == TOGETHER
