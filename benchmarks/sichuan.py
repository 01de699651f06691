"""Our features on real labels: `python benchmarks/sichuan.py FILE`.

FILE is the public feature table of the Sichuan scam callers, `all_feat_with_label.csv` of the repository
xxhu94/GAT-COBO (in its data/Sichuan.zip): 6,106 SIMs, 1,962 of them fraudulent, over eight months of 2019 and 2020. It
comes from the 2020 Digital Sichuan Innovation Competition and is not ours to ship. Without it this says so and does
nothing. The table knows no cells and no rigs; what it can test are features that need neither, and only their
direction and how well each tells the two apart, since its windows are months and its lawful SIMs another country's.

For each feature: medians of lawful and fraudulent SIMs, beside those published of this table; the area under the ROC
curve, turned the way our scorecard takes the feature (above 0.5: the direction holds on real labels); and the share of
the fraudulent caught where one in a hundred of the lawful is.
"""

import argparse
import sys
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from rich.console import Console
from rich.table import Table

Floats = npt.NDArray[np.float64]
LABEL = "label"
FALSE_POSITIVE_RATE = 0.01


class Portable(NamedTuple):
    """A feature of ours as the table has it: `sign` +1 where rigs have more of it; published medians where known."""

    feature: str
    value: pl.Expr
    sign: int
    lawful: float | None = None
    fraud: float | None = None


class Share(NamedTuple):
    """A published share of SIMs beside the table's."""

    name: str
    condition: pl.Expr
    lawful: float
    fraud: float | None = None


CALLS = pl.col("opposite_count")
PORTABLE = (
    Portable("mo_share", pl.col("voc_calltype1"), 1, 0.52, 0.97),
    Portable("fan_out", pl.col("opposite_unique") / CALLS, 1, 0.148, 0.806),
    Portable("calls / callees", CALLS / pl.col("opposite_unique"), -1, 6.8),
    Portable("top_callee_share", pl.col("phone2opposite_max") / CALLS, -1),
    Portable("mo_calls", pl.col("voccalltype1"), 1),
    Portable("mo_calls_a_night", pl.col("voccalltype1") / pl.col("voc_day_nunique"), 1),
    Portable("busiest date's calls", pl.col("voc_day_mode_count"), 1, 31.0, 71.0),
    Portable("active_nights", pl.col("voc_day_nunique"), -1),
    Portable("active_hours", pl.col("voc_hour_nunique"), -1, 18.0, 11.0),
    Portable("imeis", pl.col("imeis"), 1),
    Portable("places", pl.col("county_name_nunique"), -1, 4.0),
    Portable("duration_mean_s", pl.col("call_dur_mean"), 1, None, 92.0),
    Portable("duration_median_s", pl.col("call_dur_median"), 1, 37.0, 41.0),
    Portable("sms_mt", pl.col("calltype_2"), -1),
    Portable("sms_senders", pl.col("sms_nunique"), -1),
    Portable("data_legs", pl.col("busi_count"), -1),
)
SHARES = (
    Share("two IMEIs or more", pl.col("imeis") >= 2, 0.397),
    Share("three IMEIs or more", pl.col("imeis") >= 3, 0.134, 0.457),
    Share("five IMEIs or more", pl.col("imeis") >= 5, 0.021, 0.210),
    Share("ten IMEIs or more", pl.col("imeis") >= 10, 0.0014, 0.064),
    Share("no data", pl.col("busi_count") == 0, 0.083, 0.27),
    Share("up to 3 dates", pl.col("voc_day_nunique") <= 3, 0.017, 0.28),
    Share("up to 7 dates", pl.col("voc_day_nunique") <= 7, 0.037, 0.52),
    Share("up to 14 dates", pl.col("voc_day_nunique") <= 14, 0.073, 0.64),
)


def read_table(path: Path) -> pl.DataFrame:
    """The SIMs with the columns that the features need; ValueError names every column that is missing or no number."""
    needed = sorted({name for item in PORTABLE for name in item.value.meta.root_names()} | {LABEL})
    table = pl.read_csv(path, infer_schema=False)
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise ValueError(f"{path.name} is not the feature table: it has no {', '.join(missing)}")
    numbers = table.select(pl.col(needed).replace("", None).cast(pl.Float64, strict=False))
    spoilt = [name for name in needed if numbers[name].null_count() > table[name].replace("", None).null_count()]
    if spoilt or not set(numbers[LABEL].drop_nulls()) == {0.0, 1.0}:
        raise ValueError(f"{path.name} is not the feature table: {', '.join(spoilt) or LABEL} holds something else")
    return numbers.filter(pl.col(LABEL).is_not_null()).with_columns(is_fraud=pl.col(LABEL) == 1)


