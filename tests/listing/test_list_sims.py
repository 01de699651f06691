"""What goes on the list, in which order, and what keeps a SIM off it."""

from datetime import timedelta

import polars as pl
import pytest

from simbox.config import Listing
from simbox.features import add_place
from simbox.listing import NOTHING_LISTED, Candidates, list_sims
from simbox.nightly import _write_list
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.reference import EXEMPTIONS, GATEWAYS
from simbox.tables.scores import REASONS

CONFIG = Listing()
SIMS = {1: 0.999, 2: 0.999, 3: 0.999}


@pytest.fixture
def candidates(drawing):
    """Candidates of one rig: probability by SIM, registration by SIM, and what they did."""

    def make(sims=None, registered=None, table=None, sims_seen=60_000) -> Candidates:
        sims, registered = sims or SIMS, registered or {}
        records = drawing.records(table or "imsi at\n" + "\n".join(f"{sim} 3T10:00" for sim in sims))
        placed = add_place(records, drawing.places())
        imsis = [drawing.imsi(sim) for sim in sims]
        rows = [
            {"imsi": imsi, "code": code, "expert": "loud", "window_nights": 1, "points": points, "counted": counted}
            for imsi in imsis
            for code, points, counted in (
                ("STAYS_PUT", 5, True), ("CALLS_MADE", 40, True), ("FEW_CALLERS", -5, True), ("JUMPS", 9, False),
            )
        ]  # fmt: skip
        owners = pl.DataFrame(
            {
                "imsi": imsis,
                "home_operator": ["alpha"] * len(imsis),
                "msisdn": [drawing.msisdn(sim) for sim in sims],
                "iccid": [None] * len(imsis),
                "registration": [registered.get(sim, "unregistered") for sim in sims],
                "activated_on": [None] * len(imsis),
                "dealer": ["=cmd|' /C calc'!A0"] * len(imsis),
            },
            schema={
                "imsi": pl.Int64, "home_operator": pl.String, "msisdn": pl.Int64, "iccid": pl.String,
                "registration": SEIZURE_LIST.schema["registration"], "activated_on": pl.Date, "dealer": pl.String,
            },
        )  # fmt: skip
        return Candidates(
            members=pl.DataFrame({"rig_id": ["R1"] * len(imsis), "imsi": imsis, "probability": list(sims.values())}),
            records=placed,
            owners=owners,
            sites=pl.DataFrame(
                {
                    "rig_id": ["R1"],
                    "place": [drawing.cell("A")],
                    "place_rank": [1],
                    "raid_windows": ["10:00-11:00 Asia/Almaty"],
                },
                schema_overrides={"place_rank": pl.Int32},
            ),
            places=drawing.places(),
            reasons=REASONS.conform(pl.DataFrame(rows, schema={name: REASONS.schema[name] for name in rows[0]})),
            sims_seen=sims_seen,
        )

    return make


@pytest.fixture
def listed(drawing):
    def run(candidates, gateways=(), exemptions=(), config=CONFIG, day=3, previous=NOTHING_LISTED):
        return list_sims(
            candidates,
            GATEWAYS.check(pl.DataFrame(list(gateways), schema=GATEWAYS.schema)),
            EXEMPTIONS.check(pl.DataFrame(list(exemptions), schema=EXEMPTIONS.schema)),
            drawing.night(day),
            config,
            previous,
        )

    return run


def decisions(found, drawing) -> dict[int, str]:
    return {
        imsi - drawing.imsi(0): decision for imsi, decision in found.seizure_list.select("imsi", "decision").iter_rows()
    }


def test_a_row_says_who_where_and_why(candidates, listed, drawing):
    row = listed(candidates({1: 0.999})).seizure_list.row(0, named=True)
    expected = {
        "rank": 1,
        "rig_id": "R1",
        "decision": "seize",
        "imsi": drawing.imsi(1),
        "msisdn": drawing.msisdn(1),
        "operator": "alpha",
        "state": "live",
        "imeis": str(drawing.imei("H1")),
        "place_rank": 1,
        "cell": "401-77-1000-1",
        "lat": 43.2,
        "lon": 76.8,
        "raid_windows": "10:00-11:00 Asia/Almaty",
        "reasons": "CALLS_MADE STAYS_PUT",
    }
    assert {name: row[name] for name in expected} == expected
    SEIZURE_LIST.check(listed(candidates()).seizure_list)
    REVIEW.check(listed(candidates()).review)


@pytest.mark.parametrize("status", ["registered", "corporate", "m2m", "test", "roamer", "unknown"])
def test_only_the_unregistered_are_seized_at_once(candidates, listed, drawing, status):
    found = listed(candidates(registered={2: status}))
    assert decisions(found, drawing) == {1: "seize", 3: "seize", 2: "review"}
    assert found.seizure_list["rank"].to_list() == [1, 2, 3]
    assert found.review.is_empty()


