"""What was found at the door against what the run had said: the one truth that an operator gets."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from simbox.errors import InputError, UsageError
from simbox.evaluation.intervals import CONFIDENCE, upper_bound
from simbox.tables.cdrs import INSTANT
from simbox.tables.verdicts import VERDICT, VERDICTS
from simbox.tables.writing import replacing, write_table, write_text
from simbox.telecom.identifiers import check_imsi, pack_imei, pack_imsi
from simbox.telecom.printing import csv_text

COLUMNS = ("iccid", "imsi", "imei", "seized_at", "verdict")
IDENTIFIERS = ("iccid", "imsi", "imei")
SHORTEST_ICCID, LONGEST_ICCID = 18, 20
TO_ACT_ON = ("seize", "review")
SHOWN_LINES = 5
OUTCOMES = ("matched", "watched", "exempt", "not listed", "never seen", "not known")


class Matched(NamedTuple):
    """Each card with its outcome, the verdicts, and the figures."""

    cards: pl.DataFrame
    verdicts: pl.DataFrame
    figures: dict[str, Any]


class ListedRun(NamedTuple):
    """Of a run: SCORES, MEMBERS, SEIZURE_LIST, REVIEW."""

    scores: pl.DataFrame
    members: pl.DataFrame
    listed: pl.DataFrame
    review: pl.DataFrame


def read_seized(path: Path, seized_at: datetime | None) -> pl.DataFrame:
    """Cards read at the door (iccid, imsi, imei, seized_at, verdict), one row for each; repeated rows count once.

    CSV with any of the columns iccid, imsi, imei; `seized_at` with an offset, else the one given; `verdict` rig where
    not told otherwise. InputError names every line that can't be used.
    """
    try:
        text = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{path.name} can't be read as CSV") from error
    if not set(IDENTIFIERS) & set(text.columns):
        raise InputError(f"{path.name} has none of the columns iccid, imsi, imei")
    text = text.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS if name not in text.columns)
    given = text.select(pl.col(name).str.strip_chars().replace("", None) for name in COLUMNS)
    cards = given.with_row_index("line", 2).select(
        "line",
        # Printed cards show blanks between groups of digits, and a filler F at the end.
        iccid=pl.col("iccid").str.replace_all(r"[ -]", "").str.to_uppercase().str.strip_suffix("F"),
        imsi=check_imsi(pack_imsi(pl.col("imsi"))),
        imei=pack_imei(pl.col("imei")),
        seized_at=_instants(given["seized_at"], seized_at),
        verdict=pl.col("verdict").fill_null("rig").cast(VERDICT, strict=False),
    )
    problems = _problems(given, cards)
    if problems:
        raise InputError(f"{path.name} can't be used:", problems)
    if cards["seized_at"].null_count():
        raise UsageError("when the cards were read is not told: give a column seized_at, or --seized-at")
    return cards.drop("line").unique().sort("imsi", "iccid", "imei", "seized_at", "verdict", nulls_last=True)


def match_seized(
    seized: pl.DataFrame, run: ListedRun, raided: tuple[str, ...], subscribers: pl.DataFrame, source: str
) -> Matched:
    """The cards of a raid against a run: what was found of the list, what was missed, and how sure the shares are.

    `raided` are the rigs that the raid was for, by default the one with most cards found. SUBSCRIBERS, if there are
    any, tell the IMSI of ICCIDs that are not on the list. `source` is who says so, for VERDICTS.
    """
    known = _iccids(run, subscribers)
    cards = _find_sims(seized, known)
    listed = run.listed.select("imsi", "decision", listed_rig="rig_id")
    found = (
        cards.join(listed, on="imsi", how="left", maintain_order="left")
        .join(run.members.select("imsi", "rig_id"), on="imsi", how="left", maintain_order="left")
        .join(run.review.select("imsi", is_exempt=pl.lit(value=True)).unique(), on="imsi", how="left")
        .join(run.scores.select("imsi", "band", is_seen=pl.lit(value=True)), on="imsi", how="left")
        .with_columns(rig_id=pl.coalesce("listed_rig", "rig_id"))
        .drop("listed_rig")
    )
    outcome = (
        pl.when(pl.col("imsi").is_null())
        .then(pl.lit("not known"))
        .when(pl.col("is_seen").is_null())
        .then(pl.lit("never seen"))
        .when(pl.col("decision").is_in(TO_ACT_ON))
        .then(pl.lit("matched"))
        .when(pl.col("decision") == "watch")
        .then(pl.lit("watched"))
        .when(pl.col("is_exempt").is_not_null())
        .then(pl.lit("exempt"))
        .otherwise(pl.lit("not listed"))
    )
    found = found.with_columns(outcome=outcome).select(
        "iccid", "imsi", "imei", "seized_at", "verdict", "outcome", "rig_id", "decision", "band"
    )
    found = found.sort("imsi", "iccid", "imei", nulls_last=True)
    rigs = raided or _most_found(found)
    return Matched(found, _verdicts(found, source), _figures(found, seized, run, rigs))


def write_match(matched: Matched, out: Path, *, redact: bool = False) -> None:
    """Write cards.csv, verdicts.csv, verdicts.parquet and match.json into a folder, mode 0600."""
    texts = {"cards.csv": csv_text(matched.cards, redact=redact)}
    if not redact:
        texts["verdicts.csv"] = csv_text(matched.verdicts)
        write_table(VERDICTS, matched.verdicts, out / "verdicts.parquet")
    for name, text in texts.items():
        with replacing(out / name) as partial:
            partial.write_text(text, encoding="utf-8")
    write_text(json.dumps(matched.figures, indent=1) + "\n", out / "match.json")


def _instants(column: pl.Series, given: datetime | None) -> pl.Series:
    moment = given.astimezone(UTC) if given else None
    offset = pl.col("given").str.replace(r"Z$", "+00:00")
    read = offset.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", time_zone="UTC", strict=False)
    filled = pl.when(pl.col("given").is_null()).then(pl.lit(moment, dtype=INSTANT)).otherwise(read)
    return column.alias("given").to_frame().select(seized_at=filled).to_series()


def _problems(given: pl.DataFrame, cards: pl.DataFrame) -> list[str]:
    """What can't be used, by column, with the first lines; no value is shown."""
    digits = cards["iccid"].str.contains(rf"^[0-9]{{{SHORTEST_ICCID},{LONGEST_ICCID}}}$").fill_null(value=True)
    wrong = {
        "iccid is not 18 to 20 digits": ~digits,
        "imsi is not 14 or 15 digits": given["imsi"].is_not_null() & cards["imsi"].is_null(),
        "imei is not 14 to 16 digits": given["imei"].is_not_null() & cards["imei"].is_null(),
        "seized_at is not ISO 8601 with an offset": given["seized_at"].is_not_null() & cards["seized_at"].is_null(),
        "verdict is neither rig nor innocent": given["verdict"].is_not_null() & cards["verdict"].is_null(),
        "there is no iccid, imsi or imei": given.select(
            pl.all_horizontal(pl.col(name).is_null() for name in IDENTIFIERS)
        ).to_series(),
    }
    return name_lines(cards["line"], wrong)


