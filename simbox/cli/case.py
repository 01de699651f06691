"""simbox case"""

from pathlib import Path

import click

from simbox.cli.choices import REDACT, RUN


@click.command()
@click.argument("rig")
@RUN
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The bundle, a .zip.")
@click.option(
    "--key", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Private key, by `simbox key new`."
)
@click.option("--case-id", default="", help="Number of the case.")
@click.option("--legal-basis", default="", help="Warrant or law that it rests on.")
@click.option("--requesting-body", default="", help="Who asked for it.")
@click.option("--analyst", default="", help="Who made it.")
@click.option(
    "--measured",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Measured error rates: evaluation.json of `simbox evaluate` or match.json of `simbox match`.",
)
@REDACT
def case(
    rig: str,
    run: Path,
    out: Path,
    key: Path,
    case_id: str,
    legal_basis: str,
    requesting_body: str,
    analyst: str,
    measured: tuple[Path, ...],
    redact: bool,
) -> None:
    """Make the case bundle of RIG: what is claimed, the source rows it stands on, what speaks against it, signed."""
    from simbox.cases import Header, fingerprint, read_private_key
    from simbox.handover import CaseOptions, make_case, read_measured, read_run

    private = read_private_key(key)
    header = Header(case_id, legal_basis, requesting_body, analyst)
    options = CaseOptions(header, redact, read_measured(measured))
    make_case(read_run(run), rig, out, private, options)
    click.echo(f"{out}, signed with key {fingerprint(private.public_key())}")
