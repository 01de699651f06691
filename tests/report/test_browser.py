"""The page in a real browser: by mouse and by keyboard, wide and narrow, light and dark, on paper, and never online."""

import polars as pl
import pytest

from simbox.report import read_run_tables, render_report, render_rig_page

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Opened:
    """A page in the browser, what it asked for and what it complained of."""

    def __init__(self, browser, path, **how) -> None:
        how = {"viewport": WIDE, "service_workers": "block", "reduced_motion": "reduce"} | how
        self.context = browser.new_context(**how)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.url = path.as_uri()
        self.page.goto(self.url)
        self.page.wait_for_selector("html[data-ready=yes]")

    def at(self, selector):
        return self.page.locator(selector)

    def go(self, rig_id):
        self.page.evaluate("hash => { location.hash = hash; }", rig_id)
        self.page.wait_for_selector(f"[id='{rig_id}']:not([hidden]) .members td")
        return self.page.locator("article.rig:not([hidden])")


@pytest.fixture
def opened(browser):
    """Opens a file; at the end no page may have asked for anything but itself, or complained."""
    pages = []

    def open_page(path, **how):
        pages.append(Opened(browser, path, **how))
        return pages[-1]

    yield open_page
    for one in pages:
        one.context.close()
        assert one.complaints == []
        assert set(one.requests) == {one.url}


@pytest.fixture(scope="module", params=["sample", "large"])
def run(request, sample_run):
    """The sample's run, and one of two hundred rigs with a hundred thousand cards."""
    return sample_run.out if request.param == "sample" else request.getfixturevalue("large_run")


@pytest.fixture(scope="module")
def rig_ids(run):
    """The rigs in the order of the page."""
    html = (run / "report.html").read_text(encoding="utf-8")
    return [part.split('"')[0] for part in html.split('<article class="rig" id="')[1:]]


def test_every_chart_of_a_rig_is_drawn(opened, run, rig_ids):
    one = opened(run / "report.html")
    assert one.at("table.rigs tbody tr").count() == len(rig_ids)
    assert one.at("#map .pin").count() == len(rig_ids)
    for rig_id in rig_ids[:3]:
        rig = one.go(rig_id)
        assert rig.count() == 1
        for chart, marks in (
            ("timeline", "path[class^=f]"),
            ("week", "rect.heat"),
            ("rigmap", ".region"),
            ("graph", "circle.dot"),
            ("waterfall", ".step"),
        ):
            assert rig.locator(f".{chart} svg {marks}").count() > 0, chart
        assert "Radio of the gateway: cards may be kept elsewhere" in rig.inner_text()


def test_a_page_is_drawn_the_same_each_time(opened, run, rig_ids):
    drawn = []
    for _ in range(2):
        one = opened(run / "report.html")
        drawn.append([one.at("#map svg").inner_html(), one.go(rig_ids[0]).locator(".graph .plot svg").inner_html()])
    assert drawn[0] == drawn[1]


# ---- BY MOUSE


def test_filters_narrow_the_rigs_down(opened, run):
    one = opened(run / "report.html")
    tables = read_run_tables(run)
    shown = one.at("table.rigs tbody tr:not([hidden])")
    one.at("[name=kind]").select_option("vishing")
    assert shown.count() == (tables.rigs["kind"] == "vishing").sum()
    assert f"{shown.count()} of {tables.rigs.height} rigs" in one.at(".filters output").inner_text()
    one.at("[name=operator]").select_option(index=1)
    operator = one.at("[name=operator]").input_value()
    assert all(operator in text for text in shown.locator("td:nth-child(11)").all_inner_texts())
    one.at(".filters [type=reset]").click()
    one.at("[name=text]").fill(tables.rigs["rig_id"][1])
    assert shown.locator("a").all_inner_texts() == [tables.rigs["rig_id"][1]]
    one.at(".filters [type=reset]").click()
    one.at("[name=sure]").select_option("99")
    assert shown.count() == (tables.rigs["probability"] >= 0.99).sum()


def test_heads_sort_the_rigs(opened, run):
    one = opened(run / "report.html")
    column = one.at("table.rigs tbody td:nth-child(9)")
    before = [int(text) for text in column.all_inner_texts()]
    one.page.get_by_role("button", name="SIMs", exact=True).click()
    assert [int(text) for text in column.all_inner_texts()] == sorted(before, reverse=True)
    assert one.at("th[aria-sort]").get_attribute("aria-sort") == "descending"
    one.page.get_by_role("button", name="SIMs", exact=True).click()
    assert [int(text) for text in column.all_inner_texts()] == sorted(before)


