"""Synthetic operators with rigs in them, and the truth about them."""

from simbox.synth.generate import generate
from simbox.synth.scenario import Scenario, list_scenarios, load_scenario

__all__ = ["Scenario", "generate", "list_scenarios", "load_scenario"]
