"""Operators' files to CDRS in the store, with what was rejected and what is known of subscribers, cells and lists."""

from simbox.intake.batch import NO_ALLOWANCES, Allowances
from simbox.intake.check_profile import ProfileCheck, check_profile
from simbox.intake.guess_profile import Guess, guess_profile
from simbox.intake.references import References, read_references
from simbox.intake.take import TakenIn, take_in

__all__ = [
    "NO_ALLOWANCES", "Allowances", "Guess", "ProfileCheck", "References", "TakenIn", "check_profile", "guess_profile",
    "read_references", "take_in",
]  # fmt: skip