def test_links_lead_to_a_rig_and_back(opened, run, rig_ids):
    one = opened(run / "report.html")
    one.at("table.rigs tbody a").nth(1).click()
    rig = one.at("article.rig:not([hidden])")
    shows(rig, rig_ids[1])
    assert one.at("#overview").is_hidden()
    rig.get_by_role("link", name="Next").click()
    shows(rig, rig_ids[2])
    one.page.go_back()
    shows(rig, rig_ids[1])
    rig.get_by_role("link", name="All rigs").click()
    one.page.wait_for_selector("#overview", state="visible")
    one.at("#map .pin").first.click()
    shows(rig, rig_ids[0])


def test_the_map_zooms_and_moves(opened, run):
    one = opened(run / "report.html")
    world, scale = one.at("#map svg g[transform*=scale]").first, one.at("#map svg text").last
    whole, length = world.get_attribute("transform"), scale.text_content()
    one.page.get_by_role("button", name="Zoom in").first.click()
    one.page.get_by_role("button", name="Zoom in").first.click()
    assert world.get_attribute("transform") != whole
    assert scale.text_content() != length
    zoomed = world.get_attribute("transform")
    # The mouse reaches what is on the screen only, and above the map are as many rows as there are rigs.
    one.at("#map svg").evaluate("map => map.scrollIntoView()")
    box = one.at("#map svg").bounding_box()
    one.page.mouse.move(box["x"] + 60, box["y"] + 60)
    one.page.mouse.down()
    one.page.mouse.move(box["x"] + 160, box["y"] + 120)
    one.page.mouse.up()
    assert world.get_attribute("transform") != zoomed
    one.page.get_by_role("button", name="Show the whole map").first.click()
    assert world.get_attribute("transform") == whole


def test_pointing_and_clicking_tell_of_a_card(opened, run, rig_ids):
    rig = opened(run / "report.html").go(rig_ids[0])
    timeline = rig.locator(".timeline svg")
    timeline.hover(position={"x": 400, "y": 60})
    told = rig.locator(".timeline .readout").inner_text()
    sim = told.split(" ")[0]
    timeline.click(position={"x": 400, "y": 60})
    assert f"Card {sim}." in rig.locator(".waterfall figcaption").inner_text()
    rig.locator(".graph circle.dot").first.hover()
    assert "drawn" in rig.locator(".graph .readout").inner_text()
    rig.locator(".members button.simname").nth(2).click()
    sim = rig.locator(".members button.simname").nth(2).inner_text()
    assert f"Card {sim}." in rig.locator(".waterfall figcaption").inner_text()
    assert rig.locator(".members tr[aria-selected=true] button").inner_text() == sim


def test_the_timeline_can_be_coloured_another_way(opened, run, rig_ids):
    rig = opened(run / "report.html").go(rig_ids[0])
    by_imei = rig.locator(".timeline svg").inner_html()
    ways = rig.locator(".timeline select")
    # Who replaced whom is known of the drawn run.
    known = ["port"] if "replacement" in read_run_tables(run).members["role"].cast(pl.String) else []
    for way in (*known, "place", "operator", "handset"):
        ways.select_option(way)
        assert rig.locator(".timeline svg").inner_html() != by_imei
        rig.locator(".timeline svg").click(position={"x": 400, "y": 60})
        assert rig.locator(".timeline .readout").inner_text()


def test_cards_are_found_and_turned_over(opened, run, rig_ids):
    rig = opened(run / "report.html").go(rig_ids[0])
    rows = rig.locator(".members tbody tr")
    first = rows.first.inner_text()
    following = rig.get_by_role("button", name="Next")
    if following.is_enabled():
        following.click()
        assert rows.first.inner_text() != first
        rig.get_by_role("button", name="Previous").click()
        assert rows.first.inner_text() == first
    sim = rows.nth(3).locator("button").inner_text()
    rig.get_by_label("Find").fill(sim)
    assert rows.count() == 1
    rig.get_by_label("Find").fill("")
    rig.get_by_label("Decision").select_option(label="review")
    assert set(rig.locator(".members tbody td:nth-child(6)").all_inner_texts()) == {"review"}


# ---- BY KEYBOARD


def test_the_whole_report_works_by_keyboard(opened, run, rig_ids):
    one = opened(run / "report.html")
    keys = one.page.keyboard
    keys.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    keys.press("/")
    keys.type(rig_ids[1])
    assert one.at("table.rigs tbody tr:not([hidden])").count() == 1
    one.at("table.rigs tbody a >> visible=true").focus()
    keys.press("Enter")
    rig = one.at("article.rig:not([hidden])")
    shows(rig, rig_ids[1])
    keys.press("n")
    shows(rig, rig_ids[2])
    keys.press("p")
    shows(rig, rig_ids[1])
    keys.press("Escape")
    one.page.wait_for_selector("#overview", state="visible")
    assert one.page.evaluate("document.activeElement.textContent") == rig_ids[1]


