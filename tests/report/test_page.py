"""The page: the same bytes from the same tables, nothing fetched from elsewhere, and what it says of them."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import polars as pl
import pytest
from drawn_run import draw_run

from simbox.errors import DamagedError, UsageError
from simbox.manifest import read_manifest, sha256_of
from simbox.report import read_run_tables, render_report, render_rig_page, write_report
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.rigs import LINKS, SITES
from simbox.tables.scores import HISTORY, REASONS
from simbox.tables.shown import ACTIVITY

EVIL = "</script><!--<img src=x onerror=alert(1)>&\"'\u2028"
# Of dist/d3.min.js in the npm package d3 7.9.0.
D3_7_9_0 = "f2094bbf6141b359722c4fe454eb6c4b0f0e42cc10cc7af921fc158fceb86539"
LARGEST_BYTES = 15_000_000


class Page(HTMLParser):
    """Tags with their attributes, text, and what stands in scripts and styles, by id or in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inlined: list[tuple[str, dict[str, str | None], str]] = []
        self.words: list[str] = []
        self._inside: tuple[str, dict[str, str | None]] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = (tag, dict(attrs)) if tag in ("script", "style") else None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.inlined.append((*self._inside, data))
            self._inside = None
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def data(self, name: str) -> dict:
        (found,) = [text for tag, attributes, text in self.inlined if attributes.get("id") == name]
        return json.loads(found)


def report(run, *, redact=False) -> Page:
    return Page(render_report(read_run_tables(run), redact=redact))


@pytest.fixture(scope="module")
def sample_page(sample_run) -> Page:
    return Page((sample_run.out / "report.html").read_text(encoding="utf-8"))


def test_the_report_is_a_function_of_the_tables(drawn):
    run = drawn()
    first = write_report(run).read_bytes()
    second = write_report(run).read_bytes()
    again = drawn()
    assert first == second == write_report(again).read_bytes()
    assert read_manifest(run)["outputs"]["report.html"] == sha256_of(run / "report.html")


def test_a_scan_leaves_the_page_that_its_tables_make(sample_run):
    assert render_report(read_run_tables(sample_run.out), redact=False) == (sample_run.out / "report.html").read_text()


@pytest.mark.parametrize("name", ["rigs", "sites", "members", "activity", "links", "reasons", "coverage", "places"])
def test_a_run_without_a_table_is_damaged(drawn, name):
    run = drawn()
    (run / f"{name}.parquet").unlink()
    with pytest.raises(DamagedError, match=rf"{name}\.parquet is missing or broken"):
        write_report(run)
    assert not (run / "report.html").exists()


def test_a_run_of_another_version_is_damaged(drawn):
    run = drawn()
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["warnings"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DamagedError, match=r"manifest\.json lacks what the report needs"):
        write_report(run)


# ---- NOTHING BUT THE FILE


