"""Raw rows of one block to CDRS, and the rows that can't be used with the first rule that each breaks."""

from collections import Counter
from typing import NamedTuple

import polars as pl

from simbox.config import Config
from simbox.intake import fields
from simbox.intake.blocks import LINE
from simbox.intake.instants import read_instants, zone_offset_min
from simbox.intake.parties import NumberOwners, kind_of_number, read_parties
from simbox.intake.translate import EXTRAS, Translated
from simbox.tables.cdrs import CDRS, DIRECTION, OTHER_KIND, SERVICE

REQUIRED = ("operator", "service", "direction", "started_at", "other_party")
ONE_OF = ("imsi", "msisdn")
OPTIONAL = ("imei", "duration_s", "answered", "other_kind", "cell", "utc_offset_min")
COLUMNS = (*REQUIRED, *ONE_OF, *OPTIONAL)
LINE_BITS = 32
_DAY_S = 86_400
_LARGEST_OFFSET_MIN = 14 * 60

# Rules in the order in which they are tried: name, field.
RULES = (
    ("missing", "operator"),
    ("unknown_operator", "operator"),
    ("unknown_value", "service"),
    ("unknown_value", "direction"),
    ("no_utc_offset", "started_at"),
    ("no_such_local_time", "started_at"),
    ("malformed", "started_at"),
    ("malformed", "utc_offset_min"),
    ("outside_window", "started_at"),
    ("precision_lost", "imsi"),
    ("precision_lost", "msisdn"),
    ("precision_lost", "other_party"),
    ("malformed", "imsi"),
    ("malformed", "msisdn"),
    ("no_imsi_or_msisdn", "imsi"),
    ("malformed", "duration_s"),
    ("negative", "duration_s"),
    ("too_long", "duration_s"),
)


class Normalised(NamedTuple):
    """A block's CDRS (`imsi` null where it is still to be found), its rejected lines, and what was seen on the way.

    `operator` is a Categorical until all operators are known. A profile's feed has EXTRAS beside the columns of CDRS;
    `skipped` records are none that its profile wants, `noted` counts what was put right or looked odd, `given` how many
    of the kept records have a cell or an IMEI to be judged by.
    """

    cdrs: pl.DataFrame
    rejects: pl.DataFrame
    senders: dict[int, str]
    dropped: Counter[str]
    skipped: int = 0
    noted: Counter[str] = Counter()
    given: Counter[str] = Counter()


def normalise(raw: pl.DataFrame, file_number: int, config: Config, owners: NumberOwners) -> Normalised:
    """CDRS of one block of raw rows; optional fields that are malformed become null and are counted in `dropped`."""
    raw = raw.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS if name not in raw.columns)
    parties, senders = read_parties(raw["other_party"])
    given = raw.select(
        _given(name) for name in ("imsi", "msisdn", "duration_s", "utc_offset_min", "imei", "answered", "cell")
    )
    schema = raw.schema
    rows = (
        raw.lazy()
        .select(
            pl.col(LINE),
            pl.col("operator").cast(pl.Categorical),
            fields.word("service", SERVICE),
            fields.word("direction", DIRECTION),
            fields.msisdn(schema),
            fields.word("other_kind", OTHER_KIND),
        )
        .collect(engine="in-memory")
        .with_columns(
            fields.read_imsis(raw["imsi"]).alias("imsi"),
            fields.without_junk(fields.read_imeis(raw["imei"])).alias("imei"),
            fields.read_whole(raw["duration_s"]).alias("duration_s"),
            fields.read_whole(raw["utc_offset_min"]).alias("utc_offset_min"),
            fields.read_truth(raw["answered"]).alias("answered"),
            fields.read_cells(raw["cell"]).alias("cell"),
        )
    )
    rows = rows.hstack(read_instants(raw["started_at"])).hstack(given).hstack(parties)
    return _judge(rows, senders, file_number, config, owners)


def normalise_translated(translated: Translated, file_number: int, config: Config, owners: NumberOwners) -> Normalised:
    """CDRS and EXTRAS of one block of rows that a profile was used for, judged by the same rules."""
    judged = _judge(translated.rows, translated.senders, file_number, config, owners)
    return judged._replace(skipped=translated.skipped, noted=translated.noted)


def _judge(
    rows: pl.DataFrame, senders: dict[int, str], file_number: int, config: Config, owners: NumberOwners
) -> Normalised:
    fault = rows.select(pl.coalesce(_faults(config, rows.columns)).alias("fault"))["fault"]
    rejects = _rejects(rows[LINE], fault)
    if rejects.height:
        rows = rows.filter(fault.is_null())
    cdrs = _complete(rows, file_number, config, owners)
    given = Counter({name: int(rows[f"has_{name}"].sum()) for name in ("imei", "cell")})
    return Normalised(cdrs, rejects, _kept_senders(cdrs, senders), _count_dropped(rows), given=given)


def _kept_senders(cdrs: pl.DataFrame, senders: dict[int, str]) -> dict[int, str]:
    if not senders:
        return senders
    kept = set(cdrs.filter(pl.col("other_kind") == "alphanumeric")["other_party"].unique())
    return {code: text for code, text in senders.items() if code in kept}


def _given(name: str) -> pl.Expr:
    return pl.col(name).is_not_null().alias(f"has_{name}")


