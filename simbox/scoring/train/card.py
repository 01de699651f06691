"""Drafts in whole points to a card."""

from collections.abc import Sequence

from simbox.scoring.scorecard import Bands, Calibration, Context, Expert, Pair, Scorecard, Term
from simbox.scoring.train.drafts import Draft
from simbox.scoring.train.pairs import PairDraft
from simbox.scoring.ways import SIGNS, Sign


def to_card(drafts: Sequence[Draft], bands: Bands, context: Context | None, name: str, origin: str) -> Scorecard:
    """The card that drafts in whole points are, bins that say the same as one."""
    experts = []
    for draft in drafts:
        pairs = zip(draft.columns, draft.tables, strict=True)
        terms = [term for column, table in pairs if (term := to_term(SIGNS[column], table.astype(int).tolist()))]
        cells = zip(draft.pairs, draft.cells, strict=True)
        both = [to_pair(pair, table.astype(int).tolist()) for pair, table in cells if table.any()]
        experts.append(Expert(draft.name, terms, draft.windows[0], int(draft.start), both))
    return Scorecard(name, origin, bands, Calibration(), experts, context)


def to_pair(pair: PairDraft, cells: list[int]) -> Pair:
    first, second = SIGNS[pair.first], SIGNS[pair.second]
    width = len(pair.second_cuts) + 2
    return Pair(
        pair.code,
        first.feature,
        second.feature,
        [first.edges[cut - 1] for cut in pair.first_cuts],
        [second.edges[cut - 1] for cut in pair.second_cuts],
        [cells[begin : begin + width] for begin in range(0, len(cells), width)],
        first.window,
        second.window,
    )


def to_term(sign: Sign, table: list[int]) -> Term | None:
    known, without = table[:-1], table[-1]
    told = [number for number in range(len(sign.edges)) if known[number] != known[number + 1]]
    if not told:
        return None
    points = [known[0], *(known[number + 1] for number in told)]
    return Term(sign.code, sign.feature, [sign.edges[number] for number in told], points, without, sign.window)
