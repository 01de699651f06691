"""Whether two groups show the handsets of one box."""

import math

import polars as pl
import pytest

from simbox.rigs.handsets import CONCENTRATIONS, MEASURES, compare_handsets

TAC = 35_000_000_000_000 // 1_000_000
SIMS = 100_000
# Everybody: so many SIMs on models 0 to 9, fewer each.
ON_MODELS = {TAC + model: 40_000 >> model for model in range(10)}


class Everybody:
    """A crowd in which each IMEI of a group is one SIM's, and models are common or seldom."""

    sims = SIMS

    def __init__(self, imeis: set[int]) -> None:
        shown = [(imei, 1) for imei in sorted(imeis)]
        crowded = [(tac * 1_000_000 + 999_999, sims) for tac, sims in ON_MODELS.items()]
        schema = {"imei": pl.Int64, "imei_sims": pl.Int64}
        self.sims_on_imei = pl.DataFrame(shown + crowded, schema=schema, orient="row")


def imei(model: int, serial: int) -> int:
    return (TAC + model) * 1_000_000 + serial


def compared(first: list[list[int]], second: list[list[int]]) -> dict[str, float]:
    """The measures of two groups, each as its cards' IMEIs."""
    rows = [(group, 100 * group + card, shown) for group, cards in enumerate((first, second)) for card, all_shown
            in enumerate(cards) for shown in all_shown]  # fmt: skip
    held = pl.DataFrame(rows, schema={"group": pl.Int64, "imsi": pl.Int64, "imei": pl.Int64}, orient="row")
    crowd = Everybody({shown for _, _, shown in rows})
    found = compare_handsets(pl.DataFrame({"a": [0], "b": [1]}), held, crowd)
    assert set(found) == set(MEASURES)
    return {name: float(values[0]) for name, values in found.items()}


def urn_bits(first: list[int], second: list[int], crowd: Everybody) -> float:
    """The same Bayes factor by drawing IMEIs one after the other: each adds to its model's chance."""
    on_model: dict[int, int] = {}
    for shown, sims in crowd.sims_on_imei.iter_rows():
        on_model[shown // 1_000_000] = on_model.get(shown // 1_000_000, 0) + sims
    total = sum(on_model.values())

    def chance(imeis: list[int]) -> float:
        chances = []
        for concentration in CONCENTRATIONS:
            drawn, one = [], 1.0
            for shown in imeis:
                tac = shown // 1_000_000
                one *= (concentration * on_model[tac] / total + drawn.count(tac)) / (concentration + len(drawn))
                drawn.append(tac)
            chances.append(one)
        return sum(chances) / len(chances)

    return math.log2(chance(first + second) / (chance(first) * chance(second)))


GATEWAY = [imei(8, serial) for serial in range(6)]
OTHER_GATEWAY = [imei(9, serial) for serial in range(6)]
COPIED = [imei(model, 10 + serial) for serial, model in enumerate((0, 0, 1, 0, 2, 1))]
ALSO_COPIED = [imei(model, 30 + serial) for serial, model in enumerate((0, 1, 0, 0, 3, 2))]


@pytest.mark.parametrize(
    ("first", "second"), [(GATEWAY, OTHER_GATEWAY), (GATEWAY, COPIED), (COPIED, ALSO_COPIED), (GATEWAY, GATEWAY[:2])]
)
def test_the_rule_is_that_of_an_urn(first, second):
    found = compared([[shown] for shown in first], [[shown] for shown in second])
    crowd = Everybody({*first, *second})
    distinct = [sorted(set(shown)) for shown in (first, second)]
    assert found["rule_shared"] == pytest.approx(urn_bits(*distinct, crowd))


def test_two_makes_are_two_rules_and_copied_imeis_may_be_one():
    def rule(first: list[int], second: list[int]) -> float:
        return compared([[shown] for shown in first], [[shown] for shown in second])["rule_shared"]

    same_make = [imei(8, 50 + serial) for serial in range(6)]
    assert rule(GATEWAY, same_make) > 10
    assert rule(GATEWAY, OTHER_GATEWAY) < -5
    assert rule(GATEWAY, COPIED) < -3
    # Copied ones are spread over the models of all people, whoever copied them.
    assert 0 < rule(COPIED, ALSO_COPIED) < 5
    # One IMEI more or less is hardly a rule.
    assert abs(rule(GATEWAY[:1], OTHER_GATEWAY[:1])) < 2


def test_what_is_not_shown_is_not_known():
    held = pl.DataFrame({"group": [0, 1], "imsi": [1, 2], "imei": [imei(0, 1), None]})
    found = compare_handsets(pl.DataFrame({"a": [0], "b": [1]}), held, Everybody({imei(0, 1)}))
    assert math.isnan(found["rule_shared"][0])
    assert math.isnan(found["imeis_apart"][0])