def measure(table: pl.DataFrame) -> list[dict[str, object]]:
    """A row for each feature: medians, area under the curve in our direction, recall at one in a hundred lawful."""
    rows = []
    for item in PORTABLE:
        sims = table.select("is_fraud", value=item.value).filter(pl.col("value").is_finite())
        turned = (sims["value"] * item.sign).to_numpy()
        is_fraud = sims["is_fraud"].to_numpy()
        rows.append(
            {
                "feature": item.feature,
                "sign": item.sign,
                "lawful": sims.filter(~pl.col("is_fraud"))["value"].median(),
                "published_lawful": item.lawful,
                "fraud": sims.filter("is_fraud")["value"].median(),
                "published_fraud": item.fraud,
                "auc": area(turned, is_fraud),
                "recall": recall_at(turned, is_fraud, FALSE_POSITIVE_RATE),
            }
        )
    return rows


def shares(table: pl.DataFrame) -> list[tuple[str, float, float, float, float | None]]:
    """(what, lawful, published, fraud, published) of each share; null counts as not."""
    found = []
    for item in SHARES:
        held = dict(
            table.group_by("is_fraud").agg(item.condition.fill_null(value=False).mean().alias("share")).iter_rows()
        )
        found.append((item.name, held[False], item.lawful, held[True], item.fraud))
    return found


def area(score: Floats, is_fraud: npt.NDArray[np.bool_]) -> float:
    """The chance that a fraudulent SIM scores above a lawful one, ties counted half."""
    rank = pl.Series(score).rank("average").to_numpy()
    fraud = int(is_fraud.sum())
    return float((rank[is_fraud].sum() - fraud * (fraud + 1) / 2) / (fraud * (is_fraud.size - fraud)))


def recall_at(score: Floats, is_fraud: npt.NDArray[np.bool_], rate: float) -> float:
    """The share of the fraudulent above the score that at most `rate` of the lawful exceed, ties called together."""
    lawful = np.sort(score[~is_fraud])[::-1]
    limit = lawful[min(int(rate * lawful.size), lawful.size - 1)]
    return float((score[is_fraud] > limit).mean())


def show(table: pl.DataFrame) -> str:
    """Both tables as text."""
    fraud = int(table["is_fraud"].sum())
    written = StringIO()
    console = Console(file=written, width=120, highlight=False)
    shown = Table(title=f"{table.height:,} SIMs, {fraud:,} fraudulent", title_justify="left", box=None, pad_edge=False)
    for name in ("feature", "rigs have", "lawful", "published", "fraud", "published", "AUC", "recall at 1 %"):
        shown.add_column(name, justify="left" if name in ("feature", "rigs have") else "right")
    for row in measure(table):
        numbers = (row[name] for name in ("lawful", "published_lawful", "fraud", "published_fraud", "auc", "recall"))
        shown.add_row(str(row["feature"]), "more" if row["sign"] == 1 else "less", *map(_number, numbers))
    parts = Table(title="Shares of SIMs", title_justify="left", box=None, pad_edge=False)
    for name in ("with", "lawful", "published", "fraud", "published"):
        parts.add_column(name, justify="left" if name == "with" else "right")
    for name, *values in shares(table):
        parts.add_row(name, *("" if value is None else f"{value:.1%}" for value in values))
    console.print(shown)
    console.print()
    console.print(parts)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"


def _number(value: object) -> str:
    return "" if value is None else f"{value:.3g}"


def main(arguments: list[str] | None = None) -> int:
    """Print the tables of FILE; 0 also where there is no such file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    path = parser.parse_args(arguments).file
    if not path.is_file():
        sys.stdout.write(f"skipped: there is no file {path}; --help says where the table is\n")
        return 0
    try:
        table = read_table(path)
    except (ValueError, pl.exceptions.PolarsError) as error:
        sys.stderr.write(f"{error}\n")
        return 5
    sys.stdout.write(show(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
