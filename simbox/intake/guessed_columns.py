"""What each column of a file seems to be: by what it holds, and by what it is called."""

import re
from collections.abc import Callable, Iterable

import polars as pl

from simbox.config import Config
from simbox.intake.guessed_cells import guess_cells
from simbox.intake.seen_column import LIKELY, SURE, Column, bare, share_of, shares_of, word_for

TIME_FORMATS = (
    "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S%z",
)  # fmt: skip
DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d")
_CLOCK = "%H:%M:%S"
LEGS = {
    "MOC": ("voice", "mo"), "MTC": ("voice", "mt"), "SMO": ("sms", "mo"), "SMT": ("sms", "mt"), "MO": ("voice", "mo"),
    "MT": ("voice", "mt"), "FWD": ("voice", "cf"), "CFW": ("voice", "cf"), "SMMO": ("sms", "mo"), "SMMT": ("sms", "mt"),
    "MOSMS": ("sms", "mo"), "MTSMS": ("sms", "mt"), "GPRS": ("data", "mo"), "DATA": ("data", "mo"),
    "LU": ("signalling", "mo"),
}  # fmt: skip
SERVICES = {"V": "voice", "VOICE": "voice", "CALL": "voice", "S": "sms", "SMS": "sms", "D": "data", "DATA": "data"}
DIRECTIONS = {"O": "mo", "MO": "mo", "OUT": "mo", "MOC": "mo", "T": "mt", "MT": "mt", "IN": "mt", "I": "mt", "F": "cf"}
# What a field is called, in the order in which they are looked for.
NAMES = {
    "imsi": r"imsi",
    "imei": r"imei",
    "msisdn": r"msisdn|served.?n|own.?n|subscriber.?n",
    "called": r"called|b.?num|b.?party|dest|dialled",
    "calling": r"calling|a.?num|a.?party|orig|caller",
    "peer": r"peer|other|far|opposite|remote",
    "answer": r"answer|connect",
    "time": r"time|start|seiz|begin|date|stamp",
    "duration": r"dur|sec|length|talk",
    "lac": r"lac|area|tac",
    "ci": r"^ci$|cell|eci|sac",
    "call_ref": r"ref|uuid|call.?id",
    "part_no": r"part|seq",
    "cause": r"cause|release|term",
    "leg": r"rec.?type|type|leg|event",
    "service": r"svc|service",
    "direction": r"dir",
}


def guess_columns(
    columns: list[Column], frame: pl.DataFrame, config: Config, key: str, cells: pl.DataFrame,
    notes: list[tuple[str, str, str]],
) -> list[str]:  # fmt: skip
    """The lines of the profile that say what the columns are."""
    taken: dict[str, str] = {}
    networks = [code.replace("-", "") for entry in config.operators.values() for code in entry.mcc_mncs]
    imsi = rf"^(?:{'|'.join(networks)})[0-9]{{9,10}}$" if networks else r"^[2-7][0-9]{13,14}$"
    phone = r"^\+?[0-9]{7,15}$"
    text = [column for column in columns if column.values.dtype == pl.String]

    def pick(field: str, content: Callable[[Column], float], least: float = 0.5) -> str | None:
        scored = []
        for column in text:
            if column.name in taken.values() or not column.values.len():
                continue
            fits = content(column)
            named = bool(re.search(NAMES[field], column.name, re.IGNORECASE))
            score = 0.6 * fits + 0.4 * named if fits >= 0.2 else 0.0
            if score >= least:
                scored.append((score, fits, named, column.name))
        if not scored:
            return None
        score, fits, named, name = max(scored, key=lambda entry: entry[:3])
        taken[field] = name
        why = f"column {name}: {fits:.0%} of its values fit" + (", and so does its name" if named else "")
        notes.append((field, why, word_for(score if named else min(score + 0.2, SURE - 0.01))))
        return name

    lines = [*_kind_of_leg(text, pick, taken)]
    for field, pattern in (("imsi", imsi), ("imei", r"^[0-9]{14,16}$")):
        if name := pick(field, shares_of(pattern), 0.45):
            lines.append(f'{field} = "{name}"')
    times = [*_times(columns, taken, notes)]
    if name := pick("msisdn", lambda column: share_of(column, phone), 0.6):
        lines.append(f'msisdn = "{name}"')
    called = pick("called", lambda column: share_of(column, phone), 0.6)
    calling = pick("calling", lambda column: share_of(column, phone), 0.6)
    if called and calling:
        lines.append(f'other_party = {{ mo = "{called}", mt = "{calling}" }}')
    elif peer := called or calling or pick("peer", lambda column: share_of(column, phone), 0.3):
        lines.append(f'other_party = "{peer}"')
    lines += times
    if name := pick("duration", lambda column: share_of(column, r"^[0-9]{1,5}$"), 0.55):
        lines.append(f'duration_s = {{ from = "{name}", unit = "s" }}')
    lines += guess_cells(pick, frame, config, key, cells, notes)
    if name := pick("call_ref", lambda column: float(column.distinct > 0.2 * column.values.len()), 0.8):
        lines.append(f'call_ref = "{name}"')
    missing = [field for field in ("started_at", "other_party") if not any(line.startswith(field) for line in lines)]
    lines += [f'{field} = "?"  # not found' for field in missing]
    notes += [(field, "no column fits", "missing") for field in missing]
    return lines


