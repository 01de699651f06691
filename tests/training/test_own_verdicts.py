"""An operator's own verdicts: read with all their faults at once, split by raid, and followed by the card."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from simbox.cli import cli
from simbox.errors import InputError, UsageError
from simbox.evaluation import read_verdicts
from simbox.features import FEATURES
from simbox.nightly import run_scan
from simbox.scoring import load_scorecard, score_alone
from simbox.scoring.scorecard import Bands
from simbox.scoring.train import NIGHT_SHARE
from simbox.synth import generate
from simbox.tables.verdicts import VERDICTS
from simbox.telecom.printing import csv_text
from simbox.training import learn_from, train_card
from simbox.training.lessons import put_to_scale as lesson_on_scale
from simbox.training.own_verdicts import TIMES, compare_verdicts, learn_from_verdicts, own_examples, split_by_raid

LATER = datetime(2040, 1, 1, tzinfo=UTC)
IMSI = 401_770_000_000_000
PREVALENCE = 0.001


def quietly(*_: object) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def own_world(tmp_path_factory):
    """A world that stands for an operator's records: (source, run, its SIMs with imsi and rig)."""
    folder = tmp_path_factory.mktemp("own")
    generate(folder / "records", "ladder", seed=9014, subscribers=500, nights=2, rigs=4)
    run_scan(folder / "records", folder / "out", quietly)
    sims = pl.read_parquet(folder / "records.truth" / "sims.parquet").with_columns(pl.col("imsi").cast(pl.Int64))
    return folder / "records", folder / "out", sims.sort("imsi")


def verdicts_on(sims: pl.DataFrame, verdict: str, rig_id: str | None, at: datetime = LATER) -> pl.DataFrame:
    """VERDICTS on SIMs (imsi), all alike."""
    return VERDICTS.conform(
        sims.select(
            "imsi",
            verdict=pl.lit(verdict),
            rig_id=pl.lit(rig_id, dtype=pl.String),
            seized_at=pl.lit(at),
            source=pl.lit("protocol 4"),
        )
    )


def mean_evidence(card_file, source, sims) -> float:
    """The mean evidence of some SIMs by their own habits, on the last night."""
    card = load_scorecard(card_file, frozenset(FEATURES.names))
    features = lesson_on_scale(learn_from(source, quietly), card.usual).features
    rows = features.filter(pl.col("night") == pl.col("night").max()).join(sims.select("imsi"), on="imsi", how="semi")
    scored = score_alone(rows.select(FEATURES.names), rows.select("imsi", "operator").unique(), card, PREVALENCE)
    return float(scored.evidence["evidence_alone"].to_numpy().mean())


# ---- THE FILE


