"""Reasons that lie in others than the SIM itself: who is around it, and who reported it."""

from datetime import UTC, datetime, time, timedelta

import polars as pl
import pytest

from simbox.scoring import Surroundings, load_scorecard, measure_context, score_context, score_reports
from simbox.tables.reference import REPORTS

CARD = load_scorecard()

# ---- THE SIMS AROUND

# Suspects, strangers to them, and those whom the cases are about; the ten cards next to one another are a batch.
SUSPECTS, CROWD, APART = range(1, 5), range(1000, 1100), range(5000, 5100)
SURROUNDED = {
    "SUSPECTS_AT_ITS_PLACES": ((5, "A", "H1"), (6, "B", "H1")),
    "SUSPECTS_AMONG_ITS_NEIGHBOURS": ((5, "A", "H1"), (6, "B", "H1")),
    "SUSPECTS_ON_ITS_HANDSETS": ((5, "A", "H1"), (6, "A", "H2")),
    "SUSPECTS_IN_ITS_BATCH": ((5, "A", "H1"), (3000, "A", "H1")),
}


def reasons_around(
    drawing, *sims: tuple[int, str, str], came: tuple[int, ...] = (), calls: tuple[tuple[int, int], ...] = ()
) -> pl.DataFrame:
    """REASONS from the surroundings of SIMs at home somewhere with a handset, suspects living at A with handset H1.

    Those who `came` were first heard on the sixth night, everybody else on the first. `calls` are (caller, called), and
    each caller called ten numbers.
    """
    everybody = [
        *((sim, "A", "H1", 60) for sim in SUSPECTS),
        *((sim, "B", f"H{sim}", -160) for sim in CROWD),
        *((sim, "C", f"H{sim}", -160) for sim in APART),
        *((*one, -160) for one in sims),
    ]
    known = pl.DataFrame(
        [(drawing.imsi(sim), drawing.cell(mast), drawing.imei(handset), at) for sim, mast, handset, at in everybody],
        schema={"imsi": pl.Int64, "place": pl.Int64, "imei": pl.Int64, "evidence": pl.Int32},
        orient="row",
    )
    is_new = pl.col("imsi").is_in([drawing.imsi(sim) for sim in came])
    firsts = known.select(
        "imsi", first_night=pl.when(is_new).then(pl.lit(drawing.night(5))).otherwise(pl.lit(drawing.night(0)))
    )
    called = [(drawing.imsi(caller), drawing.imsi(suspect)) for caller, suspect in calls]
    around = Surroundings(
        known.select("imsi", "place"),
        known.select("imsi", "imei"),
        known.select("imsi"),
        firsts,
        pl.DataFrame(called, schema={"imsi": pl.Int64, "called": pl.Int64}, orient="row"),
        pl.DataFrame({"imsi": sorted({caller for caller, _ in called})}, schema={"imsi": pl.Int64}).with_columns(
            callees=pl.lit(10.0)
        ),
    )
    _, given = score_context(measure_context(known.select("imsi", "evidence"), around), CARD)
    return given.with_columns(sim=pl.col("imsi") - drawing.imsi(0))


@pytest.mark.parametrize("code", SURROUNDED)
def test_suspects_around_count_where_they_are(drawing, code):
    gets, spared = SURROUNDED[code]
    for one, is_given in ((gets, True), (spared, False)):
        own = reasons_around(drawing, one).filter(pl.col("sim") == one[0])
        assert (own.filter((pl.col("code") == code) & (pl.col("points") > 0)).height == 1) == is_given
        # The look-alike has others, so it is not spared for want of any suspect.
        others = [other for other, sims in SURROUNDED.items() if sims != (gets, spared)]
        assert own.filter(pl.col("code").is_in(others)).height >= 2


def test_who_comes_with_many_is_told_from_who_comes_alone(drawing):
    many = tuple(range(2000, 2040))
    homes = [(sim, "A", f"H{sim}") for sim in (*many, 2060)] + [(2050, "B", "H1")]
    given = reasons_around(drawing, *homes, came=(*many, 2050))
    known = given.filter((pl.col("code") == "NEWCOMERS_AT_ITS_PLACES") & pl.col("value").is_not_null())
    assert set(known.filter(pl.col("points") > 0)["sim"]) == set(many)
    # One look-alike is as new and lives where nobody else moved in, another was there long before them.
    assert {2050, 2060} <= set(given["sim"])


def test_who_calls_suspects_is_told_from_who_calls_others(drawing):
    homes = ((2000, "A", "H2000"), (2001, "A", "H2001"))
    given = reasons_around(
        drawing, *homes, calls=((2000, 1), (2000, 2), (2000, 3), (2001, 1000), (2001, 5000), (2001, 5001))
    )
    told = given.filter((pl.col("code") == "SUSPECTS_AMONG_ITS_CALLEES") & (pl.col("value") > 0))
    # The look-alike lives beside suspects too and calls three numbers of others; suspects call nobody.
    assert told["sim"].to_list() == [2000]
    assert told["points"].item() > 0


def test_nobody_suspect_around_speaks_for_a_sim(drawing):
    given = reasons_around(drawing, (5, "A", "H1"))
    (least,) = given.filter(pl.col("sim") == APART[50])["points"].to_list()
    assert least < 0
    assert given.filter(pl.col("sim") == APART[50])["code"].to_list() == ["EVERYDAY_SURROUNDINGS"]
    assert given.filter(pl.col("sim") == 5)["points"].sum() > 0


# ---- WHAT OTHERS REPORT

REPORTED = {
    "COMPLAINED_OF": "complaint", "CAUGHT_BY_TEST_CALLS": "test_call", "REPORTED_BY_CENTRE": "antifraud_centre",
}  # fmt: skip


@pytest.mark.parametrize("code", REPORTED)
def test_a_report_counts_against_whom_it_names_and_had_the_number_by_then(drawing, code):
    on_time = datetime.combine(drawing.night(9), time(12), tzinfo=UTC)
    rows = [
        (drawing.imsi(1), None, on_time, REPORTED[code], "desk"),
        (None, drawing.msisdn(2), on_time, REPORTED[code], "desk"),
        (drawing.imsi(3), None, on_time + timedelta(days=1), REPORTED[code], "desk"),
        (None, 77_019_999_999, on_time, REPORTED[code], "desk"),
    ]
    columns = ("imsi", "msisdn", "reported_at", "kind", "source")
    schema = {name: REPORTS.schema[name] for name in columns}
    reports = REPORTS.conform(pl.DataFrame(rows, schema=schema, orient="row"))
    numbers = pl.DataFrame({"imsi": [drawing.imsi(sim) for sim in range(1, 6)]}).with_columns(
        msisdn=pl.Series([drawing.msisdn(sim) for sim in range(1, 6)])
    )
    points, given = score_reports(reports, numbers, drawing.night(9))
    assert sorted(given["imsi"]) == [drawing.imsi(1), drawing.imsi(2)]
    assert set(given["code"]) == {code}
    assert points["reported"].min() > 0


def test_every_reason_of_the_surroundings_is_drawn():
    assert CARD.context is not None
    assert {*SURROUNDED, "NEWCOMERS_AT_ITS_PLACES", "SUSPECTS_AMONG_ITS_CALLEES"} >= {
        term.code for term in CARD.context.term
    }
