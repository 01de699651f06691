"""Operators' files to CDRS in the store, with what was rejected and what is known of subscribers, cells and lists."""

from simbox.intake.references import References, read_references
from simbox.intake.take import TakenIn, take_in

__all__ = ["References", "TakenIn", "read_references", "take_in"]
