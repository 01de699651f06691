"""Identifiers of SIMs, handsets and cells: text to Int64 and back, with their leading zeros.

Every packed identifier fits 62 bits and is signed, so that numba, Arrow and other engines treat it alike.
Text that is not a valid identifier becomes null; whoever reads a file counts these and says so.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl

IMSI_DIGITS = 15
IMEI_DIGITS = 14
ALPHANUMERIC_BIT = 1 << 61
# Of a redacted identifier at least so many digits are hidden; what has no more than a short code's is no person's.
LEAST_HIDDEN = 5
SHORT_CODE_DIGITS = 6
_KIND_SHIFT, _MCC_SHIFT, _MNC_SHIFT, _THREE_DIGIT_SHIFT = 57, 47, 37, 36
_CELL_PATTERN = r"^([0-9]{3})-([0-9]{2,3})-(?:([0-9]{1,5})-([0-9]{1,5})|(e|n)([0-9]{1,11}))$"
_BUCKET_FACTOR = np.uint64(0x9E3779B97F4A7C15)
BUCKETS = 4096
# Fifteen digits take 50 bits, so bucket and IMSI fit one signed integer.
_IMSI_BITS = 50

# Placeholders that switches and counterfeit handsets show, not one device: TS 22.016 leaves the check digit out.
JUNK_IMEIS = (12345678901234, 1234567890123, 49990000000000, 4999000000000)


def pack_imsi(text: pl.Expr) -> pl.Expr:
    """The IMSI as Int64; null unless it is 14 or 15 ASCII digits (TS 23.003 2.2).

    Only the test network 001 begins with a zero, so that the integer tells how many digits there were.
    """
    imsi = _whole(text)
    digits = pl.when(imsi.is_between(10**13, 10**14 - 1)).then(IMSI_DIGITS - 1).otherwise(IMSI_DIGITS)
    return pl.when(text.str.len_bytes() == digits).then(check_imsi(imsi))


def check_imsi(imsi: pl.Expr) -> pl.Expr:
    """An IMSI that came as an integer; null where no IMSI reads so."""
    is_long, is_test = imsi.is_between(10**13, 10**15 - 1), imsi.is_between(10**12, 2 * 10**12 - 1)
    return pl.when(is_long | is_test).then(imsi)


def print_imsi(imsi: pl.Expr) -> pl.Expr:
    """The IMSI as the 14 or 15 digits that it has."""
    text = imsi.cast(pl.String)
    return pl.when(imsi.is_between(10**13, 10**14 - 1)).then(text).otherwise(text.str.zfill(IMSI_DIGITS))


def pack_msisdn(text: pl.Expr) -> pl.Expr:
    """The number as Int64; null unless it is 3 to 15 ASCII digits, not beginning with 0, a leading + aside (E.164)."""
    return pl.when(~text.str.starts_with("0") & ~text.str.starts_with("+0")).then(
        check_msisdn(text.cast(pl.Int64, strict=False))
    )


def check_msisdn(msisdn: pl.Expr) -> pl.Expr:
    """A number that came as an integer; null unless it has 3 to 15 digits."""
    return pl.when(msisdn.is_between(100, 10**15 - 1)).then(msisdn)


def pack_imei(text: pl.Expr) -> pl.Expr:
    """The IMEI's first 14 digits as Int64; null unless it is 14, 15 or 16 digits (TS 23.003 6.2)."""
    digits, imei = text.str.len_bytes(), _whole(text)
    return (
        pl.when(digits == IMEI_DIGITS + 1)
        .then(imei // 10)
        .when(digits == IMEI_DIGITS + 2)
        .then(imei // 100)
        .when(digits == IMEI_DIGITS)
        .then(imei)
    )


def print_imei(imei: pl.Expr) -> pl.Expr:
    """The IMEI as 14 digits."""
    return imei.cast(pl.String).str.zfill(IMEI_DIGITS)


def is_junk_imei(imei: pl.Expr) -> pl.Expr:
    """Whether a packed IMEI is a placeholder shared by countless handsets: all digits equal, or a known filler."""
    repeated = int("1" * IMEI_DIGITS)
    return (imei % repeated == 0) | imei.is_in(JUNK_IMEIS)


def redact_imsi(imsi: pl.Expr) -> pl.Expr:
    """The packed IMSI with its network and two last digits, `40177********33`: eight of fifteen are hidden."""
    return _hide_middle(print_imsi(imsi), 5, 2)


def redact_msisdn(msisdn: pl.Expr) -> pl.Expr:
    """The packed number with its prefix and two last digits; a short code, which is a service, as it is.

    At least five digits are hidden of every number that has eight or more.
    """
    return _hide_middle(msisdn.cast(pl.String), 4, 2)


def redact_imei(imei: pl.Expr) -> pl.Expr:
    """The packed IMEI with its TAC and no digit of its serial."""
    return _hide_middle(print_imei(imei), 8, 0)


def redact_iccid(iccid: pl.Expr) -> pl.Expr:
    """The ICCID, a text, with its issuer and two last digits."""
    return _hide_middle(iccid, 7, 2)


def redact_imeis(text: pl.Expr) -> pl.Expr:
    """IMEIs of 14 digits separated by blanks, as the lists show them, each with its TAC only."""
    return text.str.replace_all(r"([0-9]{8})[0-9]{6}", "${1}******")


def pack_cell(text: pl.Expr) -> pl.Expr:
    """The cell as Int64 (kind 2 bits, mcc 10, mnc 10, three-digit-mnc flag 1, id 36); null unless well formed.

    `401-77-1000-10441` is a CGI by LAC and CI, `401-77-e123456` an ECGI, `401-77-n123456789` an NCGI (TS 23.003).
    """
    parts = text.str.extract_groups(_CELL_PATTERN)

    def part(number: int) -> pl.Expr:
        return parts.struct.field(str(number))

    lac, ci = part(3).cast(pl.Int64), part(4).cast(pl.Int64)
    technology, cell_id = part(5), part(6).cast(pl.Int64)
    is_cgi = lac.is_not_null()
    is_ecgi = technology == "e"
    kind = pl.when(is_cgi).then(0).when(is_ecgi).then(1).otherwise(2).cast(pl.Int64)
    identity = pl.when(is_cgi).then(lac * 65536 + ci).otherwise(cell_id)
    in_range = (
        pl.when(is_cgi)
        .then((lac < 65536) & (ci < 65536))
        .when(is_ecgi)
        .then(cell_id < 1 << 28)
        .otherwise(cell_id < 1 << 36)
    )
    three_digits = (part(2).str.len_bytes() == 3).cast(pl.Int64)
    packed = (
        kind * (1 << _KIND_SHIFT)
        + part(1).cast(pl.Int64) * (1 << _MCC_SHIFT)
        + part(2).cast(pl.Int64) * (1 << _MNC_SHIFT)
        + three_digits * (1 << _THREE_DIGIT_SHIFT)
        + identity
    )
    return pl.when(part(1).is_not_null() & in_range).then(packed)


def pack_cell_parts(kind: int, network: str, identity: pl.Expr) -> pl.Expr:
    """The cell as Int64 from its kind (0 CGI, 1 ECGI, 2 NCGI), MCC-MNC as `401-77` and identity (LAC << 16 | CI)."""
    mcc, mnc = network.split("-")
    head = (kind << _KIND_SHIFT) | (int(mcc) << _MCC_SHIFT) | (int(mnc) << _MNC_SHIFT)
    return identity + (head | ((len(mnc) == 3) << _THREE_DIGIT_SHIFT))


def print_cell(cell: pl.Expr) -> pl.Expr:
    """The cell as text, as `pack_cell` takes it."""
    kind = cell // (1 << _KIND_SHIFT)
    mcc = (cell // (1 << _MCC_SHIFT) % 1024).cast(pl.String).str.zfill(3)
    mnc = cell // (1 << _MNC_SHIFT) % 1024
    three_digits = cell // (1 << _THREE_DIGIT_SHIFT) % 2 == 1
    identity = cell % (1 << 36)
    return pl.concat_str(
        mcc,
        pl.lit("-"),
        pl.when(three_digits).then(mnc.cast(pl.String).str.zfill(3)).otherwise(mnc.cast(pl.String).str.zfill(2)),
        pl.lit("-"),
        pl.when(kind == 0)
        .then(pl.concat_str((identity // 65536).cast(pl.String), pl.lit("-"), (identity % 65536).cast(pl.String)))
        .when(kind == 1)
        .then(pl.concat_str(pl.lit("e"), identity.cast(pl.String)))
        .otherwise(pl.concat_str(pl.lit("n"), identity.cast(pl.String))),
    )


def cell_network(cell: pl.Expr) -> pl.Expr:
    """The MCC-MNC that a packed cell belongs to, as text `401-77`."""
    return print_cell(cell).str.extract(r"^([0-9]{3}-[0-9]{2,3})")


def pack_sender(sender: str) -> int:
    """A stable code of an alphanumeric sender: 61 bits of its BLAKE2b digest with bit 61 set."""
    digest = hashlib.blake2b(sender.strip().encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 3 | ALPHANUMERIC_BIT


def bucket(imsi: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The store's bucket of each IMSI: the top 12 bits of a Fibonacci product, the same on every machine."""
    product = imsi.astype(np.uint64) * _BUCKET_FACTOR
    return (product >> np.uint64(52)).astype(np.int64)


def sim_key(imsi: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where a SIM stands in the store's order: its bucket in the top bits, then its IMSI."""
    return bucket(imsi) << _IMSI_BITS | imsi


def first_key(bucket_number: int) -> int:
    """The least key that a SIM of this bucket can have."""
    return bucket_number << _IMSI_BITS


def imsi_of_key(key: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The IMSI that a key was made of."""
    return key & ((1 << _IMSI_BITS) - 1)


def _hide_middle(text: pl.Expr, first: int, last: int) -> pl.Expr:
    """Digits between the first and the last few as asterisks; of a longer prefix so few are shown that five stay
    hidden, and what has six digits or less is shown."""
    digits = text.str.len_chars().cast(pl.Int64)
    shown = pl.min_horizontal(pl.lit(first), pl.max_horizontal(digits - last - LEAST_HIDDEN, pl.lit(0)))
    hidden = pl.max_horizontal(digits - shown - last, pl.lit(0))
    middle = text.str.slice(shown, hidden).str.replace_all(r".", "*")
    redacted = pl.concat_str(text.str.slice(0, shown), middle, text.str.slice(shown + hidden))
    return pl.when(digits <= SHORT_CODE_DIGITS).then(text).otherwise(redacted)


def _whole(text: pl.Expr) -> pl.Expr:
    """ASCII digits as Int64, null for anything else; three times as fast as a pattern."""
    number = text.cast(pl.Int64, strict=False)
    return pl.when(~text.str.starts_with("+") & ~text.str.starts_with("-")).then(number)
