"""Source folders read back as frames, identifiers as text, whatever the operators' formats."""

import gzip
import io
import tomllib
from pathlib import Path

import polars as pl
import pyarrow as pa

from simbox.synth.dialects import TAS_COLUMNS

_LEGS = {
    "MOC": ("voice", "mo"),
    "MTC": ("voice", "mt"),
    "SMO": ("sms", "mo"),
    "SMT": ("sms", "mt"),
    "GPRS": ("data", "mo"),
}
_LOCAL = "%Y%m%d%H%M%S"


def read_feed(path: Path) -> pl.DataFrame:
    """One CDR file with every column as text or number as the file has it, the place of each row beside."""
    if path.name.startswith("MSC"):
        frame = _read_msc(path)
    elif path.name.endswith(".txt.zst"):
        frame = _read_tas(path)
    else:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    if frame.schema["started_at"] == pl.String:
        frame = frame.with_columns(
            pl.col("started_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", strict=False, time_unit="us"),
            pl.col("duration_s").cast(pl.Int64),
            answered=pl.col("answered") == "true",
        )
    return frame.with_columns(pl.col("imsi", "msisdn", "imei").cast(pl.String)).with_row_index("row")


def read_cdrs(source: Path) -> pl.DataFrame:
    """All records of a source folder."""
    files = sorted((source / "cdr").rglob("*.*"))
    return pl.concat(
        [read_feed(path).with_columns(file=pl.lit(str(path.relative_to(source)))) for path in files],
        how="diagonal_relaxed",
    )


def read_table(source: Path, name: str) -> pl.DataFrame:
    """A table beside the records, identifiers as text."""
    path = source / f"{name}.csv"
    return pl.read_csv(path, infer_schema=False) if path.exists() else pl.read_parquet(source / f"{name}.parquet")


def _read_msc(path: Path) -> pl.DataFrame:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert (lines[0], lines[-1]) == (f"HD|{path.name}", f"TR|{len(lines) - 3}")
    text = io.StringIO("\n".join(lines[1:-1]))
    frame = pl.read_csv(text, separator="|", infer_schema=False, quote_char=None)
    dialled = pl.coalesce("CALLED_NUM", "CALLING_NUM")
    number = (
        pl.when(dialled.str.contains("^810[0-9]{8,}$"))
        .then(dialled.str.slice(3))
        .when(dialled.str.contains("^8[0-9]{10}$"))
        .then("7" + dialled.str.slice(1))
        .otherwise(dialled)
    )
    identity = [pl.col(name).str.to_integer(base=16).cast(pl.String) for name in ("LAC", "CI")]
    legs = {
        name: {code: leg[place] for code, leg in _LEGS.items()} for place, name in enumerate(("service", "direction"))
    }
    return frame.select(
        operator=pl.lit(path.parent.name),
        **{name: pl.col("REC_TYPE").replace_strict(codes, default="OTHER") for name, codes in legs.items()},
        started_at=_instant(path, pl.col("SEIZURE_TIME"), _LOCAL),
        duration_s=pl.col("DURATION").cast(pl.Int64),
        answered=pl.col("ANSWER_TIME").is_not_null(),
        imsi="SERVED_IMSI",
        msisdn="SERVED_MSISDN",
        imei="SERVED_IMEI",
        other_party=number,
        cell=_cell(path, pl.col("RAT").replace_strict({"2": "", "4": "e", "5": "n"}, default=None), *identity),
    )


def _read_tas(path: Path) -> pl.DataFrame:
    with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as packed:
        text = packed.read()
    frame = pl.read_csv(text, has_header=False, schema=dict.fromkeys(TAS_COLUMNS, pl.String), separator=";")
    return frame.select(
        operator=pl.lit(path.parent.name),
        service=pl.col("SVC").replace_strict({"V": "voice", "S": "sms", "D": "data"}, default="OTHER"),
        direction=pl.col("DIR").replace_strict({"O": "mo", "T": "mt"}, default="OTHER"),
        started_at=_instant(path, pl.col("DATE") + " " + pl.col("TIME"), "%d.%m.%Y %H:%M:%S"),
        duration_s=pl.col("SECONDS").cast(pl.Int64),
        answered=pl.col("STATUS").replace_strict({"A": True, "N": False}, default=None),
        imsi="IMSI",
        msisdn="MSISDN",
        imei="IMEISV",
        other_party="PEER",
        cell=_cell(path, pl.col("KIND").replace_strict({"C": "", "E": "e", "N": "n"}, default=None), pl.col("AREA"),
                   pl.col("CELL")),
    )  # fmt: skip


def _operator(path: Path) -> dict[str, object]:
    configuration = tomllib.loads((path.parents[2] / "simbox.toml").read_text())
    return configuration["operators"][path.parent.name]


def _instant(path: Path, text: pl.Expr, form: str) -> pl.Expr:
    local = text.str.to_datetime(form, strict=False, time_unit="us")
    return local.dt.replace_time_zone(str(_operator(path)["timezone"])).dt.convert_time_zone("UTC")


def _cell(path: Path, letter: pl.Expr, area: pl.Expr, identity: pl.Expr) -> pl.Expr:
    network = _operator(path)["mcc_mncs"][0]
    head = pl.when(letter == "").then(area + "-").otherwise(letter)
    return pl.when(letter.is_not_null()).then(pl.lit(f"{network}-") + head + identity)
