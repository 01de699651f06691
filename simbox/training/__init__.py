"""Worlds and an operator's own verdicts to a scorecard."""

from simbox.training.card import train_card
from simbox.training.first_night import train_first_night
from simbox.training.lessons import Lesson, learn_from, take_lesson

__all__ = ["Lesson", "learn_from", "take_lesson", "train_card", "train_first_night"]
