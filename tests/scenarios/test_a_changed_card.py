"""Who goes on under another card: contacts of a SIM that fell silent are heard with the one that replaced it."""

import random

import polars as pl
import pytest

SPEAKERS = [110_500 + 1_010 * number for number in range(24)]
MAST_OF = "ABCDEF"
CONTACTS = 14


def lives(switched: dict[int, int]) -> list[str]:
    """Four days of people who call and are called by the same few; on the third some have another card.

    `switched` maps the old card to the new one. Contacts are one another's lines and numbers abroad from the network:
    whoever of them changes his card is heard under his new number too.
    """
    draw = random.Random(5)
    circle = {sim: draw.sample([other for other in SPEAKERS if other != sim], 6) for sim in SPEAKERS}
    foreign = {sim: [f"x{sim * 10 + number}" for number in range(CONTACTS - 6)] for sim in SPEAKERS}
    rows = []
    for day in (1, 2, 3, 4):
        now = switched if day > 2 else {}
        for place, sim in enumerate(SPEAKERS):
            own = now.get(sim, sim)
            mast = MAST_OF[(place + (day > 2 and sim in switched)) % len(MAST_OF)]
            spoken = [str(now.get(other, other)) for other in circle[sim]] + foreign[sim] + ["x777"]
            for turn, other in enumerate(draw.sample(spoken, 9)):
                way = "mt" if turn == 8 else "mo"
                rows.append(f"{own} {day}T{8 + turn:02}:{place:02} {mast} H{own} {other} {way}")
    return rows


def kept_contacts(seeker, drawing, rows) -> pl.DataFrame:
    """The links of SIMs that others go on with the contacts of."""
    links = seeker.find(drawing.records("\n".join(["imsi at cell imei other direction", *rows])), last=4).links
    return links.filter((pl.col("comparison") == "contacts_kept") & (pl.col("weight") > 0))


def successors(drawing, kept: pl.DataFrame, retired: int) -> list[int]:
    """The SIMs that go on with a retired one's contacts, the likeliest first."""
    end = drawing.imsi(retired)
    mine = kept.filter(
        ((pl.col("imsi_a") == end) & (pl.col("direction") == "a_to_b"))
        | ((pl.col("imsi_b") == end) & (pl.col("direction") == "b_to_a"))
    )
    later = mine.select("weight", imsi=pl.when(pl.col("imsi_a") == end).then("imsi_b").otherwise("imsi_a"))
    return [imsi - drawing.imsi(0) for imsi in later.sort("weight", "imsi", descending=[True, False])["imsi"]]


@pytest.mark.parametrize("changing", [1, 4, 10], ids=["one changes", "some of his contacts too", "nearly half of all"])
def test_the_right_successor_comes_first_even_where_contacts_change_their_cards_too(seeker, drawing, changing):
    switched = {sim: sim + 505 for sim in SPEAKERS[:changing]}
    kept = kept_contacts(seeker, drawing, lives(switched))
    for retired, successor in switched.items():
        assert successors(drawing, kept, retired)[0] == successor


def test_who_only_knows_the_same_hotline_succeeds_nobody(seeker, drawing):
    retired, fresh = SPEAKERS[0], 900_500
    rows = [row for row in lives({}) if not (row.startswith(f"{retired} 3") or row.startswith(f"{retired} 4"))]
    rows += [f"{fresh} {day}T{9 + turn:02}:30 A H1 x{555_000 + turn} mo" for day in (3, 4) for turn in range(8)]
    rows += [f"{fresh} 3T18:30 A H1 x777 mo"]
    assert successors(drawing, kept_contacts(seeker, drawing, rows), retired) == []


def test_a_friend_who_was_there_before_is_no_successor(seeker, drawing):
    retired, friend = SPEAKERS[0], SPEAKERS[1]
    rows = [row for row in lives({}) if not (row.startswith(f"{retired} 3") or row.startswith(f"{retired} 4"))]
    mine = [row.split() for row in rows if row.startswith(f"{retired} ")]
    rows += [f"{friend} 3T19:{minute:02} B H1 {row[4]} mo" for minute, row in enumerate(mine)]
    assert successors(drawing, kept_contacts(seeker, drawing, rows), retired) == []
