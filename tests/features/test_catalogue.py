"""Every value that a kernel gives has a line in the catalogue, and the other way round."""

from importlib import import_module

import pytest

from simbox.features import CATALOGUE, FEATURES

KERNELS = ("volume", "contacts", "rhythm", "movement", "handset")
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


@pytest.mark.parametrize("feature", CATALOGUE, ids=[feature.name for feature in CATALOGUE])
def test_every_feature_says_what_it_is(feature):
    assert all((feature.unit, feature.meaning, feature.null, feature.source))
    assert feature.name.endswith("_share") <= (feature.unit == "share")
    assert feature.name.endswith("_s") <= (feature.unit == "s")
