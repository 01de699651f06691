"""Each claim with the source rows that show it: a claim that nobody can look up is worth nothing in court."""

from typing import NamedTuple

import polars as pl

from simbox.tables.evidence import CLAIM_ROWS, CLAIMS, SOURCE_ROWS
from simbox.telecom.identifiers import ALPHANUMERIC_BIT, print_cell

LINE_BITS = 32
TAC_DIVISOR = 1_000_000
QUARTER = "15m"
_MADE = (pl.col("direction") == "mo") & pl.col("service").is_in(["voice", "sms"])
_SPOKEN = pl.col("service").is_in(["voice", "sms"])


class Claims(NamedTuple):
    """Claims under a number of their own (`draft`), and the records that show each (draft, record_id)."""

    claims: pl.DataFrame
    rows: pl.DataFrame


class Shared(NamedTuple):
    """What two SIMs must have in common for a row of theirs to show a link."""

    value: pl.Expr
    where: pl.Expr
    said: str


SHARED = {
    "imei_in_turn": Shared(pl.col("imei"), pl.lit(value=True), "rows of both with an IMEI that both showed"),
    "same_model": Shared(pl.col("imei") // TAC_DIVISOR, pl.lit(value=True), "rows of both with a model both showed"),
    "same_places": Shared(pl.col("cell"), pl.lit(value=True), "rows of both at a cell that both used"),
    "shared_callees": Shared(pl.col("other_party"), _MADE, "rows of both to a number that both reached"),
    "contacts_kept": Shared(pl.col("other_party"), _SPOKEN, "rows of both with a number that both spoke with"),
}
ALL_MADE = {"same_cap": "calls and SMS that both made"}
WITHOUT_ROWS = {
    "near_imsi": "the two IMSIs themselves",
    "same_batch": "the register's dealer and date of activation for the two cards",
}
AT_THE_ENDS = "rows of both at the first and the last time of the link"
_SAID = {
    "imei_in_turn": "showed one IMEI at one place, in turn {events} times",
    "same_places": "had {events} places in common",
    "relay": "one fell silent and the other started at that place",
    "near_imsi": "their IMSIs are {events} apart among those in use",
    "same_batch": "one dealer activated both on one day, {events} cards in all",
    "near_imei": "showed IMEIs of one model whose serial numbers are {events} apart among those in use",
    "same_model": "showed one model of handset",
    "shared_callees": "reached {events} numbers in common",
    "calls_inside": "called or wrote to each other {events} times",
    "contacts_kept": "{events} numbers of the one were heard with the other once it had fallen silent",
    "same_cap": "ended their turns {events} times or more at one number of calls, SMS or minutes",
    "moved_together": "went from one place to another at one time, {events} times",
    "silent_together": "fell silent for whole nights and started again together, {events} times",
    "same_habits": "keep the same hours",
}


def number_rows(records: pl.DataFrame, files: pl.DataFrame, senders: pl.DataFrame) -> pl.DataFrame:
    """SOURCE_ROWS of CDRS, with their `record_id` for those who look claims up."""
    known = files.select("file_number", "file", file_sha256="sha256")
    named = pl.col("other_party") >= ALPHANUMERIC_BIT
    return (
        records.with_columns(
            file_number=pl.col("record_id") // (1 << LINE_BITS),
            line=pl.col("record_id") % (1 << LINE_BITS),
            operator=pl.col("operator").cast(pl.String),
        )
        .join(known, on="file_number", how="left")
        .join(senders, on="other_party", how="left")
        .with_columns(other_party=pl.when(~named).then("other_party"))
        # Not by record_id: another store may number the same files otherwise.
        .sort("imsi", "started_at", "file_sha256", "line")
        .with_columns(row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
        .select(*SOURCE_ROWS.names, "record_id")
    )


def link_claims(links: pl.DataFrame, imsis: pl.Series) -> pl.DataFrame:
    """For each of these SIMs and each comparison its strongest LINK to another of them, each pair once."""
    among = links.filter(pl.col("imsi_a").is_in(imsis.implode()) & pl.col("imsi_b").is_in(imsis.implode()))
    ends = pl.concat(
        [among.with_columns(imsi=pl.col(end)) for end in ("imsi_a", "imsi_b")],
    )
    strongest = ends.sort(
        "imsi", "comparison", "weight", "imsi_a", "imsi_b", descending=[False, False, True, False, False]
    ).unique(["imsi", "comparison"], keep="first", maintain_order=True)
    return strongest.drop("imsi").unique().sort("imsi_a", "imsi_b", "comparison")


def link_rows(links: pl.DataFrame, records: pl.DataFrame, first_draft: int) -> Claims:
    """Claims of LINKS with the records that show what the two share."""
    drafts = links.with_columns(draft=pl.int_range(pl.len(), dtype=pl.Int64) + first_draft)
    parts = []
    for (comparison,), pairs in drafts.group_by("comparison", maintain_order=True):
        if comparison in SHARED:
            parts.append(_showing(pairs, records, SHARED[str(comparison)]))
        elif comparison == "calls_inside":
            parts.append(_calling(pairs, records))
        elif comparison in ALL_MADE:
            parts.append(_made_by_both(pairs, records))
        elif comparison not in WITHOUT_ROWS:
            parts.append(_at_the_ends(pairs, records))
    rows = pl.concat([_no_rows(), *parts]).unique().sort("draft", "record_id")
    by_rule = {name: rule.said for name, rule in SHARED.items()} | WITHOUT_ROWS | ALL_MADE
    by_rule["calls_inside"] = "calls and SMS from one to a number of the other"
    said = [
        _SAID.get(row["comparison"], row["comparison"].replace("_", " ")).format(events=row["events"])
        for row in links.iter_rows(named=True)
    ]
    claims = drafts.select(
        "draft",
        "imsi_a",
        "imsi_b",
        about=pl.lit("pair"),
        code=pl.col("comparison"),
        sentence=pl.Series(said, dtype=pl.String),
        value=pl.col("events").cast(pl.Float64),
        points=pl.col("weight"),
        shown_by=pl.col("comparison").replace_strict(by_rule, default=AT_THE_ENDS, return_dtype=pl.String),
    )
    return Claims(claims, rows)


def rig_claims(records: pl.DataFrame, sites: pl.DataFrame, first_draft: int) -> Claims:
    """What is claimed of the rig as one: first and last seen, SIMs at work at once, and its places."""
    claims: list[dict[str, object]] = []
    rows = [_no_rows()]

    def claim(code: str, sentence: str, value: float | None, shown_by: str, shown: pl.DataFrame) -> None:
        draft = first_draft + len(claims)
        claims.append(
            {"draft": draft, "about": "rig", "code": code, "sentence": sentence, "value": value, "shown_by": shown_by}
        )
        rows.append(shown.select(pl.lit(draft, dtype=pl.Int64).alias("draft"), "record_id"))

    if records.height:
        first = records.filter(pl.col("started_at") == pl.col("started_at").min())
        last = records.filter(pl.col("started_at") == pl.col("started_at").max())
        claim("FIRST_SEEN", "first seen in the records that were given", None, "the earliest row", first)
        claim("LAST_SEEN", "last seen in them", None, "the latest row", last)
        busiest = _busiest(records)
        sims = busiest["imsi"].n_unique()
        said = f"{sims} of its SIMs made a call or sent an SMS within one quarter of an hour"
        claim("AT_WORK_AT_ONCE", said, float(sims), "calls and SMS of that quarter of an hour", busiest)
        calls = records.filter(_MADE & (pl.col("service") == "voice"))
        minutes = round(int(calls["duration_s"].cast(pl.Int64).sum()) / 60, 1)
        claim("MINUTES", f"the listed SIMs made calls of {minutes:.1f} minutes", minutes, "calls made", calls)
        sms = records.filter(_MADE & (pl.col("service") == "sms"))
        claim("SMS", f"the listed SIMs sent {sms.height} SMS", float(sms.height), "SMS sent", sms)
    cells = print_cell(pl.col("cell"))
    for site in sites.sort("place_rank").iter_rows(named=True):
        names = [word for word in str(site["cells"]).replace(";", " ").split() if word.count("-") >= 2]
        at_site = records.filter(cells.is_in(names))
        said = f"place {site['place_rank']}: used these cells at or before the times of the rows"
        claim("USED_CELLS", said, float(at_site.height), f"rows at {', '.join(names)}", at_site)
    frame = pl.DataFrame(
        claims,
        schema={
            "draft": pl.Int64,
            "about": pl.String,
            "code": pl.String,
            "sentence": pl.String,
            "value": pl.Float64,
            "shown_by": pl.String,
        },
    )
    return Claims(frame, pl.concat(rows))


def number_claims(parts: list[Claims], numbered: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CLAIMS and CLAIM_ROWS of all parts, from SOURCE_ROWS with `record_id`."""
    shown = pl.concat([part.rows for part in parts])
    counts = shown.group_by("draft").agg(rows=pl.len().cast(pl.Int32))
    claims = (
        pl.concat([part.claims for part in parts], how="diagonal_relaxed")
        .sort("draft")
        .join(counts, on="draft", how="left", maintain_order="left")
        .with_columns(pl.col("rows").fill_null(0), claim=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    )
    rows = shown.join(claims.select("draft", "claim"), on="draft").join(
        numbered.select("record_id", "row", "file_sha256", "line"), on="record_id"
    )
    return CLAIMS.conform(claims), CLAIM_ROWS.conform(rows)


def _showing(pairs: pl.DataFrame, records: pl.DataFrame, rule: Shared) -> pl.DataFrame:
    telling = records.filter(rule.where).select("imsi", "record_id", shared=rule.value).drop_nulls("shared")
    sides = [
        pairs.select("draft", imsi=end).join(telling, on="imsi").drop("imsi").with_columns(side=pl.lit(end))
        for end in ("imsi_a", "imsi_b")
    ]
    both = pl.concat(sides)
    common = both.group_by("draft", "shared").agg(pl.col("side").n_unique()).filter(pl.col("side") == 2)
    return both.join(common, on=["draft", "shared"], how="semi").select("draft", "record_id")


def _calling(pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    numbers = records.select("msisdn", called="imsi").drop_nulls().unique()
    made = records.filter(_MADE).select("imsi", "record_id", "other_party")
    called = made.join(numbers, left_on="other_party", right_on="msisdn").select("imsi", "called", "record_id")
    ways = [
        pairs.select("draft", imsi=one, called=other).join(called, on=["imsi", "called"])
        for one, other in (("imsi_a", "imsi_b"), ("imsi_b", "imsi_a"))
    ]
    return pl.concat(ways).select("draft", "record_id")


def _made_by_both(pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    made = records.filter(_MADE).select("imsi", "record_id")
    ends = [pairs.select("draft", imsi=end).join(made, on="imsi") for end in ("imsi_a", "imsi_b")]
    return pl.concat(ends).select("draft", "record_id")


def _at_the_ends(pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    times = records.select("imsi", "started_at", "record_id")
    ends = [
        pairs.select("draft", imsi=end, started_at=time).join(times, on=["imsi", "started_at"])
        for end in ("imsi_a", "imsi_b")
        for time in ("first_at", "last_at")
    ]
    return pl.concat(ends).select("draft", "record_id")


def _busiest(records: pl.DataFrame) -> pl.DataFrame:
    """The calls and SMS made in the quarter of an hour in which most SIMs made one, the first of several."""
    made = records.filter(_MADE).with_columns(quarter=pl.col("started_at").dt.truncate(QUARTER))
    counts = made.group_by("quarter").agg(sims=pl.col("imsi").n_unique())
    top = counts.sort("sims", "quarter", descending=[True, False]).head(1)
    return made.join(top, on="quarter", how="semi")


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={"draft": pl.Int64, "record_id": pl.Int64})
