"""What each operator's records look like: which fields they lack, how identifiers are written, how much is broken."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simbox.synth import parties
from simbox.synth.events import DATA, SMS, VOICE
from simbox.synth.handsets import with_check_digit
from simbox.synth.laws import DAY_S
from simbox.synth.legs import MT, Legs
from simbox.synth.network import LTE, Cells
from simbox.synth.population import Sims
from simbox.synth.randomness import Bools, Ints, order_of
from simbox.synth.scenario import Habit

TIE_BITS = 16
WITHHELD_SHARE = 0.006
JUNK_IMEI_SHARE = 0.002
VOLUME_MU, VOLUME_SIGMA = 13.5, 2.0
# The last of each is what a broken row says.
SERVICES = pl.Enum(["voice", "sms", "data", "fax"])
DIRECTIONS = pl.Enum(["mo", "mt", "transit"])
JUNK_IMEI = 12345678901234


def rows_of_file(rng: np.random.Generator, habit: Habit, legs: Legs, own: Ints) -> Ints:
    """Which of its subscribers' legs the operator records at all: by time, and by chance where times are equal.

    A file is written piece by piece: a message that was delivered after a piece's last hour stays in that piece.
    """
    kept = rng.random(own.size) >= habit.lost_legs_share
    if habit.data_records == "none":
        kept &= legs.service[own] != DATA
    if not habit.mt_sms:
        kept &= (legs.direction[own] != MT) | (legs.service[own] != SMS)
    if habit.unanswered == "none":
        kept &= legs.answered[own] | (legs.service[own] != VOICE)
    own = own[kept]
    ties = rng.integers(0, 1 << TIE_BITS, own.size, dtype=np.uint32)
    return own[order_of((legs.at_s[own], DAY_S.bit_length()), (ties, TIE_BITS))]


@dataclass(frozen=True)
class Print:
    """What an operator's files are printed with: its key, and the names of its cells from the first one on."""

    operator: str
    first_cell: int
    cells: pl.Series


def prepare_print(operator: str, cells: Cells, number: int) -> Print:
    """The print of the operator of that number."""
    first, last = cells.of_operator(number)
    names = cells.name[first:last]
    return Print(operator, first, pl.Series(names, dtype=pl.Enum(names)))


def as_records(
    rng: np.random.Generator, habit: Habit, print_: Print, legs: Legs, sims: Sims, cells: Cells, midnight_us: int
) -> pl.LazyFrame:
    """Legs as rows of the interchange format, identifiers still integers and cells still text.

    Volumes are there where the operator writes data records, for these alone.
    """
    count = legs.count
    is_mt = legs.direction == MT
    is_sms, is_voice = legs.service == SMS, legs.service == VOICE
    over_ip = cells.technology[legs.cell] >= LTE
    without_radio = is_sms & is_mt & (not habit.mt_sms_radio)
    without_radio |= is_sms & ~is_mt & (not habit.mo_sms_radio)
    without_radio |= is_voice & is_mt & (not habit.mt_voice_radio)
    without_imsi = is_mt & is_voice & over_ip & _at_random(rng, count, habit.volte_mt_without_imsi_share)
    without_imei = without_radio | (is_voice & over_ip & _at_random(rng, count, habit.volte_without_imei_share))
    without_cell = without_radio | (is_voice & over_ip & _at_random(rng, count, habit.volte_without_cell_share))
    imei = np.where(_at_random(rng, count, JUNK_IMEI_SHARE), JUNK_IMEI, legs.imei)
    withheld = is_mt & is_voice & _at_random(rng, count, WITHHELD_SHARE)
    answered = pl.col("answered")
    if habit.unanswered == "unknown":
        # This switch writes no cause: a leg without talk time may have been anything.
        answered = pl.when((pl.col("duration_s") > 0) | (pl.col("service") != VOICE)).then(answered)
    volumes = {} if habit.data_records == "none" else {"volume_bytes": _volumes(rng, legs)}
    raw = pl.DataFrame(
        {
            "service": legs.service.astype(np.uint8),
            "is_mt": is_mt,
            "at_s": legs.at_s,
            "duration_s": legs.duration_s,
            "answered": legs.answered,
            "imsi": sims.imsi[legs.sim],
            "without_imsi": without_imsi,
            "msisdn": sims.msisdn[legs.sim],
            "imei": _digits_printed(habit, imei),
            "without_imei": without_imei,
            "number": np.where(legs.other >= 0, sims.msisdn[np.maximum(legs.other, 0)], -legs.other),
            "withheld": withheld | (legs.other == parties.WITHHELD),
            "cell": legs.cell - print_.first_cell,
            "without_cell": without_cell,
            **volumes,
        }
    )
    # All in one go: each call into Polars costs as much as some ten thousand rows.
    return raw.lazy().select(
        operator=pl.lit(print_.operator, dtype=pl.Enum([print_.operator])),
        service=pl.col("service").cat.to(SERVICES),
        direction=pl.col("is_mt").cast(pl.UInt8).cat.to(DIRECTIONS),
        started_at=(pl.col("at_s").cast(pl.Int64) * 1_000_000 + midnight_us).cast(pl.Datetime("us", "UTC")),
        duration_s=pl.col("duration_s").cast(pl.Int64),
        answered=answered,
        imsi=pl.when(~pl.col("without_imsi")).then("imsi"),
        msisdn="msisdn",
        imei=pl.when(~pl.col("without_imei")).then("imei"),
        other_party=pl.when(~pl.col("withheld")).then(_print_party(pl.col("number"))),
        cell=pl.when(~pl.col("without_cell")).then(pl.lit(print_.cells).gather(pl.col("cell"))),
        **{name: pl.when(pl.col("service") == DATA).then(name) for name in volumes},
    )


