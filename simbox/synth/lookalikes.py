"""Lawful SIMs that look like a rig's in one respect or another, each a named segment."""

from collections.abc import Callable

import numpy as np

from simbox.synth import households, machines, passengers, workplaces
from simbox.synth.handsets import Models
from simbox.synth.network import Land
from simbox.synth.population import SEGMENT, Sims
from simbox.synth.randomness import Ints, stream
from simbox.synth.scenario import Scenario
from simbox.synth.shaping import Shaping

SHAPES: dict[str, Callable[[Shaping, Ints], None]] = {
    "call_centre": workplaces.call_centre,
    "courier": workplaces.courier,
    "m2m": machines.m2m,
    "licensed_gateway": workplaces.licensed_gateway,
    "dealer_phone": workplaces.dealer_phone,
    "cloned_imei": households.cloned_imei,
    "dual_sim": households.dual_sim,
    "dormitory": households.dormitory,
    "newcomer": households.newcomer,
    "corporate_batch": workplaces.corporate_batch,
    "roamer": households.roamer,
    "telesales": workplaces.telesales,
    "home_seller": workplaces.home_seller,
    "topup_agent": workplaces.topup_agent,
    "market": workplaces.market,
    "family_phone": households.family_phone,
    "barracks": households.barracks,
    "second_hand": households.second_hand,
    "tourist": households.tourist,
    "train": passengers.train,
    "repeater": households.repeater,
    "network_probe": machines.network_probe,
    "pbx_gateway": workplaces.pbx_gateway,
    "pollster": workplaces.pollster,
    "debt_collector": workplaces.debt_collector,
    "prison": households.prison,
    "bus": passengers.bus,
    "metro": passengers.metro,
    "repaired": households.repaired,
    "test_sim": machines.test_sim,
}


def shape_segments(scenario: Scenario, seed: int, sims: Sims, land: Land, models: Models) -> None:
    """Give every look-alike its habits; ordinary people are left as they are."""
    for name, shape in SHAPES.items():
        members = np.flatnonzero(sims.segment == SEGMENT[name])
        if members.size:
            shape(Shaping(sims, land, models, stream(seed, "lookalike", SEGMENT[name]), scenario.nights), members)