def test_the_map_works_by_keyboard(opened, run, rig_ids):
    one = opened(run / "report.html")
    keys, world = one.page.keyboard, one.at("#map svg g[transform*=scale]").first
    one.at("#map svg").focus()
    states = [world.get_attribute("transform")]
    for key in ("+", "ArrowLeft", "ArrowUp", "-"):
        keys.press(key)
        states.append(world.get_attribute("transform"))
    assert len(set(states)) == 5
    keys.press("0")
    assert world.get_attribute("transform") == states[0]
    keys.press("Tab")
    assert f"No. 1, {rig_ids[0]}" in one.at("#map .readout").inner_text()
    keys.press("ArrowRight")
    assert f"No. 2, {rig_ids[1]}" in one.at("#map .readout").inner_text()
    keys.press("+")
    assert world.get_attribute("transform") != states[0]
    keys.press("Enter")
    shows(one.at("article.rig:not([hidden])"), rig_ids[1])


def test_the_charts_work_by_keyboard(opened, run, rig_ids):
    one = opened(run / "report.html")
    rig, keys = one.go(rig_ids[0]), one.page.keyboard
    for chart in ("timeline", "week", "graph"):
        rig.locator(f".{chart} svg[tabindex]").focus()
        told = [rig.locator(f".{chart} .readout").inner_text()]
        for key in ("ArrowDown", "ArrowRight", "ArrowDown"):
            keys.press(key)
            told.append(rig.locator(f".{chart} .readout").inner_text())
        assert len(set(told)) >= 3, chart
    rig.locator(".timeline svg").focus()
    keys.press("ArrowDown")
    sim = rig.locator(".timeline .readout").inner_text().split(" (")[0]
    keys.press("Enter")
    assert f"Card {sim}." in rig.locator(".waterfall figcaption").inner_text()


# ---- ON ANY SCREEN AND ON PAPER


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_it_fits_the_screen_in_both_schemes(opened, run, rig_ids, size, scheme):
    one = opened(run / "report.html", viewport=size, color_scheme=scheme)
    for place in ("rigs", rig_ids[0]):
        if place != "rigs":
            one.go(place)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    style = "getComputedStyle(document.body)"
    paper, ink = one.page.evaluate(f"[{style}.backgroundColor, {style}.color]")
    assert (brightness(paper) > brightness(ink)) == (scheme == "light")
    assert contrast(paper, ink) >= 7


def test_paper_is_white_and_has_every_card(opened, run, rig_ids):
    one = opened(run / "report.html", color_scheme="dark")
    rig = one.go(rig_ids[0])
    cards = read_run_tables(run).members["rig_id"].value_counts().rows()
    one.page.emulate_media(media="print")
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert brightness(one.page.evaluate("getComputedStyle(document.body).backgroundColor")) == 1
    assert rig.locator(".members tbody tr").count() == dict(cards)[rig_ids[0]]
    assert rig.locator(".controls").first.is_hidden()
    assert len(one.page.pdf(format="A4")) > 10_000


def test_a_rig_alone_is_drawn_too(opened, sample_run, tmp_path):
    tables = read_run_tables(sample_run.out)
    live = tables.rigs.filter(pl.col("status") != "dissolved")
    for rig_id in live["rig_id"].head(2):
        path = tmp_path / f"{rig_id}.html"
        path.write_text(render_rig_page(tables, rig_id, redact=True), encoding="utf-8")
        one = opened(path)
        assert one.at(".timeline svg path[class^=f]").count() > 0
        assert one.at(".members tbody tr").count() > 0


def test_nothing_that_records_say_runs(opened, drawn, tmp_path):
    run = drawn(rigs=1, sims=5)
    evil = "</script><script>console.log('ran')</script><img src=x onerror=console.log('ran')>"
    tables = read_run_tables(run)
    changed = tables._replace(
        rigs=tables.rigs.with_columns(operators=pl.lit(evil), site=pl.lit(evil)),
        sites=tables.sites.with_columns(cells=pl.lit(evil), raid_windows=pl.lit(evil)),
        seizure_list=tables.seizure_list.with_columns(operator=pl.lit(evil)),
        warnings=[evil],
    )
    path = tmp_path / "evil.html"
    path.write_text(render_report(changed, redact=False), encoding="utf-8")
    one = opened(path)
    rig = one.go(tables.rigs["rig_id"][0])
    rig.locator(".timeline svg").hover(position={"x": 400, "y": 60})
    assert "<img src=x" in rig.inner_text()


def shows(rig, rig_id):
    """Wait for the page to follow its address."""
    rig.page.wait_for_selector(f"[id='{rig_id}']:not([hidden])")
    assert rig.get_attribute("id") == rig_id


def channels(colour):
    return [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]


def brightness(colour):
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
