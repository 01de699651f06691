"""A rig keeps its name while its SIMs are replaced."""

import re

import polars as pl
import pytest

from simbox.rigs.tracking import name_groups


def groups(**members: tuple[int, ...]) -> pl.DataFrame:
    rows = [(int(name[1:]), imsi) for name, imsis in members.items() for imsi in imsis]
    return pl.DataFrame(rows, schema={"group": pl.Int64, "imsi": pl.Int64}, orient="row")


def before(**members: tuple[int, ...]) -> pl.DataFrame:
    rows = [(name, imsi) for name, imsis in members.items() for imsi in imsis]
    return pl.DataFrame(rows, schema={"rig_id": pl.String, "imsi": pl.Int64}, orient="row")


def names(found, previous, drawing, day=2) -> dict[int, str]:
    return dict(name_groups(found, previous, drawing.night(day)).iter_rows())


def test_a_new_rig_is_named_after_its_night_and_founders(drawing):
    first = names(groups(g0=(1, 2, 3)), before(), drawing)
    assert re.fullmatch(r"R20250302-[0-9a-f]{10}", first[0])
    assert names(groups(g0=(3, 2, 1)), before(), drawing) == first
    assert names(groups(g0=(1, 2, 4)), before(), drawing) != first
    assert names(groups(g0=(1, 2, 3)), before(), drawing, day=3) != first


@pytest.mark.parametrize("kept", [(1,), (1, 2), (1, 2, 3)])
def test_a_rig_that_shares_sims_keeps_its_name(drawing, kept):
    assert names(groups(g0=(*kept, 7, 8)), before(old=(1, 2, 3)), drawing) == {0: "old"}


def test_a_split_rig_leaves_its_name_to_the_larger_share(drawing):
    found = names(groups(g0=(1, 7, 8), g1=(2, 3, 9)), before(old=(1, 2, 3)), drawing)
    assert found[1] == "old"
    assert found[0].startswith("R2025")


def test_of_two_merged_rigs_the_larger_share_gives_the_name(drawing):
    assert names(groups(g0=(1, 4, 5)), before(small=(1, 2), large=(4, 5, 6)), drawing) == {0: "large"}


def test_names_go_to_one_group_each(drawing):
    found = names(groups(g0=(1, 2, 9), g1=(3, 4, 8), g2=(20, 21, 22)), before(one=(1, 2, 3), two=(4,)), drawing)
    assert (found[0], found[1]) == ("one", "two")
    assert len(set(found.values())) == 3


def test_nothing_to_name(drawing):
    assert names(groups(), before(old=(1, 2, 3)), drawing) == {}
