"""simbox tables"""

import click


@click.command()
def tables() -> None:
    """Print the reference of every table: columns, dtypes, meaning, key."""
    from simbox.features import ABSENT, FEATURES, GRAPH
    from simbox.tables.cdrs import CDRS, FILES, REJECTS, SENDERS
    from simbox.tables.evidence import CLAIM_ROWS, CLAIMS, DAMAGE, SOURCE_ROWS, VICTIMS
    from simbox.tables.listed import REVIEW, SEIZURE_LIST
    from simbox.tables.reference import PLACES, REFERENCE_TABLES
    from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
    from simbox.tables.scores import HISTORY, REASONS, SCORES, USUAL
    from simbox.tables.shown import ACTIVITY, COVERAGE
    from simbox.tables.verdicts import VERDICTS

    declared = (
        *REFERENCE_TABLES, PLACES, CDRS, REJECTS, FILES, SENDERS, FEATURES, SCORES, HISTORY, REASONS, USUAL, LINKS,
        RIGS, SITES, MEMBERS, ACTIVITY, COVERAGE, DAMAGE, SEIZURE_LIST, REVIEW, SOURCE_ROWS,
        CLAIMS, CLAIM_ROWS, VICTIMS, VERDICTS,
    )  # fmt: skip
    for table in declared:
        click.echo(f"{table.name}" + (f" ({table.file})" if table.file else ""))
        click.echo(f"  one row for each {table.one_row_for}; key: {', '.join(table.key) or 'none'}")
        for column in table.columns:
            null = ", may be null" if column.nullable else ""
            click.echo(f"    {column.name}: {column.dtype}{null}: {column.meaning}")
        click.echo()
    click.echo("GRAPH: patterns of several SIMs at once, no columns of FEATURES")
    for line in GRAPH:
        click.echo(f"    {line.name}: {line.meaning} [{line.unit}; null: {line.null}; {line.source}]")
    click.echo()
    click.echo("ABSENT: known patterns that the canonical columns can't carry")
    for pattern in ABSENT:
        click.echo(f"    {pattern.pattern} [{pattern.source}]: {pattern.reason}")