def test_nothing_is_fetched_and_only_its_own_scripts_may_run(sample_page):
    for tag, attributes in sample_page.tags:
        assert tag not in ("iframe", "object", "embed", "base", "img", "audio", "video")
        assert not {name for name in attributes if name.startswith("on")}
        assert not {"src", "srcset", "style", "action"} & attributes.keys()
        assert attributes.get("href", "#").startswith(("#", "data:,"))
    (policy,) = [a["content"] for _, a in sample_page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, attributes, text in sample_page.inlined:
        if attributes.get("type") != "application/json":
            source = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"{tag}-src" in policy
            assert f"'sha256-{source}'" in policy


def test_the_library_is_the_published_one_and_brings_its_licence(sample_page):
    library = next(text for tag, _, text in sample_page.inlined if tag == "script" and "d3js.org" in text[:2000])
    licence, code = library.split("*/\n", 1)
    assert "Permission to use, copy, modify" in licence
    assert hashlib.sha256(code.encode()).hexdigest() == D3_7_9_0


def test_every_tag_is_closed(sample_run):
    class Checker(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "br", "link", "input"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    checker = Checker()
    checker.feed((sample_run.out / "report.html").read_text())
    assert checker.open == []


def test_text_is_text_wherever_it_comes_from(drawn):
    tables = draw_run(drawn().parent / "plain", rigs=1, sims=5, nights=1, cells=6)
    run = drawn(
        rigs=1,
        sims=5,
        nights=1,
        cells=6,
        changes={
            "RIGS": tables["RIGS"].with_columns(operators=pl.lit(EVIL), site=pl.lit(EVIL)),
            "SITES": tables["SITES"].with_columns(cells=pl.lit(EVIL), raid_windows=pl.lit(EVIL)),
            "SEIZURE_LIST": tables["SEIZURE_LIST"].with_columns(operator=pl.lit(EVIL), dealer=pl.lit(EVIL)),
            "REASONS": REASONS.conform(tables["REASONS"].with_columns(code=pl.concat_str("code", pl.lit(EVIL)))),
            "LINKS": LINKS.conform(tables["LINKS"].with_columns(comparison=pl.concat_str("comparison", pl.lit(EVIL)))),
            "COVERAGE": tables["COVERAGE"].head(1).with_columns(operator=pl.lit(EVIL)),
            "REVIEW": tables["REVIEW"],
        },
    )
    html = render_report(read_run_tables(run), redact=False)
    assert "<img" not in html
    page = Page(html)
    assert html.count("</script>") == html.count("<script") == len(page.inlined) - 1
    assert EVIL in page.data("data-R20250303-0000000000")["members"]["operators"]
    assert any(EVIL in word for word in page.data("data")["words"])


# ---- WHAT IT SAYS


def test_rigs_stand_by_cards_to_act_on(sample_page, sample_run):
    listed = sample_run.scan.last.listed.seizure_list.filter(pl.col("decision") != "watch")
    counts = dict(listed.group_by("rig_id").len().iter_rows())
    order = [a["id"] for tag, a in sample_page.tags if tag == "article"]
    assert set(order) == set(sample_run.scan.last.found.rigs["rig_id"])
    assert [counts.get(rig_id, 0) for rig_id in order] == sorted((counts.get(r, 0) for r in order), reverse=True)
    assert f"Cards to seize {listed.filter(pl.col('decision') == 'seize').height} " in sample_page.text


def test_every_place_is_the_radio_of_the_gateway(sample_page, sample_run):
    said = sample_page.text.lower().count("radio of the gateway: cards may be kept elsewhere")
    assert said >= 1 + 2 * sample_run.scan.last.found.rigs.height


def test_a_rig_tells_all_its_cards(sample_page, sample_run):
    members = sample_run.scan.last.found.members
    scores = dict(sample_run.scan.scores.select("imsi", "evidence").iter_rows())
    for rig_id in members["rig_id"].unique():
        told = sample_page.data(f"data-{rig_id}")["members"]
        held = members.filter(pl.col("rig_id") == rig_id)
        assert sorted(told["sim"]) == sorted(str(imsi) for imsi in held["imsi"])
        assert told["evidence"] == [scores[int(sim)] for sim in told["sim"]]


def test_the_points_of_a_waterfall_add_up_to_the_evidence(sample_page, sample_run):
    words = sample_page.data("data")["words"]
    for rig_id in sample_run.scan.last.found.rigs["rig_id"]:
        told = sample_page.data(f"data-{rig_id}")
        for number, fall in zip(told["timeline"]["sims"], told["waterfalls"], strict=True):
            assert sum(fall[1::3]) == told["members"]["evidence"][number]
            assert words[fall[0]].startswith("before anything is known")


def test_the_timeline_is_the_activity(drawn):
    run = drawn()
    tables, page = read_run_tables(run), report(run)
    for rig_id in tables.rigs["rig_id"]:
        told = page.data(f"data-{rig_id}")
        shown = {
            (told["members"]["sim"][number], hour, told["timeline"]["imeis"][imei], place)
            for number, runs in zip(told["timeline"]["sims"], told["timeline"]["runs"], strict=True)
            for hour, imei, place in hours_of(runs)
        }
        activity = tables.activity.filter(pl.col("rig_id") == rig_id)
        hour = (pl.col("night") - tables.nights[0]).dt.total_days() * 24 + pl.col("hour")
        assert shown == {
            (str(imsi), at, str(imei), place)
            for imsi, at, imei, place in activity.select("imsi", hour, "imei", "place_rank").iter_rows()
        }
        replaced = [told["timeline"]["chains"][number] for number in range(len(told["timeline"]["sims"]))]
        assert len(set(replaced)) == 16


def hours_of(runs):
    end = 0
    for start in range(0, len(runs), 4):
        gap, length, imei, place = runs[start : start + 4]
        yield from ((hour, imei, place) for hour in range(end + gap, end + gap + length))
        end += gap + length


def test_of_a_large_rig_whole_handsets_are_drawn(drawn):
    run = drawn(rigs=1, sims=800)
    told = report(run).data("data-R20250303-0000000000")
    assert len(told["members"]["sim"]) == 800
    assert len(told["timeline"]["sims"]) == 150
    imei = dict(read_run_tables(run).activity.select("imsi", "imei").unique().iter_rows())
    shown = [int(told["members"]["sim"][number]) for number in told["timeline"]["sims"]]
    used = list(imei.values())
    parts = {handset: [imei.get(sim) for sim in shown].count(handset) / used.count(handset) for handset in set(used)}
    assert sum(0 < part < 1 for part in parts.values()) <= 1
    assert sum(part == 1 for part in parts.values()) >= 3
    assert len(told["graph"]["nodes"]) == 80
    assert len(told["waterfalls"]) == 150


def test_links_hold_the_drawn_cards_together(drawn):
    told = report(drawn(rigs=1)).data("data-R20250303-0000000000")
    joined = {0}
    for _ in told["graph"]["nodes"]:
        for a, b, *_ in told["graph"]["edges"]:
            if a in joined or b in joined:
                joined |= {a, b}
    assert joined == set(range(40))
    assert len(told["graph"]["edges"]) <= 120


def test_the_week_counts_cards_on_the_nights_seen(drawn):
    run = drawn()
    told = report(run).data("data-R20250303-0000000001")["week"]
    assert told["nights"] == [1, 1, 1, 0, 0, 0, 0]
    assert told["raid"] == [[9, 10], [12, 13], [13, 14]]
    monday = read_run_tables(run).activity.filter(
        (pl.col("rig_id") == "R20250303-0000000001") & (pl.col("night") == pl.date(2025, 3, 3))
    )
    hours = dict(monday.group_by("hour").agg(pl.col("imsi").n_unique()).iter_rows())
    assert told["live"] == [[hours.get(hour, 0) for hour in range(24)], *told["live"][1:3], None, None, None, None]


def test_what_could_not_be_judged_is_said(drawn):
    full = draw_run(drawn().parent / "full", rigs=2, sims=10, nights=2)
    lost = (pl.col("operator") == "beta") & (pl.col("night") == pl.date(2025, 3, 4))
    run = drawn(
        rigs=2,
        sims=10,
        nights=2,
        changes={
            "COVERAGE": full["COVERAGE"].filter(~lost),
            "RIGS": full["RIGS"].with_columns(lat=None, lon=None),
            "HISTORY": HISTORY.conform(full["HISTORY"].with_columns(rig_id=None)),
        },
    )  # fmt: skip
    text = report(run).text
    assert "imei: 3 records carry a value that is malformed or a placeholder; left empty" in text
    assert "The whole night of beta: no record of that operator came for it" in text
    assert "10 of 20 active SIMs made fewer than five calls or SMS" in text
    assert "1,100 records of alpha (10.0 %) have no IMEI" in text
    assert "55 records of alpha (0.5 %) have a cell that the table of cells can't locate" in text
    assert "10 rows were rejected by intake" in text
    assert "20 suspect SIMs belong to no rig" in text
    assert "2 rigs have no place" in text


def test_the_night_is_compared_with_the_one_before(drawn):
    text = report(drawn(nights=2)).text
    assert "Records of the night 22,000 +10.0 % on the night before" in text
    assert "Night of Tuesday 4 March 2025" in text


def test_exempted_sims_are_shown_with_who_exempted_them(drawn):
    full = draw_run(drawn().parent / "full", rigs=1, sims=10, nights=1)
    entry = {"list_entry": pl.lit("imsi 401770000000000, office"), "author": pl.lit("J. Doe")}
    review = REVIEW.conform(full["SEIZURE_LIST"].head(1).with_columns(**entry))
    rest = SEIZURE_LIST.conform(full["SEIZURE_LIST"].tail(-1))
    run = drawn(rigs=1, sims=10, nights=1, changes={"REVIEW": review, "SEIZURE_LIST": rest})
    text = report(run).text
    assert "1 exempted SIMs to look at" in text
    assert "imsi 401770000000000, office J. Doe" in text
    assert "401770000000000" not in report(run, redact=True).text


def test_a_night_without_rigs_says_so(drawn_source, tmp_path, simbox):
    printed = simbox("scan", drawn_source(), "-o", tmp_path / "out")
    assert printed.code == 0, printed.err
    page = Page((tmp_path / "out" / "report.html").read_text())
    assert "No rig was found." in page.text
    assert page.data("data")["rigs"] == []


def test_members_without_any_record_left_are_told_too(drawn):
    run = drawn(rigs=1, sims=5, changes={"ACTIVITY": ACTIVITY.empty(), "LINKS": LINKS.empty(), "SITES": SITES.empty()})
    told = report(run).data("data-R20250303-0000000000")
    assert len(told["members"]["sim"]) == 5
    assert told["timeline"]["runs"] == [[]] * 5
    assert told["map"] == {"places": [], "sectors": []}


# ---- MASKED


def identifiers(run) -> set[str]:
    tables = read_run_tables(run)
    numbers = [tables.members["imsi"], tables.seizure_list["msisdn"].drop_nulls()]
    found = {str(number) for series in numbers for number in series}
    return found | {f"{imei:014d}" for imei in tables.activity["imei"].drop_nulls()}


@pytest.mark.parametrize("source", ["sample", "drawn"])
def test_a_masked_page_holds_no_identifier(source, sample_run, drawn):
    run = sample_run.out if source == "sample" else drawn()
    tables = read_run_tables(run)
    plain, masked = (render_report(tables, redact=redact) for redact in (False, True))
    known = identifiers(run)
    assert len(known) > 100
    assert all(identifier in plain for identifier in known if identifier in {str(i) for i in tables.members["imsi"]})
    assert [identifier for identifier in known if identifier in masked] == []
    assert "Identifiers are masked." in masked
    sims = Page(masked).data(f"data-{tables.rigs['rig_id'][0]}")["members"]["sim"]
    assert len(set(sims)) == len(sims)


def test_the_command_masks_the_page_and_nothing_else(simbox, sample, sample_run, tmp_path):
    printed = simbox("scan", sample, "-o", tmp_path / "out", "--redact")
    assert printed.code == 0, printed.err
    masked = (tmp_path / "out" / "report.html").read_text()
    assert masked == render_report(read_run_tables(sample_run.out), redact=True)
    for name in ("members.parquet", "seizure_list.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (sample_run.out / name).read_bytes()


# ---- ONE RIG


def test_a_rig_has_a_page_of_its_own(drawn):
    tables = read_run_tables(drawn())
    html = render_rig_page(tables, "R20250303-0000000001", redact=False)
    page = Page(html)
    assert [a["id"] for tag, a in page.tags if tag == "article"] == ["R20250303-0000000001"]
    assert html == render_rig_page(tables, "R20250303-0000000001", redact=False)
    assert page.data("data-R20250303-0000000001")["members"]["sim"]
    assert not re.search("R20250303-000000000[02]", html)
    with pytest.raises(UsageError, match="no rig R1"):
        render_rig_page(tables, "R1", redact=False)


def test_a_rig_alone_lists_its_cards_without_any_script(drawn):
    run = drawn(rigs=1)
    tables = read_run_tables(run)
    plain, masked = (render_rig_page(tables, "R20250303-0000000000", redact) for redact in (False, True))
    listed = plain.split("<noscript>")[2].split("</noscript>")[0]
    assert re.findall(r"<td>(401[0-9]+)</td>", listed)[: tables.seizure_list.height] == [
        str(imsi) for imsi in tables.seizure_list["imsi"]
    ]
    assert listed.count("<tr>") == 1 + tables.members.height
    assert [identifier for identifier in identifiers(run) if identifier in masked] == []


def test_two_hundred_rigs_with_a_hundred_thousand_cards_stay_light(large_run):
    page = Page((large_run / "report.html").read_text(encoding="utf-8"))
    assert (large_run / "report.html").stat().st_size < LARGEST_BYTES
    articles = [a["id"] for tag, a in page.tags if tag == "article"]
    assert len(articles) == 200
    assert sum(len(page.data(f"data-{rig_id}")["members"]["sim"]) for rig_id in articles) == 100_000


def test_the_damage_stands_with_how_it_was_reckoned(drawn):
    tables = read_run_tables(drawn())
    for row in tables.damage.iter_rows(named=True):
        page = " ".join(render_rig_page(tables, row["rig_id"], False).split())
        loss = f", a loss of {row['loss']:,.0f} {row['currency']}" if row["loss"] is not None else ""
        assert f"Damage: {row['minutes']:,.0f} minutes, {row['sms_count']:,} SMS{loss}. {row['method']}" in page