def _volumes(rng: np.random.Generator, legs: Legs) -> Ints:
    """Bytes of data sessions, 0 for other legs."""
    volumes = np.zeros(legs.count, dtype=np.int64)
    sessions = np.flatnonzero(legs.service == DATA)
    volumes[sessions] = np.exp(VOLUME_MU + VOLUME_SIGMA * rng.standard_normal(sessions.size))
    return volumes


def _print_party(number: pl.Expr) -> pl.Expr:
    """The far ends as text: digits, or what an alphanumeric sender calls itself."""
    sender = number + parties.SENDER_BASE
    name = pl.lit(pl.Series(parties.SENDERS, dtype=pl.String)).gather(pl.max_horizontal(sender, 0))
    return pl.when(sender >= 0).then(name).otherwise(number.cast(pl.String))


def _digits_printed(habit: Habit, imei: Ints) -> Ints:
    """IMEIs with as many digits as the operator writes: bare, with check digit, or with software version."""
    if habit.imei_digits == 15:
        return with_check_digit(imei)
    if habit.imei_digits == 16:
        return imei * 100 + (imei // 7) % 90
    return imei


def _at_random(rng: np.random.Generator, count: int, share: float) -> Bools:
    return rng.random(count, dtype=np.float32) < share if share > 0 else np.zeros(count, dtype=bool)


def break_rows(rng: np.random.Generator, records: pl.DataFrame, count: int) -> pl.DataFrame:
    """Some rows again, each with one field broken; text columns only, as the file will hold them."""
    if count == 0 or records.is_empty():
        return records
    # Broken rows are copies of rows of the file, so that they name nobody that the file doesn't.
    chosen = np.sort(rng.integers(0, records.height, count))
    fault = pl.Series(rng.integers(0, 4, chosen.size))
    broken = records[chosen]
    imsi = broken.schema["imsi"]
    bad_imsi = pl.lit("40171X2345") if imsi == pl.String else pl.lit(40171, dtype=imsi)
    started = broken.schema["started_at"]
    bad_time = pl.lit("2026-02-31T25:61:00+05:00") if started == pl.String else pl.lit(None, dtype=started)
    broken = broken.with_columns(
        imsi=pl.when(fault == 0).then(bad_imsi).otherwise("imsi"),
        started_at=pl.when(fault == 1).then(bad_time).otherwise("started_at"),
        service=pl.when(fault == 2).then(pl.lit("fax", dtype=SERVICES)).otherwise("service"),
        direction=pl.when(fault == 3).then(pl.lit("transit", dtype=DIRECTIONS)).otherwise("direction"),
    )
    borders = [0, *(chosen + 1).tolist(), records.height]
    pieces = [records[: borders[1]]]
    for number in range(chosen.size):
        pieces += [broken[number : number + 1], records[borders[number + 1] : borders[number + 2]]]
    return pl.concat(pieces)
