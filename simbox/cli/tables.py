"""simbox tables"""

import click


@click.command()
def tables() -> None:
    """Print the reference of every table: columns, dtypes, meaning, key."""
    from simbox.features import FEATURES
    from simbox.tables.cdrs import CDRS, FILES, REJECTS, SENDERS
    from simbox.tables.listed import REVIEW, SEIZURE_LIST
    from simbox.tables.reference import PLACES, REFERENCE_TABLES
    from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
    from simbox.tables.scores import HISTORY, REASONS, SCORES

    declared = (
        *REFERENCE_TABLES, PLACES, CDRS, REJECTS, FILES, SENDERS, FEATURES, SCORES, HISTORY, REASONS, LINKS, RIGS,
        SITES, MEMBERS, SEIZURE_LIST, REVIEW,
    )  # fmt: skip
    for table in declared:
        click.echo(f"{table.name}" + (f" ({table.file})" if table.file else ""))
        click.echo(f"  one row for each {table.one_row_for}; key: {', '.join(table.key) or 'none'}")
        for column in table.columns:
            null = ", may be null" if column.nullable else ""
            click.echo(f"    {column.name}: {column.dtype}{null}: {column.meaning}")
        click.echo()
