"""simbox explain"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simbox.cli.choices import REDACT, RUN

if TYPE_CHECKING:
    import polars as pl

WITNESSES = 10
LINKS_SHOWN = 5


@click.command()
@click.argument("imsi")
@RUN
@REDACT
def explain(imsi: str, run: Path, redact: bool) -> None:
    """Say why a SIM stands where it stands: evidence, reasons, rig, strongest links, source rows."""
    from simbox.errors import UsageError

    if not (imsi.isascii() and imsi.isdigit() and len(imsi) in (14, 15)):
        raise UsageError("an IMSI has 15 digits")
    import polars as pl

    from simbox.nightly import read_run_table
    from simbox.tables.scores import REASONS, SCORES

    asked = pl.DataFrame({"imsi": [int(imsi)]})
    sim = read_run_table(run, SCORES, asked)
    if sim.is_empty():
        raise UsageError("the run has not seen that SIM")
    row = sim.to_dicts()[0]
    reasons = _in_full(run, row, read_run_table(run, REASONS, asked))
    click.echo(f"SIM {_show_imsi(int(imsi), redact)} of {row['operator']}")
    click.echo(
        f"band {row['band']}, score {row['score']}, probability {row['probability']:.4f},"
        f" evidence {row['evidence']} points ({row['evidence_alone']} alone)"
    )
    click.echo(
        f"first seen {row['first_active_at']:%Y-%m-%d %H:%M} UTC, last {row['last_active_at']:%Y-%m-%d %H:%M} UTC"
    )
    _echo_reasons("Counted, adding up to the evidence:", reasons.filter("counted"))
    uncounted = reasons.filter(~pl.col("counted"))
    if uncounted.height:
        _echo_reasons("Said beside, not counted:", uncounted)
    _echo_rig(run, int(imsi), redact)
    _echo_witnesses(run, int(imsi), reasons.filter("counted"))


def _in_full(run: Path, sim: dict[str, Any], reasons: pl.DataFrame) -> pl.DataFrame:
    """The reasons one by one of a SIM whose expert's points the run gives as one, if it was active in the last night:
    its FEATURES of that night are kept."""
    import polars as pl

    from simbox.config import config_from
    from simbox.features import FEATURES
    from simbox.manifest import read_manifest
    from simbox.nightly import read_run_table
    from simbox.scoring import EMPTY as NO_PEERS
    from simbox.scoring import finish_reasons, read_scorecard, score_alone
    from simbox.tables.scores import USUAL

    in_short = pl.col("code") == "ORDINARY"
    if reasons.filter(in_short).is_empty():
        return reasons
    manifest = read_manifest(run)
    kept = read_run_table(run, FEATURES, pl.DataFrame({"imsi": [sim["imsi"]]}))
    if kept.is_empty():
        return reasons
    card = read_scorecard(manifest["scorecard"], "of the run")
    prevalence = config_from(tomllib.loads(manifest["configuration"]), "the run's configuration").scoring.prevalence
    who = pl.DataFrame({"imsi": [sim["imsi"]], "operator": [sim["operator"]]})
    usual = read_run_table(run, USUAL)
    scored = score_alone(kept, who, card, prevalence, scales=usual)
    told = finish_reasons(scored.reasons, NO_PEERS, usual, who).filter(pl.col("counted") & (pl.col("code") != "BASE"))
    return pl.concat([reasons.filter(~in_short), told])


def _echo_reasons(title: str, reasons: object) -> None:
    import polars as pl

    from simbox.reasons import say_reason

    assert isinstance(reasons, pl.DataFrame)
    click.echo(f"\n{title}")
    for row in reasons.sort(
        "points", "code", "expert", "window_nights", descending=[True, False, False, False]
    ).to_dicts():
        shown = say_reason(row["code"], row["value"], row["beside"])
        detail = [f"limit {row['limit']:g}"] if row["limit"] is not None else []
        if row["percentile"] is not None:
            detail.append(f"{row['percentile']:.1f} % of its peers ({row['peer_group']}) have less")
        if row["window_nights"]:
            detail.append(f"{row['window_nights']} nights")
        points = f"{row['points']:+5d}"
        click.echo(
            f"  {points}  {row['code']} ({row['expert']}): {shown}" + (f" [{'; '.join(detail)}]" if detail else "")
        )


def _show_imsi(imsi: int, redact: bool) -> str:
    import polars as pl

    from simbox.telecom.identifiers import print_imsi, redact_imsi

    return str(pl.select((redact_imsi if redact else print_imsi)(pl.lit(imsi))).item())


def _echo_rig(run: Path, imsi: int, redact: bool) -> None:
    import polars as pl

    from simbox.nightly import read_run_table
    from simbox.tables.rigs import LINKS, MEMBERS, RIGS

    member = read_run_table(run, MEMBERS).filter(pl.col("imsi") == imsi)
    for row in member.to_dicts():
        rig = read_run_table(run, RIGS).filter(pl.col("rig_id") == row["rig_id"]).to_dicts()[0]
        click.echo(
            f"\nRig {row['rig_id']} ({rig['kind']}, {rig['sim_count']} SIMs, probability {rig['probability']:.2f}):"
            f" {row['role']}, belongs to it with probability {row['probability']:.4f}"
        )
    links = (
        read_run_table(run, LINKS)
        .filter((pl.col("imsi_a") == imsi) | (pl.col("imsi_b") == imsi))
        .sort("weight", "imsi_a", "imsi_b", descending=[True, False, False])
        .head(LINKS_SHOWN)
    )
    if links.height:
        click.echo("\nStrongest links:")
    for row in links.to_dicts():
        other = row["imsi_b"] if row["imsi_a"] == imsi else row["imsi_a"]
        click.echo(
            f"  {row['weight']:+7.1f}  {row['comparison']} with {_show_imsi(other, redact)} ({row['events']} times)"
        )


def _echo_witnesses(run: Path, imsi: int, counted: object) -> None:
    import polars as pl

    from simbox.handover import last_scored
    from simbox.manifest import read_manifest
    from simbox.scoring import find_witnesses
    from simbox.store import open_store
    from simbox.telecom.identifiers import bucket

    assert isinstance(counted, pl.DataFrame)
    manifest = read_manifest(run)
    store = open_store(run / manifest["store"])
    first = int(bucket(pl.Series([imsi]).to_numpy())[0])
    records = store.read(store.nights(), (first, first + 1)).filter(pl.col("imsi") == imsi)
    judged = [date.fromisoformat(night) for night in manifest["nights"]]
    night = last_scored(records, judged)["night"][0]
    strongest = counted.filter(~pl.col("code").is_in(["BASE", "MEMBER_OF_RIG"])).sort("points", "code", descending=True)
    # A reason that something is missing has no rows to show for it: the next one has.
    for code, window in [*strongest.select("code", "window_nights").rows(), ("BASE", 0)]:
        witnesses = find_witnesses(records, code, night, window).tail(WITNESSES)
        if witnesses.height:
            break
    files = dict(store.files().select("file_number", "file").iter_rows())
    click.echo(f"\nSource rows for {code}, the last {witnesses.height}:")
    for row in witnesses.to_dicts():
        local = row["started_at"] + timedelta(minutes=row["utc_offset_min"] or 0)
        click.echo(
            f"  {files[row['record_id'] >> 32]} line {row['record_id'] & 0xFFFFFFFF}: {local:%Y-%m-%d %H:%M:%S} local,"
            f" {row['service']} {row['direction']}, {row['duration_s']} s"
        )
