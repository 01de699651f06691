"""Whether the cards are where the radios are, and which took turns in one port."""

import polars as pl
import pytest

from simbox.features import add_place
from simbox.rigs.banking import bank_signs, port_chains

ONE, TWO, THREE = 100_500, 200_500, 300_500


def of_rig(drawing, *rows, rig_id="R1", head="imsi at cell"):
    placed = add_place(drawing.records("\n".join([head, *rows])), drawing.places())
    return placed.with_columns(rig_id=pl.lit(rig_id))


def signs(drawing, *rows) -> tuple[int, int]:
    [row] = bank_signs(of_rig(drawing, *rows), drawing.places()).to_dicts()
    return row["far_switches"], row["shuttling_count"]


def to_and_fro(sim: int, each_h: int, places: str = "AD") -> list[str]:
    return [f"{sim} {1 + turn // 4}T{6 + turn % 4 * each_h:02}:00 {places[turn % len(places)]}" for turn in range(6)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # A to D are 22 km: at 200 km/h that takes seven minutes.
        ([f"{ONE} 1T10:00 A", f"{ONE} 1T10:05 D"], (1, 0)),
        ([f"{ONE} 1T10:00 A", f"{ONE} 1T10:30 D"], (0, 0)),
        ([f"{ONE} 1T10:00 A", f"{ONE} 1T10:01 a"], (0, 0)),
        (to_and_fro(ONE, 4), (0, 1)),
        (to_and_fro(ONE, 4) + to_and_fro(TWO, 4, "ADCE"), (0, 1)),
        ([f"{ONE} {day}T10:00 {'A' if day < 3 else 'D'}" for day in range(1, 6)], (0, 0)),
        ([f"{ONE} 1T10:00 A", f"{ONE} 1T10:05 Z", f"{ONE} 1T10:06 -"], (0, 0)),
    ],
    ids=["a jump", "a drive", "two masts of one place", "to and fro", "a tour", "moved house", "cells nobody knows"],
)
def test_what_shows_that_the_cards_are_elsewhere(drawing, rows, expected):
    assert signs(drawing, *rows) == expected


def test_a_call_that_lasts_leaves_less_time_for_the_way(drawing):
    rows = [f"{ONE} 1T10:00 A 1500", f"{ONE} 1T10:26 D 60"]
    placed = of_rig(drawing, *rows, head="imsi at cell s")
    assert bank_signs(placed, drawing.places())["far_switches"].to_list() == [1]


def test_each_rig_has_its_own_signs_in_any_order_of_rows(drawing):
    both = pl.concat(
        [of_rig(drawing, *to_and_fro(ONE, 4)), of_rig(drawing, f"{TWO} 1T10:00 A", f"{TWO} 1T10:03 E", rig_id="R2")]
    )
    expected = [{"rig_id": "R1", "far_switches": 0, "shuttling_count": 1}]
    expected += [{"rig_id": "R2", "far_switches": 1, "shuttling_count": 0}]
    assert bank_signs(both, drawing.places()).to_dicts() == expected
    assert bank_signs(both.sample(fraction=1, shuffle=True, seed=1), drawing.places()).to_dicts() == expected


def test_cards_that_take_turns_under_one_imei_are_a_chain(drawing):
    rows = [
        f"{sim} 1T{9 + turn:02}:{minute:02} A H1" for turn, sim in enumerate((ONE, TWO, ONE)) for minute in (0, 20, 40)
    ]
    rows += [f"{THREE} 1T10:00 A H2", f"{ONE} 1T13:00 A H3", f"{THREE} 1T14:00 A H3"]
    chains = port_chains(of_rig(drawing, *rows, head="imsi at cell imei"))
    turns = [(row["port"], row["turn"], row["imsi"] - drawing.imsi(0), row["legs"]) for row in chains.to_dicts()]
    assert turns == [(1, 1, ONE, 3), (1, 2, TWO, 3), (1, 3, ONE, 3), (2, 1, ONE, 1), (2, 2, THREE, 1)]


def test_a_handset_for_each_card_shows_no_chain(drawing):
    rows = [f"{ONE} 1T10:00 A H1", f"{TWO} 1T10:10 A H2", f"{THREE} 1T10:20 A -"]
    assert port_chains(of_rig(drawing, *rows, head="imsi at cell imei")).is_empty()
