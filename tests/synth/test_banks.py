"""How cards are used up: lives as published, one card after another on each slot, large banks part of which is gone."""

import msgspec
import numpy as np
import pytest

from simbox.synth.banks import Bank, deal_cards, draw_lives, stock_bank
from simbox.synth.scenario import RigPlan

PLAN = RigPlan(kind="bypass", level="E0", ports=(16, 16), sims_per_port=(2, 2))


def _banks(plan: RigPlan, nights: int) -> list[Bank]:
    return [stock_bank(np.random.default_rng(seed), plan, nights) for seed in range(40)]


@pytest.mark.parametrize(("dates", "share"), [(3, 0.28), (7, 0.52), (14, 0.64), (27, 0.75)])
def test_lives_are_as_published(dates: int, share: float) -> None:
    lives = draw_lives(np.random.default_rng(1), 20_000)
    assert (lives <= dates).mean() == pytest.approx(share, abs=0.015)


def test_every_slot_has_one_card_after_another_and_none_is_ever_left_for_longer_than_a_night() -> None:
    for bank in _banks(PLAN, 30):
        assert bank.slots == 32
        for slot in range(bank.slots):
            chain = np.flatnonzero(bank.slot == slot)
            assert bank.first_night[chain[0]] <= 0
            assert bank.last_night[chain[-1]] >= 29
            before, after = chain[:-1], chain[1:]
            same_night = bank.first_night[after] == bank.last_night[before]
            next_night = bank.first_night[after] == bank.last_night[before] + 1
            assert (same_night | next_night).all()
            assert (bank.first_share[after] == np.where(same_night, bank.last_share[before], 0.0)).all()


def test_cards_that_start_within_the_nights_live_as_published() -> None:
    lives = np.concatenate([
        (bank.last_night - bank.first_night + 1)[(bank.first_night > 0) & (bank.first_night <= 40)]
        for bank in _banks(PLAN, 45)
    ])  # fmt: skip
    assert lives.size > 500
    assert (lives <= 3).mean() == pytest.approx(0.28, abs=0.06)
    assert (lives <= 14).mean() == pytest.approx(0.64, abs=0.06)


def test_cards_that_nobody_blocks_stay() -> None:
    for bank in _banks(msgspec.structs.replace(PLAN, blocked=False), 30):
        assert bank.cards == bank.slots
        assert all(bank.at_work(night).size == bank.slots for night in range(30))


def test_a_burning_rig_has_about_two_cards_for_each_port_and_night() -> None:
    for bank in _banks(msgspec.structs.replace(PLAN, burnt=True), 5):
        assert bank.is_burning
        assert 1.6 * 16 * 5 <= bank.cards <= 2.6 * 16 * 5 + 1
        assert bank.fresh == 0


def test_a_large_bank_is_seldom_met_with_its_first_card() -> None:
    banks = _banks(msgspec.structs.replace(PLAN, bank_share=1.0), 3)
    assert all(bank.is_large and bank.is_burning for bank in banks)
    assert all(30 * 16 <= bank.cards <= 130 * 16 for bank in banks)
    assert np.mean([bank.fresh > bank.cards / 4 for bank in banks]) > 0.5
    # What is left lasts for the nights of the world.
    assert all(bank.cards - bank.fresh >= 1.6 * 16 * 3 for bank in banks)


def test_the_size_of_a_bank_is_drawn() -> None:
    banks = _banks(msgspec.structs.replace(PLAN, bank_share=0.5), 3)
    assert 8 <= sum(bank.is_large for bank in banks) <= 32


@pytest.mark.parametrize("cards", [3, 12, 250])
@pytest.mark.parametrize(("level", "premises"), [("E0", 1), ("E2", 1), ("E3", 3), ("E4", 1)])
def test_a_bank_holds_the_cards_it_is_given_and_has_a_port_for_each_house(
    level: str, premises: int, cards: int
) -> None:
    plan = msgspec.structs.replace(PLAN, level=level, premises=premises, bank_share=1.0, ports=(1, 1))
    for seed in range(20):
        bank = stock_bank(np.random.default_rng(seed), plan, 30, cards)
        assert bank.cards == bank.slot.size == bank.last_share.size == cards
        assert bank.ports >= max(premises, 2)
        assert bank.is_burning or any(bank.at_work(night).size for night in range(30))


def test_cards_that_are_counted_together_are_dealt_to_the_last() -> None:
    assert deal_cards(np.random.default_rng(1), None, 2) == [None, None]
    dealt = deal_cards(np.random.default_rng(1), 1000, 8)
    assert sum(card or 0 for card in dealt) == 1000
    assert min(card or 0 for card in dealt) >= 3
    assert len(set(dealt)) > 4
