"""Drafts in whole points to a card."""

from collections.abc import Sequence

from simbox.scoring.scorecard import Bands, Calibration, Context, Expert, Scorecard, Term
from simbox.scoring.train.drafts import Draft
from simbox.scoring.ways import SIGNS, Sign


def to_card(drafts: Sequence[Draft], bands: Bands, context: Context | None, name: str, origin: str) -> Scorecard:
    """The card that drafts in whole points are, bins that say the same as one."""
    experts = []
    for draft in drafts:
        pairs = zip(draft.columns, draft.tables, strict=True)
        terms = [term for column, table in pairs if (term := to_term(SIGNS[column], table.astype(int).tolist()))]
        experts.append(Expert(draft.name, terms, draft.windows[0], int(draft.start)))
    return Scorecard(name, origin, bands, Calibration(), experts, context)


def to_term(sign: Sign, table: list[int]) -> Term | None:
    known, without = table[:-1], table[-1]
    told = [number for number in range(len(sign.edges)) if known[number] != known[number + 1]]
    if not told:
        return None
    points = [known[0], *(known[number + 1] for number in told)]
    return Term(sign.code, sign.feature, [sign.edges[number] for number in told], points, without, sign.longest)
