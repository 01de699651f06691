"""A draft of a profile from one file: what separates its fields, what each column seems to be, and how sure that is.

A column is told by what it holds (shares of its values that read as an IMSI, a time, a number ...) and by what it is
called; content that fits outweighs a name. Whoever gets the draft checks it.
"""

import re
from collections.abc import Callable, Iterable
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.config import Config
from simbox.errors import InputError
from simbox.intake.columnar import read_columnar
from simbox.intake.decoding import read_lines
from simbox.intake.delimited import LINE, USUAL, Dialect, Mark, read_delimited
from simbox.intake.normalise import REQUIRED
from simbox.intake.sources import ByteTally, Source, UnreadableError, identify

LINES = 10_000
PIECE_BYTES = 1 << 20
SEPARATORS = ("|", ";", "\t", ",", "~", "\x01", "\x1f")
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
SURE, LIKELY = 0.9, 0.6
# Fewer distinct cells may agree with the table by chance.
LEAST_CELLS = 5


class Guess(NamedTuple):
    """A profile's text, and for each line of it what it rests on and how sure that is (sure, likely or a guess)."""

    text: str
    notes: list[tuple[str, str, str]]


class Column(NamedTuple):
    """What was seen of one column."""

    name: str
    given: float
    distinct: int
    values: pl.Series


def guess_profile(file: Path, config: Config, cells: pl.DataFrame, operator: str | None = None) -> Guess:
    """A draft for files like this one; InputError where it can't be read at all. `cells` are CELLS, or empty."""
    try:
        source = identify(file, file.name)
        layout, frame, about = _read(source)
    except UnreadableError as error:
        raise InputError(f"{file.name}: {error}") from error
    if set(REQUIRED) <= set(frame.columns):
        raise InputError(f"{file.name} is in the interchange format: it needs no profile")
    if frame.is_empty():
        raise InputError(f"{file.name}: there is no record in it to guess from")
    columns = [
        Column(name, 1 - frame[name].null_count() / frame.height, frame[name].n_unique(), frame[name].drop_nulls())
        for name in frame.columns
    ]
    key, note = _operator(columns, config, operator)
    notes = [("operator.key", *note), *about]
    lines = _columns(columns, frame, config, key, cells, notes)
    text = "\n".join(
        [
            "# A draft, made from one file: check it with `simbox profile check`, line by line.",
            "[operator]",
            f'key = "{key}"',
            "",
            "[feed.guessed]",
            f"file_name = '{_pattern(file.name)}'",
            *layout,
            "",
            "[feed.guessed.columns]",
            *lines,
            "",
            "[numbers]",
            *_numbers(frame, lines, notes),
            "",
        ]
    )
    return Guess(text, notes)


