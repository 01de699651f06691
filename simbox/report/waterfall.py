"""The points that a card's evidence is the sum of, in sentences."""

import polars as pl

from simbox.reasons import NOT_KNOWN, say_reason


class Words:
    """Sentences that the page holds once each, by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The sentence's number."""
        return self._numbers.setdefault(text, len(self._numbers))

    def texts(self) -> list[str]:
        """All sentences, by number."""
        return list(self._numbers)


def draw_waterfalls(reasons: pl.DataFrame, drawn: pl.DataFrame, words: Words) -> list[list[int]]:
    """For each drawn member its counted reasons, three numbers each: sentence, points, percentile or -1.

    First what is taken for granted, then for and against, then the rig: as the evidence grows.
    """
    order = pl.when(pl.col("expert") == "base").then(0).when(pl.col("expert") == "rig").then(2).otherwise(1)
    rows = (
        reasons.join(drawn, on="imsi")
        .with_columns(order=order)
        .sort("number", "order", "points", "code", "window_nights", descending=[False, False, True, False, False])
    )
    falls: dict[int, list[int]] = {number: [] for number in drawn["number"]}
    for number, code, value, beside, nights, points, percentile in rows.select(
        "number", "code", "value", "beside", "window_nights", "points", "percentile"
    ).iter_rows():
        below = -1 if percentile is None else round(percentile)
        told = say_reason(code, value, beside, nights)
        if told == NOT_KNOWN:
            told = f"{code.replace('_', ' ').lower()}: {NOT_KNOWN}"
        falls[number] += [words.number(told), points, below]
    return list(falls.values())
