"""A draft of a profile from one file: what separates its fields, what each column seems to be, and how sure that is.

A column is told by what it holds (shares of its values that read as an IMSI, a time, a number ...) and by what it is
called; content that fits outweighs a name. Whoever gets the draft checks it.
"""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from simbox.config import Config
from simbox.errors import InputError
from simbox.intake.guessed_columns import guess_columns
from simbox.intake.guessed_shape import name_pattern, read_shape
from simbox.intake.normalise import REQUIRED
from simbox.intake.seen_column import Column, share_of, word_for
from simbox.intake.sources import UnreadableError, identify


class Guess(NamedTuple):
    """A profile's text, and for each line of it what it rests on and how sure that is (sure, likely or a guess)."""

    text: str
    notes: list[tuple[str, str, str]]


def guess_profile(file: Path, config: Config, cells: pl.DataFrame, operator: str | None = None) -> Guess:
    """A draft for files like this one; InputError where it can't be read at all. `cells` are CELLS, or empty."""
    try:
        source = identify(file, file.name)
        layout, frame, about = read_shape(source)
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
    lines = guess_columns(columns, frame, config, key, cells, notes)
    text = "\n".join(
        [
            "# A draft, made from one file: check it with `simbox profile check`, line by line.",
            "[operator]",
            f'key = "{key}"',
            "",
            "[feed.guessed]",
            f"file_name = '{name_pattern(file.name)}'",
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


def _operator(columns: list[Column], config: Config, given: str | None) -> tuple[str, tuple[str, str]]:
    """Whose file it is: by the networks of its IMSIs."""
    if given is not None:
        return given, ("it was said", "sure")
    best = ("operator", 0.0)
    for key, operator in sorted(config.operators.items()):
        heads = [code.replace("-", "") for code in operator.mcc_mncs]
        for column in columns:
            share = share_of(column, rf"^(?:{'|'.join(heads)})[0-9]{{9,10}}$") if heads else 0.0
            if share > best[1]:
                best = (key, share)
    return best[0], (f"{best[1]:.0%} of its IMSIs are of its networks", word_for(best[1]))


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
