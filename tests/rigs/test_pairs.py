"""Links brought together by pair, with the points that their families add up to."""

import numpy as np
import polars as pl
import pytest

from simbox.config import Rigs
from simbox.rigs import founding
from simbox.rigs.evidence import FAMILY, Compared, family_weights
from simbox.rigs.linked import Linked, as_linked, to_links
from simbox.rigs.pairs import Pairs, tell
from simbox.tables.rigs import LINKS

# Two runs of cards in turn on two handsets at one mast, that call the same numbers and each other.
CARDS = [100_501, 100_502, 100_503, 300_501, 300_502]
ROWS = [
    f"{sim} {day}T{hour}:0{number} A H{number % 2} {whom}"
    for number, sim in enumerate(CARDS)
    for day in (1, 2)
    for hour, whom in ((10, 900_001), (11, 900_002), (12, 900_003 + number), (13, 900_002))
]


@pytest.fixture
def compared(seeker, drawing, monkeypatch):
    """What the suspects of a drawn table are found to agree in, with some families left out."""
    seen: list[Compared] = []

    def keep(*given, **further) -> Compared:
        seen.append(compare(*given, **further))
        return seen[-1]

    def run(*leave_out: str) -> Compared:
        records = drawing.records("\n".join(["imsi at cell imei other_party", *ROWS]))
        seeker.find(records, config=Rigs(leave_out=list(leave_out)))
        return seen[-1]

    compare = founding.compare
    monkeypatch.setattr(founding, "compare", keep)
    return run


@pytest.mark.parametrize("leave_out", [(), ("handset",), ("habits", "place"), ("place", "batch", "contacts")])
def test_points_of_a_pair_are_the_sum_over_families(compared, leave_out):
    found = compared(*leave_out)
    links = pl.concat(found.linked.of(name) for name in found.linked.links)
    assert links.height > 0
    assert {FAMILY[str(name)] for name in links["comparison"]}.isdisjoint(leave_out)
    expected = family_weights(links).group_by("imsi_a", "imsi_b").agg(pl.col("points").sum())
    assert found.points.sort("imsi_a", "imsi_b").equals(expected.sort("imsi_a", "imsi_b"))


def test_links_of_a_comparison_stand_under_its_name(compared):
    linked = compared().linked
    for name, rows in linked.links.items():
        assert linked.of(name)["comparison"].unique().to_list() == [name][: rows.height]


def test_what_is_told_of_pairs_becomes_links_where_it_is_one():
    pairs = Pairs(np.array([7, 8, 9]), np.array([0, 0, 1]), np.array([1, 2, 2]))
    events, is_link = np.array([3, 4, 5]), np.array([True, False, True])
    told = tell(pairs, np.array([1.004, 2.0, -3.0]), events, is_link)
    linked = Linked(pairs, {"same_habits": told.links})
    assert told.links.select("pair", "weight", "events").rows() == [(0, 1.0, 3), (2, -3.0, 5)]
    assert np.array_equal(told.weight, [1.0, np.nan, -3.0], equal_nan=True)
    assert linked.of("same_habits").select("imsi_a", "imsi_b", "direction", "first_at").rows() == [
        (7, 8, "none", None),
        (8, 9, "none", None),
    ]


def test_links_of_all_parts_make_one_table(compared):
    linked = compared().linked
    handed = linked.of("imei_in_turn")
    without = Linked(linked.pairs, {name: rows for name, rows in linked.links.items() if name != "imei_in_turn"})
    links = to_links([without, as_linked(handed.sample(fraction=1, shuffle=True, seed=5), "imei_in_turn")])
    assert links.equals(LINKS.conform(pl.concat(linked.of(name) for name in linked.links)))
    assert links["first_at"].null_count() > 0
    assert to_links([]).equals(LINKS.empty())
    assert to_links([as_linked(handed.clear(), "imei_in_turn")]).equals(LINKS.empty())
