"""The scorecard: a readable file of experts, each a list of terms, each term a feature cut to bins with points."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from simbox.errors import ConfigError
from simbox.reasons import REASONS


class Term(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Points by bin of a feature: value < edges[0] gives points[0], ..., value >= edges[-1] gives points[-1].

    `without` are the points where the feature is not known. A `longest` term looks back over the longest window
    whatever the expert's: one day at home does not undo a fortnight on the road.
    """

    code: str
    feature: str
    edges: list[float]
    points: list[int]
    without: int = 0
    longest: bool = False


class Expert(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One way of cheating and the terms that speak for and against it."""

    name: str
    term: list[Term]


class Bands(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Evidence from which on a SIM is watched, suspect or strongly suspect."""

    watch: int
    suspect: int
    strong: int


class Calibration(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """odds = 2 ** ((slope * evidence + offset) / 10)."""

    slope: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    offset: float = 0.0


class Scorecard(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Weights in points, ten of which double the odds, and where they come from."""

    name: str
    origin: str
    bands: Bands
    calibration: Calibration
    expert: list[Expert]


def load_scorecard(path: Path | None = None, features: frozenset[str] | None = None) -> Scorecard:
    """The card in a file, or the one that ships with the package; ConfigError names every fault in it."""
    name = path.name if path else "scorecard.toml"
    try:
        text = (path or resources.files("simbox.scoring").joinpath(name)).read_text("utf-8")
        card = msgspec.convert(tomllib.loads(text), Scorecard)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"scorecard {name}: {error}") from error
    problems = [
        problem for expert in card.expert for term in expert.term for problem in _faults(expert, term, features)
    ]
    if problems:
        raise ConfigError(f"scorecard {name} can't be used:", problems)
    return card


def _faults(expert: Expert, term: Term, features: frozenset[str] | None) -> list[str]:
    where = f"expert {expert.name}, {term.code}"
    faults = []
    if term.code not in REASONS:
        faults.append(f"{where}: there is no such reason")
    if features is not None and term.feature not in features:
        faults.append(f"{where}: there is no feature {term.feature}")
    if sorted(set(term.edges)) != term.edges or not term.edges:
        faults.append(f"{where}: edges must ascend")
    if len(term.points) != len(term.edges) + 1:
        faults.append(f"{where}: {len(term.edges)} edges need {len(term.edges) + 1} points")
    return faults