def test_those_not_sure_enough_are_watched_or_left_out(candidates, listed, drawing):
    found = listed(candidates({1: 0.98, 2: 0.979, 3: 0.5, 4: 0.4999}), config=Listing(innocent_share=1.0))
    assert decisions(found, drawing) == {1: "seize", 2: "watch", 3: "watch"}


def test_no_list_holds_more_innocents_than_it_may(candidates, listed, drawing):
    sims = {sim: 0.999 for sim in range(1, 11)} | {sim: 0.95 for sim in range(11, 21)}
    found = decisions(listed(candidates(sims), config=Listing(seize_probability=0.9)), drawing)
    # Ten at 0.001 and two at 0.05 are 0.11 innocents of 12 SIMs; a third would make it 0.16 of 13.
    assert sum(decision == "seize" for decision in found.values()) == 12
    assert {found[sim] for sim in range(1, 11)} == {"seize"}
    assert sum(1 - sims[sim] for sim, decision in found.items() if decision == "seize") <= 0.01 * len(found)


@pytest.mark.parametrize(
    ("sims_seen", "a_million", "seized"),
    [(60_000, 5.0, 20), (400_000, 5.0, 40), (2_000_000, 5.0, 200), (2_000_000, 0.0, 20), (100_000, 20.0, 40)],
    ids=["one is always allowed", "two of 400,000", "within ten of two million", "the least", "another limit"],
)
def test_a_list_holds_no_more_innocents_than_so_many_of_all_sims(candidates, listed, sims_seen, a_million, seized):
    # Each of the two hundred is an innocent one time in twenty.
    sims = dict.fromkeys(range(1, 201), 0.95)
    config = Listing(seize_probability=0.9, innocent_share=0.5, innocents_a_million=a_million)
    found = listed(candidates(sims, sims_seen=sims_seen), config=config)
    assert (found.seizure_list["decision"] == "seize").sum() == seized
    assert found.seizure_list.height == 200


def test_who_did_most_comes_first(candidates, listed, drawing):
    table = """
        imsi at    direction
        1 3T10:00  mo
        1 3T11:00  mt
        1 3T12:00  mt
        2 3T10:00  mo
        2 3T11:00  mo
        2 3T12:00  mo
        3 3T10:00  mo
        3 3T11:00  mo
    """
    assert list(decisions(listed(candidates(table=table)), drawing)) == [2, 3, 1]


@pytest.mark.parametrize(
    ("weights", "order"),
    [
        ({}, [2, 3, 1]),
        ({"sms_weight": 1.0}, [3, 2, 1]),
        ({"code_weight": 0.0}, [3, 1, 2]),
        ({"call_weight": 9}, [1, 2, 3]),
    ],
    ids=["as shipped", "SMS as dear as calls", "codes worth nothing", "calls dear"],
)
def test_calls_sms_and_codes_count_by_their_weights(candidates, listed, drawing, weights, order):
    rows = ["1 3T10:00 mo voice x1"]
    rows += [f"2 3T10:0{n} mt sms BANK" for n in range(3)] + ["2 3T11:00 mt sms x2", "2 3T11:10 mt voice x2"]
    rows += [f"3 3T10:{n} mo sms x{n}" for n in range(10, 19)] + ["3 3T11:00 mt voice x3"]
    table = "\n".join(["imsi at direction service other", *rows])
    found = listed(candidates(table=table), config=Listing(**weights))
    assert list(decisions(found, drawing)) == order


@pytest.mark.parametrize(("day", "state"), [(3, "live"), (4, "quiet"), (5, "quiet"), (6, "silent")])
def test_the_state_says_how_long_it_has_been_silent(candidates, listed, day, state):
    assert set(listed(candidates(), day=day).seizure_list["state"]) == {state}


def entry(drawing, id_type="imsi", sim=1, **more):
    number = {"imsi": drawing.imsi(sim), "msisdn": drawing.msisdn(sim), "imei": drawing.imei(f"H{sim}")}[id_type]
    return {"id_type": id_type, "id": number, "reason": "checked", "author": "desk"} | more


@pytest.mark.parametrize("id_type", ["imsi", "msisdn", "imei"])
def test_the_exempted_are_reported_and_not_listed(candidates, listed, drawing, id_type):
    found = listed(candidates(), exemptions=[entry(drawing, id_type)])
    assert decisions(found, drawing) == {2: "seize", 3: "seize"}
    row = found.review.row(0, named=True)
    assert (row["imsi"], row["decision"], row["author"]) == (drawing.imsi(1), "review", "desk")
    assert row["list_entry"] == "exemption: checked"


@pytest.mark.parametrize(("days", "exempt"), [(0, True), (-1, False), (None, True)])
def test_an_exemption_ends(candidates, listed, drawing, days, exempt):
    until = None if days is None else drawing.night(3) + timedelta(days=days)
    found = listed(candidates(), exemptions=[entry(drawing, until=until)])
    assert (1 not in decisions(found, drawing)) == exempt