def _read(source: Source) -> tuple[list[str], pl.DataFrame, list[tuple[str, str, str]]]:
    """How the file is laid out as lines of a profile, its first rows as text, and why."""
    if source.is_parquet:
        blocks = read_columnar(source, tuple(pl.read_parquet_schema(source.path)), cut_imeis=False)
        next(blocks)
        frame = next(blocks).frame.drop(LINE).head(LINES).with_columns(pl.exclude(pl.Datetime, pl.Date).cast(pl.String))
        return ['kind = "parquet"'], frame, [("kind", "its first bytes", "sure")]
    encoding = "auto"
    start, end, line_count = b"", b"", 0
    # Whether there is a trailer, and what it counts, only the whole file tells.
    for block in read_lines(source, ByteTally(), PIECE_BYTES):
        start, end = start or block, block
        line_count += block.count(b"\n") + (not block.endswith(b"\n"))
    try:
        text = start.decode()
    except UnicodeDecodeError:
        encoding = "cp1251"
        text = start.decode("cp1251", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()][:LINES]
    if not lines:
        raise UnreadableError("it is empty")
    separator, share = _separator(lines)
    width = _usual([line.count(separator) for line in lines])
    closing = end.rstrip(b"\r\n\0").rpartition(b"\n")[2].decode(errors="replace").strip("\r")
    first, last = lines[0].split(separator), closing.split(separator)
    begin = 1 if len(first) - 1 != width and len(lines) > 1 else 0
    header_mark = Mark(0, first[0]) if begin else None
    is_trailer = len(last) - 1 != width and len(lines) > 2 and not last[0].isdigit()
    trailer_mark = Mark(0, last[0]) if is_trailer else None
    names = lines[begin].split(separator)
    has_header = len(set(names)) == len(names) and not any(re.search(r"[0-9]{5}", name) for name in names)
    has_header = has_header and all(name.strip() for name in names)
    given = () if has_header else tuple(f"column_{n}" for n in range(1, width + 2))
    quote = '"' if any(line.startswith('"') or f'{separator}"' in line for line in lines) else ""
    dialect = USUAL._replace(
        separator=separator,
        quote=quote,
        encoding=encoding,
        names=given,
        header_mark=header_mark,
        trailer_mark=trailer_mark,
    )
    layout = [f'separator = "{_escaped(separator)}"']
    about = [
        ("separator", f"{share:.0%} of the lines have it {width} times", _word(share)),
        ("header", "the first line holds no number" if has_header else "the first line holds values", "likely"),
    ]
    if encoding != "auto":
        layout.append(f'encoding = "{encoding}"')
        about.append(("encoding", "it is no UTF-8, and Cyrillic is usual where this is used", "guess"))
    if quote:
        layout.append("quote = '\"'")
    if given:
        layout += ['header = "none"', "names = [" + ", ".join(f'"{name}"' for name in given) + "]"]
    if header_mark:
        layout.append(f'header_record = {{ value = "{_escaped(header_mark.value)}" }}')
        about.append(("header_record", "the first line has another number of fields", "likely"))
    if trailer_mark:
        records = line_count - begin - 1 - has_header
        counts = [n for n, field in enumerate(last) if field.strip().isdigit() and int(field) == records]
        count = f", count_field = {counts[0]}" if counts else ""
        layout.append(f'trailer_record = {{ value = "{_escaped(trailer_mark.value)}"{count} }}')
        about.append(("trailer_record", "the last line has another number of fields", "sure" if counts else "likely"))
    return layout, _head(source, dialect), about


def _head(source: Source, dialect: Dialect) -> pl.DataFrame:
    frames = []
    rows = 0
    for block in read_delimited(source, PIECE_BYTES, dialect):
        frames.append(block.frame)
        rows += block.frame.height
        if rows >= LINES:
            break
    return pl.concat(frames).drop(LINE).head(LINES)


def _separator(lines: list[str]) -> tuple[str, float]:
    """The separator that most lines have equally often, and what share of lines that is."""
    found = []
    for separator in SEPARATORS:
        counts = [line.count(separator) for line in lines]
        usual = _usual(counts)
        if usual:
            found.append((counts.count(usual) / len(counts), usual, separator))
    if not found:
        raise UnreadableError("no separator stands in its lines equally often; fixed width is not guessed")
    share, _, separator = max(found)
    return separator, share


def _usual(counts: list[int]) -> int:
    return max(set(counts), key=lambda count: (counts.count(count), count))


def _operator(columns: list[Column], config: Config, given: str | None) -> tuple[str, tuple[str, str]]:
    """Whose file it is: by the networks of its IMSIs."""
    if given is not None:
        return given, ("it was said", "sure")
    best = ("operator", 0.0)
    for key, operator in sorted(config.operators.items()):
        heads = [code.replace("-", "") for code in operator.mcc_mncs]
        for column in columns:
            share = _share(column, rf"^(?:{'|'.join(heads)})[0-9]{{9,10}}$") if heads else 0.0
            if share > best[1]:
                best = (key, share)
    return best[0], (f"{best[1]:.0%} of its IMSIs are of its networks", _word(best[1]))


