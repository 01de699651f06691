"""Each lawful explanation is weighed by what would show it, and left open where nothing can be measured."""

import polars as pl
import pytest

from simbox.cases import AlternativeEvidence, judge_alternatives
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.rigs import LINKS, SITES


def weigh(records, **changes):
    listed = changes.pop("listed", pl.DataFrame({"imsi": records["imsi"].unique().sort()})).with_columns(
        registration=pl.lit(changes.pop("registration", "unregistered"))
    )
    given = {
        "records": records,
        "listed": listed,
        "members": pl.DataFrame({"imsi": range(changes.pop("members", 12))}),
        "exempt": REVIEW.empty(),
        "links": LINKS.empty(),
        "sites": pl.DataFrame({"event_share": [0.6, 0.3]}),
        "outside": pl.DataFrame({"imei": [1], "outside_sims": [0]}),
        "missing": (),
    }
    judged = judge_alternatives(AlternativeEvidence(**given | changes))
    return {row["alternative"].split()[0]: (row["value"], row["finding"]) for row in judged.iter_rows(named=True)}


@pytest.fixture(scope="module")
def calls(drawing):
    """Two SIMs that call four numbers each; one of the eight rings back."""
    made = "\n".join(f"{sim} 1T1{n}:00 mo x{sim}{n}" for sim in (1, 2) for n in range(4))
    return drawing.records(f"imsi at direction other\n{made}\n1 1T20:00 mt x11")


def test_a_rig_speaks_against_all_of_them(calls, drawing):
    links = pl.DataFrame(
        [{"imsi_a": drawing.imsi(1), "imsi_b": drawing.imsi(2), "comparison": "relay", "weight": 9.0}],
        schema_overrides={"imsi_a": pl.Int64},
    )
    told = weigh(calls, links=links)
    assert {finding for _, finding in told.values()} == {"against"}
    assert told["call"] == (0.125, "against")
    assert told["couriers"] == (0.9, "against")
    assert told["machines"] == (4.0, "against")
    assert len(told) == 9


@pytest.mark.parametrize(
    ("alternative", "changes"),
    [
        ("couriers", {"sites": pl.DataFrame({"event_share": [0.2, 0.1]})}),
        ("couriers", {"sites": SITES.empty()}),
        ("licensed", {"exempt": SEIZURE_LIST.empty().select("imsi").extend(pl.DataFrame({"imsi": [1]}))}),
        ("licensed", {"missing": ("gateways",)}),
        ("strangers", {"links": LINKS.empty()}),
        ("one", {"members": 4}),
        ("counterfeit", {"outside": pl.DataFrame({"imei": [1, 2], "outside_sims": [0, 13_500]})}),
        ("counterfeit", {"outside": pl.DataFrame(schema={"imei": pl.Int64, "outside_sims": pl.Int32})}),
        ("tourists", {"registration": "roamer"}),
        ("tourists", {"missing": ("subscribers",)}),
        ("a", {"registration": "corporate"}),
    ],
)
def test_what_speaks_for_one_leaves_it_open(calls, alternative, changes):
    assert weigh(calls, **changes)[alternative][1] == "open"


def test_a_call_centre_is_rung_back(drawing):
    rung = drawing.records("imsi at direction other\n1 1T10:00 mo x1\n1 1T11:00 mo x2\n1 1T12:00 mt x1")
    assert weigh(rung)["call"] == (0.5, "open")


def test_machines_reach_few_numbers(drawing):
    alarms = drawing.records("imsi at service other\n1 1T10:00 sms x1\n1 1T11:00 sms x1\n2 1T10:00 sms x1")
    assert weigh(alarms)["machines"] == (1.0, "open")


def test_a_rig_without_a_call_leaves_the_call_centre_open(drawing):
    assert weigh(drawing.records("imsi at direction\n1 1T10:00 mt"))["call"] == (None, "open")
