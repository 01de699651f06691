"""Small worlds with many small rigs of every level and modifier, in both families."""

from pathlib import Path
from typing import Literal

import msgspec

from simbox.synth import generate, load_scenario
from simbox.synth.levels import LEVELS
from simbox.synth.scenario import RigPlan

SEEDS = {"A": range(3000, 3014), "B": range(4000, 4014)}
RIGS = 96
SUBSCRIBERS = 1200
NIGHTS = 2


def _plans() -> list[RigPlan]:
    """A bypass and a scam of each level, of four cards: cards bought together count little more than one."""
    plans = []
    for level in LEVELS:
        published = level.startswith("fd_")
        for kind in ("bypass", "vishing"):
            # Not every rig that moves house does so within two nights.
            moves = kind == "bypass" and level in ("E1", "E2", "fd_naive")
            plans.append(
                RigPlan(
                    kind=kind,
                    level=level,
                    ports=(4, 4) if level == "E6" else (2, 2),
                    sims_per_port=(1, 1) if level == "E6" else (2, 2),
                    bank_sims_per_port=(3, 4),
                    premises=2 if level == "E3" else 1,
                    blocked=not published,
                    offered_calls_a_day=(40, 40) if published else None,
                    modifiers=["moves_house"] if moves else [],
                    straw_share=(0.0, 1.0),
                    shell_company_share=0.2,
                )
            )
    # Of these levels' rigs a quarter sends, takes codes or has no voice.
    farms = {("E0", "vishing"): "send", ("E1", "vishing"): "receive", ("E2", "vishing"): "sms_only"}
    return [
        msgspec.structs.replace(plan, kind="sms_farm", task=farms[plan.level, plan.kind])
        if turn == 3 and (plan.level, plan.kind) in farms
        else plan
        for turn in range(RIGS // len(plans))
        for plan in plans
    ]


def make_worlds_of_levels(folder: Path, family: Literal["A", "B"]) -> list[Path]:
    """The worlds of a family, in the order of their seeds."""
    sample = load_scenario("sample")
    # One operator's calls over 4G have no cell.
    operators = {
        key: msgspec.structs.replace(habit, volte_without_cell_share=0.9 if key == "bereke" else 0.0)
        for key, habit in sample.operators.items()
    }
    scenario = msgspec.structs.replace(
        sample,
        subscribers=SUBSCRIBERS,
        nights=NIGHTS,
        rigs=_plans(),
        operators=operators,
        segments=msgspec.structs.replace(sample.segments, roamer=0.05),
        modifier_share=0.15,
        family=family,
    )
    for seed in SEEDS[family]:
        generate(folder / str(seed), scenario, seed=seed)
    return [folder / str(seed) for seed in SEEDS[family]]
