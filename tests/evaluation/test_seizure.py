"""What a raid found against what the run had said, from a drawn run; and the verdicts that come of it."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from simbox.errors import InputError, UsageError
from simbox.evaluation import ListedRun, match_seized, read_seized, write_match
from simbox.evaluation.intervals import upper_bound
from simbox.tables.reference import SUBSCRIBERS
from simbox.tables.verdicts import VERDICTS

AT = datetime(2026, 5, 16, 1, tzinfo=UTC)
IMSI = 401_770_000_000_000
NOBODY = SUBSCRIBERS.empty()


def iccid(number: int, check: str = "") -> str:
    return f"897701{number:013}{check}"


@pytest.fixture
def run() -> ListedRun:
    """Rig R1 with SIMs 1 to 5 to act on and 6 watched, R2 with 7 and 8; 9 exempt, 10 seen and in no rig."""
    listed = pl.DataFrame(
        [(n, "R1", "seize" if n < 4 else "review") for n in range(1, 6)]
        + [(6, "R1", "watch"), (7, "R2", "seize"), (8, "R2", "seize")],
        schema={"imsi": pl.Int64, "rig_id": pl.String, "decision": pl.String},
        orient="row",
    ).with_columns(
        iccid=pl.format("897701{}1", pl.col("imsi").cast(pl.String).str.zfill(13)),
        imeis=pl.format("3512345678{} 35123456789999", pl.col("imsi").cast(pl.String).str.zfill(4)),
        state=pl.when(pl.col("imsi") == 5).then(pl.lit("silent")).otherwise(pl.lit("live")),
    )
    sims = pl.DataFrame({"imsi": range(1, 11)}).with_columns(band=pl.lit("strong"))
    members = listed.select("imsi", "rig_id")
    review = pl.DataFrame({"imsi": [9], "iccid": [iccid(9, "1")]})
    moved = [frame.with_columns(pl.col("imsi") + IMSI) for frame in (sims, members, listed, review)]
    return ListedRun(*moved)


def seized(tmp_path, text: str, at=AT):
    path = tmp_path / "seized.csv"
    path.write_text(text, encoding="utf-8")
    return read_seized(path, at)


def match(tmp_path, text, run, raided=(), subscribers=NOBODY):
    return match_seized(seized(tmp_path, text), run, raided, subscribers, "protocol 4")


def outcomes(matched) -> dict[int | None, str]:
    return {imsi and imsi - IMSI: what for imsi, what in matched.cards.select("imsi", "outcome").iter_rows()}


def test_each_card_has_its_outcome(tmp_path, run):
    text = "imsi\n" + "".join(f"{IMSI + n}\n" for n in (1, 2, 6, 7, 9, 10, 77))
    matched = match(tmp_path, text, run)
    assert outcomes(matched) == {
        1: "matched",
        2: "matched",
        6: "watched",
        7: "matched",
        9: "exempt",
        10: "not listed",
        77: "never seen",
    }
    figures = matched.figures
    assert figures["raided_rigs"] == ["R1"]
    assert figures["other_rigs"] == {"R2": 1}
    assert (figures["listed_not_found"], figures["listed_not_found_by_state"]) == (3, {"live": 2, "silent": 1})
    assert (figures["precision"]["hits"], figures["precision"]["of"]) == (2, 5)
    assert (figures["recall"]["hits"], figures["recall"]["of"]) == (3, 6)
    assert (figures["recall_of_all_found"]["hits"], figures["recall_of_all_found"]["of"]) == (3, 7)


def test_the_interval_is_the_exact_one(tmp_path, run):
    matched = match(tmp_path, f"imsi\n{IMSI + 1}\n{IMSI + 2}\n", run)
    told = matched.figures["precision"]
    # Clopper and Pearson, two of five, as tables have it.
    assert (told["low"], told["high"]) == pytest.approx((0.0527, 0.8534), abs=5e-4)
    assert told["high"] == pytest.approx(upper_bound(2, 5, 0.975), abs=1e-6)
    assert matched.figures["recall"]["high"] == 1.0


def test_the_raided_rigs_may_be_told(tmp_path, run):
    figures = match(tmp_path, f"imsi\n{IMSI + 1}\n{IMSI + 7}\n", run, raided=("R2",)).figures
    assert figures["raided_rigs"] == ["R2"]
    assert figures["other_rigs"] == {"R1": 1}
    assert (figures["precision"]["hits"], figures["precision"]["of"]) == (1, 2)


@pytest.mark.parametrize(
    "printed",
    [iccid(3, "1"), iccid(3), f"8977 0100 0000 0000 0{3:02}1", iccid(3, "1") + "F", iccid(3) + "f"],
    ids=["whole", "without check digit", "with blanks", "filled", "filled and without"],
)
def test_an_iccid_is_read_as_it_is_printed(tmp_path, run, printed):
    assert outcomes(match(tmp_path, f"iccid\n{printed}\n", run)) == {3: "matched"}


def test_a_check_digit_that_the_registry_lacks_is_no_difference(tmp_path, run):
    bare = run._replace(listed=run.listed.with_columns(pl.col("iccid").str.head(-1)))
    assert outcomes(match(tmp_path, f"iccid\n{iccid(3, '7')}\n", bare)) == {3: "matched"}


def test_a_card_beyond_the_list_is_known_by_the_registry_only(tmp_path, run):
    text = f"iccid\n{iccid(10, '1')}\n{iccid(55, '1')}\n"
    assert set(outcomes(match(tmp_path, text, run)).values()) == {"not known"}
    registry = pl.DataFrame({"imsi": [IMSI + 10], "iccid": [iccid(10, "1")]})
    assert outcomes(match(tmp_path, text, run, subscribers=registry)) == {None: "not known", 10: "not listed"}


def test_an_iccid_of_two_sims_is_nobodys(tmp_path, run):
    registry = pl.DataFrame({"imsi": [IMSI + 10, IMSI + 11], "iccid": [iccid(10, "1")] * 2})
    assert outcomes(match(tmp_path, f"iccid\n{iccid(10, '1')}\n", run, subscribers=registry)) == {None: "not known"}


def test_pairs_and_handsets_without_a_card_are_compared_with_the_records(tmp_path, run):
    text = f"imsi,imei\n{IMSI + 1},351234567800015\n{IMSI + 2},35123456780009\n,3512345678999912\n,35999999999999\n"
    figures = match(tmp_path, text, run).figures
    assert (figures["pairs_read"], figures["pairs_on_list"], figures["pairs_as_the_records_have_them"]) == (2, 2, 1)
    assert (figures["handsets_without_a_card"], figures["handsets_without_a_card_on_list"]) == (2, 1)


def test_verdicts_are_of_sims_that_are_known_and_agreed_on(tmp_path, run):
    text = (
        "iccid,imsi,verdict,seized_at\n"
        f",{IMSI + 1},,2026-05-16T07:00:00+0500\n"
        f",{IMSI + 1},rig,2026-05-16T06:00:00+05:00\n"
        f",{IMSI + 10},innocent,\n"
        f",{IMSI + 77},rig,2026-05-16T01:00:00Z\n"
        f",{IMSI + 2},rig,\n,{IMSI + 2},innocent,\n"
        f"{iccid(99, '1')},,rig,\n"
    )
    verdicts = VERDICTS.check(match(tmp_path, text, run).verdicts)
    told = [(imsi - IMSI, *rest) for imsi, *rest in verdicts.iter_rows()]
    assert told == [
        (1, "rig", "R1", AT, "protocol 4"),
        (10, "innocent", None, AT, "protocol 4"),
        (77, "rig", None, AT, "protocol 4"),
    ]


def test_what_is_written_reads_back(tmp_path, run):
    matched = match(tmp_path, f"imsi\n{IMSI + 1}\n{IMSI + 10}\n", run)
    write_match(matched, tmp_path / "out")
    found = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()}
    assert found == dict.fromkeys(("cards.csv", "match.json", "verdicts.csv", "verdicts.parquet"), 0o600)
    assert VERDICTS.check(pl.read_parquet(tmp_path / "out" / "verdicts.parquet")).equals(matched.verdicts)
    text = pl.read_csv(tmp_path / "out" / "verdicts.csv", infer_schema=False)
    assert text.columns == list(VERDICTS.names)
    assert text["seized_at"].to_list() == ["2026-05-16T01:00:00Z"] * 2
    assert json.loads((tmp_path / "out" / "match.json").read_text()) == matched.figures


def test_a_redacted_match_shows_no_card_and_makes_no_verdicts(tmp_path, run):
    write_match(match(tmp_path, f"imsi\n{IMSI + 1}\n", run), tmp_path / "out", redact=True)
    assert not list((tmp_path / "out").glob("verdicts*"))
    assert str(IMSI + 1) not in (tmp_path / "out" / "cards.csv").read_text()


def test_the_order_of_the_cards_changes_nothing(tmp_path, run):
    lines = [f"{IMSI + n},{AT:%Y-%m-%dT%H:%M:%S}+0000" for n in (3, 1, 2, 1, 77)]
    made = [match(tmp_path, "\n".join(["imsi,seized_at", *order]), run) for order in (lines, lines[::-1])]
    assert made[0].cards.equals(made[1].cards)
    assert made[0].figures == made[1].figures
    assert made[0].figures["seized"] == 4


def test_a_raid_that_found_nothing_of_the_run_has_no_rig(tmp_path, run):
    figures = match(tmp_path, f"imsi\n{IMSI + 77}\n", run).figures
    assert figures["raided_rigs"] == []
    assert figures["precision"] == {"hits": 0, "of": 0, "value": None, "low": None, "high": None}


def test_every_unusable_line_is_named_and_no_value_is(tmp_path):
    text = (
        "iccid,imsi,imei,verdict,seized_at\n"
        "123,,,,\n,4017700,,,\n,,12,,\n,401770000000001,,guilty,\n,401770000000001,,,yesterday\n,,,rig,\n"
    )
    with pytest.raises(InputError) as caught:
        seized(tmp_path, text)
    assert caught.value.problems == (
        "iccid is not 18 to 20 digits (line 2)",
        "imsi is not 14 or 15 digits (line 3)",
        "imei is not 14 to 16 digits (line 4)",
        "seized_at is not ISO 8601 with an offset (line 6)",
        "verdict is neither rig nor innocent (line 5)",
        "there is no iccid, imsi or imei (line 7)",
    )
    assert "4017700" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "number\n1\n"])
def test_a_file_without_cards_is_refused(tmp_path, text):
    with pytest.raises(InputError):
        seized(tmp_path, text)


def test_when_they_were_read_must_be_told(tmp_path):
    with pytest.raises(UsageError, match="seized-at"):
        seized(tmp_path, "imsi\n401770000000001\n", at=None)
