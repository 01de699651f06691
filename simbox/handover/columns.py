"""What each column of a bundle's tables means, from where it is declared, for readers who do not have the program."""

from collections.abc import Mapping

import polars as pl

from simbox.features import FEATURES
from simbox.tables.cdrs import FILES
from simbox.tables.evidence import CLAIM_ROWS, CLAIMS, DAMAGE, SOURCE_ROWS
from simbox.tables.listed import REVIEW, SEIZURE_LIST
from simbox.tables.rigs import LINKS, MEMBERS, RIGS, SITES
from simbox.tables.scores import REASONS, SCORES

DECLARED = {
    "rig.csv": RIGS,
    "sites.csv": SITES,
    "damage.csv": DAMAGE,
    "listed.csv": SEIZURE_LIST,
    "members.csv": MEMBERS,
    "scores.csv": SCORES,
    "reasons.csv": REASONS,
    "features.csv": FEATURES,
    "links.csv": LINKS,
    "claims.csv": CLAIMS,
    "claim_rows.csv": CLAIM_ROWS,
    "source_rows.csv": SOURCE_ROWS,
    "inputs.csv": FILES,
}
# Columns that the bundle adds, and those of tables that are only in it.
ADDED = {
    ("members.csv", "list_entry"): next(one.meaning for one in REVIEW.columns if one.name == "list_entry"),
    ("members.csv", "author"): next(one.meaning for one in REVIEW.columns if one.name == "author"),
    ("reasons.csv", "sentence"): "the reason in words",
    ("counter_evidence.csv", "imsi_a"): "the SIM, or the first of a pair",
    ("counter_evidence.csv", "imsi_b"): "the second of a pair",
    ("counter_evidence.csv", "code"): "code of the reason or name of the comparison; REGISTERED: a name is on the card",
    ("counter_evidence.csv", "sentence"): "what speaks for it",
    ("counter_evidence.csv", "points"): "points for it are negative; ten of them halve the odds",
    ("counter_evidence.csv", "counted"): "whether the points are part of the evidence",
    ("alternatives.csv", "alternative"): "a lawful explanation",
    ("alternatives.csv", "measured"): "what was measured for it",
    ("alternatives.csv", "value"): "the measured value; empty: it could not be measured",
    ("alternatives.csv", "border"): "from where on the value speaks against it",
    ("alternatives.csv", "finding"): "against: it does not fit; open: it is to be checked",
    ("alternatives.csv", "next_check"): "what would settle it",
}


def describe_columns(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """(file, column, meaning) of every column of the bundle's tables, in their order."""
    rows = []
    for name, frame in tables.items():
        declared = {column.name: column.meaning for column in DECLARED[name].columns} if name in DECLARED else {}
        rows += [(name, column, declared.get(column) or ADDED[name, column]) for column in frame.columns]
    return pl.DataFrame(rows, schema=["file", "column", "meaning"], orient="row")
