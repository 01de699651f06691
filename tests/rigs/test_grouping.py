"""Pairs to groups: components on strong links, and dense parts kept apart."""

import random
from itertools import combinations

import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simbox.rigs.grouping import group_pairs, strong_link_points

STRONG = 45


def pairs(edges: dict[tuple[int, int], int]) -> pl.DataFrame:
    rows = [(min(a, b), max(a, b), points) for (a, b), points in edges.items()]
    return pl.DataFrame(rows, schema={"imsi_a": pl.Int64, "imsi_b": pl.Int64, "points": pl.Int32}, orient="row")


def clique(sims, points=60) -> dict[tuple[int, int], int]:
    return dict.fromkeys(combinations(sims, 2), points)


def groups_of(edges):
    return group_pairs(pairs(edges), STRONG)


@given(st.lists(st.integers(1, 9), max_size=8), st.integers(STRONG, 200))
def test_dense_components_are_those_of_networkx(sizes, points):
    sims = iter(range(100))
    edges = {}
    for size in sizes:
        edges |= clique([next(sims) for _ in range(size)], points)
    graph = nx.Graph(list(edges))
    assert groups_of(edges) == sorted(sorted(part) for part in nx.connected_components(graph))


@given(st.dictionaries(st.tuples(st.integers(0, 30), st.integers(31, 60)), st.integers(0, 120), max_size=80))
def test_groups_are_parts_of_components(edges):
    graph = nx.Graph([edge for edge, points in edges.items() if points >= STRONG])
    component = {sim: number for number, part in enumerate(nx.connected_components(graph)) for sim in part}
    found = groups_of(edges)
    assert all(len({component[sim] for sim in group}) == 1 for group in found)
    everybody = [sim for group in found for sim in group]
    assert len(set(everybody)) == len(everybody)
    assert all(len(group) >= 2 and group == sorted(group) for group in found)
    assert found == sorted(found)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing(seed):
    draw = random.Random(seed)
    edges = {pair: draw.randint(30, 120) for pair in combinations(range(40), 2) if draw.random() < 0.15}
    rows = pairs(edges)
    expected = group_pairs(rows, STRONG)
    for mix in range(5):
        assert group_pairs(rows.sample(fraction=1, shuffle=True, seed=mix), STRONG) == expected


def test_two_dense_parts_joined_by_one_link_are_two():
    edges = clique(range(10)) | clique(range(10, 20)) | {(0, 10): 60}
    assert groups_of(edges) == [list(range(10)), list(range(10, 20))]


@pytest.mark.parametrize("camouflage", [3, 12, 24, 48])
@pytest.mark.parametrize("seed", range(3))
def test_a_dense_block_under_camouflage_comes_out_exactly(seed, camouflage):
    # Each card of the block is linked to strangers as strongly as to its mates, at most twice as often; and the
    # strangers among one another.
    draw = random.Random(seed)
    block, strangers = range(100, 124), range(1000, 1400)
    edges = clique(block, 70)
    edges |= {(sim, other): 70 for sim in block for other in draw.sample(strangers, camouflage)}
    edges |= {(min(a, b), max(a, b)): 70 for a in strangers for b in draw.sample(strangers, 2) if a != b}
    found = groups_of(edges)
    assert list(block) in found
    assert sum(len(group) for group in found if group != list(block)) <= len(strangers)


@pytest.mark.parametrize("links", [1, 2, 5])
def test_a_chain_of_go_betweens_does_not_join_two_dense_parts(links):
    between = list(range(50, 50 + links))
    chain = {(a, b): 90 for a, b in zip([0, *between], [*between, 10], strict=True)}
    found = groups_of(clique(range(10)) | clique(range(10, 20)) | chain)
    homes = {sim: number for number, group in enumerate(found) for sim in group}
    assert len({homes[sim] for sim in range(10)}) == len({homes[sim] for sim in range(10, 20)}) == 1
    assert homes[0] != homes[10]


def test_a_few_cards_next_door_are_seen_within_their_community():
    # Beside many other dense parts two that touch pass for one community.
    rest = [range(first, first + 30) for first in range(1000, 2000, 30)]
    across = {(a, b): 46 for a in range(30) for b in range(30, 34)}
    edges = clique(range(30), 60) | clique(range(30, 38), 60) | across
    for part in rest:
        edges |= clique(part, 60) | {(0, part[0]): 46}
    assert list(range(30)) in groups_of(edges)
    assert list(range(30, 38)) in groups_of(edges)


def test_weak_links_make_no_group():
    assert groups_of(clique(range(5), STRONG - 1)) == []
    assert groups_of({(1, 2): 90, (3, 4): 90}) == [[1, 2], [3, 4]]
    assert groups_of({}) == []


def test_a_link_must_be_stronger_among_more_suspects():
    needed = [strong_link_points(suspects, STRONG) for suspects in (0, 1, 16, 1000, 100_000, 10_000_000)]
    assert needed == sorted(needed)
    assert needed[0] == STRONG < needed[-1]
