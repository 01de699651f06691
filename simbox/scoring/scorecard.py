"""The scorecard: a readable file of experts, each a list of terms, each a feature, or two, cut to bins with points."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from simbox.errors import ConfigError
from simbox.reasons import REASONS
from simbox.scoring.context import CONTEXT
from simbox.scoring.peers import PEERS_BY
from simbox.scoring.usual import MOVED

Window = Literal["own", "night", "longest"]
# What stands for the window of a night before which no other is held.
FIRST_NIGHT = 0
OWN: Final = "own"
NIGHT: Final = "night"
LONGEST: Final = "longest"


class Term(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Points by bin of a feature: value < edges[0] gives points[0], ..., value >= edges[-1] gives points[-1].

    `without` are the points where the feature is not known. `window` is the expert's own; or the longest, whatever the
    expert's, for one day at home does not undo a fortnight on the road; or the night alone.
    """

    code: str
    feature: str
    edges: list[float]
    points: list[int]
    without: int = 0
    window: Window = OWN

    @property
    def cuts(self) -> list[tuple[str, list[float]]]:
        """Its feature and the edges that this is cut at."""
        return [(self.feature, self.edges)]

    def points_of(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """The points for each value; NaN is a feature that is not known."""
        table = np.array([*self.points, self.without], dtype=np.int32)
        bin_number = np.searchsorted(np.array(self.edges), values, side="right")
        points: npt.NDArray[np.int32] = table[np.where(np.isnan(values), len(self.points), bin_number)]
        return points


class Side(NamedTuple):
    """One feature of a pair."""

    feature: str
    edges: list[float]
    window: Window

    def bins_of(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The bin of each value; NaN, a feature that is not known, comes after the last."""
        found = np.searchsorted(np.array(self.edges), values, side="right")
        return np.where(np.isnan(values), len(self.edges) + 1, found)


class Pair(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Points by the bins of two features together, beside what each gives alone: many calls say more at one place.

    `points` has a row for each bin of the first and a last one where it is not known; each row has a number for each
    bin of the second and a last one where that is not known. Windows are those of a term.
    """

    code: str
    first: str
    second: str
    first_edges: list[float]
    second_edges: list[float]
    points: list[list[int]]
    first_window: Window = OWN
    second_window: Window = OWN

    @property
    def window(self) -> Window:
        """The window of the first, which the reason names."""
        return self.first_window

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both features, each with its edges and window."""
        return (
            Side(self.first, self.first_edges, self.first_window),
            Side(self.second, self.second_edges, self.second_window),
        )

    @property
    def cuts(self) -> list[tuple[str, list[float]]]:
        """Its features and the edges that these are cut at, the first first."""
        return [(side.feature, side.edges) for side in self.sides]

    def points_of(self, first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """The points for each two values; NaN is a feature that is not known."""
        rows, columns = (side.bins_of(values) for side, values in zip(self.sides, (first, second), strict=True))
        points: npt.NDArray[np.int32] = np.array(self.points, dtype=np.int32)[rows, columns]
        return points


class Expert(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One way of cheating and what speaks for and against it, in windows of `from_nights` or more.

    Of experts with one name that with the most `from_nights` judges a window. One from 0 nights judges the first night
    of all, on which everybody is new and calls nobody for a second time. `start` are the points of a SIM whose habits
    are everybody's, before any term.
    """

    name: str
    term: list[Term]
    from_nights: Annotated[int, msgspec.Meta(ge=FIRST_NIGHT)] = 1
    start: int = 0
    pair: list[Pair] = []

    def said(self) -> list[Term | Pair]:
        """All that it has to say, of one thing and of two together."""
        return [*self.term, *self.pair]

    def cuts(self) -> Iterator[tuple[str, list[float]]]:
        """Each feature that it asks for and the edges it is cut at; one may come several times."""
        yield from (cut for said in self.said() for cut in said.cuts)


class Context(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the others around a SIM add to its strongest expert: terms over the sums of scoring.context, capped."""

    term: list[Term]
    start: int = 0
    least: int = -15
    most: int = 60


class NoRig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a SIM loses for which no rig was found: so many per cent of what it has above the band of the watched, at
    most so many points. Whoever works in a rig has found it by the time that he stands out on his own."""

    percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    most: Annotated[int, msgspec.Meta(ge=0)] = 0


class Bands(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Evidence from which on a SIM is watched, suspect or strongly suspect."""

    watch: int
    suspect: int
    strong: int


class Calibration(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """odds = 2 ** ((slope * evidence + offset) / 10) where rigs' SIMs are as many as `prevalence` says; elsewhere the
    odds are as many times as high as those of the prior."""

    slope: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    offset: float = 0.0
    prevalence: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.001


class Scorecard(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Weights in points, ten of which double the odds, and where they come from.

    `usual` is what people usually did where they were estimated, by feature, after one night, two, and so on.
    """

    name: str
    origin: str
    bands: Bands
    calibration: Calibration
    expert: list[Expert]
    context: Context | None = None
    no_rig: NoRig = NoRig()
    usual: dict[str, list[float]] = {}

    def ways(self) -> list[str]:
        """The ways of cheating, in the order of the card."""
        return list(dict.fromkeys(expert.name for expert in self.expert))

    def expert_for(self, way: str, window_nights: int) -> Expert | None:
        """Who judges a way of cheating in a window; nobody where the window is too short.

        On the FIRST_NIGHT it is whoever judges a night alone, unless the card has somebody for that one.
        """
        fit = [one for one in self.expert if one.name == way and one.from_nights <= max(window_nights, 1)]
        choose = min if window_nights == FIRST_NIGHT else max
        return choose(fit, key=lambda one: one.from_nights, default=None)

    def features(self) -> list[str]:
        """The features that the card asks for, in order."""
        return sorted({feature for expert in self.expert for feature, _ in expert.cuts()})

    def needs(self) -> set[str]:
        """The features without which the card can't score: those it asks for, and what peers are told by."""
        return {*self.features(), *PEERS_BY}


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
    problems = [problem for expert in card.expert for problem in _faults(expert, features)]
    if card.context:
        problems += _faults(Expert("context", card.context.term), frozenset(CONTEXT))
    problems += [f"usual: {feature} is nothing that is put to scale" for feature in sorted({*card.usual} - {*MOVED})]
    blocks = [(expert.name, expert.from_nights) for expert in card.expert]
    problems += [
        f"expert {name}: two of them judge windows from {nights} nights on"
        for name, nights in sorted(set(blocks))
        if blocks.count((name, nights)) > 1
    ]
    if problems:
        raise ConfigError(f"scorecard {name} can't be used:", problems)
    return card


def _faults(expert: Expert, features: frozenset[str] | None) -> Iterator[str]:
    given = Counter((one.code, one.window) for one in expert.said())
    for one in expert.said():
        where = f"expert {expert.name} from {expert.from_nights}, {one.code}"
        if given[one.code, one.window] > 1:
            yield f"{where}: the reason is given twice"
        if one.code not in REASONS:
            yield f"{where}: there is no such reason"
        for feature, edges in one.cuts:
            if features is not None and feature not in features:
                yield f"{where}: there is no feature {feature}"
            if sorted(set(edges)) != edges or not edges:
                yield f"{where}: edges must ascend"
        if isinstance(one, Term) and len(one.points) != len(one.edges) + 1:
            yield f"{where}: {len(one.edges)} edges need {len(one.edges) + 1} points"
        if isinstance(one, Pair):
            rows, columns = (len(edges) + 2 for _, edges in one.cuts)
            if [len(row) for row in one.points] != [columns] * rows:
                yield f"{where}: its edges need {rows} rows of {columns} points"


def show_scorecard(card: Scorecard) -> str:
    """The card as TOML that `load_scorecard` takes, a line for each term."""
    lines = [f"name = {_text(card.name)}", f"origin = {_text(card.origin)}", "", "[bands]"]
    lines += [f"{name} = {getattr(card.bands, name)}" for name in ("watch", "suspect", "strong")]
    lines += ["", "[calibration]", f"slope = {card.calibration.slope}", f"offset = {card.calibration.offset}"]
    if card.calibration.prevalence != Calibration().prevalence:
        lines.append(f"prevalence = {card.calibration.prevalence}")
    lines += ["", "[no_rig]", f"percent = {card.no_rig.percent}", f"most = {card.no_rig.most}"]
    if card.usual:
        lines += ["", "[usual]"]
        lines += [f"{name} = [{', '.join(f'{value:g}' for value in of)}]" for name, of in sorted(card.usual.items())]
    for expert in card.expert:
        lines += ["", "[[expert]]", f"name = {_text(expert.name)}", f"from_nights = {expert.from_nights}"]
        lines += [f"start = {expert.start}", *_term_lines(expert.term), *_pair_lines(expert.pair)]
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
        more = (f", without = {term.without}" if term.without else "") + (
            f", window = {_text(term.window)}" if term.window != OWN else ""
        )
        what = f"code = {_text(term.code)}, feature = {_text(term.feature)}"
        lines.append(f"  {{ {what}, edges = [{edges}], points = [{points}]{more} }},")
    return [*lines, "]"]


def _pair_lines(pairs: list[Pair]) -> list[str]:
    if not pairs:
        return []
    lines = ["pair = ["]
    for pair in pairs:
        said = [f"code = {_text(pair.code)}"]
        for name, side in zip(("first", "second"), pair.sides, strict=True):
            edges = ", ".join(f"{edge:g}" for edge in side.edges)
            said.append(f"{name} = {_text(side.feature)}, {name}_edges = [{edges}]")
            said += [f"{name}_window = {_text(side.window)}"] if side.window != OWN else []
        rows = ", ".join(f"[{', '.join(map(str, row))}]" for row in pair.points)
        lines.append(f"  {{ {', '.join(said)}, points = [{rows}] }},")
    return [*lines, "]"]


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()
