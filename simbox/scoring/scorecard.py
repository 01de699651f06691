"""The scorecard: a readable file of experts, each a list of terms, each term a feature cut to bins with points."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt

from simbox.errors import ConfigError
from simbox.reasons import REASONS
from simbox.scoring.context import CONTEXT
from simbox.scoring.peers import PEERS_BY


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

    def points_of(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """The points for each value; NaN is a feature that is not known."""
        table = np.array([*self.points, self.without], dtype=np.int32)
        bin_number = np.searchsorted(np.array(self.edges), values, side="right")
        points: npt.NDArray[np.int32] = table[np.where(np.isnan(values), len(self.points), bin_number)]
        return points


class Expert(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One way of cheating and the terms that speak for and against it, in windows of `from_nights` or more.

    Of experts with one name that with the most `from_nights` judges a window. `start` are the points of a SIM whose
    habits are everybody's, before any term.
    """

    name: str
    term: list[Term]
    from_nights: Annotated[int, msgspec.Meta(ge=1)] = 1
    start: int = 0


class Context(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the others around a SIM add to its strongest expert: terms over the sums of scoring.context, capped."""

    term: list[Term]
    start: int = 0
    least: int = -15
    most: int = 60


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
    context: Context | None = None

    def ways(self) -> list[str]:
        """The ways of cheating, in the order of the card."""
        return list(dict.fromkeys(expert.name for expert in self.expert))

    def expert_for(self, way: str, window_nights: int) -> Expert | None:
        """Who judges a way of cheating in a window; nobody where the window is too short."""
        fit = [one for one in self.expert if one.name == way and one.from_nights <= window_nights]
        return max(fit, key=lambda one: one.from_nights, default=None)

    def features(self) -> list[str]:
        """The features that the card asks for, in order."""
        return sorted({term.feature for expert in self.expert for term in expert.term})

    def told_from(self) -> int:
        """The evidence from which on a SIM's reasons are told one by one: what surrounds it may make it watched."""
        return self.bands.watch - (self.context.most if self.context else 0)

    def needs(self) -> set[str]:
        """The features without which the card can't score: those it asks for, and what peers are told by."""
        return {*self.features(), PEERS_BY}


def load_scorecard(path: Path | None = None, features: frozenset[str] | None = None) -> Scorecard:
    """The card in a file, or the one that ships with the package; ConfigError names every fault in it."""
    name = path.name if path else "scorecard.toml"
    try:
        text = (path or resources.files("simbox.scoring").joinpath(name)).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"scorecard {name}: {error}") from error
    return read_scorecard(text, name, features)


def read_scorecard(text: str, name: str, features: frozenset[str] | None = None) -> Scorecard:
    """The card that a text is, `name` for messages; ConfigError names every fault in it."""
    try:
        card = msgspec.convert(tomllib.loads(text), Scorecard)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"scorecard {name}: {error}") from error
    problems = [
        problem for expert in card.expert for term in expert.term for problem in _faults(expert, term, features)
    ]
    if card.context:
        around = Expert("context", card.context.term)
        problems += [problem for term in card.context.term for problem in _faults(around, term, frozenset(CONTEXT))]
    blocks = [(expert.name, expert.from_nights) for expert in card.expert]
    problems += [
        f"expert {name}: two of them judge windows from {nights} nights on"
        for name, nights in sorted(set(blocks))
        if blocks.count((name, nights)) > 1
    ]
    if problems:
        raise ConfigError(f"scorecard {name} can't be used:", problems)
    return card


def _faults(expert: Expert, term: Term, features: frozenset[str] | None) -> list[str]:
    where = f"expert {expert.name} from {expert.from_nights}, {term.code}"
    faults = []
    if [other.code for other in expert.term].count(term.code) > 1:
        faults.append(f"{where}: the reason is given twice")
    if term.code not in REASONS:
        faults.append(f"{where}: there is no such reason")
    if features is not None and term.feature not in features:
        faults.append(f"{where}: there is no feature {term.feature}")
    if sorted(set(term.edges)) != term.edges or not term.edges:
        faults.append(f"{where}: edges must ascend")
    if len(term.points) != len(term.edges) + 1:
        faults.append(f"{where}: {len(term.edges)} edges need {len(term.edges) + 1} points")
    return faults


def show_scorecard(card: Scorecard) -> str:
    """The card as TOML that `load_scorecard` takes, a line for each term."""
    lines = [f"name = {_text(card.name)}", f"origin = {_text(card.origin)}", "", "[bands]"]
    lines += [f"{name} = {getattr(card.bands, name)}" for name in ("watch", "suspect", "strong")]
    lines += ["", "[calibration]", f"slope = {card.calibration.slope}", f"offset = {card.calibration.offset}"]
    for expert in card.expert:
        lines += ["", "[[expert]]", f"name = {_text(expert.name)}", f"from_nights = {expert.from_nights}"]
        lines += [f"start = {expert.start}", *_term_lines(expert.term)]
    if card.context:
        around = card.context
        lines += ["", "[context]", f"start = {around.start}", f"least = {around.least}", f"most = {around.most}"]
        lines += _term_lines(around.term)
    return "\n".join(lines) + "\n"


def _term_lines(terms: list[Term]) -> list[str]:
    lines = ["term = ["]
    for term in terms:
        edges = ", ".join(f"{edge:g}" for edge in term.edges)
        points = ", ".join(map(str, term.points))
        more = (f", without = {term.without}" if term.without else "") + (", longest = true" if term.longest else "")
        what = f"code = {_text(term.code)}, feature = {_text(term.feature)}"
        lines.append(f"  {{ {what}, edges = [{edges}], points = [{points}]{more} }},")
    return [*lines, "]"]


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()