def _faults(config: Config, columns: list[str]) -> list[pl.Expr]:
    """For each rule its number where a row breaks it; some faults only a profile's reading tells."""
    operator, duration, offset = pl.col("operator"), pl.col("duration_s"), pl.col("utc_offset_min")
    is_known = operator.is_in(pl.Series(sorted(config.operators), dtype=pl.Categorical).implode())
    is_known = is_known if config.operators else pl.lit(True)
    broken = {
        ("missing", "operator"): operator.is_null(),
        ("unknown_operator", "operator"): ~is_known,
        ("unknown_value", "service"): pl.col("service").is_null(),
        ("unknown_value", "direction"): pl.col("direction").is_null(),
        ("no_utc_offset", "started_at"): pl.col("lacks_offset"),
        ("no_such_local_time", "started_at"): pl.col("in_gap"),
        ("malformed", "started_at"): pl.col("started_at").is_null(),
        ("outside_window", "started_at"): pl.col("outside_window"),
        ("precision_lost", "imsi"): pl.col("lost_imsi"),
        ("precision_lost", "msisdn"): pl.col("lost_msisdn"),
        ("precision_lost", "other_party"): pl.col("lost_other_party"),
        ("malformed", "utc_offset_min"): pl.col("has_utc_offset_min")
        & (offset.is_null() | (offset.abs() > _LARGEST_OFFSET_MIN)),
        ("malformed", "imsi"): pl.col("has_imsi") & pl.col("imsi").is_null(),
        ("malformed", "msisdn"): pl.col("has_msisdn") & pl.col("msisdn").is_null(),
        ("no_imsi_or_msisdn", "imsi"): pl.col("imsi").is_null() & pl.col("msisdn").is_null(),
        ("malformed", "duration_s"): pl.col("has_duration_s") & duration.is_null(),
        ("negative", "duration_s"): duration < 0,
        # A data session may be left open for days; a call is cut by the switch.
        ("too_long", "duration_s"): (duration > 0xFFFFFFFF) | ((duration > _DAY_S) & (pl.col("service") == "voice")),
    }
    told = set(columns)
    return [
        pl.when(broken[rule]).then(pl.lit(number, dtype=pl.UInt8))
        for number, rule in enumerate(RULES)
        if set(broken[rule].meta.root_names()) <= told
    ]


def _rejects(line: pl.Series, fault: pl.Series) -> pl.DataFrame:
    names = pl.DataFrame(
        {"fault": range(len(RULES)), "rule": [rule for rule, _ in RULES], "field": [field for _, field in RULES]},
        schema={"fault": pl.UInt8, "rule": pl.String, "field": pl.String},
    )
    broken = pl.DataFrame({"line": line, "fault": fault}).filter(pl.col("fault").is_not_null())
    return broken.join(names, on="fault", how="left", maintain_order="left").select("line", "rule", "field")


def _count_dropped(rows: pl.DataFrame) -> Counter[str]:
    """How many optional fields were given and could not be used."""
    lost = {
        "imei": pl.col("has_imei") & pl.col("imei").is_null(),
        "cell": pl.col("has_cell") & pl.col("cell").is_null(),
        "answered": pl.col("has_answered") & pl.col("answered").is_null(),
        "other_party": ~pl.col("is_withheld") & pl.col("other_party").is_null(),
    }
    counts = rows.select(flag.sum().alias(name) for name, flag in lost.items()).row(0, named=True)
    return Counter({name: int(count or 0) for name, count in counts.items()})


def _complete(rows: pl.DataFrame, file_number: int, config: Config, owners: NumberOwners) -> pl.DataFrame:
    """Night and offset, and what follows from one field for another."""
    rows = rows.with_columns(record_id=pl.lit(file_number << LINE_BITS, dtype=pl.Int64) + pl.col(LINE)).with_columns(
        utc_offset_min=pl.coalesce(pl.col("utc_offset_min").cast(pl.Int16), "own_offset_min")
    )
    by_zone = zone_offset_min(config.operators)
    if by_zone is not None and rows["utc_offset_min"].null_count():
        rows = rows.with_columns(utc_offset_min=pl.coalesce("utc_offset_min", by_zone))
    has_talk = (pl.col("service") != "sms") & pl.col("answered").fill_null(True)
    has_party = pl.col("service").is_in(["voice", "sms"])
    rows = rows.with_columns(
        duration_s=pl.when(has_talk).then(pl.col("duration_s").fill_null(0)).otherwise(0).cast(pl.UInt32),
        other_party=pl.when(has_party).then("other_party"),
        is_alphanumeric=pl.col("is_alphanumeric") & has_party,
        is_withheld=pl.col("is_withheld") & has_party,
    )
    local = pl.col("started_at") + pl.duration(minutes=pl.col("utc_offset_min").fill_null(0), time_unit="us")
    rows = rows.with_columns(night=local.dt.date())
    kind = (
        pl.when("is_alphanumeric")
        .then(pl.lit("alphanumeric", dtype=OTHER_KIND))
        .when("is_withheld")
        .then(pl.coalesce("other_kind", pl.lit("withheld", dtype=OTHER_KIND)))
        .otherwise(pl.coalesce("other_kind", pl.lit(kind_of_number(rows, owners))))
    )
    return rows.with_columns(other_kind=kind).select(*CDRS.names, *(name for name in EXTRAS if name in rows.columns))
