"""Two invented formats in which operators hand their records over, and the profiles that read them.

`msc` is a switch's: a header and a trailer record around lines with bars, numbers as they are dialled, cells in
hexadecimal. `tas` is a telephony server's: no header, semicolons, dates the European way, a type for each number.
"""

import polars as pl

from simbox.synth.scenario import Habit

MSC_COLUMNS = (
    "REC_TYPE", "SERVED_IMSI", "SERVED_MSISDN", "SERVED_IMEI", "CALLED_NUM", "CALLING_NUM", "SEIZURE_TIME",
    "ANSWER_TIME", "DURATION", "RAT", "LAC", "CI",
)  # fmt: skip
TAS_COLUMNS = (
    "SVC", "DIR", "DATE", "TIME", "SECONDS", "STATUS", "IMSI", "MSISDN", "IMEISV", "PEER", "PEER_TON", "KIND", "AREA",
    "CELL",
)  # fmt: skip
_LEGS = {
    "voice mo": "MOC", "voice mt": "MTC", "sms mo": "SMO", "sms mt": "SMT", "data mo": "GPRS",
}  # fmt: skip
_CELL = r"^[0-9]{3}-[0-9]{2,3}-(?:([0-9]+)-([0-9]+)|(e|n)([0-9]+))$"

_MSC_PROFILE = """\
# How {key} hands over what its switch records: one file for each night, numbers as they are dialled.
[operator]
key = "{key}"

[feed.msc]
folder = "{key}"
file_name = '^MSC(?P<node>[0-9]{{2}})_(?P<date>[0-9]{{8}})_(?P<sequence>[0-9]{{6}})\\.csv\\.gz$'
separator = "|"
header_record = {{ value = "HD" }}
trailer_record = {{ value = "TR", count_field = 1 }}

[feed.msc.columns]
leg = {{ from = "REC_TYPE", map = {{ MOC = ["voice", "mo"], MTC = ["voice", "mt"], SMO = ["sms", "mo"], \
SMT = ["sms", "mt"], GPRS = ["data", "mo"] }} }}
imsi = "SERVED_IMSI"
msisdn = "SERVED_MSISDN"
imei = "SERVED_IMEI"
other_party = {{ mo = "CALLED_NUM", mt = "CALLING_NUM" }}
started_at = {{ from = "ANSWER_TIME", else = "SEIZURE_TIME", format = "%Y%m%d%H%M%S" }}
duration_s = {{ from = "DURATION", unit = "s" }}
answered = {{ from = "ANSWER_TIME", when = "not empty" }}
cell = [
    {{ kind = "cgi", lac = "LAC", ci = "CI", radix = "hex", when = {{ from = "RAT", is = ["2"] }} }},
    {{ kind = "ecgi", eci = "CI", radix = "hex", when = {{ from = "RAT", is = ["4"] }} }},
    {{ kind = "ncgi", nci = "CI", radix = "hex", when = {{ from = "RAT", is = ["5"] }} }},
]

[numbers]
trunk_prefix = "8"
international_prefixes = ["810"]
national_digits = [10]
"""
_TAS_PROFILE = """\
# How {key} hands over what its telephony server records: no header, every number with its type.
[operator]
key = "{key}"

[feed.tas]
folder = "{key}"
file_name = '^(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\\.txt\\.zst$'
separator = ";"
header = "none"
names = {names}

[feed.tas.columns]
service = {{ from = "SVC", map = {{ V = "voice", S = "sms", D = "data" }} }}
direction = {{ from = "DIR", map = {{ O = "mo", T = "mt" }} }}
imsi = "IMSI"
msisdn = "MSISDN"
imei = {{ from = "IMEISV", form = "auto" }}
other_party = {{ from = "PEER", type_of_number = {{ from = "PEER_TON", map = {{ "1" = "international", \
"3" = "short_code", "5" = "alphanumeric" }} }} }}
started_at = {{ from = ["DATE", "TIME"], format = "%d.%m.%Y %H:%M:%S" }}
duration_s = {{ from = "SECONDS", unit = "s" }}
answered = {{ from = "STATUS", map = {{ A = true, N = false }} }}
cell = [
    {{ kind = "cgi", lac = "AREA", ci = "CELL", when = {{ from = "KIND", is = ["C"] }} }},
    {{ kind = "ecgi", eci = "CELL", when = {{ from = "KIND", is = ["E"] }} }},
    {{ kind = "ncgi", nci = "CELL", when = {{ from = "KIND", is = ["N"] }} }},
]

[numbers]
"""


