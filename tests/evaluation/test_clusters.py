"""Agreement of rigs, each figure worked by hand on a drawn table."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.evaluation.clusters import b_cubed, describe_found, match_rigs, pairwise


def draw(text: str) -> pl.DataFrame:
    """SIMs from lines `count rig found`, `-` for null."""
    rows = []
    for line in text.strip().splitlines():
        count, rig, found = (None if word == "-" else word for word in line.split())
        rows += [{"rig": rig, "found": found}] * int(count or 0)
    return pl.DataFrame(rows, schema={"rig": pl.String, "found": pl.String})


PERFECT = draw("4 A x\n3 B y")
# A is split in two and loses a SIM, B is joined by two innocents, z is innocents only.
MIXED = draw("3 A x\n2 A y\n1 A -\n4 B w\n2 - w\n1 - z")
FUSED = draw("3 A x\n5 B x")


def test_all_right():
    assert tuple(b_cubed(PERFECT)) == (1.0, 1.0, 1.0)
    assert tuple(pairwise(PERFECT)) == (1.0, 1.0, 1.0)


def test_b_cubed_of_splits_misses_and_innocents():
    # Precision over the 12 members: 3 + 2 are pure, four share w with two innocents; the three innocents have none.
    # Recall over the 10 rig SIMs: three with 3/6, two with 2/6, one in no rig, four with all.
    precision, recall, f1 = b_cubed(MIXED)
    assert precision == pytest.approx((3 + 2 + 4 * 4 / 6) / 12)
    assert recall == pytest.approx((3 * 3 / 6 + 2 * 2 / 6 + 4) / 10)
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_pairs_of_splits_misses_and_innocents():
    # Shared pairs 3 + 1 + 6; predicted 3 + 1 + 15 + 0; true 15 + 6.
    precision, recall, _ = pairwise(MIXED)
    assert precision == pytest.approx(10 / 19)
    assert recall == pytest.approx(10 / 21)


def test_one_level_is_judged_with_the_innocents_it_drew_in():
    only_b = b_cubed(MIXED, pl.Series(["B"]))
    assert only_b.precision == pytest.approx((4 * 4 / 6) / 6)
    assert only_b.recall == 1.0
    assert tuple(b_cubed(MIXED, pl.Series(["A"])))[:2] == (1.0, pytest.approx((3 * 3 / 6 + 2 * 2 / 6) / 6))


def test_one_level_is_judged_with_the_rig_it_was_fused_with():
    only_a = b_cubed(FUSED, pl.Series(["A"]))
    assert only_a.precision == pytest.approx(3 / 8)
    # Of the pairs with a SIM of A, 28 - 10 were predicted and three are right.
    assert pairwise(FUSED, pl.Series(["A"])).precision == pytest.approx(3 / 18)


def test_missed_sims_alone_are_misses_not_singletons():
    missed = draw("5 A -")
    assert tuple(b_cubed(missed)) == (None, 0.0, None)
    assert tuple(pairwise(missed)) == (None, 0.0, None)


def test_nothing_found_where_nothing_is():
    nothing = draw("")
    assert tuple(b_cubed(nothing)) == (None, None, None)
    assert match_rigs(nothing).is_empty()
    assert describe_found(nothing).is_empty()


def test_rigs_found_nobody():
    assert tuple(b_cubed(draw("3 - x"))) == (0.0, None, None)


def test_a_rig_is_matched_with_its_largest_part():
    rows = {row["rig"]: row for row in match_rigs(draw("3 A x\n4 A y\n2 A z\n9 B -\n2 C w")).to_dicts()}
    assert (rows["A"]["found"], rows["A"]["both"], rows["A"]["parts"]) == ("y", 4.0, 2)
    assert (rows["B"]["found"], rows["B"]["parts"], rows["B"]["recovered"]) == (None, 0, False)
    assert rows["C"]["found"] is None


@pytest.mark.parametrize(
    ("table", "recovered"),
    [
        ("5 A x\n5 A -", True),
        ("5 A x\n6 A -", False),
        ("9 A x\n1 - x", True),
        ("8 A x\n1 - x", False),
        # The part that is pure and holds half need not be the largest predicted rig around.
        ("5 A x\n5 A y\n5 B y", True),
    ],
)
def test_recovered_is_half_at_purity_nine_tenths(table, recovered):
    assert match_rigs(draw(table)).filter(pl.col("rig") == "A")["recovered"].item() is recovered


def test_predicted_rigs_are_described():
    rows = {row["found"]: row for row in describe_found(draw("3 A x\n4 B x\n2 C x\n1 - x\n3 - y\n2 A -")).to_dicts()}
    assert (rows["x"]["members"], rows["x"]["innocents"], rows["x"]["rigs"]) == (10, 1, 2)
    assert (rows["y"]["members"], rows["y"]["innocents"], rows["y"]["rigs"]) == (3, 3, 0)


sims = st.lists(st.tuples(st.sampled_from([None, "A", "B", "C"]), st.sampled_from([None, "x", "y", "z"])), max_size=30)


@given(sims)
def test_b_cubed_is_its_definition(rows):
    table = pl.DataFrame(rows, schema={"rig": pl.String, "found": pl.String}, orient="row")
    members = [row for row in rows if row[1]]
    true = [row for row in rows if row[0]]
    purity = [rows.count(row) / sum(other[1] == row[1] for other in rows) if row[0] else 0.0 for row in members]
    share = [rows.count(row) / sum(other[0] == row[0] for other in rows) if row[1] else 0.0 for row in true]
    found = b_cubed(table)
    assert found.precision == (pytest.approx(sum(purity) / len(purity)) if purity else None)
    assert found.recall == (pytest.approx(sum(share) / len(share)) if share else None)