def test_csv_and_parquet_say_the_same(tmp_path):
    verdicts = pl.concat(
        [
            verdicts_on(pl.DataFrame({"imsi": [IMSI + 1]}), "rig", "R1", LATER + timedelta(microseconds=5)),
            verdicts_on(pl.DataFrame({"imsi": [IMSI + 2]}), "innocent", None),
            verdicts_on(pl.DataFrame({"imsi": [IMSI // 10]}), "rig", "=R2"),
        ]
    )
    verdicts = VERDICTS.conform(verdicts)
    (tmp_path / "verdicts.csv").write_text(csv_text(verdicts), encoding="utf-8")
    verdicts.write_parquet(tmp_path / "verdicts.parquet")
    for name in ("verdicts.csv", "verdicts.parquet"):
        assert read_verdicts(tmp_path / name).equals(verdicts, null_equal=True), name


def test_all_that_is_wrong_is_told_at_once_and_no_identifier(tmp_path):
    path = tmp_path / "verdicts.csv"
    path.write_text(
        f"imsi,verdict,rig_id,seized_at,{IMSI + 9}\n"
        f"{IMSI + 1},rig,R1,2026-05-16T01:00:00Z,a\n"
        "12345,guilty,R1,yesterday,a\n"
        f"{IMSI + 1},,R1,2026-05-16T01:00:00,a\n"
    )
    with pytest.raises(InputError, match=r"verdicts\.csv can't be used as VERDICTS") as caught:
        read_verdicts(path)
    assert caught.value.problems == (
        "column source is missing",
        "1 of its columns is not declared",
        "imsi is not 14 or 15 digits (line 3)",
        "verdict is neither rig nor innocent (line 3, 4)",
        "seized_at is not ISO 8601 with an offset (line 3, 4)",
        "imsi is of a SIM that has a verdict already (line 4)",
    )
    assert str(IMSI)[:5] not in str(caught.value)
    assert "12345" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("verdicts.csv", "imsi,verdict,rig_id,seized_at,source\n", "holds no verdict"),
        ("verdicts.parquet", "no Parquet", "can't be read as Parquet"),
        ("verdicts.csv", "", "can't be read as CSV"),
    ],
)
def test_a_file_without_verdicts_is_refused(tmp_path, name, content, problem):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=problem):
        read_verdicts(tmp_path / name)


# ---- THE SPLIT


def test_a_rig_is_on_one_side_with_all_who_belong_to_its_raid():
    rows = [
        (number * 10 + card, "innocent" if card == 3 else "rig", None if card > 1 else f"R{number}", number)
        for number in range(7)
        for card in range(4)
    ]
    verdicts = pl.DataFrame(rows, schema=["imsi", "verdict", "rig_id", "day"], orient="row").select(
        "imsi",
        "verdict",
        "rig_id",
        seized_at=pl.lit(LATER) + pl.duration(days="day"),
        source=pl.lit("protocol ") + pl.col("day").cast(pl.String),
    )
    split = split_by_raid(verdicts)
    sides = split.group_by("raid").agg(pl.col("is_kept").n_unique(), cards=pl.len()).sort("raid")
    assert sides.rows() == [(f"R{number}", 1, 4) for number in range(7)]
    assert sorted(split.filter("is_kept")["raid"].unique()) == ["R2", "R5"]


def test_cards_that_the_run_had_in_no_rig_are_one_raid_of_their_source():
    split = split_by_raid(verdicts_on(pl.DataFrame({"imsi": [1, 2]}), "rig", None))
    assert split["raid"].to_list() == ["of protocol 4"] * 2
    assert not split["is_kept"].any()


def test_nights_after_the_card_was_read_teach_nothing(own_world):
    source, run, sims = own_world
    some = sims.filter(pl.col("rig") == "rig4")
    nights = sorted(learn_from(source, quietly).features["night"].unique())
    assert len(nights) == 2
    noon = datetime.combine(nights[1], datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)
    lesson = learn_from_verdicts(verdicts_on(some, "rig", "R4", noon), run, load_scorecard(), quietly)
    assert set(lesson.features["night"]) == {nights[0]}
    assert lesson.features["rig"].unique().to_list() == ["R4"]
    before = datetime.combine(nights[0], datetime.min.time(), tzinfo=UTC)
    with pytest.raises(InputError, match="no night of any SIM"):
        learn_from_verdicts(verdicts_on(some, "rig", "R4", before), run, load_scorecard(), quietly)


def test_features_are_those_of_the_scan(own_world):
    source, run, sims = own_world
    lesson = learn_from_verdicts(verdicts_on(sims, "rig", "R1"), run, load_scorecard(), quietly)
    last = lesson.features.filter(pl.col("night") == pl.col("night").max()).select(FEATURES.names)
    assert FEATURES.conform(last).equals(pl.read_parquet(run / "features.parquet"), null_equal=True)


def test_an_innocent_weighs_less_where_rates_are_measured(own_world):
    _, run, sims = own_world
    lawful = sims.filter(pl.col("rig").is_null())
    parts = []
    for number, name in enumerate(("rig1", "rig2", "rig4")):
        at = LATER + timedelta(days=number)
        parts.append(verdicts_on(sims.filter(pl.col("rig") == name), "rig", name, at))
        parts.append(verdicts_on(lawful[number * 150 : number * 150 + 150], "innocent", name, at))
    lesson = learn_from_verdicts(VERDICTS.conform(pl.concat(parts)), run, load_scorecard(), quietly)
    (fit,) = own_examples(lesson, kept=False, lawful_sims=100)
    (kept,) = own_examples(lesson, kept=True, lawful_sims=100)
    assert not set(fit.facts["imsi"]) & set(kept.facts["imsi"])
    assert not set(fit.facts["rig"].drop_nulls()) & set(kept.facts["rig"].drop_nulls())
    assert set(kept.facts["rig"].drop_nulls()) == {"rig4"}
    weights = [
        dict(examples.facts.group_by(pl.col("rig").is_null().alias("is_lawful")).agg(pl.col("weight").unique()).rows())
        for examples in (fit, kept)
    ]
    assert weights == [
        {False: [TIMES], True: [TIMES * NIGHT_SHARE]},
        {False: [1.0], True: [100 / lesson.run_sims]},
    ]


# ---- THE CARD


@pytest.fixture(scope="module")
def followed(own_world, trained, worlds, tmp_path_factory):
    """Cards by what was said of one rig's SIMs: nothing, rig, innocent; and what was printed."""
    folder = tmp_path_factory.mktemp("followed")
    _, run, sims = own_world
    cards, lines = {"nothing": trained[0] / "card.toml"}, {}
    for verdict in ("rig", "innocent"):
        path = folder / f"{verdict}.csv"
        path.write_text(csv_text(verdicts_on(sims.filter(pl.col("rig") == "rig4"), verdict, "R4")), encoding="utf-8")
        cards[verdict] = folder / f"{verdict}.toml"
        lines[verdict] = train_card(
            worlds, cards[verdict], quietly, workdir=trained[0] / "kept", verdicts=path, run=run
        )  # fmt: skip
    return cards, lines


def test_the_card_follows_the_verdicts(followed, own_world):
    source, _, sims = own_world
    evidence, near = {}, {}
    for said, card in followed[0].items():
        named, others, lawful = (
            mean_evidence(card, source, sims.filter(rows))
            for rows in (pl.col("rig") == "rig4", pl.col("rig") != "rig4", pl.col("rig").is_null())
        )
        evidence[said] = named
        # Worlds as small as these can be told apart by anything, so the scale of their cards is chance: how near to the
        # other rigs' SIMs, seen from the lawful ones, is not.
        near[said] = (named - lawful) / (others - lawful)
    assert evidence["innocent"] < min(0, evidence["nothing"], evidence["rig"])
    assert near["nothing"] < near["rig"]


def test_others_of_their_kind_are_judged_by_them_too(followed, own_world):
    source, _, sims = own_world
    assert sims.filter(pl.col("rig").is_in(["rig2", "rig4"]))["kind"].unique().to_list() == ["vishing"]
    some = sims.filter(pl.col("rig") == "rig2")
    evidence = {said: mean_evidence(card, source, some) for said, card in followed[0].items()}
    assert evidence["innocent"] < min(evidence["nothing"], evidence["rig"])


def test_what_was_learned_from_is_told(followed):
    cards, lines = followed
    told = [line for line in lines["rig"] if line.startswith("own verdicts")]
    assert "47 cards from 1 raids and 0 innocents in the fit, 0 cards from 0 raids" in told[0]
    assert "0 cards from 0 raids and 47 innocents in the fit" in lines["innocent"][-2]
    assert "fewer than three rigs" in told[1]
    card = load_scorecard(cards["rig"], frozenset(FEATURES.names))
    assert "verdicts on" in card.origin


def test_verdicts_and_run_go_together(worlds, own_world, tmp_path):
    path = tmp_path / "verdicts.csv"
    path.write_text(csv_text(verdicts_on(own_world[2].head(1), "rig", "R1")), encoding="utf-8")
    for more in ({"verdicts": path}, {"run": own_world[1]}):
        with pytest.raises(UsageError, match="--verdicts and --run"):
            train_card(worlds, tmp_path / "card.toml", quietly, **more)


def test_verdicts_that_are_malformed_stop_the_command(worlds, own_world, tmp_path):
    path, card = tmp_path / "verdicts.csv", tmp_path / "card.toml"
    path.write_text("imsi,verdict\n1,2\n")
    arguments = [*map(str, worlds), "-o", str(card), "--verdicts", str(path), "--run", str(own_world[1])]
    done = CliRunner().invoke(cli, ["train", *arguments])
    assert isinstance(done.exception, InputError)
    assert done.exception.exit_code == 5
    assert not card.exists()


def test_verdicts_kept_out_are_compared_by_both_cards():
    night, other = date(2025, 3, 1), date(2025, 3, 2)
    rows = [(night, 1, "R1", 90, -90), (other, 1, "R1", 10, 40), (night, 2, "R1", -5, 30), (other, 3, None, 70, -1)]
    found = pl.DataFrame(rows, schema=["night", "imsi", "rig", "former", "evidence"], orient="row")
    card = load_scorecard()
    before, after = (replace(card, bands=Bands(-50, at, 60)) for at in (0, 35))
    former = found.select("night", "imsi", evidence="former")
    assert compare_verdicts(former, found.drop("former"), before, after)[1:] == [
        "  rig: 1 -> 1 of 2 SIMs",
        "  innocent: 1 -> 0 of 1 SIMs",
    ]
