"""What each operator's records look like: which fields they lack, how identifiers are written, how much is broken."""

import numpy as np
import polars as pl

from simbox.synth import parties
from simbox.synth.events import DATA, SMS, VOICE
from simbox.synth.handsets import with_check_digit
from simbox.synth.legs import MT, Legs
from simbox.synth.network import Cells
from simbox.synth.population import Sims
from simbox.synth.randomness import Bools, Ints
from simbox.synth.scenario import Habit

WITHHELD_SHARE = 0.006
JUNK_IMEI_SHARE = 0.002
VOLUME_MU, VOLUME_SIGMA = 13.5, 2.0
# The last of each is what a broken row says.
SERVICES = pl.Enum(["voice", "sms", "data", "fax"])
DIRECTIONS = pl.Enum(["mo", "mt", "transit"])
JUNK_IMEI = 12345678901234


def rows_of_file(rng: np.random.Generator, habit: Habit, legs: Legs, own: Ints) -> Ints:
    """Which of its subscribers' legs the operator records at all: by time, and by chance where times are equal."""
    kept = rng.random(own.size) >= habit.lost_legs_share
    if habit.data_records == "none":
        kept &= legs.service[own] != DATA
    if not habit.mt_sms:
        kept &= (legs.direction[own] != MT) | (legs.service[own] != SMS)
    if habit.unanswered == "none":
        kept &= legs.answered[own] | (legs.service[own] != VOICE)
    own = own[kept]
    ties = rng.integers(0, 1 << 20, own.size)
    return own[np.argsort((legs.at_s[own].astype(np.int64) << 20) + ties)]


def as_records(
    rng: np.random.Generator, habit: Habit, operator: str, legs: Legs, sims: Sims, cells: Cells, midnight_us: int
) -> pl.DataFrame:
    """Legs as rows of the interchange format, identifiers still integers and cells still text."""
    count = legs.count
    is_mt = legs.direction == MT
    is_sms = legs.service == SMS
    is_data = legs.service == DATA
    is_voice = legs.service == VOICE
    on_lte = cells.technology[legs.cell] == 1
    without_radio = is_sms & is_mt & (not habit.mt_sms_radio)
    without_radio |= is_sms & ~is_mt & (not habit.mo_sms_radio)
    without_radio |= is_voice & is_mt & (not habit.mt_voice_radio)
    without_imsi = is_mt & is_voice & on_lte & (rng.random(count) < habit.volte_mt_without_imsi_share)
    without_imei = without_radio.copy()
    if habit.volte_without_imei_share > 0:
        without_imei |= is_voice & on_lte & (rng.random(count) < habit.volte_without_imei_share)
    without_cell = without_radio.copy()
    if habit.volte_without_cell_share > 0:
        without_cell |= is_voice & on_lte & (rng.random(count) < habit.volte_without_cell_share)
    imei = np.where(rng.random(count) < JUNK_IMEI_SHARE, JUNK_IMEI, legs.imei)
    names = pl.Series(cells.name, dtype=pl.Enum(cells.name))
    withheld = is_mt & is_voice & (rng.random(count) < WITHHELD_SHARE)
    other = np.where(withheld, parties.WITHHELD, legs.other)
    records = pl.DataFrame(
        {
            "operator": pl.repeat(0, count, eager=True, dtype=pl.UInt8).cat.to(pl.Enum([operator])),
            "service": pl.Series(legs.service.astype(np.uint8)).cat.to(SERVICES),
            "direction": pl.Series(is_mt.astype(np.uint8)).cat.to(DIRECTIONS),
            "started_at": pl.Series(legs.at_s.astype(np.int64) * 1_000_000 + midnight_us).cast(
                pl.Datetime("us", "UTC")
            ),
            "duration_s": pl.Series(legs.duration_s, dtype=pl.Int64),
            "answered": _known(habit, legs, ~is_voice),
            "imsi": _nulled(sims.imsi[legs.sim], without_imsi),
            "msisdn": pl.Series(sims.msisdn[legs.sim]),
            "imei": _nulled(imei, without_imei),
            "other_party": print_parties(other, sims),
            "cell": names.gather(pl.Series(legs.cell)).set(pl.Series(without_cell), None),
        }
    )
    if habit.data_records == "none":
        return records
    volume_bytes = np.exp(VOLUME_MU + VOLUME_SIGMA * rng.standard_normal(count)).astype(np.int64)
    return records.with_columns(volume_bytes=_nulled(volume_bytes, ~is_data))


def print_imei(habit: Habit, imei: pl.Series) -> pl.Series:
    """IMEIs with as many digits as the operator writes: bare, with check digit, or with software version."""
    values = imei.fill_null(0).to_numpy()
    if habit.imei_digits == 15:
        values = with_check_digit(values)
    elif habit.imei_digits == 16:
        values = values * 100 + (values // 7) % 90
    return pl.Series("imei", values, dtype=pl.Int64).set(imei.is_null(), None)


def print_parties(party: Ints, sims: Sims) -> pl.Series:
    """The far ends as text: digits, or what an alphanumeric sender calls itself; null if withheld."""
    number = np.where(party >= 0, sims.msisdn[np.maximum(party, 0)], -party)
    text = pl.Series("other_party", number).cast(pl.String)
    lettered = party <= parties.SENDER_BASE
    if lettered.any():
        senders = pl.Series(list(parties.SENDERS), dtype=pl.String)
        place = np.where(lettered, parties.SENDER_BASE - party, 0)
        named = senders.gather(pl.Series(place))
        text = pl.select(pl.when(pl.Series(lettered)).then(named).otherwise(text)).to_series()
    return text.set(pl.Series(party == parties.WITHHELD), None).alias("other_party")


def break_rows(rng: np.random.Generator, habit: Habit, records: pl.DataFrame) -> pl.DataFrame:
    """Some rows again, each with one field broken; text columns only, as the file will hold them."""
    if habit.bad_rows_a_night == 0 or records.is_empty():
        return records
    # Broken rows are copies of rows of the file, so that they name nobody that the file doesn't.
    chosen = np.sort(rng.integers(0, records.height, habit.bad_rows_a_night))
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


def _known(habit: Habit, legs: Legs, is_no_call: Bools) -> pl.Series:
    answered = pl.Series("answered", legs.answered)
    if habit.unanswered == "unknown":
        # This switch writes no cause: a leg without talk time may have been anything.
        return answered.set(pl.Series((legs.duration_s == 0) & ~is_no_call), None)
    return answered


def _nulled(values: Ints, missing: Bools) -> pl.Series:
    return pl.Series(values, dtype=pl.Int64).set(pl.Series(missing), None)
