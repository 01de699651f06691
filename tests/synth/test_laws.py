"""People and rigs behave as published measurements say; the table is in the docstring of simbox.synth."""

import polars as pl

VOICE_OUT = (pl.col("service") == "voice") & (pl.col("direction") == "mo")


def _by_sim(records: pl.DataFrame) -> pl.DataFrame:
    return records.group_by("imsi", "segment", "kind", "level").agg(
        calls=VOICE_OUT.sum(),
        calls_in=((pl.col("service") == "voice") & (pl.col("direction") == "mt")).sum(),
        callees=pl.col("other_party").filter(VOICE_OUT).n_unique(),
        imeis=pl.col("imei").n_unique(),
        legs=pl.len(),
    )


def test_talk_time_of_people_is_the_published_law(records: pl.DataFrame) -> None:
    talk_s = records.filter(VOICE_OUT & (pl.col("segment") == "ordinary") & (pl.col("duration_s") > 0))["duration_s"]
    assert 40 <= talk_s.median() <= 48
    assert 92 <= talk_s.mean() <= 110


def test_people_have_four_to_eight_events_a_day(records: pl.DataFrame) -> None:
    people = records.filter(pl.col("segment") == "ordinary")
    assert 4.0 <= people.height / people["imsi"].n_unique() / 3 <= 8.0


def test_people_call_and_are_called_about_as_much(records: pl.DataFrame) -> None:
    people = _by_sim(records).filter((pl.col("segment") == "ordinary") & (pl.col("calls") + pl.col("calls_in") >= 6))
    outgoing = people.select(pl.col("calls") / (pl.col("calls") + pl.col("calls_in"))).to_series()
    assert 0.4 <= outgoing.median() <= 0.62


def test_rigs_hardly_get_calls_and_hardly_call_twice(records: pl.DataFrame) -> None:
    rigs = _by_sim(records).filter(pl.col("kind").is_in(["bypass", "vishing"]) & (pl.col("calls") >= 20))
    loud = rigs.filter(pl.col("level") != "E2")
    assert loud.select(pl.col("calls") / (pl.col("calls") + pl.col("calls_in"))).to_series().median() >= 0.9
    assert 0.7 <= rigs.select(pl.col("callees") / pl.col("calls")).to_series().median() <= 1.0


def test_loud_cards_make_as_many_calls_a_date_as_seized_ones(records: pl.DataFrame) -> None:
    nights = (
        records.filter(VOICE_OUT & pl.col("kind").is_in(["bypass", "vishing"]) & (pl.col("level") != "E2"))
        .group_by("imsi", pl.col("started_at").dt.offset_by("5h").dt.date())
        .len()
    )
    assert 20 <= nights["len"].median() <= 55
    assert 55 <= nights["len"].quantile(0.9) <= 125


def test_people_keep_their_handset(records: pl.DataFrame) -> None:
    people = records.filter((pl.col("segment") == "ordinary") & pl.col("imei").is_not_null())
    real = people.filter(~pl.col("imei").str.contains("12345678901234"))
    tac_and_serial = real.with_columns(pl.col("imei").str.slice(0, 14)).group_by("imsi").agg(pl.col("imei").n_unique())
    assert (tac_and_serial["imei"] > 1).mean() <= 0.03


def test_a_sim_at_rest_reselects_among_a_few_cells(records: pl.DataFrame) -> None:
    static = records.filter(pl.col("segment").is_in(["call_centre", "licensed_gateway"]) & pl.col("cell").is_not_null())
    cells = static.group_by("imsi").agg(pl.col("cell").n_unique(), pl.len()).filter(pl.col("len") >= 20)
    assert 2 <= cells["cell"].median() <= 8
