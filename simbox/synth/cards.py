"""SIM cards: issued in batches to dealers, sold in the order they lie on the counter, to whoever comes.

Everybody buys here: single customers, families, companies and rigs take the next cards of a dealer's open batch, so a
run of neighbouring numbers says who bought together and nothing else. Batches lie anywhere in the operator's number
space, so that the size of a number says nothing of its age.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simbox.synth.randomness import Ints, stream

BLOCK = 1000
BATCH = (60, 500)
LEFT_LYING_SHARE = 0.12


@dataclass(frozen=True)
class Purchases:
    """Who buys which card: operator, dealer, day (counted from the first night, mostly negative), and with whom."""

    operator: Ints
    dealer: Ints
    day: Ints
    group: Ints


@dataclass(frozen=True)
class Cards:
    """What is printed on each card, and its number."""

    imsi: Ints
    msisdn: Ints
    block: Ints
    position: Ints


def issue_cards(seed: int, purchases: Purchases, networks: list[str], prefixes: list[list[str]]) -> Cards:
    """Give every buyer a card; `networks` are MCC-MNC digits for each operator, `prefixes` those of its numbers."""
    count = purchases.operator.size
    imsi, msisdn = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    block, position = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for operator, network in enumerate(networks):
        rng = stream(seed, "cards", operator)
        own = np.flatnonzero(purchases.operator == operator)
        if own.size == 0:
            continue
        # Cards of one purchase lie together; purchases of one dealer follow in time.
        luck = rng.random(int(purchases.group.max()) + 1)[purchases.group[own]]
        first_day = purchases.day[own]
        order = own[np.lexsort((purchases.group[own], luck, first_day, purchases.dealer[own]))]
        dealer = purchases.dealer[order]
        starts = np.concatenate([[True], dealer[1:] != dealer[:-1]])
        skipped = np.cumsum(rng.random(order.size) < LEFT_LYING_SHARE)
        running = np.arange(order.size) + skipped * rng.integers(1, 4)
        within = running - running[np.maximum.accumulate(np.where(starts, np.arange(order.size), 0))]
        size = rng.integers(*BATCH, int(dealer.max()) + 1)[dealer]
        batch_key = dealer * 1_000_000 + within // size
        batch = np.cumsum(np.concatenate([[0], np.diff(batch_key) != 0]).astype(np.int64))
        batches = int(batch[-1]) + 1
        blocks = rng.choice(10_000_000, batches, replace=False)
        lead = rng.integers(0, BLOCK - BATCH[1], batches)
        block[order] = blocks[batch]
        position[order] = lead[batch] + within % size
        imsi[order] = int(network) * 10**10 + block[order] * BLOCK + position[order]
        ranges = np.array([int(prefix) for prefix in prefixes[operator]])
        slots = rng.choice(ranges.size * 10_000, batches, replace=False)
        stride = rng.choice(np.array([1, 387, 613, 777]), batches)
        number = slots[batch] % 10_000 * BLOCK + (position[order] * stride[batch]) % BLOCK
        msisdn[order] = ranges[slots[batch] // 10_000] * 10**7 + number
    return Cards(imsi, msisdn, block, position)


def print_iccid(operator: Ints, cards: Cards) -> pl.Series:
    """The 19 digits on each card with their Luhn digit, as the issuer's blocks run."""
    body = 10**16 * 89 + 10**14 * 77 + operator * 10**12 + cards.block * 10**5 + cards.position * 10 + 3
    total = np.zeros(body.size, dtype=np.int64)
    rest = body.copy()
    for place in range(18):
        digit = rest % 10
        rest = rest // 10
        if place % 2 == 0:
            digit = digit * 2
            digit = digit - 9 * (digit > 9)
        total += digit
    check = (10 - total % 10) % 10
    return pl.Series("iccid", body).cast(pl.String) + pl.Series("check", check).cast(pl.String)