def profile_of(habit: Habit, key: str) -> str:
    """The profile that reads an operator's files; empty for the interchange format."""
    names = "[" + ", ".join(f'"{name}"' for name in TAS_COLUMNS) + "]"
    text = {"msc": _MSC_PROFILE, "tas": _TAS_PROFILE}.get(habit.format, "")
    return text.format(key=key, names=names)


def in_dialect(habit: Habit, records: pl.DataFrame) -> pl.DataFrame:
    """Records of the interchange format, all text but the numbers, as lines of the operator's own."""
    return _msc(records) if habit.format == "msc" else _tas(records)


def _msc(records: pl.DataFrame) -> pl.DataFrame:
    leg = pl.concat_str(pl.col("service").cast(pl.String), pl.lit(" "), pl.col("direction").cast(pl.String))
    number = _dialled(pl.col("other_party"))
    is_mo = pl.col("direction").cast(pl.String) != "mt"
    area, cell, kind, identity = _cell_parts()
    time = pl.col("started_at").str.slice(0, 19).str.replace_all(r"[-T:]", "")
    return records.with_columns(kind=kind).select(
        REC_TYPE=leg.replace_strict(_LEGS, default="OTHER"),
        SERVED_IMSI="imsi",
        SERVED_MSISDN="msisdn",
        SERVED_IMEI="imei",
        CALLED_NUM=pl.when(is_mo).then(number),
        CALLING_NUM=pl.when(~is_mo).then(number),
        SEIZURE_TIME=time,
        ANSWER_TIME=pl.when(pl.col("answered").fill_null(True)).then(time),
        DURATION="duration_s",
        RAT=pl.col("kind").replace_strict({"C": "2", "E": "4", "N": "5"}, default=None),
        LAC=_hexadecimal(area),
        CI=_hexadecimal(pl.coalesce(cell, identity)),
    )


def _tas(records: pl.DataFrame) -> pl.DataFrame:
    area, cell, kind, identity = _cell_parts()
    party = pl.col("other_party")
    is_digits = party.str.contains("^[0-9]+$")
    day = pl.col("started_at").str
    return records.with_columns(kind=kind).select(
        SVC=_letter("service", {"voice": "V", "sms": "S", "data": "D"}),
        DIR=_letter("direction", {"mo": "O", "mt": "T"}),
        DATE=pl.concat_str(day.slice(8, 2), pl.lit("."), day.slice(5, 2), pl.lit("."), day.slice(0, 4)),
        TIME=day.slice(11, 8),
        SECONDS="duration_s",
        STATUS=pl.when(pl.col("answered")).then(pl.lit("A")).when(~pl.col("answered")).then(pl.lit("N")),
        IMSI="imsi",
        MSISDN="msisdn",
        IMEISV="imei",
        PEER="other_party",
        PEER_TON=pl.when(is_digits & (party.str.len_bytes() > 6))
        .then(pl.lit("1"))
        .when(is_digits)
        .then(pl.lit("3"))
        .when(party.is_not_null())
        .then(pl.lit("5")),
        KIND="kind",
        AREA=area,
        CELL=pl.coalesce(cell, identity),
    )


def _letter(name: str, letters: dict[str, str]) -> pl.Expr:
    return pl.col(name).cast(pl.String).replace_strict(letters, default="?")


def _dialled(number: pl.Expr) -> pl.Expr:
    """A number as a subscriber at home dials it: 8 for the country's own, 810 for others', short codes as they are."""
    is_long = number.str.contains("^[0-9]{7,}$")
    is_home = number.str.contains("^7[0-9]{10}$")
    return (
        pl.when(is_home)
        .then(pl.concat_str(pl.lit("8"), number.str.slice(1)))
        .when(is_long)
        .then(pl.concat_str(pl.lit("810"), number))
        .otherwise(number)
    )


def _cell_parts() -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """LAC, CI, kind C, E or N, and the identity where it is not made of the two."""
    parts = pl.col("cell").cast(pl.String).str.extract_groups(_CELL)
    area, cell, letter, identity = (parts.struct.field(str(number)) for number in range(1, 5))
    kind = pl.when(letter.is_not_null()).then(letter.str.to_uppercase()).when(area.is_not_null()).then(pl.lit("C"))
    return area, cell, kind, identity


def _hexadecimal(number: pl.Expr) -> pl.Expr:
    """Decimal text as hexadecimal, upper case, without leading zeros."""
    value = number.cast(pl.Int64)
    digits = [value // 16**place % 16 for place in range(8, -1, -1)]
    letters = pl.concat_str([digit.replace_strict(_DIGITS, return_dtype=pl.String, default=None) for digit in digits])
    return letters.str.strip_chars_start("0")


_DIGITS = dict(zip(range(16), "0123456789ABCDEF", strict=True))
