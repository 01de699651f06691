"""Pairs that were linked and do not belong together: by the look-alike that was drawn in, and by comparison."""

from typing import Any

import polars as pl

from simbox.evaluation.pool import Pool

PAIR = ("run", "imsi_a", "imsi_b")


def judge_links(pool: Pool) -> dict[str, Any]:
    """Strong pairs: how many are of one true rig, and the false ones by segment and by their strongest comparison.

    A false pair of two rigs' SIMs is `two rigs`; one with an innocent stands under the innocent's segment, one of two
    innocents under both.
    """
    pairs = _with_owners(pool)
    true = pairs.filter(pl.col("rig_a") == pl.col("rig_b"))
    false = pairs.join(true, on=PAIR, how="anti")
    return {
        "strong_pairs": pairs.height,
        "false_pairs": false.height,
        "false_share": false.height / pairs.height if pairs.height else None,
        "false_by_segment": _count(_segments(false)),
        "false_by_comparison": _count(false.select(name="comparison")),
    }


def _with_owners(pool: Pool) -> pl.DataFrame:
    sims = pool.sims.select("run", "imsi", "rig", "segment")
    return pool.pairs.join(
        sims.rename({"imsi": "imsi_a", "rig": "rig_a", "segment": "segment_a"}), on=["run", "imsi_a"]
    ).join(sims.rename({"imsi": "imsi_b", "rig": "rig_b", "segment": "segment_b"}), on=["run", "imsi_b"])


def _segments(false: pl.DataFrame) -> pl.DataFrame:
    a, b = pl.col("rig_a").is_null(), pl.col("rig_b").is_null()
    of_a = pl.when(a).then("segment_a")
    of_b = pl.when(b & ~(a & (pl.col("segment_a") == pl.col("segment_b")))).then("segment_b")
    of_both = pl.when(~a & ~b).then(pl.lit("two rigs"))
    named = false.select(name=pl.concat_list(of_a, of_b, of_both))
    return named.explode("name", empty_as_null=True).drop_nulls()


def _count(named: pl.DataFrame) -> dict[str, int]:
    return dict(named.group_by("name").len().sort("len", "name", descending=[True, False]).iter_rows())
