"""Profiles: what is wrong with one is said at once, one is drafted from a file, and one is checked against a file."""

import io
import re

import polars as pl
import pytest
from dialects import COLUMNS, FILE, OPERATORS, PROFILE, text_of

from simbox.config import Config, load_config
from simbox.errors import ConfigError, InputError
from simbox.intake import check_profile, guess_profile, read_references, take_in
from simbox.intake.profile_columns import source_columns
from simbox.intake.profile_files import load_profile
from simbox.store import open_store


def problems(batch, change):
    batch.profile(change=change)
    with pytest.raises(ConfigError) as caught:
        batch.take()
    assert caught.value.exit_code == 6
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('separator = "|"', 'seperator = "|"', "unknown key feed.msc.seperator; did you mean separator?"),
        ('unit = "s"', 'unti = "s"', "unknown key feed.msc.columns.duration_s.unti; did you mean unit?"),
        ("[numbers]", "[number]", "unknown key number; did you mean numbers?"),
        ('unit = "s"', 'unit = "h"', "feed.msc.columns.duration_s.unit"),
        ('["voice", "mt"]', '["voice", "in"]', "feed.msc.columns.leg.map"),
        ('imsi = "SERVED_IMSI"\nmsisdn = "SERVED_MSISDN"\n', "", "needs imsi or msisdn"),
        ('separator = "|"', 'separator = "||"', "separator: must be one single-byte character"),
        ('separator = "|"', 'encoding = "utf-9"', "encoding: there is no 'utf-9'"),
        ("'^MSC(", "'^MSC((", "file_name is no regular expression"),
        ("?P<node>", "?P<switch>", "there is no use for a part switch"),
        ('key = "alpha"', 'key = "gamma"', "simbox.toml has no operator gamma"),
        ('{ from = "ANSWER_TIME", else', '{ zone = "Asia/Atlantis", from = "ANSWER_TIME", else', "there is no zone"),
        ('lac = "LAC", ci = "CI", ', "", "needs either from or lac and ci"),
        ("file_name =", "file =", "feed.msc.file_name is missing"),
        ('separator = "|"', 'header = "none"', "without a header the columns need names"),
        ('separator = "|"', 'kind = "fixed"', "a feed of fixed width needs them"),
        ('separator = "|"', "multiline = true", "multiline: needs a quote"),
        ("[operator]", "operator]", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(batch, old, new, said):
    assert said in problems(batch, lambda text: text.replace(old, new))


def test_every_problem_is_named_at_once(batch):
    said = problems(batch, lambda text: text.replace("separator", "seperator").replace("strip", "stripe"))
    assert all(key in said for key in ("seperator", "stripe", "alpha.toml"))


def test_a_file_named_like_those_of_two_feeds_is_nobodys(batch):
    batch.write(
        "operators/beta.toml",
        PROFILE.replace('key = "alpha"', 'key = "beta"').replace("FEED", "").replace("LIMITS", ""),
    )
    batch.put({})
    with pytest.raises(ConfigError, match=r"several feeds: alpha/msc, beta/msc"):
        batch.take()


def test_a_folder_tells_feeds_apart(batch):
    for key, folder in (("alpha", "one"), ("beta", "two")):
        feed = PROFILE.replace('key = "alpha"', f'key = "{key}"').replace("FEED", f'folder = "{folder}"')
        batch.write(f"operators/{key}.toml", feed.replace("LIMITS", ""))
        batch.write(f"cdr/{folder}/deep/{FILE.removeprefix('cdr/')}", text_of({"CI": str(len(key))}))
    batch.take()
    assert batch.cdrs()["operator"].cast(pl.String).to_list() == ["alpha", "beta"]


def test_the_columns_a_profile_names_are_those_it_reads(batch):
    profile = load_profile(batch.path / "operators" / "alpha.toml", Config(operators=OPERATORS))
    assert set(source_columns(profile[0].feed.columns)) == set(COLUMNS)


@pytest.mark.parametrize(
    ("unit", "given", "expected"),
    [("ms", "61500", 61), ("ds", "615", 61), ("min", "2", 120), ("hms", "1:02:03", 3723), ("hms", "02:03", 123)],
)
def test_durations_of_any_unit(batch, unit, given, expected):
    batch.profile(change=lambda text: text.replace('unit = "s"', f'unit = "{unit}"'))
    batch.put({"DURATION": given})
    batch.take()
    assert batch.cdrs()["duration_s"].to_list() == [expected]


@pytest.mark.parametrize(
    ("started", "given", "expected"),
    [
        ('format = "%d/%m/%Y %H:%M:%S"', "01/03/2025 13:00:00", "08:00:00"),
        ('format = "epoch_s"', "1740816000", "08:00:00"),
        ('format = "epoch_ms"', "1740816000000", "08:00:00"),
        ('format = "%Y-%m-%dT%H:%M:%S%z"', "2025-03-01T13:00:00+05:00", "08:00:00"),
        ('format = "%Y%m%d%H%M%S", zone = "Europe/Kyiv"', "20250301100000", "08:00:00"),
        ('format = "%Y%m%d%H%M%S", offset = "CALL_REFERENCE"', "20250301130000", "06:30:00"),
    ],
)
def test_times_of_any_format(batch, started, given, expected):
    old = '"ANSWER_TIME", else = "SEIZURE_TIME", format = "%Y%m%d%H%M%S"'
    batch.profile(
        change=lambda text: text.replace(old, f'"ANSWER_TIME", {started}').replace('call_ref = "CALL_REFERENCE"', "")
    )
    batch.put({"ANSWER_TIME": given, "CALL_REFERENCE": "+0630"})
    batch.take()
    assert str(batch.cdrs()["started_at"][0]) == f"2025-03-01 {expected}+00:00"


FIXED = """kind = "fixed"
fields = [
    { name = "REC_TYPE", start = 1, width = 4 }, { name = "SERVED_IMSI", start = 5, width = 16 },
    { name = "SERVED_MSISDN", start = 21, width = 16 }, { name = "SERVED_IMEI", start = 37, width = 17 },
    { name = "CALLED_NUM", start = 54, width = 32 }, { name = "CALLING_NUM", start = 86, width = 32 },
    { name = "SEIZURE_TIME", start = 118, width = 14 }, { name = "ANSWER_TIME", start = 132, width = 14 },
    { name = "DURATION", start = 146, width = 6 }, { name = "LAC", start = 152, width = 5 },
    { name = "CI", start = 157, width = 5 }, { name = "CAUSE_FOR_TERM", start = 162, width = 2 },
    { name = "CALL_REFERENCE", start = 164, width = 8 },
]
trailer_record = { value = "TR", count_field = 1 }
"""
WIDTHS = (4, 16, 16, 17, 32, 32, 14, 14, 6, 5, 5, 2, 8)


def fixed(*changes):
    rows = [line.split("|") for line in text_of(*changes, header=False).splitlines()]
    return ["".join(value.ljust(width) for value, width in zip(row, WIDTHS, strict=True)) for row in rows]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fixed_width(batch, end):
    batch.profile(feed=FIXED)
    lines = fixed({}, {"REC_TYPE": "SMT", "CALLING_NUM": "Қазпошта"}, {})
    batch.write(FILE, end.join([*lines, "TR  3"]) + end)
    taken = batch.take()
    assert taken.rejects.is_empty()
    assert taken.senders["sender"].to_list() == ["Қазпошта"]
    row = taken.files.to_dicts()[0]
    assert (row["lines"], row["trailer_lines"], row["trailer_count"], row["rows_kept"]) == (4, 1, 3, 3)
    assert row["format"] == "fixed"


def test_a_line_of_another_width_is_rejected(batch):
    batch.profile(feed=FIXED.replace("trailer_record", "# "))
    lines = fixed({}, {}, {}, {})
    batch.write(FILE, "\n".join([lines[0], lines[1][:-9], lines[2] + "x", "", lines[3]]) + "\n")
    taken = batch.take()
    assert taken.rejects.select("line", "rule").rows() == [(2, "line_length"), (3, "line_length")]
    assert batch.cdrs().height == 2


def test_names_by_the_profile_where_there_is_no_header(batch):
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    batch.profile(feed=f'header = "none"\nnames = [{names}]')
    batch.write(FILE, text_of({}, {}, header=False))
    assert batch.take().files["rows_kept"].to_list() == [2]


@pytest.mark.parametrize("separator", [";", "\t", "~", "\x01", ","])
def test_any_separator(batch, separator):
    written = separator.encode("unicode_escape").decode().replace("\\x", "\\u00")
    batch.profile(change=lambda text: text.replace('separator = "|"', f'separator = "{written}"'))
    batch.write(FILE, text_of({}, {}, separator=separator))
    assert batch.take().files["rows_kept"].to_list() == [2]


def decoded(source, folder):
    """The records of a source without their numbers, and how many were rejected."""
    store = open_store(folder, create=True)
    taken = take_in(source, store, load_config(source / "simbox.toml"))
    cdrs = store.read(store.nights()).drop("record_id")
    return cdrs.sort(cdrs.columns), taken.rejects.height


@pytest.mark.parametrize(("operator", "same"), [("altyn", True), ("tulpar", False)])
def test_a_draft_reads_the_sample_as_the_profile_does(sample, tmp_path, operator, same):
    config = load_config(sample / "simbox.toml")
    cells = read_references(sample).cells
    found = []
    for profile in (None, (sample / "operators" / f"{operator}.toml").read_text()):
        source = tmp_path / ("drafted" if profile is None else "given")
        folder = source / "cdr" / operator
        folder.mkdir(parents=True)
        (source / "operators").mkdir()
        file = sorted((sample / "cdr" / operator).iterdir())[0]
        (folder / file.name).write_bytes(file.read_bytes())
        for name in ("simbox.toml", "cells.csv", "subscribers.csv"):
            (source / name).write_bytes((sample / name).read_bytes())
        text = profile or guess_profile(file, config, cells).text
        (source / "operators" / "drafted.toml").write_text(text)
        found.append(decoded(source, tmp_path / f"store_{source.name}"))
    (drafted, rejected), (given, as_rejected) = found
    assert rejected == as_rejected > 0
    columns = given.columns if same else [name for name in given.columns if name != "answered"]
    assert drafted.select(columns).sort(columns).equals(given.select(columns).sort(columns))


def test_a_draft_says_how_sure_it_is(sample):
    file = sorted((sample / "cdr" / "altyn").iterdir())[0]
    notes = guess_profile(file, load_config(sample / "simbox.toml"), read_references(sample).cells).notes
    assert {sure for _, _, sure in notes} <= {"sure", "likely", "guess", "missing"}
    assert dict((line, sure) for line, _, sure in notes)["imsi"] == "sure"


def test_a_draft_of_little_says_what_is_missing(tmp_path):
    file = tmp_path / "notes.csv"
    file.write_text("colour;size\nred;1\nblue;2\n")
    drafted = guess_profile(file, Config(), pl.DataFrame({"cell": []}, schema={"cell": pl.Int64}))
    assert ("started_at", "no column fits", "missing") in drafted.notes
    assert 'started_at = "?"' in drafted.text


@pytest.mark.parametrize("content", [b"", b"no separator here\nnor here\n", b"PK\x03\x04"])
def test_nothing_is_drafted_from_what_is_no_table(tmp_path, content):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.csv"):
        guess_profile(file, Config(), pl.DataFrame({"cell": []}, schema={"cell": pl.Int64}))


def test_a_check_counts_what_was_read_and_shows_no_identifier(batch):
    batch.put({}, {"SERVED_IMEI": "1"}, {"CALLED_NUM": "1414"}, {"SERVED_IMSI": "x"}, {"REC_TYPE": "USSD"}, {"CI": "7"})
    cells = pl.DataFrame({"cell": batch_cells(batch)})
    checked = check_profile(
        batch.path / "operators" / "alpha.toml", batch.path / FILE, Config(operators=OPERATORS), cells
    )
    fields = {field.field: field for field in checked.fields}
    assert (checked.lines, checked.rows, checked.skipped) == (6, 5, 1)
    assert fields["imei"].parsed_share == pytest.approx(4 / 5)
    assert fields["imsi"].top == [("4017+11", 4)]
    assert fields["service"].top == [("voice", 5)]
    assert checked.rejects == [("malformed", "imsi", 1)]
    assert checked.numbers == {"e164": 4, "short_code": 1}
    assert checked.cell_hits == pytest.approx(4 / 5)
    assert not re.search(r"[0-9]{10}", str(checked))


def batch_cells(batch):
    batch.write("cells.csv", "cell,lat,lon\n401-77-1000-10441,43.2,76.9\n")
    return read_references(batch.path).cells["cell"]


def test_a_check_of_a_file_that_can_not_be_read(batch):
    batch.write(FILE, text_of({}).replace("SERVED_IMSI", "IMSI"))
    with pytest.raises(InputError, match="column SERVED_IMSI of feed alpha/msc is missing"):
        check_profile(
            batch.path / "operators" / "alpha.toml", batch.path / FILE, Config(operators=OPERATORS), pl.DataFrame()
        )


def test_the_commands(simbox, sample, tmp_path):
    file = sorted((sample / "cdr" / "altyn").iterdir())[0]
    draft = tmp_path / "altyn.toml"
    printed = simbox("profile", "guess", file, "-o", draft)
    assert (printed.code, printed.out) == (0, "")
    assert "sure     imsi: column SERVED_IMSI" in printed.err
    assert simbox("profile", "guess", file, "-o", draft).code == 2
    printed = simbox("profile", "check", draft, file, "--source", sample)
    assert printed.code == 0
    assert "cells: 100.00% are in the table" in printed.out
    draft.write_text(draft.read_text().replace("SERVED_IMSI", "IMSI"))
    printed = simbox("profile", "check", draft, file, "--source", sample)
    assert (printed.code, "Traceback" in printed.err) == (5, False)
    store = tmp_path / "store"
    printed = simbox("intake", sample, "--store", store)
    assert printed.code == 0
    for feed in ("altyn/msc", "tulpar/tas", "interchange format"):
        assert feed in printed.out
    again = simbox("intake", sample, "--store", store)
    assert (again.code, io.StringIO(again.out).readlines()[:6]) == (0, io.StringIO(printed.out).readlines()[:6])


def test_intake_of_nothing(simbox, tmp_path):
    printed = simbox("intake", tmp_path / "nowhere", "--store", tmp_path / "store")
    assert (printed.code, "is not a folder" in printed.err) == (5, True)
