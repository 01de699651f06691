"""Every value that a kernel gives has a line in the catalogue, and the other way round."""

import re
from importlib import import_module

import pytest

from simbox.features import ABSENT, CATALOGUE, FEATURES, GRAPH

KERNELS = ("volume", "callees", "contacts", "rhythm", "gaps", "movement", "routine", "handset", "lifecycle")
# The key of a place, for whoever looks further; it says nothing of the SIM's habits.
NO_FEATURE = {"top_place"}


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_field_of_a_kernel_is_declared(kernel):
    fields = set(import_module(f"simbox.kernels.{kernel}").FIELDS) - NO_FEATURE
    assert fields == {feature.name for feature in CATALOGUE if feature.kernel == kernel}


def test_names_are_given_once_and_all_columns_follow():
    names = [feature.name for feature in CATALOGUE]
    assert len(set(names)) == len(names)
    assert FEATURES.names == ("imsi", "window_nights", *names)


# How literature and operators' patterns are numbered; those of pairs and groups (G) are the rigs stage's comparisons.
PATTERNS = {"T": 26, "S": 12, "M": 14, "D": 11, "L": 9, "G": 13}


@pytest.mark.parametrize("family", PATTERNS)
def test_every_known_pattern_is_a_feature_or_said_to_be_absent(family):
    told = " ".join([*(line.source for line in (*CATALOGUE, *GRAPH)), *(pattern.source for pattern in ABSENT)])
    numbers = set(re.findall(r"\b[TSMDLG]\d+\b", told))
    assert [n for n in range(1, PATTERNS[family] + 1) if f"{family}{n}" not in numbers] == []


@pytest.mark.parametrize("feature", GRAPH, ids=[feature.name for feature in GRAPH])
def test_what_belongs_to_several_sims_has_no_column(feature):
    assert feature.scope == "graph"
    assert feature.name not in FEATURES.names


@pytest.mark.parametrize("feature", CATALOGUE, ids=[feature.name for feature in CATALOGUE])
def test_every_feature_says_what_it_is(feature):
    assert all((feature.unit, feature.meaning, feature.null, feature.source))
    assert feature.name.endswith("_share") <= (feature.unit == "share")
    assert feature.name.endswith("_s") <= (feature.unit == "s")
