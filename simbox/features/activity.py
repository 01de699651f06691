"""Which legs make their SIM active, and so judged in the night of the leg."""

import polars as pl

from simbox.tables.cdrs import DIRECTION, OTHER_KIND, SERVICE


def is_active() -> pl.Expr:
    """Whether a leg makes its SIM active: a call made, an SMS sent, or an SMS received from a service."""
    is_sms = pl.col("service") == pl.lit("sms", dtype=SERVICE)
    is_spoken = is_sms | (pl.col("service") == pl.lit("voice", dtype=SERVICE))
    services = pl.Series(["short_code", "alphanumeric"], dtype=OTHER_KIND)
    is_of_a_service = pl.col("other_kind").is_in(services.implode())
    is_received = pl.col("direction") == pl.lit("mt", dtype=DIRECTION)
    is_made = pl.col("direction") == pl.lit("mo", dtype=DIRECTION)
    return (is_spoken & is_made) | (is_sms & is_received & is_of_a_service)