def white(drawing, **more):
    return {"imei": drawing.imei("H1"), "list": "white", "owner": "firm"} | more


@pytest.mark.parametrize("kind", ["black", "grey"])
def test_only_white_gateways_are_lawful(candidates, listed, drawing, kind):
    found = listed(candidates(), gateways=[white(drawing, list=kind)])
    assert decisions(found, drawing) == {1: "seize", 2: "seize", 3: "seize"}


HERE = {"lat": 43.201, "lon": 76.801}
FAR = {"lat": 43.4, "lon": 76.8}


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        ({"imsi": 1}, "owner's SIM or at its place"),
        ({**HERE}, "owner's SIM or at its place"),
        ({"imsi": 2, **HERE}, "owner's SIM or at its place"),
        ({}, "without owner's SIM or place"),
    ],
)
def test_a_white_gateway_at_work_is_reported_and_not_listed(candidates, listed, drawing, bound, words):
    bound = {name: drawing.imsi(value) if name == "imsi" else value for name, value in bound.items()}
    found = listed(candidates(), gateways=[white(drawing, **bound)])
    assert decisions(found, drawing) == {2: "seize", 3: "seize"}
    row = found.review.row(0, named=True)
    assert words in row["list_entry"]
    assert row["author"] == "firm"


@pytest.mark.parametrize("bound", [{"imsi": 2}, {**FAR}, {"imsi": 2, **FAR}])
def test_a_white_imei_elsewhere_is_no_master_key(candidates, listed, drawing, bound):
    bound = {name: drawing.imsi(value) if name == "imsi" else value for name, value in bound.items()}
    found = listed(candidates(), gateways=[white(drawing, **bound)])
    assert decisions(found, drawing) == {1: "seize", 2: "seize", 3: "seize"}
    reasons = dict(found.seizure_list.select("imsi", "reasons").iter_rows())
    assert reasons[drawing.imsi(1)].startswith("WHITE_IMEI_MISUSED ")
    assert "WHITE_IMEI_MISUSED" not in reasons[drawing.imsi(2)]
    assert found.review.is_empty()


def test_one_of_several_owners_sims_is_enough(candidates, listed, drawing):
    rows = [white(drawing, imsi=drawing.imsi(sim)) for sim in (9, 1)]
    assert 1 not in decisions(listed(candidates(), gateways=rows), drawing)


def test_a_white_entry_ends(candidates, listed, drawing):
    rows = [white(drawing, imsi=drawing.imsi(1), until=drawing.night(2))]
    assert 1 in decisions(listed(candidates(), gateways=rows), drawing)


def test_the_wider_radius_reaches_farther(candidates, listed, drawing):
    near = [white(drawing, **FAR, radius_m=30_000.0)]
    assert 1 not in decisions(listed(candidates(), gateways=near), drawing)


def test_who_was_listed_stays_when_the_records_have_gone(candidates, listed, drawing):
    before = listed(candidates())
    later = candidates()
    found = listed(later._replace(records=later.records.filter(pl.col("imsi") != drawing.imsi(2))), previous=before)
    rows = {row["imsi"]: row for row in found.seizure_list.to_dicts()}
    assert rows[drawing.imsi(2)]["state"] == "silent"
    assert rows[drawing.imsi(2)]["decision"] == "seize"
    assert found.seizure_list["imsi"].to_list()[-1] == drawing.imsi(2)


def test_who_is_no_member_any_more_leaves_the_list(candidates, listed, drawing):
    before = listed(candidates())
    assert drawing.imsi(3) in before.seizure_list["imsi"]
    assert decisions(listed(candidates({1: 0.999, 2: 0.999}), previous=before), drawing) == {1: "seize", 2: "seize"}


def test_nobody_to_list(candidates, listed, drawing):
    one = candidates({1: 0.1})
    found = listed(one)
    assert found.seizure_list.is_empty()
    assert found.review.is_empty()
    assert tuple(found.seizure_list.columns) == SEIZURE_LIST.names


def test_legs_without_a_cell_leave_the_place_open(candidates, listed):
    row = listed(candidates({1: 0.999}, table="imsi at cell imei\n1 3T10:00 - -")).seizure_list.row(0, named=True)
    assert {row[name] for name in ("cell", "lat", "lon", "place_rank", "raid_windows")} == {None}
    assert row["imeis"] == ""


def test_lists_are_written_so_that_no_spreadsheet_runs_them(candidates, listed, tmp_path):
    _write_list(SEIZURE_LIST, listed(candidates()).seizure_list, tmp_path)
    written = pl.read_csv(tmp_path / "seizure_list.csv", infer_schema=False)
    assert set(written["dealer"]) == {"'=cmd|' /C calc'!A0"}
    assert written["first_at"][0] == "2025-03-03T05:00:00Z"
    assert written["imsi"].str.len_chars().to_list() == [15, 15, 15]