def _columns(
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
        notes.append((field, why, _word(score if named else min(score + 0.2, SURE - 0.01))))
        return name

    lines = [*_kind_of_leg(text, pick, taken)]
    for field, pattern in (("imsi", imsi), ("imei", r"^[0-9]{14,16}$")):
        if name := pick(field, _shares_of(pattern), 0.45):
            lines.append(f'{field} = "{name}"')
    times = [*_times(columns, taken, notes)]
    if name := pick("msisdn", lambda column: _share(column, phone), 0.6):
        lines.append(f'msisdn = "{name}"')
    called = pick("called", lambda column: _share(column, phone), 0.6)
    calling = pick("calling", lambda column: _share(column, phone), 0.6)
    if called and calling:
        lines.append(f'other_party = {{ mo = "{called}", mt = "{calling}" }}')
    elif peer := called or calling or pick("peer", lambda column: _share(column, phone), 0.3):
        lines.append(f'other_party = "{peer}"')
    lines += times
    if name := pick("duration", lambda column: _share(column, r"^[0-9]{1,5}$"), 0.55):
        lines.append(f'duration_s = {{ from = "{name}", unit = "s" }}')
    lines += _cells(pick, frame, config, key, cells, notes)
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
        pairs = [f'{_bare(code)} = ["{LEGS[code.upper()][0]}", "{LEGS[code.upper()][1]}"]' for code in values[leg]
                 if code.upper() in LEGS]  # fmt: skip
        return [f'leg = {{ from = "{leg}", map = {{ {", ".join(pairs)} }} }}']
    lines = []
    for field, words in (("service", SERVICES), ("direction", DIRECTIONS)):
        if name := pick(field, known(dict(words)), 0.5):
            pairs = [f'{_bare(code)} = "{words[code.upper()]}"' for code in values[name] if code.upper() in words]
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


def _cells(
    pick: Callable[..., str | None], frame: pl.DataFrame, config: Config, key: str, cells: pl.DataFrame,
    notes: list[tuple[str, str, str]],
) -> list[str]:  # fmt: skip
    operator = config.operators.get(key)
    plmn = "" if operator and operator.mcc_mncs else ', plmn = "?"'
    found = _by_table(frame, cells)
    if found is not None:
        lac, ci, radix, share = found
        notes.append(("cell", f"columns {lac} and {ci}, {radix}: {share:.0%} of them are in the table", _word(share)))
    else:
        area = pick("lac", lambda column: _share(column, r"^(?:0x)?[0-9A-Fa-f]{1,5}$"), 0.6)
        cell = pick("ci", lambda column: _share(column, r"^(?:0x)?[0-9A-Fa-f]{1,9}$"), 0.6)
        if area is None or cell is None:
            return []
        lac, ci = area, cell
        letters = float(str(frame.select(pl.col(lac, ci).str.contains("[A-Fa-f]").any()).sum_horizontal().item()))
        radix = "hex" if letters else "dec"
        why = "some values have letters" if letters else "no value has a letter, and no table of cells says more"
        notes.append(("cell radix", f"{radix}: {why}", "likely" if letters else "guess"))
    written = f', radix = "{radix}"' if radix == "hex" else ""
    ways = {
        "cgi": f'{{ kind = "cgi", lac = "{lac}", ci = "{ci}"{written}{plmn}',
        "ecgi": f'{{ kind = "ecgi", eci = "{ci}"{written}{plmn}',
        "ncgi": f'{{ kind = "ncgi", nci = "{ci}"{written}{plmn}',
    }
    without_lac = float(str(frame.select((pl.col(lac).is_null() & pl.col(ci).is_not_null()).mean()).item()))
    if without_lac < 0.01:
        return [f"cell = {ways['cgi']} }}"]
    column, kinds = _kinds_by_table(frame, ci, radix, cells, lac)
    if column is not None:
        notes.append(("cell kinds", f"column {column} tells them, by the table of cells", "sure"))
    else:
        notes.append(("cell kinds", f"{without_lac:.0%} of the cells have no area: taken as 4G or 5G by size", "guess"))
    lines = []
    for kind, way in ways.items():
        values = ", ".join(f'"{_escaped(value)}"' for value in kinds.get(kind, []))
        when = f', when = {{ from = "{column}", is = [{values}] }}' if column is not None else ""
        if column is None or values:
            lines.append(f"    {way}{when} }},")
    return ["cell = [", *lines, "]"]


def _by_table(frame: pl.DataFrame, cells: pl.DataFrame) -> tuple[str, str, str, float] | None:
    """The two columns, and the radix, whose numbers are most often LAC and CI of cells in the table."""
    known = (cells["cell"].drop_nulls().filter(cells["cell"].drop_nulls() < 1 << 57) % (1 << 32)).unique()
    if known.is_empty():
        return None
    names = [
        name for name, dtype in frame.schema.items()
        if dtype == pl.String
        and float(str(frame[name].str.contains(r"^(?:0x)?[0-9A-Fa-f]{1,9}$").mean() or 0)) > LIKELY
    ]  # fmt: skip
    best: tuple[float, str, str, str] | None = None
    for radix, base in (("dec", 10), ("hex", 16)):
        numbers = frame.select(pl.col(names).str.strip_prefix("0x").str.to_integer(base=base, strict=False))
        for lac, ci in permutations(names, 2):
            packed = numbers.select(pl.col(lac) * 65536 + pl.col(ci)).to_series().drop_nulls()
            if packed.n_unique() < LEAST_CELLS:
                continue
            share = float(str(packed.is_in(known.implode()).mean()))
            if share > LIKELY and (best is None or share > best[0]):
                best = (share, lac, ci, radix)
    return (best[1], best[2], best[3], best[0]) if best else None


def _kinds_by_table(
    frame: pl.DataFrame, ci: str, radix: str, cells: pl.DataFrame, lac: str
) -> tuple[str | None, dict[str, list[str]]]:
    """The column whose values tell the kind of cell, and which values stand for which."""
    packed = cells["cell"].drop_nulls()
    known = {
        kind: (packed.filter(packed // (1 << 57) == number) % (1 << 36)).implode()
        for number, kind in enumerate(("cgi", "ecgi", "ncgi"))
    }
    number = pl.col(ci).str.to_integer(base=16 if radix == "hex" else 10, strict=False)
    for column in frame.columns:
        if frame.schema[column] != pl.String or not 2 <= frame[column].drop_nulls().n_unique() <= 8:
            continue
        kinds: dict[str, list[str]] = {}
        for (value,), rows in sorted(frame.drop_nulls([column, ci]).group_by(column), key=lambda group: str(group[0])):
            hits = {
                kind: float(str(rows.select(number.is_in(known[kind]).mean()).item() or 0)) for kind in ("ecgi", "ncgi")
            }
            hits["cgi"] = 1 - rows[lac].null_count() / rows.height
            best = max(hits, key=lambda kind: hits[kind])
            if hits[best] < SURE:
                break
            kinds.setdefault(best, []).append(str(value))
        else:
            if len(kinds) > 1:
                return column, kinds
    return None, {}


def _numbers(frame: pl.DataFrame, lines: list[str], notes: list[tuple[str, str, str]]) -> list[str]:
    """Prefixes that many far ends begin with."""
    names = [
        name for name in frame.columns if any(f'"{name}"' in line for line in lines if line.startswith("other_party"))
    ]
    numbers = pl.concat([frame[name].drop_nulls().rename("number") for name in names]) if names else pl.Series([""])
    if numbers.dtype != pl.String or not numbers.len():
        return []
    share = {
        prefix: float(str(numbers.str.starts_with(prefix).mean() or 0.0)) for prefix in ("8", "0", "00", "810", "+")
    }
    rules = []
    if share["8"] > 0.1:
        rules += ['trunk_prefix = "8"', 'international_prefixes = ["810"]', "national_digits = [10]"]
        notes.append(("numbers", f"{share['8']:.0%} of the far ends begin with 8, as dialled in +7", "likely"))
    elif share["0"] > 0.1:
        rules += ['trunk_prefix = "0"', 'international_prefixes = ["00"]']
        notes.append(("numbers", f"{share['0']:.0%} of the far ends begin with 0; country is missing", "guess"))
    return rules


def _shares_of(pattern: str) -> Callable[[Column], float]:
    return lambda column: _share(column, pattern)


def _share(column: Column, pattern: str) -> float:
    if column.values.dtype != pl.String:
        return 0.0
    return float(str(column.values.head(LINES).str.contains(pattern).mean() or 0.0))


def _pattern(name: str) -> str:
    """A pattern for names like this one: digits that look like a date are one, a last run of digits is a number."""
    pattern = re.escape(name).replace("\\-", "-")
    dated = re.sub(r"20[0-9]{2}-?[01][0-9]-?[0-3][0-9]", _date_pattern, pattern, count=1)
    runs = [found for found in re.finditer(r"(?<![\[{0-9])[0-9]{3,}(?![\]}0-9])", dated)]
    if runs:
        dated = dated[: runs[-1].start()] + "(?P<sequence>[0-9]+)" + dated[runs[-1].end() :]
    return f"^{dated}$"


def _date_pattern(found: re.Match[str]) -> str:
    return "(?P<date>" + re.sub(r"[0-9]+", lambda digits: f"[0-9]{{{len(digits[0])}}}", found[0]) + ")"


def _word(share: float) -> str:
    return "sure" if share >= SURE else "likely" if share >= LIKELY else "guess"


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode().replace("\\x", "\\u00").replace('"', '\\"')


def _bare(code: str) -> str:
    return code if re.fullmatch(r"[A-Za-z0-9_-]+", code) else f'"{_escaped(code)}"'
