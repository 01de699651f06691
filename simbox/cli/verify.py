"""simbox verify"""

from pathlib import Path
from tempfile import TemporaryDirectory

import click


@click.command()
@click.argument("bundle", metavar="CASE.zip", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The signer's public key, had from the signer.",
)
@click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The operators' files: everything is made again from them.",
)
@click.option("--custody-head", metavar="HASH", help="Hash of the log's last line, as it was written down.")
@click.option("--workdir", type=click.Path(path_type=Path, file_okay=False), help="Where to put what is made again.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads to use; by default all cores.")
@click.option("--memory", metavar="SIZE", help="Memory to use, as 4GiB; by default half of the machine's.")
def verify(
    bundle: Path,
    key: Path | None,
    source: Path | None,
    custody_head: str | None,
    workdir: Path | None,
    threads: int | None,
    memory: str | None,
) -> None:
    """Check CASE.zip: container, hashes, signature, custody, sums; with --source every row, feature and score."""
    from simbox.cli.threads import set_threads

    set_threads(threads, memory)
    from simbox.cases import CUSTODY, SIGNER, fingerprint, open_bundle, read_custody, read_public_key
    from simbox.errors import DamagedError
    from simbox.verification import check_bundle

    opened = open_bundle(bundle)
    findings = check_bundle(opened, key, custody_head)
    faults = [fault for finding in findings for fault in finding.faults]
    _echo(findings)
    if source is not None and not faults:
        from simbox.cli.progress import progress_on_stderr
        from simbox.store import read_memory
        from simbox.verification import check_source, other_versions

        for version in other_versions(opened):
            click.echo(f"made with {version}")
        if workdir is not None:
            workdir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(dir=workdir) as scratch, progress_on_stderr() as progress:
            again = check_source(opened, source, Path(scratch), progress, read_memory(memory))
        _echo(again)
        faults += [fault for finding in again for fault in finding.faults]
    elif source is not None:
        click.echo("the source was not looked at: the bundle itself does not hold")
    if faults:
        raise DamagedError(f"{bundle.name} does not hold:", faults)
    signer = fingerprint(read_public_key(opened.files[SIGNER], SIGNER))
    click.echo(f"signed with key {signer}" + ("" if key else "; whose that is was not checked: give --key"))
    log = read_custody(opened.files[CUSTODY])
    click.echo(f"custody: {len(log)} lines, the last with hash {log[-1]['hash']}")


def _echo(findings: object) -> None:
    from simbox.verification import Finding

    assert isinstance(findings, list)
    for finding in findings:
        assert isinstance(finding, Finding)
        click.echo(f"{finding.check:<10} {'ok' if not finding.faults else f'{len(finding.faults)} faults'}")
