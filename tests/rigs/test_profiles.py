"""What two groups have in common as a whole."""

import polars as pl
import pytest

from simbox.features import add_place
from simbox.rigs.crowd import Crowd
from simbox.rigs.profiles import MEASURES, compare_groups

FIRST, SECOND = [101, 103, 105], [201, 203, 205]
TOWN = 4096


@pytest.fixture
def compared(drawing):
    """The measures of FIRST and SECOND in a town where `on_imei` SIMs show each handset."""

    def run(rows, head="imsi at cell other s", on_imei=1, second=SECOND) -> dict[str, float | None]:
        places = drawing.places()
        records = add_place(drawing.records("\n".join([head, *rows])), places)
        groups = pl.DataFrame(
            [(number, drawing.imsi(sim)) for number, sims in enumerate((FIRST, second)) for sim in sims],
            schema={"group": pl.Int64, "imsi": pl.Int64},
            orient="row",
        )
        shown = records.select("imei").drop_nulls().unique().sort("imei")
        crowd = Crowd(
            sims=TOWN,
            sims_on_imei=shown.with_columns(imei_sims=pl.lit(on_imei, dtype=pl.Int64)),
            sims_at_place=pl.DataFrame(schema={"place": pl.Int64, "place_sims": pl.Float64}),
            settled=pl.DataFrame(schema={"place": pl.Int64, "settled_sims": pl.Int64}),
            places=places.select("place", "place_lat", "place_lon").unique(),
            imsis=pl.Series([drawing.imsi(number) for number in range(1000)]),
            homes=pl.DataFrame(schema={"imsi": pl.Int64, "place": pl.Int64}),
            numbers=pl.DataFrame(schema={"imsi": pl.Int64, "msisdn": pl.Int64}),
            popular=pl.DataFrame(schema={"other_party": pl.Int64}),
            lines=pl.DataFrame(schema={"imsi": pl.Int64}),
            begun=pl.DataFrame(schema={"place": pl.Int64, "night": pl.Date, "new_sims": pl.Int64}),
        )
        pairs = pl.DataFrame({"a": [0], "b": [1]})
        return compare_groups(pairs, records.join(groups, on="imsi"), crowd).row(0, named=True)

    return run


def calls(sims, hours=(9, 10, 11), duration=60, days=(1,)) -> list[str]:
    return [
        f"{sim} {day}T{hour:02}:00 A x{sim}{hour}{day} {duration}" for sim in sims for day in days for hour in hours
    ]


def test_groups_that_work_alike_are_alike_in_everything(compared):
    found = compared(calls(FIRST) + calls(SECOND))
    assert [found[name] for name in MEASURES if name.endswith("_alike")] == [1.0] * 4
    apart = ("rate_apart", "nights_apart", "duration_apart", "model_share_apart", "imeis_apart")
    assert [found[name] for name in apart] == [0.0] * 5


def test_who_works_at_other_hours_has_other_hours_and_acts_alone(compared):
    found = compared(calls(FIRST) + calls(SECOND, hours=(20, 21, 22)))
    assert (found["acts_alike"], found["hours_alike"]) == (0.0, 0.0)
    assert (found["callees_alike"], found["lengths_alike"]) == (1.0, 1.0)


def test_how_far_apart_is_a_binary_logarithm(compared):
    found = compared(
        calls(FIRST, duration=127) + calls(SECOND, hours=(9, 10, 11, 12, 13, 14), duration=31, days=(1, 2))
    )
    assert found["rate_apart"] == 1.0
    assert found["nights_apart"] == 1.0
    assert found["duration_apart"] == 2.0
    assert found["lengths_alike"] == 0.0


def test_what_is_not_shown_is_not_known(compared):
    found = compared(calls(FIRST) + calls(SECOND, duration=0))
    assert found["lengths_alike"] is None
    assert found["duration_apart"] is None


def test_one_handset_is_worth_how_seldom_it_is(compared):
    def shown(sims, handset):
        return [f"{sim} 1T{hour:02}:00 A {handset}" for sim in sims for hour in (9, 10)]

    rows = shown(FIRST, "H1") + shown(SECOND, "H1")
    assert compared(rows, head="imsi at cell imei")["imei_shared"] == 12.0
    assert compared(rows, head="imsi at cell imei", on_imei=64)["imei_shared"] == 6.0
    assert compared(shown(FIRST, "H1") + shown(SECOND, "H2"), head="imsi at cell imei")["imei_shared"] == 0.0


def test_cards_of_one_run_lie_next_to_each_other(compared):
    between = [102, 104, 106]
    assert compared(calls(FIRST) + calls(between), second=between)["runs_shared_share"] == 1.0
    assert compared(calls(FIRST) + calls(SECOND))["runs_shared_share"] == 0.0


def test_boxes_that_write_their_imeis_by_different_rules_are_apart(compared):
    def shown(sims, handsets):
        return [f"{sim} 1T10:{turn:02} A {name}" for sim in sims for turn, name in enumerate(handsets(sim))]

    def gateway(sim):
        return [f"G{turn}" for turn in range(4)]

    def phone(sim):
        return [f"H{sim}"]

    found = compared(shown(FIRST, gateway) + shown(SECOND, phone), head="imsi at cell imei")
    # All cards of the one show one model and four IMEIs among three, those of the other one of each.
    assert found["model_share_apart"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["imeis_apart"] == pytest.approx(0.415, abs=1e-3)
    alike = compared(shown(FIRST, gateway) + shown(SECOND, gateway), head="imsi at cell imei")
    assert (alike["model_share_apart"], alike["imeis_apart"]) == (0.0, 0.0)
