"""A case bundle against itself and against the operators' files that it was made from."""

from simbox.verification.bundle import Finding, check_bundle
from simbox.verification.source import check_source, other_versions

__all__ = ["Finding", "check_bundle", "check_source", "other_versions"]