def _kind_of_leg(text: list[Column], pick: Callable[..., str | None], taken: dict[str, str]) -> Iterable[str]:
    def known(words: dict[str, object]) -> Callable[[Column], float]:
        return lambda column: float(str(column.values.str.to_uppercase().is_in(list(words)).mean() or 0.0))

    leg = pick("leg", known(dict(LEGS)), 0.5)
    values = {column.name: sorted(column.values.unique()) for column in text}
    if leg:
        pairs = [f'{bare(code)} = ["{LEGS[code.upper()][0]}", "{LEGS[code.upper()][1]}"]' for code in values[leg]
                 if code.upper() in LEGS]  # fmt: skip
        return [f'leg = {{ from = "{leg}", map = {{ {", ".join(pairs)} }} }}']
    lines = []
    for field, words in (("service", SERVICES), ("direction", DIRECTIONS)):
        if name := pick(field, known(dict(words)), 0.5):
            pairs = [f'{bare(code)} = "{words[code.upper()]}"' for code in values[name] if code.upper() in words]
            lines.append(f'{field} = {{ from = "{name}", map = {{ {", ".join(pairs)} }} }}')
        else:
            lines.append(f'{field} = "{"voice" if field == "service" else "mo"}"  # no column says it')
    return lines


def _times(columns: list[Column], taken: dict[str, str], notes: list[tuple[str, str, str]]) -> Iterable[str]:
    found: list[tuple[Column, str]] = []
    for column in columns:
        if column.name in taken.values() or not column.values.len():
            continue
        if isinstance(column.values.dtype, pl.Datetime):
            found.append((column, TIME_FORMATS[1]))
            continue
        sample = column.values.head(2000)
        reads = {form: _parsed(sample, form) for form in TIME_FORMATS}
        form = max(reads, key=lambda one: reads[one])
        if reads[form] > LIKELY and sample.str.len_chars().min() != 15:
            found.append((column, form))
    if found:
        names = sorted(found, key=lambda entry: (not re.search(NAMES["answer"], entry[0].name, re.IGNORECASE),
                                                 -entry[0].given))  # fmt: skip
        answer, form = names[0]
        others = [column for column, _ in names[1:] if re.search(NAMES["time"], column.name, re.IGNORECASE)]
        taken["time"] = answer.name
        notes.append(("started_at", f"column {answer.name} reads as {form}", "sure" if form else "guess"))
        other = f', else = "{others[0].name}"' if others and answer.given < 1 else ""
        if others:
            taken["else"] = others[0].name
        lines = [f'started_at = {{ from = "{answer.name}"{other}, format = "{form}" }}']
        if other:
            lines.append(f'answered = {{ from = "{answer.name}", when = "not empty" }}')
            notes.append(("answered", f"column {answer.name} is empty in {1 - answer.given:.0%} of the rows", "likely"))
        return lines
    days = _first(columns, taken, DAY_FORMATS)
    clock = _first(columns, taken, (_CLOCK,))
    if not days or not clock:
        return []
    taken["day"], taken["clock"] = days[0], clock[0]
    notes.append(("started_at", f"columns {days[0]} and {clock[0]} read as {days[1]} and {_CLOCK}", "sure"))
    return [f'started_at = {{ from = ["{days[0]}", "{clock[0]}"], format = "{days[1]} {_CLOCK}" }}']


def _first(columns: list[Column], taken: dict[str, str], forms: tuple[str, ...]) -> tuple[str, str] | None:
    for column in columns:
        if column.name in taken.values() or column.values.dtype != pl.String or not column.values.len():
            continue
        sample = column.values.head(2000)
        for form in forms:
            parsed = (
                sample.str.to_time(form, strict=False) if form == _CLOCK else sample.str.to_date(form, strict=False)
            )
            if 1 - parsed.null_count() / sample.len() > SURE:
                return column.name, form
    return None


def _parsed(sample: pl.Series, form: str) -> float:
    parsed = sample.str.to_datetime(form, strict=False, time_zone="UTC" if "%z" in form else None)
    plausible = parsed.dt.year().is_between(2000, 2099).fill_null(False)
    return float(str(plausible.mean() or 0.0))
