"""Whom each record was with: where the profile says that the number stands, and what kind of number it is."""

import polars as pl

from simbox.intake.numbers import (
    ALPHANUMERIC,
    INVALID,
    PRECISION_LOST,
    SERVICE_CODE,
    SHORT_CODE,
    WITHHELD,
    NumberReader,
    code_senders,
    read_types,
)
from simbox.intake.profile_columns import PartyColumns, TypeColumn
from simbox.tables.cdrs import OTHER_KIND


def party_text(
    raw: pl.DataFrame, direction: pl.Series, party: str | PartyColumns
) -> tuple[pl.Series, pl.Series | None]:
    """The far end of each row as it is written, and its type of number where the feed has one."""
    if isinstance(party, str):
        return raw[party], None
    types = party.type_of_number
    kind = None
    if types is not None:
        given = raw[types.from_ if isinstance(types, TypeColumn) else types]
        kind = read_types(given, dict(types.map) if isinstance(types, TypeColumn) else {})
    return _by_direction(raw, direction, party), kind


def read_parties(text: pl.Series, kind: pl.Series | None, numbers: NumberReader) -> tuple[pl.DataFrame, dict[int, str]]:
    """The far end of each row as CDRS has it, what is odd about it, and the text of each alphanumeric sender."""
    read = numbers.read(text, kind)
    code = read["code"]
    senders: dict[int, str] = {}
    number = read["number"]
    is_sender = code == ALPHANUMERIC
    if is_sender.any():
        coded, senders = code_senders(text, is_sender)
        number = number.fill_null(coded)
    short, unknown = (pl.lit(word, dtype=OTHER_KIND) for word in ("short_code", "unknown"))
    return pl.DataFrame({"other_party": number, "code": code}).select(
        "other_party",
        is_alphanumeric=pl.col("code") == ALPHANUMERIC,
        is_withheld=pl.col("code") == WITHHELD,
        lost_other_party=pl.col("code") == PRECISION_LOST,
        other_kind=pl.when(pl.col("code") == SHORT_CODE)
        .then(short)
        .when(pl.col("code").is_in((INVALID, SERVICE_CODE)))
        .then(unknown),
    ), senders


def _by_direction(raw: pl.DataFrame, direction: pl.Series, party: PartyColumns) -> pl.Series:
    # A forwarding leg goes on to the number that was dialled for it.
    chosen = {"mo": party.mo or party.from_, "mt": party.mt or party.from_, "cf": party.cf or party.from_ or party.mo}
    wanted = {word: name for word, name in chosen.items() if name is not None}
    frame = raw.select(*dict.fromkeys(wanted.values())).with_columns(direction.alias("\0direction"))
    text = pl.lit(None, dtype=pl.String)
    for word, name in wanted.items():
        text = pl.when(pl.col("\0direction") == word).then(pl.col(name)).otherwise(text)
    return frame.select(text.alias("text")).to_series()
