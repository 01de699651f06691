"""Three small worlds, and the card they teach, made once."""

import pytest

from simbox.synth import generate
from simbox.training import train_card

SEEDS = (9011, 9012, 9013)


def quietly(*_: object) -> None:
    """No progress."""


@pytest.fixture(scope="package")
def worlds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds")
    for seed in SEEDS:
        generate(folder / f"w{seed}", "ladder", seed=seed, subscribers=500, nights=2, rigs=4)
    return [folder / f"w{seed}" for seed in SEEDS]


@pytest.fixture(scope="package")
def trained(worlds, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    lines = train_card(worlds, folder / "card.toml", quietly, workdir=folder / "kept")
    return folder, lines