def name_lines(lines: pl.Series, wrong: dict[str, pl.Series]) -> list[str]:
    """What can't be used, each with the first lines whose flag it has; what no line has is left out."""
    problems = []
    for what, flags in wrong.items():
        told = lines.filter(flags)
        if told.len():
            shown = ", ".join(str(line) for line in told.head(SHOWN_LINES))
            more = ", ..." if told.len() > SHOWN_LINES else ""
            problems.append(f"{what} (line {shown}{more})")
    return problems


def _iccids(run: ListedRun, subscribers: pl.DataFrame) -> pl.DataFrame:
    """(iccid, known_imsi): whose card is whose, from the list first; an ICCID of two SIMs is nobody's."""
    parts = [frame.select("iccid", known_imsi="imsi").drop_nulls() for frame in (run.listed, run.review, subscribers)]
    known = pl.concat(parts).unique()
    one = known.group_by("iccid").agg(pl.col("known_imsi").n_unique().alias("sims"))
    return known.join(one.filter(pl.col("sims") == 1), on="iccid", how="semi")


def _find_sims(seized: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The cards with the IMSI that their ICCID leads to; one of them may lack the check digit at its end."""
    cut = known.with_columns(iccid=pl.col("iccid").str.head(-1)).rename({"known_imsi": "longer_imsi"})
    longer = cut.join(cut.group_by("iccid").len().filter(pl.col("len") == 1), on="iccid", how="semi")
    shorter = known.rename({"iccid": "cut", "known_imsi": "shorter_imsi"})
    return (
        seized.with_columns(cut=pl.col("iccid").str.head(-1))
        .join(known, on="iccid", how="left", maintain_order="left")
        .join(longer, on="iccid", how="left", maintain_order="left")
        .join(shorter, on="cut", how="left", maintain_order="left")
        .with_columns(imsi=pl.coalesce("imsi", "known_imsi", "longer_imsi", "shorter_imsi"))
        .select(seized.columns)
        .unique()
    )


def _most_found(found: pl.DataFrame) -> tuple[str, ...]:
    counts = found.filter(pl.col("rig_id").is_not_null()).group_by("rig_id").len()
    top = counts.sort("len", "rig_id", descending=[True, False])["rig_id"].head(1)
    return tuple(top.to_list())


def _verdicts(found: pl.DataFrame, source: str) -> pl.DataFrame:
    """VERDICTS of the cards whose SIM is known, each SIM once: the first reading; two that differ make none."""
    known = found.filter(pl.col("imsi").is_not_null())
    agreed = known.group_by("imsi").agg(pl.col("verdict").n_unique()).filter(pl.col("verdict") == 1)
    first = (
        known.join(agreed.select("imsi"), on="imsi", how="semi")
        .sort("imsi", "seized_at")
        .unique("imsi", keep="first", maintain_order=True)
    )
    return VERDICTS.conform(first.select("imsi", "verdict", "rig_id", "seized_at", source=pl.lit(source)))


def _figures(found: pl.DataFrame, seized: pl.DataFrame, run: ListedRun, rigs: tuple[str, ...]) -> dict[str, Any]:
    of_rig = found.filter(pl.col("verdict") == "rig").drop_nulls("imsi").unique("imsi")
    cleared = found.filter(pl.col("verdict") == "innocent").drop_nulls("imsi").unique("imsi")
    raided = run.listed.filter(pl.col("rig_id").is_in(rigs) & pl.col("decision").is_in(TO_ACT_ON))
    hit = raided.join(of_rig, on="imsi", how="semi").height
    seen = of_rig.filter(pl.col("outcome") != "never seen")
    caught = seen.filter(pl.col("outcome") == "matched").height
    others = of_rig.filter(pl.col("rig_id").is_not_null() & ~pl.col("rig_id").is_in(rigs))
    absent = raided.join(of_rig, on="imsi", how="anti")
    states = absent.group_by("state").len().sort("state")
    imeis = seized.select("imsi", "imei").drop_nulls()
    listed_imeis = run.listed.select("imsi", imei=pl.col("imeis").str.split(" ")).explode("imei")
    shown = listed_imeis.with_columns(pl.col("imei").cast(pl.Int64, strict=False)).drop_nulls()
    on_list = imeis.join(run.listed, on="imsi", how="semi")
    lone = seized.filter(pl.col("imsi").is_null() & pl.col("iccid").is_null()).select("imei").drop_nulls().unique()
    return {
        "seized": found.height,
        "seized_from": str(found["seized_at"].min()),
        "seized_to": str(found["seized_at"].max()),
        "raided_rigs": list(rigs),
        "outcomes": {name: found.filter(pl.col("outcome") == name).height for name in OUTCOMES},
        "cleared_though_listed": cleared.filter(pl.col("outcome") == "matched").height,
        "listed_not_found": absent.height,
        "listed_not_found_by_state": {str(state): count for state, count in states.iter_rows()},
        "other_rigs": dict(others.group_by("rig_id").len().sort("rig_id").iter_rows()),
        "pairs_read": imeis.unique().height,
        "pairs_on_list": on_list.unique().height,
        "pairs_as_the_records_have_them": on_list.unique().join(shown, on=["imsi", "imei"], how="semi").height,
        "handsets_without_a_card": lone.height,
        "handsets_without_a_card_on_list": lone.join(shown, on="imei", how="semi").height,
        "precision": _share(hit, raided.height),
        "recall": _share(caught, seen.height),
        "recall_of_all_found": _share(caught, found.filter(pl.col("verdict") == "rig").height),
    }


def _share(hits: int, trials: int) -> dict[str, Any]:
    """A share with its two-sided exact interval (Clopper, Pearson); SIMs of one rig hang together, so it is narrow."""
    tail = 1 - (1 - CONFIDENCE) / 2
    most, least = upper_bound(hits, trials, tail), upper_bound(trials - hits, trials, tail)
    return {
        "hits": hits,
        "of": trials,
        "value": round(hits / trials, 6) if trials else None,
        "low": round(1 - least, 6) if least is not None else None,
        "high": round(most, 6) if most is not None else None,
    }
